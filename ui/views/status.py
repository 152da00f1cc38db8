"""The view status."""

from ui.page import Page, Visit
from ui.templating import rendered


def view(visit: Visit) -> Page:
    """Return the view."""
    return Page("status", rendered("problem.html", kind="status", message=str(visit.address)))
