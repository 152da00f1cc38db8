"""The reading lists of a browser: their papers, related papers, and news."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from ingest.sources.bibliography.readers import NAMES
from kg.errors import BadRequest
from kg.export import formats
from kg.store.journal import ChangeKind
from kg.text.plain import plain_text
from search.library import Library
from search.pages import reading_list
from search.pages.reading_list import ListedPaper, ReadingList
from search.pages.related import MAX_PAPERS
from ui.page import browser_lists
from ui.page.address import Address
from ui.page.browser_lists import BrowserLists, BrowserPaper
from ui.page.paging import PageRange, page_range
from ui.page.templating import rendered
from ui.page.visit import Page, Visit

SORTS = {
    "order": "your order",
    "added": "newly kept",
    "year": "newest",
    "title": "title",
    "topic": "topic",
}
"""Order -> label; the first is the default."""

PARTS = ("papers", "related", "news")
"""Parts of a list's page; the first is the default."""

PAPERS_PER_PAGE = 50
"""Papers of a list on one page."""

COUNTS = (20, 50, 100)
"""Numbers of related papers or news; the first is the default."""

CHANGE_WORDS = {
    ChangeKind.WITHDRAWN: "withdrawn",
    ChangeKind.RESTORED: "no longer withdrawn",
    ChangeKind.REVISED: "revised",
    ChangeKind.RETITLED: "another title",
    ChangeKind.PUBLISHED: "published",
    ChangeKind.JOINED: "the same as another",
}
"""Kind of a change -> label."""


@dataclass(frozen=True, slots=True)
class ListCard:
    """One paper of a list with what the browser stores of it."""

    place: int
    """Place among the papers that are shown; 1 is the first."""
    item: ListedPaper
    kept: BrowserPaper
    first: bool
    """Whether it is the first of the whole list."""
    last: bool
    """Whether it is the last of the whole list."""


def view(visit: Visit) -> Page:
    """Return what the address names: a list, a shared list, or the import form."""
    address, kept = visit.address, browser_lists.parse(visit.browser_state)
    context: dict[str, Any] = {
        "address": address,
        "kept": kept,
        "taxonomy": visit.library.taxonomy,
        "formats": formats.MENU,
        "most": MAX_PAPERS,
        "name": None,
        "since": None,
        "now": visit.library.now(),
    }
    if address.one("show") == "import":
        wanted = address.one("list") or kept.using
        into = wanted if wanted in kept.counts else None
        return _page(
            "Bring papers along", "lists_import.html", **context, into=into, readable=NAMES
        )
    if address.one("shared") is not None:
        return _shared(visit, context)
    name = address.one("list") or kept.using
    if not kept.counts and address.one("list") is None:
        return _page("Reading lists", "lists_welcome.html", **context)
    if name not in kept.counts:
        return _page("No such list", "lists_unknown.html", **context, wanted=name)
    return _list(visit, kept, context | {"name": name})


def _page(title: str, part: str, **context: Any) -> Page:
    return Page(title, rendered("lists.html", title=title, part=part, **context))


def _shared(visit: Visit, context: dict[str, Any]) -> Page:
    """Return a list whose papers are in the address."""
    names = [
        name
        for part in visit.address.all("shared")
        for one in part.split(",")
        # A comma of an id is written as %2C.
        if (name := plain_text(unquote(one)).strip())
    ]
    if len(names) > MAX_PAPERS:
        raise BadRequest(f"this list has {len(names):,} papers", f"share {MAX_PAPERS:,} at most")
    found = visit.library.reading_list(names)
    title = (visit.address.one("name") or "A reading list")[:80]
    shown = _pages(visit.address, len(found.items))
    return _page(
        title,
        "lists_shared.html",
        **context,
        found=found,
        items=found.items[shown.begin : shown.end],
        pages=shown,
        counts=reading_list.topic_counts(found.items),
    )


def _list(visit: Visit, kept: BrowserLists, context: dict[str, Any]) -> Page:
    address, library, name = visit.address, visit.library, context["name"]
    show = _one_of(address, "show", PARTS)
    found = library.reading_list([paper.id for paper in kept.papers])
    asked = browser_lists.day(address.one("since"))
    since = asked or kept.since(context["now"])
    news = library.news(found, since) if since and found.items else None
    k = address.number("k", COUNTS[0]) or 0
    if not 1 <= k <= COUNTS[-1]:
        raise BadRequest(f"cannot show {k:,} papers", f"ask for 1 to {COUNTS[-1]}")
    context |= {
        "show": show,
        "found": found,
        "since": since,
        "asked": asked,
        "news": news,
        "followed": {item.name: item.paper.id for item in found.items if item.moved}
        | dict(found.same),
        "lost": [paper for paper in kept.papers if paper.id in found.lost],
        "unread": sum(1 for paper in kept.papers if not paper.read),
        "k": k,
        "counts": COUNTS,
    }
    if show == "related":
        context["belonging"] = library.belonging(found, k)
    elif show == "news":
        now = context["now"]
        context["days_ago"] = lambda days: (now - timedelta(days=days)).date()
        context["words"] = CHANGE_WORDS
    else:
        context |= _papers(library, address, kept, found)
    return _page(name, "lists_list.html", **context)


def _papers(
    library: Library, address: Address, kept: BrowserLists, found: ReadingList
) -> dict[str, Any]:
    """Return the template variables of the papers, in the order and topic of the address."""
    sort, topic = _one_of(address, "sort", tuple(SORTS)), address.one("topic")
    papers = {paper.id: paper for paper in kept.papers}
    items = list(found.items)
    chosen = reading_list.under(items, topic, library.taxonomy) if topic else items
    if address.one("unread"):
        chosen = [item for item in chosen if not papers[item.name].read]
    ordered = in_order(chosen, papers, sort)
    shown = _pages(address, len(ordered))
    cards = [
        ListCard(place, item, papers[item.name], first=item is items[0], last=item is items[-1])
        for place, item in enumerate(ordered[shown.begin : shown.end], shown.begin + 1)
    ]
    return {
        "cards": cards,
        "chosen": len(chosen),
        "sort": sort,
        "sorts": SORTS,
        "topic": topic,
        # Only in the whole list and its own order can papers be moved.
        "movable": sort == "order" and len(chosen) == len(items) > 1,
        "pages": shown,
        "topics": reading_list.topic_counts(items),
    }


def in_order(
    items: Sequence[ListedPaper], papers: dict[str, BrowserPaper], sort: str
) -> list[ListedPaper]:
    """Return papers in an order of `SORTS`; unknown values come last."""
    if sort == "added":
        return sorted(items, key=lambda item: papers[item.name].added, reverse=True)
    if sort == "year":
        return sorted(items, key=lambda item: -(item.paper.year or 0))
    if sort == "title":
        return sorted(items, key=lambda item: item.paper.title.casefold())
    if sort == "topic":
        return sorted(items, key=lambda item: (not item.topics, item.topics[:1]))
    return list(items)


def _pages(address: Address, count: int) -> PageRange:
    # A list gets shorter while its last page is open.
    return page_range(count, PAPERS_PER_PAGE, address.number("part", 1) or 1)


def _one_of(address: Address, name: str, known: Sequence[str]) -> str:
    value = address.one(name) or known[0]
    if value not in known:
        raise BadRequest(f"there is no {name} '{value[:40]}'", f"use one of {', '.join(known)}")
    return value
