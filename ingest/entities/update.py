"""Bringing the entities of an atlas, and all relations, up to date with its cards and texts."""

import json
from collections.abc import Collection, Container, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ingest.entities.relate import relate
from ingest.entities.take import take_introduced, take_list, title_name
from kg.cards.card import WrittenFrom
from kg.entities.entity import DERIVED, PERSON, Relation, Source
from kg.entities.file import ListedEntity, built_in, built_in_digest, read_entities
from kg.store.catalogue import Catalogue

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
        changed = {*changed, *take_built_in(catalogue)}
        unread = catalogue.reads.unread()
        if unread.names or unread.cards or _claims(catalogue, list(unread.papers)):
            known = catalogue.cards.all().items()
            read = {key: card for key, card in known if card.by is not WrittenFrom.MODEL}
            changed |= take_introduced(catalogue, read, _title_names(catalogue, read))
            unread = catalogue.reads.unread()
    if unread:
        for some in relate(catalogue, unread.papers, unread.names):
            changed |= some
        # Names last: what was not read for them yet is read again after a run that was killed.
        catalogue.reads.mark(replace(unread, papers={}))
    return len(changed)


def _claims(catalogue: Catalogue, papers: Sequence[int]) -> bool:
    """Return whether any of some papers says in its title what it introduces, or did so before."""
    return any(
        any(map(title_name, catalogue.papers.get(some)))
        or any(
            one.relation is Relation.INTRODUCES and Source.MATCH in one.sources
            for one in catalogue.relations.of_papers(some)
        )
        for some in _pieces(papers)
    )


def _title_names(catalogue: Catalogue, read: Container[int]) -> dict[int, str]:
    """Return the names in the titles of papers without a card that somebody wrote."""
    keys = [key for key in iter(catalogue.papers.keys()) if key not in read]
    return {
        key: name
        for some in _pieces(keys)
        for key, paper in zip(some, catalogue.papers.get(some), strict=True)
        if (name := title_name(paper))
    }


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
