"""Reading XML that another's server sent: whole and well-formed, or not at all.

A lenient parser takes what came before the break for all there is, so a page that was cut short
reads like the last one. Nothing is mended here: what is wrong is asked for again.
"""

from collections.abc import Collection
from typing import Any, Final, TypeAlias

from lxml import etree

from ingest.http import BadAnswer

Element: TypeAlias = Any
"""An element of lxml, which publishes no types."""

_UTF8: Final = frozenset({"UTF-8", "UTF8", "US-ASCII", "ASCII"})


def root(body: bytes, name: str, namespaces: Collection[str | None]) -> Element:
    """Return the outermost element of a document.

    Parameters
    ----------
    body : bytes
        The whole document.
    name : str
        What its outermost element is called.
    namespaces : collection of str or None
        Namespaces that the element may be in; None is no namespace.

    Raises
    ------
    BadAnswer
        If the document is not XML, is cut short, is not in the encoding that it claims, has a
        document type (nobody who is asked sends one), or is another document.

    Examples
    --------
    >>> root(b"<feed><id>1</id></feed>", "feed", [None]).findtext("id")
    '1'
    >>> root(b"<feed><id>1</id>", "feed", [None])
    Traceback (most recent call last):
    ingest.http.BadAnswer: not XML, or cut short
    """
    body = body.lstrip()
    if not body:
        raise BadAnswer("an empty answer")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        found = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        start = body[:200].lower()
        page = start.startswith((b"<!doctype html", b"<html"))
        raise BadAnswer("an HTML page" if page else "not XML, or cut short") from error
    about = found.getroottree().docinfo
    if about.internalDTD is not None:
        page = about.internalDTD.name == "html"
        raise BadAnswer("an HTML page" if page else "XML with a document type")
    tag = etree.QName(found)
    if tag.localname != name or tag.namespace not in namespaces:
        raise BadAnswer(f"a document <{tag.localname}> where <{name}> was expected")
    if (about.encoding or "UTF-8").upper() not in _UTF8 and _is_utf8(body):
        raise BadAnswer(f"UTF-8 that is declared as {about.encoding}")
    return found


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace; that of a comment is empty."""
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""


def text(element: Element) -> str:
    """Return the text of an element and of all within it, without space around."""
    return "".join(element.itertext(with_tail=False)).strip()


def _is_utf8(body: bytes) -> bool:
    """Return whether bytes beyond ASCII read as UTF-8, which no other encoding's do by chance."""
    try:
        return not body.isascii() and bool(body.decode())
    except UnicodeDecodeError:
        return False
