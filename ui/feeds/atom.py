"""Atom feeds as XML (RFC 4287)."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from lxml import etree

from kg.export.text import one_line
from kg.text.plain import NOT_IN_XML

NAMESPACE = "http://www.w3.org/2005/Atom"

EPOCH = datetime(2023, 10, 1, tzinfo=UTC)
"""Date of what has none: the month of the survey that named the field (arXiv:2310.08184)."""

_URL_CHARS = ";/?:@&=+$,#[]!'()*-._~%"


@dataclass(frozen=True, slots=True)
class AtomLink:
    """A link of an entry or a feed."""

    rel: str
    href: str
    type: str = "text/html"
    title: str = ""


@dataclass(frozen=True, slots=True)
class Category:
    """A category of an entry."""

    term: str
    label: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed."""

    id: str
    """IRI; the same on every host and in every feed."""
    title: str
    updated: datetime
    links: tuple[AtomLink, ...]
    published: datetime | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    summary: str = ""
    """Plain text."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed, newest entries first."""

    id: str
    title: str
    subtitle: str
    links: tuple[AtomLink, ...]
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> datetime:
        """When any of its entries last changed."""
        return max((entry.updated for entry in self.entries), default=EPOCH)


def urn(*parts: str) -> str:
    """Return a URN for something without an IRI: always the same for the same parts.

    >>> urn("feeds", "changes") == urn("feeds", "changes")
    True
    """
    return uuid.uuid5(uuid.NAMESPACE_URL, "/".join(("lfm-atlas:", *parts))).urn


def document(feed: Feed) -> bytes:
    """Serialise a feed as XML."""
    root = etree.Element(f"{{{NAMESPACE}}}feed", nsmap={None: NAMESPACE})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", _time(feed.updated))
    # Atom requires an author for entries that have none of their own.
    _add(_add(root, "author"), "name", "LFM Atlas")
    _add(root, "generator", "LFM Atlas")
    _add_links(root, feed.links)
    for entry in feed.entries:
        _add_entry(root, entry)
    found: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return found


def _add_entry(root: etree._Element, entry: Entry) -> None:
    made = _add(root, "entry")
    _add(made, "id", entry.id)
    _add(made, "title", clean(entry.title) or "(no title)")
    _add(made, "updated", _time(entry.updated))
    if entry.published:
        _add(made, "published", _time(entry.published))
    for name in entry.authors:
        if clean(name):
            _add(_add(made, "author"), "name", name)
    _add_links(made, entry.links)
    for category in entry.categories:
        if clean(category.term):
            facts = {"term": category.term, "scheme": category.scheme, "label": category.label}
            _add(made, "category", **facts)
    if entry.summary:
        _add(made, "summary", entry.summary)


def _add_links(parent: etree._Element, links: Sequence[AtomLink]) -> None:
    for link in links:
        facts = {"rel": link.rel, "type": link.type, "title": link.title}
        _add(parent, "link", href=quote(link.href, safe=_URL_CHARS), **facts)


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    made = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    made.text = clean(text) or None
    for key, value in attributes.items():
        if value:
            made.set(key, clean(value))
    return made


def clean(text: str) -> str:
    """Return text without characters that XML forbids, in one line.

    >>> clean("a\\x00b\\n c")
    'ab c'
    """
    return one_line(re.sub(NOT_IN_XML, "", text))


def _time(at: datetime) -> str:
    # Not strftime, which drops the leading zeros of early years.
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
