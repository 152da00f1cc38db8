"""Reading how papers relate to entities: from their cards, and from names in their texts."""

import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from kg.cards.card import Card
from kg.entities.abbreviations import abbreviations, same_phrase
from kg.entities.entity import CARD_FIELDS, Relation, Source
from kg.entities.gazetteer import Gazetteer
from kg.entities.names import folded_name, spellings
from kg.graph.rows import edge_rows
from kg.records import Paper
from kg.store.catalogue import Catalogue
from kg.text.latex.plain import decoded

_SHORT = re.compile(r"[A-Z]{2,5}")
"""Names that are often an abbreviation of something else."""
_CHUNK: Final = 2_000
_MAX_NAMES: Final = 300
"""Changed names that papers are searched for; where there are more, all papers are read."""
Row = tuple[int, Relation, int, Source]


def relate(catalogue: Catalogue, papers: Collection[int], names: Collection[str]) -> set[int]:
    """Read some papers, and those that have any of some names; return whose relations changed.

    What an abstract said that is not here any more stays.

    Parameters
    ----------
    names : collection of str
        Folded names whose entities, or the papers that introduce them, are others now.
    """
    keys, concerned, searched = sorted(catalogue.papers.keys()), set(papers), None
    if len(names) > _MAX_NAMES:
        concerned.update(keys)
    elif names:
        concerned.update(_introducing(catalogue, names))
        searched = re.compile("|".join(map(_any_spelling, names)))
    reader, changed = _Reader(catalogue), set[int]()
    for start in range(0, len(keys), _CHUNK):
        chunk = [key for key in keys[start : start + _CHUNK] if searched or key in concerned]
        found = dict(zip(chunk, catalogue.papers.get(chunk), strict=True))
        cards = catalogue.cards.get(chunk)
        texts = {
            key: paper
            for key, paper in found.items()
            if key in concerned or (searched and _has(searched, paper, cards.get(key)))
        }
        rows = [row for key, one in texts.items() for row in reader.rows(key, one, cards.get(key))]
        rows += _kept(catalogue, [key for key, paper in texts.items() if not paper.abstract], rows)
        changed |= catalogue.relations.replace(texts, rows)
    return changed


def _introducing(catalogue: Catalogue, names: Iterable[str]) -> Iterator[int]:
    """Yield the papers that introduce an entity of any of these names."""
    owners = [owner for name in names for owner in catalogue.entities.owners(name)]
    for some in catalogue.relations.introducing(owners).values():
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
    return any(searched.search(folded_name(text)) for text in texts)


