"""Papers, methods, benchmarks and models side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from kg.cards.card import CHOICES
from kg.errors import AtlasError, BadRequest, NotFound, SeveralOwners
from search.library import Library
from search.pages.comparison import formats, wording
from search.pages.comparison.comparison import Column, Comparison, Row
from search.ranking.mode import Mode
from search.ranking.strength import HEADLINES, NEAREST, Strength
from ui.page import filters
from ui.page.address import Address
from ui.page.readings import asked_as
from ui.page.templating import cut, rendered
from ui.page.visit import Page, Visit
from ui.text.card_words import CardLabel, words

_TITLE_CHARS = 80


def view(visit: Visit) -> Page:
    """Return what the address names or asks for side by side, or the form that takes names."""
    address, library = visit.address, visit.library
    names = tuple(dict.fromkeys(address.all("id")))
    context: dict[str, Any] = {"address": address, "names": names, "offers": {}}
    if not names and not address.one("q"):
        return Page("Compare", rendered("compare.html", **context, state="empty"))
    try:
        found = compared(library, address)
    except (BadRequest, NotFound, SeveralOwners) as error:
        context |= {"problem": str(error), "offers": _offers(address, names, error)}
        title = "Compare"
        if len(names) == 1 and not isinstance(error, (NotFound, SeveralOwners)):
            context["problem"] = "Name another to compare it with."
        return Page(title, rendered("compare.html", **context, state="wrong"))
    context |= {
        "found": found,
        "fields": _fields(found),
        "formats": formats.MENU,
        "taxonomy": library.taxonomy,
        "known_topics": _known_topics(library, found),
        "note": ""
        if found.strength is Strength.GOOD
        else f"{HEADLINES[found.strength]}. {NEAREST}",
        "without": _without(found),
        "labels": {row.id: _labels(row) for row in found.rows},
        "downloaded": Address("compare", address.params),
        "answer_at": Address("ask", address.params) if found.question else None,
        "names": tuple(row.id for row in found.rows),
    }
    body = rendered("compare.html", **context, state="shown")
    return Page(f"{cut(_title(found), _TITLE_CHARS)}: compared", body)


def _fields(found: Comparison) -> list[Column]:
    """Return what the table has lines for; a link says what some others say in words."""
    unneeded = {"confidence"}
    if all(row.entity for row in found.rows):
        unneeded.add("id")
    if all(len(_values(row, "introduced_by")) <= 1 for row in found.rows):
        unneeded.add("introduced_by")
    return [one for one in wording.fields(found) if one.name not in unneeded]


def _title(found: Comparison) -> str:
    if found.question:
        return found.question
    first = " and ".join(cut(wording.label(row), _TITLE_CHARS // 2) for row in found.rows[:2])
    return first + (" and others" if len(found.rows) > 2 else "")


def compared(library: Library, address: Address) -> Comparison:
    """Return the comparison that an address means: of its ids, or of the answer to its question.

    Raises
    ------
    BadRequest
        If it means none.
    NotFound
        If an id means nothing.
    SeveralOwners
        If several entities have a name.
    """
    if names := address.all("id"):
        return library.compare(names)
    chosen = filters.parse_strict(address, library)
    mode = address.one("mode") or Mode.HYBRID
    if mode not in list(Mode):
        raise BadRequest(f"there is no mode '{mode[:40]}'", f"use {', '.join(Mode)}")
    k = address.number("k", 10) or 0
    how = asked_as(address)
    return library.compare_answer(
        address.one("q") or "", k, chosen, Mode(mode), how.literal, how.without
    )


def _offers(address: Address, names: Sequence[str], error: AtlasError) -> Mapping[str, Address]:
    """Return what a name may have meant -> the address with it in the name's place."""
    if isinstance(error, SeveralOwners):
        instead = list(error.owners)
    else:
        instead = list(error.nearest) if isinstance(error, NotFound) else []
    wrong = getattr(error, "name", None)
    return {
        one: address.with_(id=[one if name == wrong else name for name in names])
        for one in instead
        if wrong in names
    }


def _known_topics(library: Library, found: Comparison) -> Mapping[str, str]:
    """Return topic of a row -> the innermost topic on its path that the taxonomy has."""
    topics = {topic for row in found.rows for topic in _values(row, "topics")}
    known = {topic: library.taxonomy.known_topic(topic) for topic in topics}
    return {topic: at for topic, at in known.items() if at}


def _without(found: Comparison) -> Mapping[str, Address]:
    """Return id of a row -> the address of the comparison without it; two are the fewest."""
    ids = [row.id for row in found.rows]
    if len(ids) <= 2:
        return {}
    return {one: Address.of("compare", id=[other for other in ids if other != one]) for one in ids}


def _labels(row: Row) -> Mapping[str, list[CardLabel]]:
    """Return field of `CHOICES` -> what the card says there, predicted values marked."""
    predicted = row.values["confidence"]
    sure = predicted if isinstance(predicted, Mapping) else {}
    return {
        field: [
            CardLabel(field, one, words(field, one), sure.get(field)) for one in _values(row, field)
        ]
        for field in CHOICES
    }


def _values(row: Row, column: str) -> tuple[str, ...]:
    value = row.values[column]
    if isinstance(value, tuple):
        return value
    return (str(value),) if value else ()
