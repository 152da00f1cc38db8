"""The view map."""

from ui.page import Page, Visit
from ui.templating import rendered


def view(visit: Visit) -> Page:
    """Return the view."""
    return Page("map", rendered("problem.html", kind="map", message=str(visit.address)))
