"""Previews of views: title and description in the HTML, for messengers and feed readers.

They run no script, so that the page's frame is all they see. A preview is cheap: no question is
answered for it.
"""

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace

from kg.errors import AtlasError, SeveralOwners
from kg.export.text import one_line
from kg.records import Filters
from search.library import Library
from ui.feeds.feeds import CHANGES, Announced, announced
from ui.page.address import Address
from ui.page.templating import byline, cut, known_as
from ui.text.entity_words import TYPES
from ui.text.mathematics import with_mathematics
from ui.text.quantities import counted
from ui.views import registry

NAME = "LFM Atlas"

ABOUT = "Papers on learning from models, found by meaning: with topics, citations and a map."

TITLE_CHARS, DESCRIPTION_CHARS = 120, 300
"""Characters; messengers show no more."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Metadata of a view."""

    title: str
    """Plain text."""
    description: str
    """Plain text."""
    feeds: tuple[Announced, ...] = ()
    """The view's own feed, if there is one, before the feed of all changes."""


def preview(library: Library, query: str) -> Preview:
    """Return the preview of the view at an address, or of the atlas where that has none.

    Parameters
    ----------
    query : str
        Query part of the address.
    """
    found: Preview | None = None
    named: tuple[Announced, ...] = (CHANGES,)
    try:
        address = Address.parse(query)
        named = announced(library, address)
        found = _of_view(library, address)
    except AtlasError:
        pass  # The view says what is wrong.
    except Exception:
        traceback.print_exc(file=sys.stderr)
    found = found or Preview(NAME, ABOUT)
    return replace(
        found,
        title=cut(one_line(found.title), TITLE_CHARS),
        description=cut(one_line(found.description), DESCRIPTION_CHARS),
        feeds=named,
    )


def _of_view(library: Library, address: Address) -> Preview | None:
    """Return the preview for the first parameter that has one, else for the view itself."""
    for name, describe in _BY_PARAMETER.items():
        value = address.one(name)
        if value and (found := describe(library, value, address)):
            return found
    if address.view == "ask" or address.view not in registry.VIEWS:
        return None
    return Preview(f"{registry.VIEWS[address.view].label} · {NAME}", ABOUT)


def _question(library: Library, text: str, address: Address) -> Preview:
    where = {"map": "on the map", "compare": "side by side"}.get(address.view, "nearest first")
    topic = address.one("topic")
    within = f" under {library.taxonomy[topic].name}" if topic else ""
    return Preview(text, f"Papers of {NAME} that answer this question{within}, {where}.")


def _paper(library: Library, name: str, address: Address) -> Preview:
    (found,) = library.listed([name])
    paper = found.paper
    facts = [byline(paper), paper.year, paper.venue, known_as(paper)]
    line = " · ".join(str(fact) for fact in facts if fact)
    lead = {"graph": "Around ", "ask": "Papers like "}.get(address.view, "")
    flag = "Withdrawn. " if paper.withdrawn else ""
    return Preview(
        lead + with_mathematics(cut(paper.title)).striptags(),
        flag + (found.details.summary or line),
    )


def _entity(library: Library, name: str, address: Address) -> Preview | None:
    if address.view not in ("entity", "graph"):
        return None
    try:
        found = library.about(name)
    except SeveralOwners as error:
        return Preview(f"{error.name}: which one?", "; ".join(filter(None, error.owners.values())))
    words = TYPES[found.entity.type].one.capitalize()
    years = [one.paper.year for one in found.introduced_by if one.paper.year]
    line = f"{words} of {years[0]}" if years else words
    used = counted(len(found.used_by), "paper")
    about = f" {found.about}" if found.about else ""
    lead = {"graph": "Around "}.get(address.view, "")
    return Preview(lead + found.entity.name, f"{line}, used by {used} of {NAME}.{about}")


def _author(library: Library, name: str, address: Address) -> Preview | None:
    if address.view != "paper":
        return None
    found = library.author(name)
    return Preview(found.name, f"{counted(len(found.papers), 'paper')} in {NAME}.")


def _topic(library: Library, name: str, address: Address) -> Preview:
    topic = library.taxonomy.find(name)
    lead = {"graph": "Graph of ", "map": "Map of "}.get(address.view, "")
    count = counted(library.count(Filters(topic=topic.id)), "paper")
    return Preview(lead + topic.name, f"{count}. {topic.definition}")


def _shared(library: Library, name: str, address: Address) -> Preview:
    del library, name
    count = sum(part.count(",") + 1 for part in address.all("shared"))
    return Preview(
        address.one("name") or "A reading list", f"{counted(count, 'paper')}, shared in {NAME}."
    )


_BY_PARAMETER: dict[str, Callable[[Library, str, Address], Preview | None]] = {
    "q": _question,
    "paper": _paper,
    "like": _paper,
    "lineage": _paper,
    "id": _entity,
    "entity": _entity,
    "author": _author,
    "topic": _topic,
    "at": _topic,
    "shared": _shared,
}
"""Parameter of an address -> its preview, the most specific first."""
