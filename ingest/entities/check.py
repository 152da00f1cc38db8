"""Checking a list of entities: each entry, entries beside each other, and against the cards."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.cards.abstracts import Abstracts
from ingest.cards.check import KnownPaper, word_runs
from kg.cards.card import Card
from kg.entities.entity import CARD_FIELDS
from kg.entities.file import ListedEntity, each_entity, faults_between
from kg.entities.names import folded_name
from kg.errors import BadSource


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found."""

    entities: int
    faults: tuple[BadSource, ...]
    """In the order of the file's lines."""


def check(
    path: Path,
    papers: Mapping[str, KnownPaper],
    cards: Mapping[str, Card],
    abstracts: Collection[Path] = (),
) -> Checked:
    """Check every entry of a file of entities, going on after a fault.

    Parameters
    ----------
    papers : mapping
        Those that may introduce an entity, by each id by which one may name them.
    cards : mapping
        Id of a paper -> its card.
    abstracts : collection of Path
        Files and folders that `Abstracts.read` takes, with which each `about` is compared.

    Raises
    ------
    BadSource
        If a file cannot be read, or the list is no YAML list.
    """
    entities, faults = [], []
    for one in each_entity(path):
        if isinstance(one, BadSource):
            faults.append(one)
        else:
            entities.append(one)
    faults += faults_between(path, entities)
    for one in entities:
        for name in one.introduced_by:
            if name not in papers:
                message = f"{one.entity.id} is introduced by {name}, not in the atlas"
                faults.append(BadSource(path, one.lines[name], message, "name its paper"))
    faults += contradictions(path, entities, cards)
    if abstracts:
        texts = Abstracts({paper.id: paper.title for paper in papers.values()})
        texts.read(abstracts)
        known = (text for some in texts.found.values() for _, text in some)
        faults += shared_runs(path, entities, known)
    return Checked(len(entities), tuple(sorted(faults, key=lambda fault: fault.line or 0)))


def shared_runs(
    path: Path, entities: Iterable[ListedEntity], abstracts: Iterable[str]
) -> Iterator[BadSource]:
    """Yield each entity whose `about` shares a run of words with an abstract."""
    taken = {run for text in abstracts for run in word_runs(text)}
    for one in entities:
        for run in word_runs(one.entity.about or ""):
            if run in taken:
                message = f'the about of {one.entity.id} shares "{" ".join(run)}" with an abstract'
                yield BadSource(path, one.line, message, "say it in other words")
                break


def contradictions(
    path: Path, entities: Sequence[ListedEntity], cards: Mapping[str, Card]
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
