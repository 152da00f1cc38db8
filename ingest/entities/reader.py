"""What a paper relates to, by its card and by names in its texts."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kg.cards.card import Card
from kg.entities.abbreviations import abbreviations, same_phrase
from kg.entities.entity import CARD_FIELDS, DERIVED, Recognised, Relation, Source
from kg.entities.gazetteer import Gazetteer
from kg.entities.names import folded_name, spellings
from kg.records import Paper
from kg.store.catalogue import Catalogue
from kg.text.latex.plain import decoded

Row = tuple[int, Relation, int, Source]
"""Entity, relation, paper, and who says so."""
_SHORT = re.compile(r"[A-Z]{2,5}")
"""Names that are often an abbreviation of something else."""
_SHORT_CHARS: Final = 5
_CAPITALISED = re.compile(r"\b[A-Z][a-z]+\b")
_DESCRIPTION = re.compile(
    r"[\s-](?:adapters?|adapt(?:at)?ion|distillation|editing|generation|learning|lora|merging"
    r"|pruning|rag|routing|tuning)$",
    re.IGNORECASE,
)
"""Ends of phrases that say what a method does, and of which there are many."""
_BEFORE = re.compile(r"(?:^|[.!?:]\s+|[A-Z]\w*[\s-])$")
_BEHIND = re.compile(r"[\s-][A-Z][a-z]")
_CONTEXT_CHARS: Final = 40


@dataclass
class Reader:
    """What relations are read with."""

    catalogue: Catalogue

    def __post_init__(self) -> None:
        catalogue = self.catalogue
        # Of the papers that were asked for: an atlas may have a million.
        self._cites: dict[int, set[int]] = {}
        self._topics: dict[int, set[str]] = {}
        names = list(catalogue.entities.names())
        self.gazetteer = Gazetteer(names)
        self.owners: dict[str, list[int]] = {}
        for key, name in names:
            self.owners.setdefault(folded_name(name.text), []).append(key)
        self.names: dict[int, list[str]] = {}
        self.phrases: dict[int, list[str]] = {}
        for key, name in names:
            self.names.setdefault(key, []).append(name.text)
            if len(name.text.replace("-", " ").split()) > 1:
                self.phrases.setdefault(key, []).append(name.text)
        usual = [n.recognised is not Recognised.ASKED for _, n in names]
        own = {key: entity.name for key, entity in catalogue.entities.all().items()}
        many = Counter(folded_name(n.text) for (_, n), one in zip(names, usual, strict=True) if one)
        self.mistakable = {
            key: n.text
            for (key, n), one in zip(names, usual, strict=True)
            if n.text == own[key] and " " not in n.text and many[folded_name(n.text)] > one
        }
        self.listed = {k for k, e in catalogue.entities.all().items() if e.source not in DERIVED}
        self.introducers = catalogue.relations.introducing(list(catalogue.entities.all()))
        self.introduced: dict[int, set[int]] = {}
        for entity, some in self.introducers.items():
            for paper in some:
                self.introduced.setdefault(paper, set()).add(entity)
        keys = sorted(self.introduced)
        years = {
            key: paper.appeared.first.year
            for key, paper in zip(keys, catalogue.papers.get(keys), strict=True)
            if paper.appeared
        }
        self.since: dict[int, int] = {}
        for one in catalogue.relations.of_entities(list(self.introducers), (Relation.INTRODUCES,)):
            # What the list knows no paper of is older than the papers that claim it.
            if one.paper in years and (one.entity not in self.listed or Source.LIST in one.sources):
                year = years[one.paper]
                self.since[one.entity] = min(year, self.since.get(one.entity, year))

    def cites(self, paper: int) -> set[int]:
        """Return the papers that a paper cites."""
        if paper not in self._cites:
            self._cites[paper] = set(self.catalogue.citations.references(paper))
        return self._cites[paper]

    def topics(self, paper: int) -> set[str]:
        """Return the topics of a paper."""
        if paper not in self._topics:
            placed = self.catalogue.placements.get([paper]).get(paper, ())
            self._topics[paper] = {one.topic for one in placed}
        return self._topics[paper]

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
        whole = "\n".join(texts)
        phrases = abbreviations(whole)
        own = {
            folded_name(text): entity
            for entity in self.introduced.get(key, ())
            for text in self.names[entity]
        }
        found: dict[int, None] = {}
        doubtful: dict[tuple[int, ...], None] = {}
        for text in texts:
            for start, end, owners in self.gazetteer.matches(text):
                name = text[start:end]
                if (mine := own.get(folded_name(name))) is not None:
                    found[mine] = None
                    continue
                if _may_be_ordinary(text, start, end, text is title):
                    owners = tuple(one for one in owners if self._ruled(one, key))
                if _DESCRIPTION.search(name):
                    owners = tuple(o for o in owners if self._beside(o, name, key, whole))
                if "/" in name:
                    found |= dict.fromkeys(owners)  # "CIFAR-10/100" names both.
                    continue
                owners = self._abbreviated(owners, name, phrases.get(name), key)
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

    def _beside(self, entity: int, name: str, paper: int, text: str) -> bool:
        """Return whether a phrase can be a name of an entity in a text.

        Where several have its abbreviation, as "adaptive prompt tuning" is the APT of some, the
        phrase alone says what a method does; with its abbreviation it is the name of one.
        """
        short = self.mistakable.get(entity)
        return (
            short is None
            or folded_name(short) == folded_name(name)
            or short in text
            or self._introduces(paper, entity)
        )

    def _introduces(self, paper: int, entity: int) -> bool:
        return paper in self.introducers.get(entity, ())

    def _abbreviated(
        self, owners: tuple[int, ...], name: str, phrase: str | None, paper: int
    ) -> tuple[int, ...]:
        """Return those of the owners of a name that it can mean where it abbreviates a phrase.

        Where several have the name, only the one that has the phrase as well; where one has it, the
        phrase may be written otherwise, and a long abbreviation is no other's.
        """
        if phrase is None or any(self._introduces(paper, one) for one in owners):
            return owners
        folded = {folded_name(one) for one in spellings(phrase)}
        for one in owners:
            if any(folded_name(known) in folded for known in self.phrases.get(one, ())):
                return (one,)
        others = self.listed.intersection(self.owners[folded_name(name)])
        if len(owners) != 1 or others != {owners[0]}:
            return ()
        if len(name) > _SHORT_CHARS:
            return owners
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
        cited = [one for one in possible if papers[one] & self.cites(paper)]
        if len(cited) == 1 or in_text:
            return cited[0] if len(cited) == 1 else None
        topics = self.topics(paper)
        near = [
            one
            for one in possible
            if any(not topics.isdisjoint(self.topics(p)) for p in papers[one])
        ]
        if len(near) == 1:
            return near[0]
        return possible[0] if len(possible) == 1 else None

    def _old_enough(self, entity: int, year: int | None) -> bool:
        return year is None or self.since.get(entity, year) <= year + 1


def _may_be_ordinary(text: str, start: int, end: int, title: bool) -> bool:
    """Return whether the capitals of a name say nothing: that of ordinary words in a title.

    Also at the beginning of a sentence, and within a longer name.
    """
    name = text[start:end]
    if not _CAPITALISED.search(name):
        return False
    if title:
        return True
    phrase = not name.isalnum()
    if phrase and _BEHIND.match(text, end):
        return True
    before = _BEFORE.search(text[max(0, start - _CONTEXT_CHARS) : start])
    return before is not None and (phrase or not before[0][:1].isalpha())
