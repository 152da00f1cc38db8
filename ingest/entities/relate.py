"""Reading how papers relate to entities: from their cards, and from names in their texts."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from ingest.entities.naming import papers_naming
from ingest.entities.reader import Reader, Row
from kg.cards.card import Card
from kg.entities.entity import CARD_FIELDS, Relation, Source
from kg.entities.names import folded_name
from kg.records import Paper
from kg.store.catalogue import Catalogue
from kg.text.latex.plain import decoded

_CHUNK: Final = 2_000
_MAX_NAMES: Final = 300
"""Changed names that papers are searched for; where there are more, all papers are read."""
_MAX_PAPERS: Final = 20_000
"""Papers up to which all are searched; of more, those that the words of the catalogue tell."""


def relate(
    catalogue: Catalogue, papers: Mapping[int, str], names: Collection[str]
) -> Iterator[set[int]]:
    """Read some papers, and those that have any of some names; yield whose relations changed.

    What an abstract said that is not here any more stays. Each piece is committed, with its papers
    marked as read; names are to be marked by whoever calls, at the end.

    Parameters
    ----------
    papers : mapping of int to str
        As of `kg.store.reads.Unread`.
    names : collection of str
        Folded names whose entities, or the papers that introduce them, are others now.
    """
    concerned, searched = set(papers), None
    keys = concerned
    if names:
        large = catalogue.papers.count() > _MAX_PAPERS
        every = papers_naming(catalogue, names) if large else set(catalogue.papers.keys())
        if large or len(names) <= _MAX_NAMES:
            concerned.update(_introducing(catalogue, names))
            searched = re.compile("|".join(map(_any_spelling, names)))
        else:
            concerned.update(every)
        keys = concerned | every
    ordered, reader = sorted(keys), Reader(catalogue)
    for start in range(0, len(ordered), _CHUNK):
        some = ordered[start : start + _CHUNK]
        with catalogue.writing():
            # Between pieces others may write, and remove papers.
            chunk = sorted(catalogue.papers.existing(some))
            found = dict(zip(chunk, catalogue.papers.get(chunk), strict=True))
            cards = catalogue.cards.get(chunk)
            texts = {
                key: paper
                for key, paper in found.items()
                if key in concerned or (searched and _has(searched, paper, cards.get(key)))
            }
            rows = [
                row for key, one in texts.items() for row in reader.rows(key, one, cards.get(key))
            ]
            without = [key for key, paper in texts.items() if not paper.abstract]
            rows += _kept(catalogue, without, rows)
            changed = catalogue.relations.replace(texts, rows)
            catalogue.reads.mark_papers({key: papers[key] for key in texts if key in papers})
        yield changed


def _introducing(catalogue: Catalogue, names: Iterable[str]) -> Iterator[int]:
    """Yield the papers that introduce an entity of any of these names."""
    owners = {owner for some in catalogue.entities.named(names).values() for owner in some}
    for some in catalogue.relations.introducing(sorted(owners)).values():
        yield from some


def _any_spelling(name: str) -> str:
    """Return a pattern of a folded name that matches all of its spellings, and perhaps more."""
    escaped = re.escape(name[:-1] if name[-1] == "s" and len(name) > 1 else name)
    return escaped.replace("iz", "i[sz]").replace("el", "ell?")


def _has(searched: re.Pattern[str], paper: Paper, card: Card | None) -> bool:
    """Return whether a paper's texts or card have any of the names, perhaps as part of a word."""
    texts = [paper.title, decoded(paper.abstract or "")]
    if card:
        texts += [card.summary or "", card.problem or ""]
        texts += [name for field in CARD_FIELDS for name in getattr(card, field)]
    return searched.search(folded_name(" ".join(texts))) is not None


def _kept(catalogue: Catalogue, keys: Sequence[int], rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the mentions of papers without an abstract here that were found when there was one."""
    related = {(entity, paper) for entity, _, paper, _ in rows}
    for one in catalogue.relations.of_papers(keys):
        if one.relation is Relation.MENTIONS and (one.entity, one.paper) not in related:
            yield one.entity, one.relation, one.paper, Source.MATCH
