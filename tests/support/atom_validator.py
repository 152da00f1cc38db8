"""A validator of Atom feeds, written from RFC 4287 and independent of ours."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from xml.etree import ElementTree

ATOM = "{http://www.w3.org/2005/Atom}"
# RFC 3339, with the capital letters that RFC 4287, section 3.3, demands.
_DATE = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d\d:\d\d)"
)
_ONCE = {
    "feed": ("id", "title", "updated", "subtitle", "generator", "icon", "logo", "rights"),
    "entry": ("id", "title", "updated", "published", "summary", "content", "rights", "source"),
}
_KNOWN = {
    "feed": {*_ONCE["feed"], "author", "category", "contributor", "link", "entry"},
    "entry": {*_ONCE["entry"], "author", "category", "contributor", "link"},
}


def violations(xml: bytes) -> list[str]:
    """Return what is wrong with a feed."""
    feed = ElementTree.fromstring(xml)
    if feed.tag != f"{ATOM}feed":
        return [f"the root is {feed.tag}"]
    entries = feed.findall(f"{ATOM}entry")
    found = [*_common(feed, "feed")]
    for entry in entries:
        found.extend(_common(entry, "entry"))
        if entry.find(f"{ATOM}author") is None and feed.find(f"{ATOM}author") is None:
            found.append("4.1.2: an entry has no author")
        alternate = [one for one in entry.findall(f"{ATOM}link") if _rel(one) == "alternate"]
        if entry.find(f"{ATOM}content") is None and not alternate:
            found.append("4.1.2: an entry without content has no alternate link")
    if not any(_rel(one) == "self" for one in feed.findall(f"{ATOM}link")):
        found.append("4.1.1: the feed does not say where it is")
    ids = [one.findtext(f"{ATOM}id") for one in entries]
    found += [f"an id comes twice: {one}" for one in set(ids) if ids.count(one) > 1]
    return found


def _common(parent: ElementTree.Element, kind: str) -> Iterator[str]:
    for child in parent:
        if child.tag.removeprefix(ATOM) not in _KNOWN[kind]:
            yield f"{kind} has {child.tag}"
    for name in _ONCE[kind]:
        count = len(parent.findall(ATOM + name))
        if count > 1 or (count == 0 and name in ("id", "title", "updated")):
            yield f"{kind} has {count} of {name}"
    yield from (f"id: {one}" for one in _bad_iri(parent.findtext(f"{ATOM}id") or ""))
    for name in ("updated", "published"):
        text = parent.findtext(ATOM + name)
        if text is not None and not _DATE.fullmatch(text):
            yield f"3.3: {name} is {text!r}"
    for name in ("title", "subtitle", "summary"):
        element = parent.find(ATOM + name)
        if element is not None and len(element):
            yield f"3.1.1.1: text has elements in {name}"
    for person in (*parent.findall(f"{ATOM}author"), *parent.findall(f"{ATOM}contributor")):
        if not (person.findtext(f"{ATOM}name") or "").strip():
            yield "3.2.1: a person has no name"
    alternates = set()
    for link in parent.findall(f"{ATOM}link"):
        yield from (f"link: {one}" for one in _bad_iri(link.get("href", "")))
        if _rel(link) == "alternate":
            kind_and_language = link.get("type"), link.get("hreflang")
            if kind_and_language in alternates:
                yield "4.1: two alternate links of one type"
            alternates.add(kind_and_language)
        if not re.fullmatch(r"[\w.+-]+/[\w.+-]+", link.get("type", "text/html")):
            yield f"4.2.7.3: a link's type is {link.get('type')!r}"
    for category in parent.findall(f"{ATOM}category"):
        if not category.get("term"):
            yield "4.2.2.1: a category has no term"
        if category.get("scheme"):
            yield from (f"scheme: {one}" for one in _bad_iri(category.get("scheme", "")))


def _rel(link: ElementTree.Element) -> str:
    return link.get("rel", "alternate")


def _bad_iri(text: str) -> Iterator[str]:
    if not text or not urlsplit(text).scheme:
        yield f"{text!r} is no absolute IRI"
    if re.search(r"[\s<>\"{}|\\^`\x00-\x20\x7f]|%(?![0-9A-Fa-f]{2})", text):
        yield f"{text!r} has characters that an IRI cannot have"
    if urlsplit(text).scheme not in ("http", "https", "urn", "tag"):
        yield f"{text!r} leads who knows where"
