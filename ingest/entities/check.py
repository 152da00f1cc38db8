"""Checking a list of entities: each entry, entries beside each other, and against the cards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.cards.bundled_file import DATA, bundled_papers
from kg.cards.card import Card
from kg.cards.file import read_cards
from kg.entities.entity import CARD_FIELDS
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
        for name in one.introduced_by:
            if name not in papers:
                message = f"{one.entity.id} is introduced by {name}, not in the atlas"
                faults.append(BadSource(path, one.lines[name], message, "name its paper"))
    faults += contradictions(path, entities, cards)
    return Checked(len(entities), tuple(sorted(faults, key=lambda fault: fault.line or 0)))


def contradictions(
    path: Path, entities: Sequence[ListedEntity], cards: dict[str, Card]
) -> Iterator[BadSource]:
    """Yield where the list names another introducing paper than the cards do.

    A paper whose card introduces a name that the list gives to one entity alone, introduced by
    others; and an introducing paper whose card uses the name as that of something older.
    """
    owners: dict[str, list[ListedEntity]] = {}
    for one in entities:
        for name in one.entity.names:
            owners.setdefault(folded_name(name.text), []).append(one)
    for paper, card in cards.items():
        for text in card.introduces:
            own = owners.get(folded_name(text), [])
            if len(own) != 1 or not own[0].introduced_by or paper in own[0].introduced_by:
                continue
            message = (
                f"{own[0].entity.id} is introduced by {', '.join(own[0].introduced_by)}, but the"
                f" card of {paper} introduces {text!r}"
            )
            mend = "correct the one that is wrong; of two methods of one name, list both"
            yield BadSource(path, own[0].line, message, mend)
    used = [field for field in CARD_FIELDS if field != "introduces"]
    for one in entities:
        names = {folded_name(name.text) for name in one.entity.names}
        for paper in one.introduced_by:
            if (known := cards.get(paper)) is None:
                continue
            if not names.isdisjoint(map(folded_name, known.introduces)):
                continue
            for field in used:
                if not names.isdisjoint(map(folded_name, getattr(known, field))):
                    message = (
                        f"{one.entity.id} is introduced by {paper}, whose card has it under {field}"
                    )
                    mend = "correct the one that is wrong"
                    yield BadSource(path, one.lines[paper], message, mend)
