"""Adding cards that a user wrote."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kg.cards.card import read_part
from kg.cards.file import CardLine
from kg.errors import BadSource
from kg.store.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class CardFile:
    """The cards of one file."""

    path: Path
    cards: tuple[CardLine, ...]

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


def add_cards(catalogue: Catalogue, file: CardFile) -> Counter[str]:
    """Store cards in place of those that their papers had, and return the counts.

    Their texts are not compared with abstracts: they are the user's own.

    Raises
    ------
    BadSource
        If two cards are of one paper, by whatever names; nothing of the file was stored.
    """
    counts: Counter[str] = Counter()
    lines: dict[int, int] = {}
    with catalogue.writing():
        for name, card, line in file.cards:
            key = catalogue.identifiers.look_up(name)
            if key is None:
                counts["cards_dropped"] += 1
                continue
            if key in lines:
                message = f"a second card of {name}, first on line {lines[key]}"
                raise BadSource(file.path, line, message, "nothing of the file was taken")
            lines[key] = line
            old, source = catalogue.cards.get([key]), catalogue.cards.sources([key])
            if key in old and read_part(old[key]) == card and source[key] == file.name:
                counts["cards_unchanged"] += 1
                continue
            (paper,) = catalogue.papers.get([key])
            catalogue.cards.put(paper.id, card, file.name)
            counts["cards"] += 1
    return counts


def fill_cards(catalogue: Catalogue, source: str, cards: Iterable[CardLine]) -> Counter[str]:
    """Store cards of papers that nobody has read, and return the counts.

    They come with a bibliography, which completes what the atlas has and replaces nothing.
    """
    counts: Counter[str] = Counter()
    with catalogue.writing():
        for name, card, _ in cards:
            key = catalogue.identifiers.look_up(name)
            if key is None:
                counts["cards_dropped"] += 1
                continue
            old = catalogue.cards.get([key])
            if key in old and read_part(old[key]):
                counts["cards_unchanged"] += 1
                continue
            (paper,) = catalogue.papers.get([key])
            catalogue.cards.put(paper.id, card, source)
            counts["cards"] += 1
    return counts
