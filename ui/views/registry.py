"""The views of the page: one record each, from which navigation, links and style sheets follow."""

import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from kg.errors import AtlasError, BadRequest, Busy, NotFound, SeveralOwners
from search.library import Library
from ui.page.templating import cut, rendered
from ui.page.visit import Page, Visit
from ui.views import ask, compare, entity, graph, lists, paper, status, topics
from ui.views import map as map_view


@dataclass(frozen=True, slots=True)
class View:
    """One view: a module of `ui.views`, and where there is one, ``ui/static/NAME.css``."""

    name: str
    """In an address: ``view=NAME``."""
    label: str
    """In the navigation and in the titles of previews."""
    render: Callable[[Visit], Page]
    """Raises an error that `show` catches where the address is at fault."""
    in_navigation: bool = True
    """False for a view that only links lead to."""
    prepare: Callable[[Library], object] | None = None
    """Brings what the view shows up to date: the view itself reads one state of the atlas, and
    writes nothing."""


VIEWS: Final[Mapping[str, View]] = {
    one.name: one
    for one in (
        View("ask", "Ask", ask.view),
        View("topics", "Topics", topics.view),
        View("entity", "Methods", entity.view),
        View("paper", "Paper", paper.view, in_navigation=False),
        View("compare", "Compare", compare.view, in_navigation=False),
        View("graph", "Graph", graph.view, prepare=Library.update_similar_edges),
        View("map", "Map", map_view.view, prepare=map_view.update),
        View("lists", "Reading lists", lists.view, prepare=Library.update_similar_edges),
        View("status", "Status", status.view),
    )
}
"""By name, in the order of the navigation and of the style sheets."""

NAVIGATION: Final[Mapping[str, str]] = {
    one.name: one.label for one in VIEWS.values() if one.in_navigation
}
"""Name -> label of the views that every page links to."""


def show(visit: Visit) -> Page:
    """Return the page at a visit's address, or the page of the problem where that fails."""
    try:
        name = visit.address.view
        if name not in VIEWS:
            known = dict.fromkeys((*NAVIGATION, *VIEWS))
            raise BadRequest(f"there is no view '{name[:40]}'", f"use one of {', '.join(known)}")
        view = VIEWS[name]
        if view.prepare:
            view.prepare(visit.library)
        with visit.library.reading():
            page = view.render(visit)
        return replace(page, title=cut(page.title))
    except (BadRequest, NotFound, SeveralOwners, Busy) as error:
        return problem(error)
    except Exception:
        # The traceback names files of this machine: it is for whoever runs the server.
        traceback.print_exc(file=sys.stderr)
        return problem(AtlasError("this view failed", "the server's log says how; try another"))


def problem(error: AtlasError) -> Page:
    """Return the page that says what is wrong and how to mend it."""
    kind = "Not found" if isinstance(error, NotFound) else "That did not work"
    return Page(kind, rendered("problem.html", kind=kind, message=str(error)))
