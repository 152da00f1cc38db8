"""Text for formats that cannot hold every text."""

import re
from collections.abc import Iterable

from kg.text.plain import NOT_IN_XML, without_controls


def one_line(text: str | None) -> str:
    """Return `text` with each run of white space as one space; empty for None."""
    return " ".join((text or "").split())


def joined(values: Iterable[str]) -> str:
    r"""Return a list as one text, its items separated by ``"; "``.

    A backslash or semicolon within an item is escaped by a backslash.

    Examples
    --------
    >>> joined(["Ada Lovelace", "Smith; Jones"])
    'Ada Lovelace; Smith\\; Jones'
    """
    return "; ".join(value.replace("\\", "\\\\").replace(";", "\\;") for value in values)


def xml_text(text: str) -> str:
    """Return `text` without control characters and others that XML forbids.

    Line breaks become line feeds, as XML parsers make them.
    """
    return re.sub(NOT_IN_XML, "", without_controls(text))
