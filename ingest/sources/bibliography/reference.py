"""The entries of a bibliography, and those that cannot be read."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.cards.card import Card
from kg.ids.arxiv_id import cited_arxiv_id, parse_arxiv_id
from kg.ids.doi import parse_doi
from kg.records import ListEntry
from kg.text.latex.plain import decoded, decoded_name

MAX_VALUE_CHARS = 50_000
"""Characters that are read of the longest fields: an abstract, all authors."""

MAX_FIELD_CHARS = 2_000
"""Characters that are read of any other field, or of a line."""

_OTHERS = re.compile(r"(?:and\s+)?others|et\.? al\.?", re.IGNORECASE)
"""What stands among authors for those who are not named."""

_SUFFIX = re.compile(r"(?:jr|sr)\.?|i{2,3}|iv", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BibEntry:
    """One entry of a bibliography."""

    name: str
    """What the file calls it: the key of its entry, or the line itself."""
    entry: ListEntry
    """What it says; the title is empty where it says none."""
    running: bool = False
    """True where the title is a whole line, of which only a part may be the paper's title."""
    card: Card | None = None
    """What the paper does, where the file says it as a card."""

    @classmethod
    def of(
        cls,
        name: str,
        title: str,
        authors: Iterable[str] = (),
        *,
        places: Sequence[str] = (),
        dois: Sequence[str] = (),
        date: str = "",
        venue: str = "",
        abstract: str = "",
        card: Card | None = None,
        line: int | None = None,
    ) -> "BibEntry":
        """Return the entry of some fields.

        Parameters
        ----------
        places : sequence of str
            Where an arXiv id may stand, alone, in a link or in running text: the surest first.
        dois : sequence of str
            Where a DOI may stand, likewise; a link among them is the paper's where it has no id.
        date : str
            Text whose first number of four digits is the year.
        line : int, optional
            Where the entry begins, 1-based.
        """
        links = [one for one in dois if re.match("https?://", one)]
        year = re.search(r"(?<!\d)\d{4}(?!\d)", date)
        entry = ListEntry(
            # A full stop after a title is some index's habit, not the authors'.
            title=re.sub(r"(?<=[^.])\.$", "", title),
            url=links[0] if links else None,
            authors=tuple(one for one in authors if one and not _OTHERS.fullmatch(one)),
            arxiv_id=next(filter(None, map(arxiv_id_in, places)), None),
            doi=next(filter(None, (parse_doi(one[:MAX_FIELD_CHARS]) for one in dois)), None),
            year=int(year[0]) if year else None,
            venue=venue or None,
            abstract=abstract or None,
            line=line,
        )
        return cls(" ".join(name.split()), entry, card=card)

    @property
    def label(self) -> str:
        """The title, or else what identifies the entry."""
        entry = self.entry
        return entry.title or entry.arxiv_id or entry.doi or self.name


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """A part of a bibliography that could not be read."""

    start: str
    """How it begins."""
    reason: str
    """What is wrong with it."""
    line: int
    """Where it begins, 1-based."""


@dataclass(frozen=True, slots=True)
class Bibliography:
    """A bibliography's entries, in its order."""

    kind: str
    """Name of its format."""
    references: tuple[BibEntry, ...]
    broken: tuple[BrokenEntry, ...] = ()

    @classmethod
    def of(
        cls, kind: str, references: Iterable[BibEntry], broken: Iterable[BrokenEntry], text: str
    ) -> "Bibliography":
        """Return the references of a text; those that name no paper are among the broken."""
        lines = text.splitlines()
        named, wrong = [], list(broken)
        for one in references:
            entry = one.entry
            if entry.title or entry.arxiv_id or entry.doi:
                named.append(one)
            else:
                line = entry.line or 1
                start = " ".join(lines[line - 1][:200].split())[:80] if line <= len(lines) else ""
                wrong.append(BrokenEntry(start, "it has no title and no identifier", line))
        return cls(kind, tuple(named), tuple(sorted(wrong, key=lambda one: one.line)))


def arxiv_id_in(text: str) -> str | None:
    """Return the arXiv id that a field is, links to or cites.

    >>> arxiv_id_in("arXiv:2203.05482 [cs.LG]")
    '2203.05482'
    """
    text = " ".join(text[:MAX_FIELD_CHARS].split())
    return parse_arxiv_id(text) or cited_arxiv_id(text)


def decoded_title(title: str) -> str:
    """Return a title, or the name of a venue, that may have LaTeX in it though it is not BibTeX."""
    return " ".join(decoded(title[:MAX_FIELD_CHARS]).split())


def whole_title(title: str, rest: str) -> str:
    """Return a title with its second part, if it has one.

    >>> whole_title("Editing Models", "with Task Arithmetic")
    'Editing Models: with Task Arithmetic'
    """
    if not (title and rest):
        return title or rest
    return f"{title}{' ' if title.endswith(tuple(':?!.–—')) else ': '}{rest}"


class LineNumbers:
    """The line numbers of places in a text."""

    def __init__(self, text: str) -> None:
        self._ends = [found.start() for found in re.finditer("\n", text)]

    def at(self, place: int) -> int:
        """Return the line, 1-based."""
        return bisect_left(self._ends, place) + 1


def full_name(name: str) -> str:
    """Return a name that is written family name first in the order in which it is spoken.

    >>> full_name("Lovelace, Ada B."), full_name("King, Jr., Martin"), full_name("OpenAI")
    ('Ada B. Lovelace', 'Martin King Jr.', 'OpenAI')
    """
    family, *rest = (part.strip() for part in decoded_name(name[:MAX_FIELD_CHARS]).split(","))
    # BibTeX puts the suffix in the middle, RIS at the end.
    rest.sort(key=lambda part: bool(_SUFFIX.fullmatch(part)))
    given = rest.pop(0) if rest and not _SUFFIX.fullmatch(rest[0]) else ""
    return " ".join(part for part in (given, family, *rest) if part)
