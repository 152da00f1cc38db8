"""Text in forms that hold less than any text."""

from collections.abc import Iterable

from kg.text.plain import NOT_IN_XML, without_controls


def one_line(text: str | None) -> str:
    """Return `text` with single spaces for all white space; nothing for None."""
    return " ".join((text or "").split())


def joined(values: Iterable[str]) -> str:
    r"""Return a list as one text, its items divided by ``"; "``.

    A backslash or semicolon within an item gets a backslash before it, so that the items can be
    told apart again.

    Examples
    --------
    >>> joined(["Ada Lovelace", "Smith; Jones"])
    'Ada Lovelace; Smith\\; Jones'
    """
    return "; ".join(value.replace("\\", "\\\\").replace(";", "\\;") for value in values)


def xml_text(text: str) -> str:
    """Return `text` as an XML reader gives it back: without what XML cannot hold, or what steers.

    Line breaks become line feeds, as XML readers have it.
    """
    return NOT_IN_XML.sub("", without_controls(text))
