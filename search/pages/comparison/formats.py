"""The formats of a comparison: one record each, from which all faces and tests take them.

Importing this module imports no writer, so that it costs nothing to name the formats.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.errors import BadRequest

if TYPE_CHECKING:
    from search.pages.comparison.comparison import Comparison


@dataclass(frozen=True, slots=True)
class ComparisonFormat:
    """A form in which a comparison is written."""

    name: str
    """What the command and addresses call it."""
    write: "Callable[[Comparison, int], str]"
    """Returns the whole file, its lines so many columns wide at most where it can break them."""
    media_type: str
    """With its encoding, as the ``Content-Type`` of a download."""
    suffixes: tuple[str, ...]
    """Ends of the names of its files, without the dot; a download has the first."""
    label: str = ""
    """Name among the page's downloads, which offer only formats that have one."""


def _table(comparison: "Comparison", width: int) -> str:
    from search.pages.comparison.text_table import text_table

    return text_table(comparison, width)


def _csv(comparison: "Comparison", width: int) -> str:
    from search.pages.comparison.csv_file import csv_file

    del width
    return csv_file(comparison)


def _markdown(comparison: "Comparison", width: int) -> str:
    from search.pages.comparison.markdown import markdown

    del width
    return markdown(comparison)


def _latex(comparison: "Comparison", width: int) -> str:
    from search.pages.comparison.latex import latex

    del width
    return latex(comparison)


FORMATS: Final[Mapping[str, ComparisonFormat]] = {
    one.name: one
    for one in (
        ComparisonFormat("table", _table, "text/plain; charset=utf-8", ("txt",)),
        ComparisonFormat("csv", _csv, "text/csv; charset=utf-8", ("csv",), "CSV"),
        ComparisonFormat(
            "markdown", _markdown, "text/markdown; charset=utf-8", ("md", "markdown"), "Markdown"
        ),
        ComparisonFormat("latex", _latex, "application/x-tex; charset=utf-8", ("tex",), "LaTeX"),
    )
}
"""By name, in the order in which they are listed; the first is the default."""

MENU: Final[Mapping[str, str]] = {one.name: one.label for one in FORMATS.values() if one.label}
"""Name -> label of the formats that the page offers."""


def named(name: str) -> ComparisonFormat:
    """Return the format of a name.

    Raises
    ------
    BadRequest
        If there is none; lists those that there are.
    """
    if name not in FORMATS:
        raise BadRequest(f"unknown format '{name[:40]}'", f"use {', '.join(FORMATS)}")
    return FORMATS[name]


def chosen(name: str | None, file: Path | None) -> ComparisonFormat:
    """Return the format of a name, or else that of a file, or else the first.

    Raises
    ------
    BadRequest
        If there is no such format, or the file's name means none.
    """
    if name is not None:
        return named(name)
    if file is None:
        return next(iter(FORMATS.values()))
    ends = {f".{end}": one for one in FORMATS.values() for end in one.suffixes}
    if file.suffix.lower() not in ends:
        raise BadRequest(f"the name {file.name} says no format", f"end it in {', '.join(ends)}")
    return ends[file.suffix.lower()]
