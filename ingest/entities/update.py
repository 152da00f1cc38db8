"""Bringing the entities of an atlas, and all relations, up to date with its cards and texts."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ingest.entities.relate import relate
from ingest.entities.take import take_introduced, take_list, title_name
from kg.entities.entity import DERIVED, PERSON, Relation, Source
from kg.entities.file import ListedEntity, built_in, built_in_digest, read_entities
from kg.graph.rows import paper_ids
from kg.store.catalogue import Catalogue
from kg.store.reads import Unread

LIST_CURSOR: Final = ("entities", "list")
"""Name of the cursor that says which form of the package's list was taken."""
_PIECE: Final = 2_000
"""Papers whose texts are in memory together."""
_REPLACED: Final = (Source.LIST, *DERIVED, PERSON)
"""Sources of entities that the package's list replaces by its own of the same id."""


def update(catalogue: Catalogue, changed: Collection[int] = ()) -> int:
    """Read what changed since the last time; return of how many papers the relations changed.

    An atlas gets those of the package's list whose papers it has: one that never had entities, and
    one whose list was an earlier one or named papers that it lacked. Papers are read in
    pieces, each committed; an update that was killed goes on there.

    Parameters
    ----------
    changed : collection of int
        Papers whose relations were changed just before, to be counted as well.
    """
    with catalogue.writing():
        catalogue.cards.keep_written()
        changed = {*changed, *take_built_in(catalogue)}
        unread = catalogue.reads.unread()
        read = catalogue.cards.written()
        titles = _title_names(catalogue, unread, read)
        if titles is not None:
            changed |= take_introduced(catalogue, catalogue.cards.get(read), titles)
            unread = catalogue.reads.unread()
    if unread:
        for some in relate(catalogue, unread.papers, unread.names):
            changed |= some
    # Names last: what was not read for them yet is read again after a run that was killed.
    catalogue.reads.mark(replace(unread, papers={}))
    return len(changed)


def _title_names(
    catalogue: Catalogue, unread: Unread, read: Sequence[int]
) -> Mapping[int, str] | None:
    """Return the names in the titles of papers without a card that somebody wrote.

    None where these are as before, and so are all cards and names. Where only papers changed, the
    titles of the others are not read again: their names are those of the entities made of them.

    Parameters
    ----------
    read : sequence of int
        The papers with a card that somebody wrote.
    """
    if unread.names or unread.cards:
        return _in_titles(catalogue, set(catalogue.papers.keys()).difference(read))
    new = _in_titles(catalogue, unread.papers)
    if not new and not any(
        one.relation is Relation.INTRODUCES and Source.MATCH in one.sources
        for some in _pieces(list(unread.papers))
        for one in catalogue.relations.of_papers(some)
    ):
        return None
    made = {
        key: one.name for key, one in catalogue.entities.all().items() if one.source == Source.MATCH
    }
    before = {
        one.paper: made[one.entity]
        for one in catalogue.relations.of_entities(list(made), (Relation.INTRODUCES,))
    }
    names = {key: name for key, name in before.items() if key not in unread.papers} | new
    ids = paper_ids(catalogue.database, names)
    return {key: names[key] for key in sorted(names, key=ids.__getitem__)}


def _in_titles(catalogue: Catalogue, keys: Collection[int]) -> dict[int, str]:
    """Return the names in the titles of some papers, in order of their ids."""
    found = {
        paper.id: (key, name)
        for some in _pieces(sorted(keys))
        for key, paper in zip(some, catalogue.papers.get(some), strict=True)
        if (name := title_name(paper))
    }
    return dict(found[ident] for ident in sorted(found))


def _pieces(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[start : start + _PIECE] for start in range(0, len(keys), _PIECE))


def take_built_in(catalogue: Catalogue) -> set[int]:
    """Take the package's list, unless it was taken; return the papers whose relations changed.

    What a person's file says of an entity stays.
    """
    digest = built_in_digest()
    state = json.loads(catalogue.journal.cursor(*LIST_CURSOR) or "{}")
    if state.get("digest") == digest and not catalogue.identifiers.keys(state["lacking"]):
        return set()
    path, listed = built_in(), _built_in(digest)
    named = [name for one in listed for name in one.introduced_by]
    papers = catalogue.identifiers.keys(named)
    stored = catalogue.entities.all().values()
    others = {one.id for one in stored if one.source not in _REPLACED}
    own = [
        one
        for one in listed
        if one.entity.id not in others and all(name in papers for name in one.introduced_by)
    ]
    known = others | {one.entity.id for one in own}
    parents = (tuple(filter(known.__contains__, one.extends)) for one in own)
    own = [replace(one, extends=some) for one, some in zip(own, parents, strict=True)]
    changed = take_list(catalogue, path, own)
    state = {"digest": digest, "lacking": sorted(set(named) - papers.keys())}
    catalogue.journal.set_cursor(*LIST_CURSOR, json.dumps(state))
    return changed


@lru_cache(maxsize=1)
def _built_in(_digest: str) -> tuple[ListedEntity, ...]:
    """Return the package's list, read once for each of its versions."""
    return tuple(read_entities(built_in()))