def _kept(catalogue: Catalogue, keys: Sequence[int], rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the mentions of papers without an abstract here that were found when there was one."""
    related = {(entity, paper) for entity, _, paper, _ in rows}
    for one in catalogue.relations.of_papers(keys):
        if one.relation is Relation.MENTIONS and (one.entity, one.paper) not in related:
            yield one.entity, one.relation, one.paper, Source.MATCH


@dataclass
class _Reader:
    """What relations are read with."""

    catalogue: Catalogue

    def __post_init__(self) -> None:
        catalogue = self.catalogue
        names = list(catalogue.entities.names())
        self.gazetteer = Gazetteer(names)
        self.owners: dict[str, list[int]] = {}
        for key, name in names:
            self.owners.setdefault(folded_name(name.text), []).append(key)
        self.phrases: dict[int, list[str]] = {}
        for key, name in names:
            if len(name.text.replace("-", " ").split()) > 1:
                self.phrases.setdefault(key, []).append(name.text)
        self.listed = {k for k, e in catalogue.entities.all().items() if e.source != Source.CARD}
        self.introducers = catalogue.relations.introducing(list(catalogue.entities.all()))
        self.introduced: dict[int, set[int]] = {}
        for entity, some in self.introducers.items():
            for paper in some:
                self.introduced.setdefault(paper, set()).add(entity)
        keys = sorted(self.introduced)
        self.years = {
            key: paper.appeared.first.year if paper.appeared else None
            for key, paper in zip(keys, catalogue.papers.get(keys), strict=True)
        }

    @cached_property
    def cites(self) -> Mapping[int, set[int]]:
        """Paper -> the papers that it cites."""
        found: dict[int, set[int]] = {}
        for row in edge_rows(self.catalogue.database, "cites"):
            found.setdefault(row[0], set()).add(row[1])
        return found

    @cached_property
    def topics(self) -> Mapping[int, set[str]]:
        """Paper -> its topics."""
        found: dict[int, set[str]] = {}
        for row in edge_rows(self.catalogue.database, "in_topic"):
            found.setdefault(row[0], set()).add(row[1])
        return found

    def rows(self, key: int, paper: Paper, card: Card | None) -> Iterator[Row]:
        """Yield how a paper relates to what it does not introduce, by its card and its text."""
        year = paper.appeared.first.year if paper.appeared else None
        own = self.introduced.get(key, set())
        related = set(own)
        for field, relation in CARD_FIELDS.items() if card else ():
            if relation is Relation.INTRODUCES:
                continue
            for text in getattr(card, field):
                meant = self._owner(self.owners.get(folded_name(text), ()), key, year)
                if meant is not None and meant not in own:
                    related.add(meant)
                    yield meant, relation, key, Source.CARD
        for meant in self.named(key, paper, card, related):
            yield meant, Relation.MENTIONS, key, Source.MATCH

    def named(
        self, key: int, paper: Paper, card: Card | None, related: Container[int] = ()
    ) -> Iterator[int]:
        """Yield the entities that a paper names in its texts, without those that are related."""
        year = paper.appeared.first.year if paper.appeared else None
        title = paper.title.lower() if paper.title.isupper() else paper.title
        texts = [title, decoded(paper.abstract or "")]
        texts += [card.summary or "", card.problem or ""] if card else []
        phrases = abbreviations("\n".join(texts[:2]))
        found: dict[int, None] = {}
        doubtful: dict[tuple[int, ...], None] = {}
        for text in texts:
            for start, end, owners in self.gazetteer.matches(text):
                name = text[start:end]
                if text is title and " " in name:
                    # In a title, the capitals of ordinary words say nothing.
                    owners = tuple(one for one in owners if self._ruled(one, key))
                if "/" in name:
                    found |= dict.fromkeys(owners)  # "CIFAR-10/100" names both.
                    continue
                owners = self._abbreviated(owners, phrases.get(name), key)
                if len(owners) == 1 and (self._ruled(owners[0], key) or not _SHORT.fullmatch(name)):
                    found |= dict.fromkeys(one for one in owners if self._old_enough(one, year))
                elif owners:
                    doubtful[owners] = None
        for owners in doubtful:
            # A name that has been written out before is an abbreviation of that.
            if found.keys().isdisjoint(owners) and not any(one in related for one in owners):
                meant = self._owner(owners, key, year, in_text=True)
                found |= {} if meant is None else {meant: None}
        yield from (one for one in found if one not in related)

    def _ruled(self, entity: int, paper: int) -> bool:
        """Return whether a name of an entity is known to be one, in this paper at least."""
        return entity in self.listed or self._introduces(paper, entity)

    def _introduces(self, paper: int, entity: int) -> bool:
        return paper in self.introducers.get(entity, ())

    def _abbreviated(
        self, owners: tuple[int, ...], phrase: str | None, paper: int
    ) -> tuple[int, ...]:
        """Return those of the owners of a name that it can mean where it abbreviates a phrase.

        Of several owners only the one whose name the phrase is; one alone may write it otherwise.
        """
        if phrase is None or any(self._introduces(paper, one) for one in owners):
            return owners
        folded = {folded_name(one) for one in spellings(phrase)}
        for one in owners:
            if any(folded_name(known) in folded for known in self.phrases.get(one, ())):
                return (one,)
        if len(owners) > 1 or owners[0] not in self.listed:
            return ()
        known = self.phrases.get(owners[0], [phrase])
        return owners if any(same_phrase(phrase, other) for other in known) else ()

    def _owner(
        self, owners: Sequence[int], paper: int, year: int | None, in_text: bool = False
    ) -> int | None:
        """Return the entity that a name means in a paper, or None where that cannot be told.

        One that is introduced later than the paper is not meant. Of several owners it is the one
        that the paper introduces, or whose introduction it cites; of a card's names also the only
        one under a topic of the paper, else the only one that is old enough.
        """
        possible = [one for one in owners if self._old_enough(one, year)]
        if len(owners) == 1 and not in_text:
            return possible[0] if possible else None
        papers = {one: set(self.introducers.get(one, ())) for one in possible}
        if mine := [one for one in possible if paper in papers[one]]:
            return mine[0]
        cited = [one for one in possible if papers[one] & self.cites.get(paper, set())]
        if len(cited) == 1 or in_text:
            return cited[0] if len(cited) == 1 else None
        topics = self.topics.get(paper, set())
        near = [
            one
            for one in possible
            if any(not topics.isdisjoint(self.topics.get(p, ())) for p in papers[one])
        ]
        if len(near) == 1:
            return near[0]
        return possible[0] if len(possible) == 1 else None

    def _old_enough(self, entity: int, year: int | None) -> bool:
        known = [
            self.years[paper]
            for paper in self.introducers.get(entity, ())
            if self.years[paper] is not None
        ]
        return year is None or not known or min(y for y in known if y is not None) <= year + 1
