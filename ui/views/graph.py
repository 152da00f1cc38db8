"""The view graph."""

from ui.page import Page, Visit
from ui.templating import rendered


def view(visit: Visit) -> Page:
    """Return the view."""
    return Page("graph", rendered("problem.html", kind="graph", message=str(visit.address)))
