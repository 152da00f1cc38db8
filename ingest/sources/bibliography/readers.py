"""A bibliography that someone brings along: read, whatever it is written in, with an end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ingest.sources.bibliography import bibtex, csl, lines, table, tagged, unsupported
from ingest.sources.bibliography.reference import Bibliography
from kg.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Format:
    """A format in which bibliographies come."""

    name: str
    """What people call it."""
    looks_like: Callable[[str], bool]
    """Whether a text is in it, by its first signs."""
    count: Callable[[str], int]
    """How many entries a text in it has at most, found in no time."""
    parse: Callable[[str], Bibliography]
    """What a text in it says of papers."""


_LINES: Final = Format("a list of ids or titles", lambda _: True, lines.count, lines.parse)

FORMATS: Final = (
    Format(bibtex.KIND, bibtex.looks_like_bibtex, bibtex.count, bibtex.parse),
    *(Format(one.name, one.looks_like, one.count, one.parse) for one in tagged.FORMATS),
    Format(csl.KIND, csl.looks_like_csl, csl.count, csl.parse),
    Format(
        table.KIND,
        table.looks_like_table,
        table.count,
        table.parse,
    ),
)
"""All formats, in the order in which a text is tried; messages and documentation name these."""

NAMES: Final = ", ".join(one.name for one in FORMATS)
"""Names of all formats in one line."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read at a time."""

    size: int
    """Bytes of a bibliography, in UTF-8."""
    entries: int
    """Entries of a bibliography."""


FORM: Final = Limits(1_000_000, 2_000)
"""What a form of the page takes."""

FILE: Final = Limits(100_000_000, 200_000)
"""What the command takes."""


def read(text: str, limits: Limits = FORM) -> Bibliography:
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
        raise BadRequest("no paper is named in it", _BRING)
    return named


def format_of(text: str) -> Format | None:
    """Return the format of a text, or None where it may be a list of ids, links and titles.

    Raises
    ------
    BadRequest
        If it is no text, or in a format that is not read; names that.
    """
    if text.lstrip().startswith("%PDF"):
        raise BadRequest("this is no text", _BRING)
    if name := unsupported.name_of(text):
        raise BadRequest(f"this is {name}, which is not read", _BRING)
    found = next((one for one in FORMATS if one.looks_like(text)), None)
    if found is None and "\0" in text:
        raise BadRequest("this is no text", _BRING)
    if found is None and text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") and _is_json(text):
        raise BadRequest("this is JSON without papers", _BRING)
    return found


def _is_json(text: str) -> bool:
    return text.rstrip()[-1:] in ("}", "]") and '"' in text


_BRING: Final = f"bring {NAMES}, or {_LINES.name}"


def _check(count: int, most: int) -> None:
    if count > most:
        raise BadRequest(f"these are {count:,} papers", f"bring {most:,} at a time at most")
