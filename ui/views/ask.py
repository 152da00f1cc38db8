"""The question box and its answers."""

from ui.page import Page, Visit
from ui.templating import rendered


def view(visit: Visit) -> Page:
    """Return the answer to the question in the address, or the empty box."""
    address, library = visit.address, visit.library
    question = address.one("q") or ""
    found = library.ask(question, 10) if question else None
    return Page(
        question or "LFM Atlas",
        rendered("ask.html", question=question, found=found, taxonomy=library.taxonomy),
    )
