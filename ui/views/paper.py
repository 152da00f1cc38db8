"""The view paper."""

from ui.page import Page, Visit
from ui.templating import rendered


def view(visit: Visit) -> Page:
    """Return the view."""
    return Page("paper", rendered("problem.html", kind="paper", message=str(visit.address)))
