"""The view lists."""

from ui.page import Page, Visit
from ui.templating import rendered


def view(visit: Visit) -> Page:
    """Return the view."""
    return Page("lists", rendered("problem.html", kind="lists", message=str(visit.address)))
