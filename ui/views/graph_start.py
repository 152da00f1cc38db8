"""Where a graph begins: an empty picture with examples, and a choice of what a name may mean."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import BadRequest, NotFound
from ui.page.address import Address
from ui.page.templating import area, rendered
from ui.page.visit import Page, Visit

if TYPE_CHECKING:
    from kg.taxonomy.taxonomy import Taxonomy, Topic
    from search.answers import Hit
    from search.library import Library
    from search.pages.topic import Placed

LINKED = 300
"""How many of the papers with the most links are looked at."""

EACH = 2
"""Examples of each area."""

CHOICES = 8
"""Papers that a name may mean."""

LONGEST = 1_000
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a name may mean."""

    hits: "tuple[Hit, ...]"
    topics: "list[Topic]"


def start(visit: Visit) -> Page:
    """Return the page of no graph: what there is to draw, and examples."""
    library = visit.library
    return Page(
        "Graph",
        rendered("graph_start.html", examples=_examples(library), taxonomy=library.taxonomy),
    )


def choices(visit: Visit, asked: str) -> Page:
    """Return papers and topics that a name may mean.

    Raises
    ------
    BadRequest
        If it is too long.
    """
    found, taxonomy = meant(visit.library, asked), visit.library.taxonomy
    return Page(
        f"{asked}: graph",
        rendered(
            "graph_choices.html",
            asked=asked,
            found=found,
            taxonomy=taxonomy,
            address=Address.of("graph"),
        ),
    )


def meant(library: "Library", asked: str) -> Meant:
    """Return what a name may mean that no paper has.

    Raises
    ------
    BadRequest
        If it is too long.
    """
    if len(asked) > LONGEST:
        raise BadRequest("the name is too long", f"use {LONGEST:,} characters at most")
    return Meant(library.ask(asked, CHOICES).hits, _topics(library.taxonomy, asked))


def _topics(taxonomy: "Taxonomy", asked: str) -> "list[Topic]":
    try:
        return [taxonomy.find(asked)]
    except NotFound as error:
        return [taxonomy[name] for name in error.nearest]


def _examples(library: "Library") -> "dict[str, list[Placed]]":
    """Return the papers of each area that have the most links."""
    from search.pages.topic import Placed

    catalogue = library.catalogue
    with catalogue.reading():
        keys = catalogue.most_linked(LINKED)
        placed = catalogue.placements(keys)
        papers = catalogue.papers(keys)
    found: dict[str, list[Placed]] = {root.id: [] for root in library.taxonomy.roots}
    for key, paper in zip(keys, papers, strict=True):
        topics = library.taxonomy.topic_ids(placed.get(key, ()))
        own = area(topics)
        if len(found.get(own, range(EACH))) < EACH:
            found[own].append(Placed(paper, topics))
    return {name: some for name, some in found.items() if some}
