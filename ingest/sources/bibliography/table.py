"""A bibliography as a table: CSV or tab-separated, with a first row that names the columns.

What `kg.export.table` writes is read, and the tables of Zotero, Scopus and Web of Science are.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from ingest.sources.bibliography.reference import (
    BibEntry,
    Bibliography,
    BrokenEntry,
    decoded_title,
    full_name,
)
from kg.export.table import FIRST_COLUMNS, unescaped_formula

KIND = "table (CSV)"

_NAMES: Mapping[str, Sequence[str]] = {
    "name": ("id", "key", "ut", "eid"),
    "title": ("title", "article title", "document title", "ti"),
    "authors": ("authors", "author", "author full names", "af", "au"),
    "date": ("year", "publication year", "py", "date", "published"),
    "venue": ("venue", "publication title", "source title", "journal", "so"),
    "abstract": ("abstract", "abstract note", "ab"),
    "doi": ("doi", "di"),
    "url": ("url", "link"),
    "arxiv": ("arxiv_id", "arxiv id", "arxiv"),
}
"""Names of columns, in lower case, by what they hold."""

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SEMICOLON = re.compile(r"(?<!\\);")


def looks_like_table(text: str) -> bool:
    """Return whether a text begins with a row that names a title's column and another one.

    >>> looks_like_table("Key,Title,DOI\\na,Model soups,10.1/x")
    True
    >>> looks_like_table("Title, year and other matters")
    False
    """
    return bool(_header(text))


def count(text: str) -> int:
    """Return how many rows a text has at most, if it is a table."""
    return text.count("\n") if looks_like_table(text) else 0


@dataclass(frozen=True, slots=True)
class Head:
    """What the first row of a table says of the others."""

    columns: Sequence[str]
    """Names in lower case."""
    delimiter: str
    escapes: bool
    """Whether cells are escaped that a spreadsheet takes for formulas, as this project does."""

    @classmethod
    def of(cls, text: str) -> Self | None:
        """Return the head of the table that begins a text, or None where there is none."""
        if not (columns := _header(text)):
            return None
        row = next(csv.reader([_first_line(text)], delimiter=_delimiter(text)))
        own = tuple(row[: len(FIRST_COLUMNS)]) == FIRST_COLUMNS
        return cls(columns, _delimiter(text), own)

    def entries(self, lines: Iterable[str], line: int) -> Iterator[BibEntry | BrokenEntry | None]:
        """Yield what the rows below it say; None for a row of blanks.

        Behind what is no row, reading goes on with the next line.

        Parameters
        ----------
        lines : iterable of str
            With their ends; of each row, no more are taken than it has.
        line : int
            The number of the first of them, 1-based.
        """
        lines = iter(lines)
        while True:
            rows, before = csv.reader(lines, delimiter=self.delimiter), line
            try:
                for row in rows:
                    yield self._entry(row, line)
                    line = before + rows.line_num
                return
            except csv.Error as error:
                yield BrokenEntry("", str(error), line)
                line = before + rows.line_num

    def _entry(self, row: Sequence[str], line: int) -> BibEntry | None:
        if not any(cell.strip() for cell in row):
            return None
        cells = map(unescaped_formula, row) if self.escapes else row
        return _reference(dict(zip(self.columns, cells, strict=False)), line)


def parse(text: str) -> Bibliography:
    """Parse a table.

    Examples
    --------
    >>> parse("title,doi\\nModel soups,10.1000/x\\n").references[0].entry.doi
    '10.1000/x'
    """
    text = text.lstrip("\ufeff \t\r\n")
    head, lines = Head.of(text), io.StringIO(text, newline="")
    if head is None:
        return Bibliography(KIND, ())
    lines.readline()
    references: list[BibEntry] = []
    broken: list[BrokenEntry] = []
    for one in head.entries(lines, 2):
        if isinstance(one, BibEntry):
            references.append(one)
        elif one:
            broken.append(one)
    return Bibliography.of(KIND, references, broken, text)


def _reference(cells: Mapping[str, str], line: int) -> BibEntry:
    def cell(what: str) -> str:
        every = (" ".join(cells.get(name, "").split()) for name in _NAMES[what])
        return next(filter(None, every), "")

    names = (_ESCAPED.sub(r"\1", one).strip() for one in _SEMICOLON.split(cell("authors")))
    return BibEntry.of(
        name=cell("name") or f"row in line {line}",
        title=decoded_title(cell("title")),
        authors=map(full_name, names),
        places=[cell("arxiv"), cell("doi"), cell("url")],
        dois=[cell("doi"), cell("url")],
        date=cell("date"),
        venue=decoded_title(cell("venue")),
        abstract=cell("abstract"),
        line=line,
    )


def _header(text: str) -> list[str]:
    """Return the names of the columns in lower case, or nothing where there is no table."""
    first = _first_line(text)
    if "\n" not in text.strip() or not any(mark in first for mark in ",;\t"):
        return []
    row = next(csv.reader([first], delimiter=_delimiter(text)), [])
    names = [name.strip().lower() for name in row]
    known = {what for what, some in _NAMES.items() if not set(some).isdisjoint(names)}
    return names if "title" in known and len(known) > 1 else []


def _delimiter(text: str) -> str:
    return max("\t;,", key=_first_line(text).count)


def _first_line(text: str) -> str:
    return text.lstrip("\ufeff \t\r\n")[:5_000].partition("\n")[0]
