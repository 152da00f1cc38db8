"""One topic: its definition, charts by year, influential papers, and the list of its papers."""

from kg.errors import BadRequest
from kg.export import formats
from kg.ids.topic_ids import is_below, same_branch
from kg.taxonomy.taxonomy import Taxonomy
from kg.taxonomy.topic import Topic
from search.pages.topic import PaperOrder, TopicPage
from ui.drawing.charts import columns
from ui.page.address import Address
from ui.page.paging import page_range
from ui.page.templating import rendered
from ui.page.visit import Page, Visit

PER_PAGE = 25
"""Papers on one page of the list."""

MAX_METHODS = 10
"""Most used methods with which the page begins."""

PART = "part"
"""Parameter for the page of the list; Gradio uses `page` itself."""

ORIGINS = {
    "survey": "A topic of the Learn-From-Model survey and its list.",
    "atlas": "Added by this atlas, where the survey's own topics leave its papers no place.",
    "own": "From this atlas's own taxonomy file.",
}
"""Origin of a topic -> its explanation."""

ORDERS = {
    PaperOrder.NEWEST: "newest first",
    PaperOrder.OLDEST: "oldest first",
    PaperOrder.TITLE: "by title",
    PaperOrder.INFLUENTIAL: "most influential first",
    PaperOrder.CITED: "most cited first",
}


def view(visit: Visit) -> Page:
    """Return the page of the topic that the address names."""
    library, address, taxonomy = visit.library, visit.address, visit.library.taxonomy
    topic = taxonomy.find(address.one("topic") or "")
    page = library.topics(topic.id)
    years = library.timeline(topic.id)
    everywhere = library.timeline()
    other = address.one("with")
    return Page(
        topic.name,
        rendered(
            "topic.html",
            taxonomy=taxonomy,
            topic=topic,
            origin=ORIGINS[topic.origin],
            branch=page.tree[0],
            papers=page.papers,
            # Papers that are in none of the subtopics.
            undivided=sum(
                not any(is_below(other, topic.id) for other in one.topics)
                for one in page.papers or ()
            ),
            facts=page.facts,
            methods=library.methods(topic.id, MAX_METHODS),
            timeline=years,
            columns=columns(years, [years.total]),
            growth=next((one for one in everywhere.growth if one.topic == topic.id), None),
            everywhere=everywhere,
            bridges=library.bridges(topic.id, other) if other else None,
            others=_others(taxonomy, topic),
            formats=formats.MENU,
            **_listed(visit, page, topic.id),
        ),
    )


def _listed(visit: Visit, page: TopicPage, topic: str) -> dict[str, object]:
    """Return the template variables of the list of papers, as the address chooses it."""
    address, library = visit.address, visit.library
    order, number = _order(address), address.number(PART, 1) or 0
    year = address.number("year")
    until = address.number("until") if year is None else None
    last = until if year is None else year
    papers = library.topic_papers(topic, page.papers or (), order, year, last)
    shown = page_range(len(papers), PER_PAGE, number)
    if shown.number != number:
        raise BadRequest(
            f"there is no page {number} of these papers", f"use {PART}={shown.of} at most"
        )
    listed = papers[shown.begin : shown.end]
    return {
        "listed": listed,
        "links": library.entity_links(
            {one.paper.id: one.details.card for one in listed}, ["introduces"]
        ),
        "first": shown.begin,
        "found": len(papers),
        "number": number,
        "pages": shown.of,
        "order": order.value,
        "orders": {
            one: label
            for one, label in ORDERS.items()
            # Of use only where a service was asked for citations.
            if one is not PaperOrder.CITED
            or one is order
            or any(placed.details.citations is not None for placed in papers)
        },
        "year": year,
        "until": until,
        # Further pages and filtered lists come before the description.
        "leafing": number > 1 or last is not None or order is not PaperOrder.NEWEST,
    }


def _order(address: Address) -> PaperOrder:
    value = address.one("sort") or PaperOrder.NEWEST.value
    try:
        return PaperOrder(value)
    except ValueError:
        raise BadRequest(
            f"papers cannot be sorted by '{value[:40]}'", f"use one of {', '.join(PaperOrder)}"
        ) from None


def _others(taxonomy: Taxonomy, topic: Topic) -> dict[str, list[Topic]]:
    """Return, by area, the topics that are neither above nor below: papers can bridge to them."""
    found: dict[str, list[Topic]] = {}
    for other in taxonomy:
        if not same_branch(other.id, topic.id):
            found.setdefault(taxonomy[other.area].name, []).append(other)
    return found
