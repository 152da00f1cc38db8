"""Strict XML reading: a document that is not whole and well-formed is refused.

A lenient parser returns what came before a cut, so a page that was cut short reads like the last
one. One fault is repaired, since asking again does not help: characters that XML forbids, which
servers copy from texts that hold them, are removed and counted.
"""

import codecs
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from lxml import etree

from ingest.net.http import BadResponse, FlawedResponse
from kg.text.plain import NOT_IN_XML

Element: TypeAlias = Any
"""An element of lxml, which publishes no types."""

_UTF8: Final = frozenset({"UTF-8", "UTF8", "US-ASCII", "ASCII"})
_STRAY: Final = re.compile("[\udc80-\udcff]")  # a byte, as `surrogateescape` writes it
_LETTER: Final = re.compile("[^\x00-\x7f\udc80-\udcff]")
_REFERENCE: Final = re.compile("&#(?:x([0-9A-Fa-f]+)|([0-9]+));")
_DECLARED: Final = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class XmlDocument:
    """A document as it was read."""

    root: Element
    """Its outermost element."""
    body: bytes
    """What was read: the document without the characters that were taken out."""
    removed: int
    """How many characters, references to characters, and stray bytes were taken out."""


def read(body: bytes, name: str, namespaces: Collection[str | None]) -> XmlDocument:
    r"""Return a document that is whole.

    Characters that XML forbids are taken out, as are references to such, and bytes that are no
    UTF-8 within a document that otherwise is.

    Parameters
    ----------
    name : str
        What its outermost element is called.
    namespaces : collection of str or None
        Namespaces that the element may be in; None is no namespace.

    Raises
    ------
    BadResponse
        If the document is not XML, is cut short, is not in the encoding that it claims, has a
        document type (no service sends one), or is another document. As a `FlawedResponse` where
        it came to its end.

    Examples
    --------
    >>> read(b"<feed><id>1</id></feed>", "feed", [None]).root.findtext("id")
    '1'
    >>> found = read(b"<feed><id>\x0b1&#x0;</id></feed>", "feed", [None])
    >>> found.root.findtext("id"), found.removed
    ('1', 2)
    >>> read(b"<feed><id>1</id>", "feed", [None])
    Traceback (most recent call last):
    ingest.net.http.BadResponse: not XML, or cut short
    """
    body, removed = body.lstrip(), 0
    try:
        found = _parsed(body)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        try:
            body, removed = cleaned(body)
            if not removed:
                raise error
            found = _parsed(body)
        except (etree.XMLSyntaxError, ValueError, LookupError):
            raise _unreadable(body, name) from error
    about = found.getroottree().docinfo
    if about.internalDTD is not None:
        page = about.internalDTD.name == "html"
        raise BadResponse("an HTML page" if page else "XML with a document type")
    tag = etree.QName(found)
    if tag.localname != name or tag.namespace not in namespaces:
        raise BadResponse(f"a document <{tag.localname}> where <{name}> was expected")
    if (about.encoding or "UTF-8").upper() not in _UTF8 and _is_utf8(body):
        raise BadResponse(f"UTF-8 that is declared as {about.encoding}")
    return XmlDocument(found, body, removed)


def cleaned(body: bytes) -> tuple[bytes, int]:
    r"""Return a document without what XML forbids, and how much was taken out.

    Raises
    ------
    ValueError, LookupError
        If the document is not in the encoding that it claims.

    Examples
    --------
    >>> cleaned(b"<a>\x00one &#11;two &#233;</a>")
    (b'<a>one two &#233;</a>', 2)
    >>> cleaned("<a>é\u00fc</a>".encode().replace(b"\xbc", b""))
    (b'<a>\xc3\xa9</a>', 1)
    """
    body = body.removeprefix(codecs.BOM_UTF8)
    declared = _DECLARED.search(body[:200])
    encoding = declared[1].decode() if declared else "utf-8"
    if body.startswith(_UTF16):
        encoding = "utf-16"
    utf8 = encoding.upper() in _UTF8
    text = body.decode("utf-8" if utf8 else encoding, "surrogateescape" if utf8 else "strict")
    if utf8:
        stray = len(_STRAY.findall(text))
        if stray > len(_LETTER.findall(text)):
            raise ValueError("more bytes that are no UTF-8 than letters that are")
    text, characters = re.subn(NOT_IN_XML, "", text)
    kept = _REFERENCE.sub(_allowed, text)
    references = text.count("&#") - kept.count("&#")
    return kept.encode("utf-8" if utf8 else encoding), characters + references


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace; that of a comment is empty."""
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""


def text(element: Element) -> str:
    """Return the text of an element and of all within it, without space around."""
    return "".join(element.itertext(with_tail=False)).strip()


def child_texts(element: Element) -> dict[str, str]:
    """Return the texts of an element's children by their local names; the last of each name."""
    return {name: text(child) for child in element if (name := local_name(child))}


def utc_time(text: str) -> datetime | None:
    """Return an ISO time, in UTC, which it is also where it has no zone; None where it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _parsed(body: bytes) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    return etree.fromstring(body, parser)


def _unreadable(body: bytes, name: str) -> BadResponse:
    if not body:
        return BadResponse("an empty answer")
    if body[:200].lower().startswith((b"<!doctype html", b"<html")):
        return BadResponse("an HTML page")
    # With its end, nothing of it is missing.
    whole = re.search(rf"</(?:[\w.-]+:)?{name}\s*>\s*$".encode(), body[-200:])
    return (FlawedResponse if whole else BadResponse)("not XML, or cut short")


def _allowed(reference: re.Match[str]) -> str:
    hexadecimal, decimal = reference.groups()
    digits = (hexadecimal or decimal).lstrip("0")
    if len(digits) > 7:
        return ""
    number = int(digits or "0", 16 if hexadecimal else 10)
    forbidden = number > 0x10FFFF or re.match(NOT_IN_XML, chr(number))
    return "" if forbidden else reference[0]


def _is_utf8(body: bytes) -> bool:
    """Return whether bytes beyond ASCII read as UTF-8, which no other encoding's do by chance."""
    try:
        return not body.isascii() and bool(body.decode())
    except UnicodeDecodeError:
        return False
