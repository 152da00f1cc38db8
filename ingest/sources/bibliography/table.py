"""A bibliography as a table: CSV or tab-separated, with a first row that names the columns.

What `kg.export.table` writes is read, and the tables of Zotero, Scopus and Web of Science are.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence

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


def parse(text: str) -> Bibliography:
    """Parse a table.

    Examples
    --------
    >>> parse("title,doi\\nModel soups,10.1000/x\\n").references[0].entry.doi
    '10.1000/x'
    """
    text = text.lstrip("\ufeff \t\r\n")
    columns = _header(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    own = tuple(next(rows, ()))[: len(FIRST_COLUMNS)] == FIRST_COLUMNS
    references: list[BibEntry] = []
    broken: list[BrokenEntry] = []
    line = rows.line_num + 1
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                cells = map(unescaped_formula, row) if own else row
                references.append(_reference(dict(zip(columns, cells, strict=False)), line))
            line = rows.line_num + 1
    except csv.Error as error:
        broken.append(BrokenEntry("", str(error), line))
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
    first = text.lstrip("\ufeff \t\r\n")[:5_000].partition("\n")[0]
    if "\n" not in text.strip() or not any(mark in first for mark in ",;\t"):
        return []
    row = next(csv.reader([first], delimiter=_delimiter(text)), [])
    names = [name.strip().lower() for name in row]
    known = {what for what, some in _NAMES.items() if not set(some).isdisjoint(names)}
    return names if "title" in known and len(known) > 1 else []


def _delimiter(text: str) -> str:
    first = text.lstrip("\ufeff \t\r\n")[:5_000].partition("\n")[0]
    return max("\t;,", key=first.count)
