"""Read a bibliography in any of the registered formats, within limits.

A new format is a module and an entry in `FORMATS`, which names it in messages and documentation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ingest.sources.bibliography import (
    bibtex,
    csl,
    jsonld,
    lines,
    table,
    tagged,
    unsupported,
)
from ingest.sources.bibliography.reference import Bibliography
from kg.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Format:
    """A format in which bibliographies come."""

    name: str
    """What people call it."""
    looks_like: Callable[[str], bool]
    """Return whether a text is in it, by its first signs."""
    count: Callable[[str], int]
    """Return an upper bound of the entries in a text, without parsing it."""
    parse: Callable[[str], Bibliography]
    """Parse a text."""


_LINES: Final = Format("a list of ids or titles", lambda _: True, lines.count, lines.parse)

FORMATS: Final = (
    Format(bibtex.KIND, bibtex.looks_like_bibtex, bibtex.count, bibtex.parse),
    *(Format(one.name, one.looks_like, one.count, one.parse) for one in tagged.FORMATS),
    Format(jsonld.KIND, jsonld.looks_like_jsonld, jsonld.count, jsonld.parse),
    Format(csl.KIND, csl.looks_like_csl, csl.count, csl.parse),
    Format(table.KIND, table.looks_like_table, table.count, table.parse),
)
"""All formats, in the order in which a text is tried."""

NAMES: Final = ", ".join(one.name for one in FORMATS)
"""Names of all formats in one line."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what is read at a time."""

    size: int
    """Bytes of a bibliography, in UTF-8."""
    entries: int
    """Entries of a bibliography."""


FORM_LIMITS: Final = Limits(1_000_000, 2_000)
"""Of what a form of the page accepts."""

FILE_LIMITS: Final = Limits(100_000_000, 200_000)
"""Of what the command accepts."""


def read(text: str, limits: Limits = FORM_LIMITS) -> Bibliography:
    """Return what a bibliography says: in one of `FORMATS`, or lines of ids, links and titles.

    Raises
    ------
    BadRequest
        If there is nothing to read in it, it is no text, in another format, or too much.
    """
    found = format_of(text) or _LINES
    if len(text.encode(errors="replace")) > limits.size:
        raise BadRequest(
            "the bibliography is too large", f"bring {limits.size:,} bytes at a time at most"
        )
    if not text.strip("\ufeff \t\r\n"):
        raise BadRequest("there is nothing in it", "choose a file, or paste BibTeX or ids")
    # Before it is read: to say of 300,000 entries what is wrong with each would take long.
    _check(found.count(text), 2 * limits.entries)
    named = found.parse(text)
    _check(len(named.references), limits.entries)
    if not named.references and not named.broken:
        raise BadRequest("no paper is named in it", _ACCEPTED)
    return named


def format_of(text: str) -> Format | None:
    """Return the format of a text, or None where it may be a list of ids, links and titles.

    Raises
    ------
    BadRequest
        If it is no text, or in a format that is not read; names that.
    """
    if text.lstrip().startswith("%PDF"):
        raise BadRequest("this is no text", _ACCEPTED)
    if name := unsupported.name_of(text):
        raise BadRequest(f"this is {name}, which is not read", _ACCEPTED)
    found = next((one for one in FORMATS if one.looks_like(text)), None)
    if found is None and "\0" in text:
        raise BadRequest("this is no text", _ACCEPTED)
    first, last = text.lstrip("\ufeff \t\r\n")[:1], text.rstrip()[-1:]
    if found is None and first in ("{", "[") and last in ("}", "]") and '"' in text:
        raise BadRequest("this is JSON without papers", _ACCEPTED)
    return found


_ACCEPTED: Final = f"bring {NAMES}, or {_LINES.name}"


def _check(count: int, most: int) -> None:
    if count > most:
        raise BadRequest(f"these are {count:,} papers", f"bring {most:,} at a time at most")
