"""Checking cards that people write, against the papers of the bundled atlas and their abstracts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from ingest.cards.abstracts import Abstracts
from kg.cards.card import NAMES, WrittenFrom
from kg.cards.file import CardLine, each_card
from kg.errors import BadSource
from kg.ids.titles import normalised_title

RUN_WORDS: Final = 7
"""Words in a row that a card may not share with the abstract."""


class KnownPaper(NamedTuple):
    """A paper that a card may be of."""

    id: str
    title: str


@dataclass(slots=True)
class Checked:
    """What a check of one file found."""

    cards: int = 0
    """Lines that are cards."""
    compared: int = 0
    """Cards that were compared with the abstract of their paper."""
    faults: list[BadSource] = field(default_factory=list)
    """What is wrong, in the file's order."""


def check(path: Path, papers: Mapping[str, KnownPaper], abstracts: Iterable[Path] = ()) -> Checked:
    """Check every card of a file, going on after a fault.

    Parameters
    ----------
    papers : mapping
        Those that a card may be of, by each id by which one may name them.
    abstracts : iterable of Path
        Files and folders that `Abstracts.read` takes. A card by title is compared with the title
        alone; one without an abstract here is not compared with any text.

    Raises
    ------
    BadSource
        If a file cannot be read at all.
    """
    found = Checked()
    lines = list(each_card(path))
    names = {line.paper for line in lines if isinstance(line, CardLine)} & papers.keys()
    texts = Abstracts({name: papers[name].title for name in names})
    texts.read(abstracts)
    first: dict[str, int] = {}
    for line in lines:
        if isinstance(line, BadSource):
            found.faults.append(line)
            continue
        found.cards += 1
        faults: list[str] = []
        if (paper := papers.get(line.paper)) is None:
            faults.append(f"the atlas has no paper {line.paper}")
        elif (other := first.setdefault(paper.id, line.line)) != line.line:
            faults.append(f"a second card of {paper.id}, first on line {other}")
        else:
            known = texts.found.get(line.paper, [])
            by_title = line.card.by is WrittenFrom.TITLE
            found.compared += bool(known and not by_title)
            if known or by_title:
                titles = [paper.title, *(title for title, _ in known)]
                abstracts_of = [] if by_title else [abstract for _, abstract in known]
                faults += text_faults(line, titles, abstracts_of)
        found.faults += (BadSource(path, line.line, fault) for fault in faults)
    return found


def text_faults(line: CardLine, titles: Sequence[str], abstracts: Sequence[str]) -> Iterator[str]:
    """Yield what a card has that its paper's titles and abstracts have not, or should not have."""
    texts = [*titles, *abstracts]
    whole = "\n".join(_letters(text) for text in texts)
    place = "title or abstract" if abstracts else "title"
    names = [name for one in NAMES for name in getattr(line.card, one)]
    for one in NAMES:
        for name in getattr(line.card, one):
            if (letters := _letters(name)) not in whole or not letters:
                yield f"{one}: {name!r} is not in the {place}"
    free = {run for text in (*titles, *names) for run in word_runs(text)}
    taken = {run for text in abstracts for run in word_runs(text)} - free
    for one in ("summary", "problem"):
        for run in word_runs(getattr(line.card, one) or ""):
            if run in taken:
                yield f'the {one} shares "{" ".join(run)}" with the abstract'
                break


def word_runs(text: str) -> Iterator[tuple[str, ...]]:
    """Yield each `RUN_WORDS` words in a row, without case and accents."""
    words = normalised_title(text).split()
    return (tuple(words[at : at + RUN_WORDS]) for at in range(len(words) - RUN_WORDS + 1))


def _letters(text: str) -> str:
    """Return the letters and digits of a text, without case and accents."""
    return normalised_title(text).replace(" ", "")
