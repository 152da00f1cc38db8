"""One paper, or the papers of one author."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from kg.errors import NotFound
from kg.export import formats
from kg.export.bibtex import bibtex
from kg.export.excerpt import Excerpt
from kg.records import Paper, PlacedBy, Placement
from search.library import Library
from search.pages.paper import PaperPage
from ui.page.templating import area, rendered
from ui.page.visit import Page, Visit
from ui.text.mathematics import with_mathematics
from ui.views import graph

UNFOLDED = 20
"""References or citations that are shown without unfolding."""

MAX_SIMILAR = 8
"""Similar papers."""

MAX_NODES = 40
"""Nodes of the drawing of its neighbourhood."""

MAX_STEPS = 3
"""Papers of the main path on each side."""

FORMATS = {
    name: label for name, label in formats.MENU.items() if not formats.PAPER_FORMATS[name].table
}
"""Name -> label of the formats that its download menu offers."""


def view(visit: Visit) -> Page:
    """Return the page of `paper`, or else of `author`, or a form that asks for one."""
    name, author = visit.address.one("paper"), visit.address.one("author")
    if name is not None:
        return _paper(visit, name)
    if author is not None:
        return _author(visit.library, author)
    return Page("Open a paper", rendered("paper_missing.html", kind=None, name="", nearest=()))


def _paper(visit: Visit, name: str) -> Page:
    library = visit.library
    try:
        found = library.paper(name, similar=MAX_SIMILAR)
    except NotFound as error:
        return _waiting(visit, name) or _missing(library, error)
    paper = found.paper
    known = {paper.id: found.details}
    excerpt = Excerpt(
        (paper,), {paper.id: found.placements}, details=known, taxonomy=library.taxonomy
    )
    return Page(
        with_mathematics(paper.title).striptags() or paper.id,
        rendered(
            "paper.html",
            paper=paper,
            details=found.details,
            abstract=with_mathematics(paper.abstract, links=True),
            comment=with_mathematics(paper.comment, links=True),
            topics=_topics(found.placements),
            lists=found.lists,
            cited=_newest(found.references),
            citing=_newest(found.citations),
            similar=found.similar,
            linked=_linked(found),
            links=library.entity_links({paper.id: found.details.card}),
            bibtex=bibtex(excerpt),
            formats=FORMATS,
            taxonomy=library.taxonomy,
            shown=UNFOLDED,
            **_surroundings(library, found),
        ),
    )


def _surroundings(library: Library, found: PaperPage) -> dict[str, Any]:
    """Return the template variables for citations, lineage, history and drawing."""
    paper, linked = found.paper, [one.id for one in (*found.references, *found.citations)]
    line = library.lineage(paper.id, 1) if linked else None
    return {
        "areas": {one.paper.id: area(one.topics) for one in library.reading_list(linked).items},
        "coverage": None if linked else library.coverage(),
        "line": line,
        "steps": line.near(MAX_STEPS) if line else (),
        "history": library.history(paper.id),
        "canvas": (
            graph.canvas(library, paper.id, MAX_NODES) if linked or found.similar else Markup()
        ),
    }


@dataclass(frozen=True, slots=True)
class PlacedTopic:
    """A topic of a paper, and who placed it there."""

    id: str
    by: tuple[str, ...]
    """In words: ``the list model-merging``."""


def _topics(placements: Iterable[Placement]) -> list[PlacedTopic]:
    by: dict[str, list[str]] = {}
    for one in placements:
        by.setdefault(one.topic, []).append(_placer(one))
    return [PlacedTopic(topic, tuple(dict.fromkeys(words))) for topic, words in by.items()]


def _placer(one: Placement) -> str:
    """Return who placed a paper, and with what confidence.

    >>> _placer(Placement("model-reuse", PlacedBy.MODEL, "nearest", 0.874))
    'the model nearest, 87% sure'
    """
    if one.placed_by is PlacedBy.PERSON:
        return f"{one.source}, a person"
    if one.placed_by is PlacedBy.LIST:
        return f"the list {one.source}"
    return f"the model {one.source}, {one.confidence:.0%} sure"


def _linked(found: PaperPage) -> dict[str, str]:
    """Return id -> how that paper is linked to this one by citations."""
    cited, citing = ({one.id for one in some} for some in (found.references, found.citations))
    both = dict.fromkeys(cited & citing, "cited here, cites this")
    return dict.fromkeys(cited, "cited here") | dict.fromkeys(citing, "cites this") | both


def _newest(papers: Iterable[Paper]) -> list[Paper]:
    return sorted(papers, key=lambda one: (one.year or 0, one.id), reverse=True)


def _waiting(visit: Visit, name: str) -> Page | None:
    """Return the page of a paper in the review queue, for an administrator."""
    if not visit.administrator:
        return None
    try:
        paper = visit.library.catalogue.reviews.get(name).paper
    except NotFound:
        return None
    body = rendered(
        "paper_waiting.html", paper=paper, abstract=with_mathematics(paper.abstract, links=True)
    )
    return Page(with_mathematics(paper.title).striptags() or paper.id, body)


def _missing(library: Library, error: NotFound) -> Page:
    nearest = [one.paper for one in library.listed(error.nearest)]
    body = rendered("paper_missing.html", kind=error.kind, name=error.name, nearest=nearest)
    return Page("Not found", body)


def _author(library: Library, name: str) -> Page:
    try:
        found = library.author(name)
    except NotFound as error:
        return _missing(library, error)
    body = rendered("paper_author.html", found=found, asked=name, taxonomy=library.taxonomy)
    return Page(found.name, body)
