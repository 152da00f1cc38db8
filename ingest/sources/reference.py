"""What a bibliography says of one paper, and what could not be read of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from kg.entities import ListEntry


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of a bibliography."""

    name: str
    """What the file calls it: the key of its entry, or the line itself."""
    entry: ListEntry
    """What it says; the title is empty where it says none."""
    running: bool = False
    """True where nobody said which part is the title: it is the whole line."""

    @classmethod
    def of(
        cls,
        name: str,
        title: str,
        authors: Iterable[str] = (),
        arxiv_id: str | None = None,
        doi: str | None = None,
        year: int | None = None,
        line: int | None = None,
    ) -> "Reference":
        """Return the reference of these facts."""
        entry = ListEntry(
            title=title,
            authors=tuple(authors),
            arxiv_id=arxiv_id,
            doi=doi,
            year=year,
            line=line,
        )
        return cls(name, entry)

    @property
    def told(self) -> str:
        """The reference in a few words: its title, or else what identifies it."""
        entry = self.entry
        return entry.title or entry.arxiv_id or entry.doi or self.name


@dataclass(frozen=True, slots=True)
class Broken:
    """One part of a bibliography that could not be read."""

    start: str
    """How it begins."""
    reason: str
    """What is wrong with it."""
    line: int
    """Where it begins, 1-based."""


@dataclass(frozen=True, slots=True)
class References:
    """What a bibliography says, in its order."""

    kind: str
    """What it is written in, in words."""
    references: tuple[Reference, ...]
    broken: tuple[Broken, ...] = ()
