"""Checking a list of entities: each entry, entries beside each other, and against the cards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.cards.bundled_file import DATA, bundled_papers
from kg.cards.card import Card
from kg.cards.file import read_cards
from kg.entities.file import ListedEntity, each_entity, faults_between
from kg.entities.names import folded_name
from kg.errors import BadSource
from kg.snapshot import bundled


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found."""

    entities: int
    faults: tuple[BadSource, ...]
    """In the order of the file's lines."""


def check(path: Path) -> Checked:
    """Check a file of entities against the bundled papers and cards.

    Raises
    ------
    BadSource
        If the file cannot be read or is no YAML list.
    """
    entities, faults = [], []
    for one in each_entity(path):
        if isinstance(one, BadSource):
            faults.append(one)
        else:
            entities.append(one)
    faults += faults_between(path, entities)
    papers = bundled_papers()
    cards = {line.paper: line.card for line in read_cards(DATA / bundled.CARDS)}
    for one in entities:
        if one.introduced_by is not None and one.introduced_by not in papers:
            message = f"{one.entity.id} is introduced by {one.introduced_by}, not in the atlas"
            faults.append(BadSource(path, one.lines["introduced_by"], message, "name its paper"))
    faults += contradictions(path, entities, cards)
    return Checked(len(entities), tuple(sorted(faults, key=lambda fault: fault.line or 0)))


def contradictions(
    path: Path, entities: Sequence[ListedEntity], cards: dict[str, Card]
) -> Iterator[BadSource]:
    """Yield where the list names another introducing paper than the cards do.

    A paper whose card introduces a name that the list gives to one entity alone, introduced by
    another paper; and an introducing paper whose card introduces other names only.
    """
    owners: dict[str, list[ListedEntity]] = {}
    for one in entities:
        for name in one.entity.names:
            owners.setdefault(folded_name(name.text), []).append(one)
    for paper, card in cards.items():
        for name in card.introduces:
            own = owners.get(folded_name(name), [])
            if len(own) != 1 or own[0].introduced_by in (None, paper):
                continue
            if folded_name(name) in own[0].shared:
                continue
            message = (
                f"{own[0].entity.id} is introduced by {own[0].introduced_by}, but the card of"
                f" {paper} introduces {name!r}"
            )
            mend = "correct the one that is wrong; of two methods of one name, both share it"
            yield BadSource(path, own[0].line, message, mend)
    for one in entities:
        card_of = cards.get(one.introduced_by or "")
        if card_of is None or not card_of.introduces:
            continue
        names = {folded_name(name.text) for name in one.entity.names}
        if names.isdisjoint(map(folded_name, card_of.introduces)):
            message = (
                f"{one.entity.id} is introduced by {one.introduced_by}, whose card introduces"
                f" {', '.join(card_of.introduces)} and not it"
            )
            yield BadSource(
                path, one.lines["introduced_by"], message, "correct the one that is wrong"
            )
