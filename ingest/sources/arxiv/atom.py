"""What arXiv's API answers: Atom feeds, each a page of entries.

The records come from the `arxiv` package. It reads what it can of a broken feed and says nothing
of the rest, so a feed is judged here before it is given to the package.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from lxml import etree

from ingest.net.http import BadAnswer
from ingest.sources import strict_xml
from ingest.sources.arxiv import record
from ingest.sources.strict_xml import Element
from kg.entities import Paper
from kg.errors import SourceError
from kg.ids.arxiv_id import parse_arxiv_id

Result: TypeAlias = Any
"""`arxiv.Result`; the package publishes no types, and takes a while to import."""

ATOM: Final = "http://www.w3.org/2005/Atom"
_NAMES: Final = {
    "atom": ATOM,
    "search": "http://a9.com/-/spec/opensearch/1.1/",
}


@dataclass(frozen=True, slots=True)
class Feed:
    """What a good feed says of itself."""

    total: int
    """How many papers the whole answer has, over all pages."""
    ids: tuple[str, ...]
    """arXiv ids of this page's papers, without version, in the feed's order."""
    body: bytes
    """The feed, without the entries that are no papers."""
    flaws: tuple[str, ...] = ()
    """What is wrong with each of those."""
    lacking: int = 0
    """How many entries fewer it has than it promises."""
    removed: int = 0
    """Characters that were taken out, since XML forbids them."""


def check(body: bytes, start: int = 0, most: int | None = None) -> Feed:
    """Return what a feed says of itself.

    Parameters
    ----------
    body : bytes
        The answer.
    start : int
        Number of the first entry that was asked for, from 0.
    most : int, optional
        Most entries that were asked for; by default what the feed says.

    Raises
    ------
    BadAnswer
        If the feed is broken, or is another page.
    SourceError
        With status 400, where arXiv says that an id is none: asking again does not mend it.
    """
    found = strict_xml.read(body, "feed", [ATOM])
    root, body = found.root, found.body
    entries = root.findall("atom:entry", _NAMES)
    for entry in entries:
        _refuse_error(entry)
    total = _number(root, "totalResults")
    if _number(root, "startIndex") != start:
        raise BadAnswer(f"another page than the one from {start}")
    size = _number(root, "itemsPerPage") if most is None else most
    ids, flaws = [], []
    for entry in entries:
        try:
            ids.append(_checked(entry))
        except ValueError as error:
            flaws.append(str(error))
            root.remove(entry)
    if flaws:
        body = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    lacking = max(0, min(size, total - start) - len(entries))
    return Feed(total, tuple(ids), body, tuple(flaws), lacking, found.removed)


def paper(result: Result) -> Paper:
    """Return the paper of a record of the `arxiv` package.

    Raises
    ------
    SourceError
        If it has no id or no title.
    """
    fields = {
        "id": parse_arxiv_id(result.entry_id),
        "title": result.title,
        "authors": [author.name for author in result.authors],
        "abstract": result.summary,
        "published": result.published.date().isoformat(),
        "updated": result.updated.date().isoformat(),
        "categories": [result.primary_category, *result.categories],
        "comments": result.comment,
        "journal-ref": result.journal_ref,
        "doi": result.doi,
    }
    try:
        return record.paper(fields, record.version_of(result.entry_id))
    except ValueError as error:
        raise SourceError("arxiv", f"{result.entry_id}: {error}") from error


def parse(body: bytes) -> tuple[Paper, ...]:
    """Return the papers of one feed; see `check` for what is refused."""
    from ingest.sources.arxiv.package import Pages  # Takes longer to import than to parse.

    start = _number(strict_xml.read(body, "feed", [ATOM]).root, "startIndex")
    feed = check(body, start)
    pages = Pages(lambda _: (feed.body, len(feed.ids)), "http://parse")
    return tuple(map(paper, pages.entries(pages.search(), start, len(feed.ids))))


def _refuse_error(entry: Element) -> None:
    """Raise if an entry is arXiv's way to tell of an error."""
    if "/api/errors" not in entry.findtext("atom:id", "", _NAMES):
        return
    reason = " ".join(entry.findtext("atom:summary", "", _NAMES).split()) or "no reason"
    if "incorrect id format" in reason:
        raise SourceError("arxiv", reason, 400)
    raise BadAnswer(f"an error ({reason})")


def _checked(entry: Element) -> str:
    """Return the id of an entry that has all that a paper must have."""
    link = entry.findtext("atom:id", "", _NAMES).strip()
    found = parse_arxiv_id(link)
    if found is None:
        raise ValueError(f"an entry whose id is {link[:100]!r}")
    if not entry.findtext("atom:title", "", _NAMES).strip():
        raise ValueError(f"{found} without a title")
    for name in ("published", "updated"):
        day = entry.findtext(f"atom:{name}", "", _NAMES).strip()
        try:
            datetime.fromisoformat(day).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"{found} without a date ({name})") from error
    return found


def _number(root: Element, name: str) -> int:
    text = root.findtext(f"search:{name}", "", _NAMES).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadAnswer(f"a feed without {name}")
    return int(text)
