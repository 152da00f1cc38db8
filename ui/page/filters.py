"""Filters of papers in an address, and in words."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from kg.cards.card import CHOICES
from kg.errors import BadRequest, NotFound, SeveralOwners
from kg.records import Filters
from kg.taxonomy.taxonomy import Taxonomy
from kg.text.partial_date import PartialDate, check_order
from search.atlas import Atlas
from search.ranking.selection import check_choice, check_cited, entity_id
from ui.page.address import Address
from ui.text.card_words import words

PARAMETERS = (
    *("topic", "category", "author", "since", "until"),
    *(*CHOICES, "code", "cited", "about", "venue", "withdrawn"),
)
"""Parameters of an address that are filters."""


@dataclass(frozen=True, slots=True)
class ParsedFilters:
    """The filters of an address, and what is wrong with those that cannot be parsed."""

    filters: Filters
    wrong: dict[str, str] = field(default_factory=dict)
    """Parameter -> what is wrong with it and how to mend it."""


@dataclass(frozen=True, slots=True)
class FilterPart:
    """One filter of an address, and the address without it."""

    label: str
    """In words: ``from 2021 on``."""
    without: Address
    """The address without this filter."""
    others: Filters
    """The other filters."""


def parse(address: Address, atlas: Atlas) -> ParsedFilters:
    """Parse the filters of an address; those that cannot be parsed are left out and reported."""
    wrong: dict[str, str] = {}

    def when(name: str) -> PartialDate | None:
        text = address.one(name)
        try:
            return PartialDate.parse(text) if text else None
        except BadRequest:
            wrong[name] = (
                f"{name} must be a year such as 2023, not '{(text or '')[:40]}':"
                " a month is written 2023-05, a day 2023-05-17"
            )
            return None

    topic = address.one("topic")
    try:
        topic = topic and atlas.taxonomy[topic].id
    except NotFound as error:
        wrong["topic"], topic = str(error), None
    since, until = when("since"), when("until")
    try:
        check_order(since, until)
    except BadRequest as error:
        wrong["until"] = str(error)
    cards: dict[str, Any] = {}
    for name, values in CHOICES.items():
        value = address.one(name)
        try:
            check_choice(name, value, values)
        except BadRequest as error:
            wrong[name], value = str(error), None
        cards[name] = value
    cited: int | None = None
    try:
        check_cited(cited := address.number("cited"))
    except BadRequest as error:
        wrong["cited"], cited = str(error), None
    about = address.one("about")
    try:
        about = about and entity_id(atlas.catalogue, about)
    except (NotFound, SeveralOwners) as error:
        wrong["about"], about = str(error), None
    filters = Filters(
        topic=topic,
        categories=tuple(dict.fromkeys(address.all("category"))),
        author=address.one("author"),
        since=since,
        until=until,
        withdrawn=address.one("withdrawn") is not None,
        code=address.one("code") is not None,
        cited=cited,
        about=about,
        venue=address.one("venue"),
        **cards,
    )
    return ParsedFilters(filters, wrong)


def parse_strict(address: Address, atlas: Atlas) -> Filters:
    """Parse the filters of an address.

    Raises
    ------
    BadRequest
        If any cannot be parsed.
    """
    found = parse(address, atlas)
    for message in found.wrong.values():
        raise BadRequest(message)
    return found.filters


def parts(address: Address, filters: Filters, taxonomy: Taxonomy) -> Iterator[FilterPart]:
    """Yield each filter that is set, with the address and the filters of the others."""

    def part(label: str, **rest: Any) -> FilterPart:
        return FilterPart(label, address.with_(**rest), replace(filters, **rest))

    if filters.topic:
        yield part(" / ".join(taxonomy.path_names(filters.topic)), topic=None)
    for category in filters.categories:
        others = tuple(one for one in filters.categories if one != category)
        rest = replace(filters, categories=others)
        yield FilterPart(f"category {category}", address.with_(category=others), rest)
    if filters.author:
        yield part(f"author {filters.author}", author=None)
    if filters.since is not None:
        yield part(f"from {filters.since} on", since=None)
    if filters.until is not None:
        yield part(f"until {filters.until}", until=None)
    for name in CHOICES:
        if value := getattr(filters, name):
            yield part(words(name, value), **{name: None})
    if filters.code:
        yield part("with code", code=False)
    if filters.cited is not None:
        yield part(f"cited {filters.cited:,} times or more", cited=None)
    if filters.about:
        yield part(f"related to {address.one('about') or filters.about}", about=None)
    if filters.venue:
        yield part(f"at {filters.venue}", venue=None)
    if filters.withdrawn:
        yield part("withdrawn papers too", withdrawn=False)
