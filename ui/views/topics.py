"""The view topics."""

from ui.page import Page, Visit
from ui.templating import rendered


def view(visit: Visit) -> Page:
    """Return the view."""
    return Page("topics", rendered("problem.html", kind="topics", message=str(visit.address)))
