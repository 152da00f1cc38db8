"""The views of the page: each is one file, and turns a visit into a page."""

import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from kg.errors import AtlasError, BadRequest, Busy, NotFound
from ui.page.templating import cut, rendered
from ui.page.visit import Page, Visit

NAMES = {
    "ask": "Ask",
    "topics": "Topics",
    "graph": "Graph",
    "map": "Map",
    "lists": "Reading lists",
    "status": "Status",
    "paper": "Paper",
}
"""Views by the name in their address; each is a function `view` of the module of that name."""


def show(visit: Visit) -> Page:
    """Return the page at a visit's address; what cannot be shown is told on a page as well."""
    try:
        page = _view(visit.address.view)(visit)
        return replace(page, title=cut(page.title))
    except (BadRequest, NotFound, Busy) as error:
        return problem(error)
    except Exception:
        # The visitor is told that it failed; how, and which file of this machine it was, is for
        # whoever runs the server.
        traceback.print_exc(file=sys.stderr)
        return problem(AtlasError("this view failed", "the server's log says how; try another"))


def problem(error: AtlasError) -> Page:
    """Return the page that says what is wrong and how to mend it."""
    kind = "Not found" if isinstance(error, NotFound) else "That did not work"
    return Page(kind, rendered("problem.html", kind=kind, message=str(error)))


def _view(name: str) -> Callable[[Visit], Page]:
    if name not in NAMES:
        raise BadRequest(f"there is no view '{name[:40]}'", f"use one of {', '.join(NAMES)}")
    view: Callable[[Visit], Page] = import_module(f"ui.views.{name}").view
    return view
