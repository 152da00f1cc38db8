"""The graph view without a graph: examples, and what a name may mean."""

from dataclasses import dataclass

from kg.entities.entity import Entity
from kg.errors import BadRequest, NotFound
from kg.taxonomy.topic import Topic
from search.library import Library
from search.pages.topic import Placed
from search.ranking.answers import Hit
from ui.page.address import Address
from ui.page.templating import area, rendered
from ui.page.visit import Page, Visit

MAX_CANDIDATES = 300
"""Most linked papers among which the examples are chosen."""

EXAMPLES_PER_AREA = 2

MAX_MATCHES = 8
"""Papers that a name may mean."""

MAX_NAME_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class NameMatches:
    """Papers, topics and entities that a name may mean."""

    hits: tuple[Hit, ...]
    topics: list[Topic]
    entities: list[Entity]


def start(visit: Visit) -> Page:
    """Return the page that shows what can be drawn, with examples."""
    examples, taxonomy = _examples(visit.library), visit.library.taxonomy
    return Page("Graph", rendered("graph_start.html", examples=examples, taxonomy=taxonomy))


def choices(visit: Visit, asked: str) -> Page:
    """Return the page that lists what a name may mean."""
    body = rendered(
        "graph_choices.html",
        asked=asked,
        found=matches(visit.library, asked),
        taxonomy=visit.library.taxonomy,
        address=Address.of("graph"),
    )
    return Page(f"{asked}: graph", body)


def matches(library: Library, asked: str) -> NameMatches:
    """Return what a name may mean; no paper has it as its id or title."""
    if len(asked) > MAX_NAME_CHARS:
        raise BadRequest("the name is too long", f"use {MAX_NAME_CHARS:,} characters at most")
    taxonomy = library.taxonomy
    try:
        topics = [taxonomy.find(asked)]
    except NotFound as error:
        topics = [taxonomy[name] for name in error.nearest]
    entities = library.named_entities(asked)
    return NameMatches(library.ask(asked, MAX_MATCHES).hits, topics, entities)


def _examples(library: Library) -> dict[str, list[Placed]]:
    """Return the most linked papers of each area."""
    found: dict[str, list[Placed]] = {root.id: [] for root in library.taxonomy.roots}
    for one in library.most_linked(MAX_CANDIDATES):
        own = area(one.topics)
        if len(found.get(own, range(EXAMPLES_PER_AREA))) < EXAMPLES_PER_AREA:
            found[own].append(one)
    return {name: some for name, some in found.items() if some}
