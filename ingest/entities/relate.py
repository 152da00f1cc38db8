"""Reading how papers relate to entities: from their cards, and from names in their texts."""

import hashlib
import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

from ingest.entities.take import Taken
from kg.cards.card import Card
from kg.entities.abbreviations import abbreviations, same_phrase
from kg.entities.entity import CARD_FIELDS, Relation, Source
from kg.entities.gazetteer import Gazetteer
from kg.entities.names import folded_name, spellings
from kg.graph.rows import edge_rows
from kg.records import Paper
from kg.store.catalogue import Catalogue
from kg.text.latex.plain import decoded

_FORM: Final = 2
"""To be raised with every change of what is read from the same texts."""
_SHORT = re.compile(r"[A-Z]{2,5}")
"""Names that are often an abbreviation of something else."""
_CHUNK: Final = 2_000
Row = tuple[int, Relation, int, Source]


def relate(catalogue: Catalogue, taken: Taken) -> int:
    """Bring the relations of all papers up to date; return of how many they changed.

    A paper whose text, card and names are as when it was last read is not read again. What an
    abstract said that is not here any more stays.
    """
    reader = _Reader(catalogue, taken)
    reads, changed = catalogue.relations.reads(), 0
    keys = sorted(catalogue.papers.keys())
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        papers = dict(zip(chunk, catalogue.papers.get(chunk), strict=True))
        cards = catalogue.cards.get(chunk)
        states = {key: reader.state(key, papers[key], cards.get(key)) for key in chunk}
        stale = {key: state for key, state in states.items() if reads.get(key) != state}
        if not stale:
            continue
        rows = [row for key in stale for row in reader.rows(key, papers[key], cards.get(key))]
        rows += _kept(catalogue, [key for key in stale if papers[key].abstract is None], rows)
        changed += bool(catalogue.relations.replace(stale, rows)) * len(stale)
    return changed


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
    taken: Taken

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
        self.introduced: dict[int, list[int]] = {}
        for entity, some in self.taken.introducers.items():
            for paper in some:
                self.introduced.setdefault(paper, []).append(entity)
        facts = sorted((key, n.text, n.recognised) for key, n in names)
        whose = sorted((e, sorted(some)) for e, some in self.taken.introducers.items())
        whole = json.dumps([_FORM, facts, whose])
        self._digest = hashlib.sha256(whole.encode()).hexdigest()
        keys = sorted({paper for some in self.taken.introducers.values() for paper in some})
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

    def state(self, key: int, paper: Paper, card: Card | None) -> str:
        """Return a digest of all that the relations of a paper are read from."""
        names = [getattr(card, field) for field in CARD_FIELDS] if card else []
        summary = [card.summary, card.problem] if card else []
        whole = json.dumps([key, paper.title, paper.abstract, names, summary])
        return hashlib.sha256((self._digest + whole).encode()).hexdigest()[:16]

    def rows(self, key: int, paper: Paper, card: Card | None) -> Iterator[Row]:
        """Yield how a paper relates to entities, as its card and its text say."""
        year = paper.appeared.first.year if paper.appeared else None
        related: set[int] = set()
        for entity in self.introduced.get(key, ()):
            related.add(entity)
            listed = (entity, key) in self.taken.listed
            yield entity, Relation.INTRODUCES, key, Source.LIST if listed else Source.CARD
        own = set(related)
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
        return paper in self.taken.introducers.get(entity, ())

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
        papers = {one: self.taken.introducers.get(one, frozenset()) for one in possible}
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
            for paper in self.taken.introducers.get(entity, ())
            if self.years[paper] is not None
        ]
        return year is None or not known or min(y for y in known if y is not None) <= year + 1
