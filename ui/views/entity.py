"""One entity: a method, benchmark or model, with its family and the papers that relate to it."""

from collections.abc import Sequence
from typing import Any

from kg.entities.entity import Relation
from kg.errors import BadRequest, NotFound, SeveralOwners
from search.library import Library
from search.pages.entity import EntityPage, EntityPaper
from search.pages.methods import MethodOrder
from search.pages.reading_list import ListedPaper
from ui.drawing.charts import columns_of
from ui.drawing.family_tree import family_tree
from ui.page.address import Address
from ui.page.paging import page_range
from ui.page.templating import rendered
from ui.page.visit import Page, Visit
from ui.text.entity_words import RELATIONS, TYPES

PER_PAGE = 25
"""Papers on one page of a list."""

FIRST = 10
"""Papers of each relation on the entity's page."""

MAX_INTRODUCING = 3
"""Papers that introduce it with which its page begins."""

COMPARED = 3
"""Entities beside it in a comparison that its page leads to."""

MAX_LINKED = 12
"""Entities of each kind of list that are shown without unfolding."""

MAX_UNFOLDED = 200
"""Entities of such a list that are shown at all."""

MOST_USED = 25
"""Entities of each type that a visitor without a name is offered."""

METHODS_PER_PAGE = 50
"""Methods on one page of the table of a topic."""

METHOD_ORDERS = {
    MethodOrder.USED: "most used first",
    MethodOrder.NEWEST: "newest first",
    MethodOrder.NAME: "by name",
}

PART = "part"
"""Parameter for the page of a list; Gradio uses `page` itself."""


def view(visit: Visit) -> Page:
    """Return the page of the entity that `id` names, or what that may mean."""
    library, name = visit.library, visit.address.one("id")
    if name is None:
        topic = visit.address.one("topic")
        return _start(library) if topic is None else _table(visit, topic)
    try:
        return _entity(visit, library.about(name))
    except SeveralOwners as error:
        return _owners(library, error)
    except NotFound as error:
        return _unknown(error)


def _entity(visit: Visit, page: EntityPage) -> Page:
    library, entity = visit.library, page.entity
    family = page.family
    return Page(
        entity.name,
        rendered(
            "entity.html",
            page=page,
            entity=entity,
            type=TYPES[entity.type],
            # A single paper is no use over time.
            columns=columns_of(page.years, entity.name, library.now().year)
            if sum(page.years.values()) > 1
            else (),
            family=family,
            tree=family_tree(family) if len(family.members) > 1 else None,
            relations=RELATIONS,
            topics=[one for one in page.topics if one in library.taxonomy],
            counts={
                one: len(papers)
                for one, papers in page.papers.items()
                # The page begins with these.
                if one is not Relation.INTRODUCES or len(papers) > MAX_INTRODUCING
            },
            introducing=MAX_INTRODUCING,
            folded=MAX_LINKED,
            unfolded=MAX_UNFOLDED,
            compared=_compared(page),
            taxonomy=library.taxonomy,
            **_papers(visit, page),
        ),
    )


def _compared(page: EntityPage) -> Address | None:
    """Return where it stands beside what is nearest to it, or None where nothing is."""
    near = (*page.builds_on[:1], *page.built_on_by[:2], *page.compared_with, *page.built_on_by[2:])
    others = list(dict.fromkeys(one.entity.id for one in near))[:COMPARED]
    return Address.of("compare", id=[page.entity.id, *others]) if others else None


def _papers(visit: Visit, page: EntityPage) -> dict[str, Any]:
    """Return the template variables of the papers: some of each relation, or one list of many."""
    address, library = visit.address, visit.library
    relation, year = _relation(address), address.number("year")
    until = address.number("until") if year is None else None
    if relation is None and year is None and until is None:
        first = {one: papers[:FIRST] for one, papers in page.papers.items()}
        return {"listed": None, "first": first, "known": _known(library, *first.values())}
    chosen = page.papers.get(relation, ()) if relation else _all(page)
    if year is not None or until is not None:
        years = range(until + 1) if until is not None else (year,)
        chosen = tuple(one for one in chosen if one.year in years)
    number = address.number(PART, 1) or 0
    shown = page_range(len(chosen), PER_PAGE, number)
    if shown.number != number:
        raise BadRequest(
            f"there is no page {number} of these papers", f"use {PART}={shown.of} at most"
        )
    part = chosen[shown.begin : shown.end]
    return {
        "listed": part,
        "known": _known(library, part),
        "relation": relation,
        "year": year,
        "until": until,
        "found": len(chosen),
        "begin": shown.begin,
        "number": number,
        "pages": shown.of,
        "address": Address.of("entity", id=page.entity.id).with_(
            relation=relation, year=year, until=until
        ),
    }


def _relation(address: Address) -> Relation | None:
    value = address.one("relation")
    try:
        return Relation(value) if value else None
    except ValueError:
        raise BadRequest(
            f"no paper relates by '{(value or '')[:40]}'", f"use one of {', '.join(Relation)}"
        ) from None


def _all(page: EntityPage) -> tuple[EntityPaper, ...]:
    papers = (*page.papers.get(Relation.INTRODUCES, ()), *page.used_by)
    return tuple(sorted(papers, key=lambda one: -(one.year or 0)))


def _known(library: Library, *lists: Sequence[EntityPaper]) -> dict[str, ListedPaper]:
    """Return what is known of the papers that are shown, by their ids."""
    ids = list(dict.fromkeys(one.id for papers in lists for one in papers))
    return {one.paper.id: one for one in library.reading_list(ids).items}


def _start(library: Library) -> Page:
    index = library.entity_index(MOST_USED)
    return Page(
        "Methods",
        rendered("entity_start.html", index=index, types=TYPES, name="", taxonomy=library.taxonomy),
    )


def _table(visit: Visit, name: str) -> Page:
    """Return the table of all methods of a topic."""
    library, address = visit.library, visit.address
    topic = library.taxonomy.find(name)
    asked = address.one("sort") or MethodOrder.USED
    if asked not in list(MethodOrder):
        raise BadRequest(
            f"methods cannot be sorted by '{asked[:40]}'", f"use one of {', '.join(MethodOrder)}"
        )
    order, number = MethodOrder(asked), address.number(PART, 1) or 0
    total = library.methods(topic.id, 1).total
    shown = page_range(total, METHODS_PER_PAGE, number)
    if shown.number != number:
        raise BadRequest(f"there is no page {number} of these methods", f"use {shown.of} at most")
    table = library.methods(topic.id, max(1, shown.end), order)
    body = rendered(
        "entity_methods.html",
        topic=topic,
        table=table,
        rows=table.methods[shown.begin :],
        begin=shown.begin,
        number=number,
        pages=shown.of,
        order=order,
        orders=METHOD_ORDERS,
        address=Address.of("entity", topic=topic.id).with_(
            sort=None if order is MethodOrder.USED else order
        ),
        taxonomy=library.taxonomy,
    )
    return Page(f"Methods of {topic.name}", body)


def _owners(library: Library, error: SeveralOwners) -> Page:
    owners = [library.about(one) for one in error.owners]
    body = rendered(
        "entity_owners.html", name=error.name, owners=owners, types=TYPES, taxonomy=library.taxonomy
    )
    return Page(f"{error.name}: which one?", body)


def _unknown(error: NotFound) -> Page:
    return Page("Not found", rendered("entity_unknown.html", name=error.name, error=error))
