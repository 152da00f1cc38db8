"""The filters that an address names, and the words for them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kg.entities import Filters
from kg.errors import BadRequest, NotFound
from kg.taxonomy.taxonomy import Taxonomy
from kg.text.partial_date import PartialDate, check_order
from ui.page.address import Address

NAMES = ("topic", "category", "author", "since", "until", "withdrawn")
"""Parameters of an address that filter."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an address filters by, as far as it can be read."""

    filters: Filters
    wrong: dict[str, str] = field(default_factory=dict)
    """By parameter, what is wrong with it and how to mend it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One filter of several."""

    label: str
    """In words: ``from 2021 on``."""
    without: Address
    """The address with the others only."""
    others: Filters
    """The other filters."""


def chosen(address: Address, taxonomy: Taxonomy) -> Chosen:
    """Read the filters of an address; what cannot be read is told and left out."""
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
        topic = topic and taxonomy[topic].id
    except NotFound as error:
        wrong["topic"], topic = str(error), None
    since, until = when("since"), when("until")
    try:
        check_order(since, until)
    except BadRequest as error:
        wrong["until"] = str(error)
    filters = Filters(
        topic=topic,
        categories=tuple(dict.fromkeys(address.all("category"))),
        author=address.one("author"),
        since=since,
        until=until,
        withdrawn=address.one("withdrawn") is not None,
    )
    return Chosen(filters, wrong)


def filters(address: Address, taxonomy: Taxonomy) -> Filters:
    """Return the filters of an address.

    Raises
    ------
    BadRequest
        If any cannot be read.
    """
    found = chosen(address, taxonomy)
    for told in found.wrong.values():
        raise BadRequest(told)
    return found.filters


def parts(address: Address, filters: Filters, taxonomy: Taxonomy) -> Iterator[Part]:
    """Yield each filter that is set, with the address and the filters of the others."""
    if filters.topic:
        label = " / ".join(taxonomy.path_names(filters.topic))
        yield Part(label, address.with_(topic=None), replace(filters, topic=None))
    for category in filters.categories:
        others = tuple(one for one in filters.categories if one != category)
        rest = replace(filters, categories=others)
        yield Part(f"category {category}", address.with_(category=others), rest)
    if filters.author:
        label = f"author {filters.author}"
        yield Part(label, address.with_(author=None), replace(filters, author=None))
    if filters.since is not None:
        label = f"from {filters.since} on"
        yield Part(label, address.with_(since=None), replace(filters, since=None))
    if filters.until is not None:
        label = f"until {filters.until}"
        yield Part(label, address.with_(until=None), replace(filters, until=None))
    if filters.withdrawn:
        label = "withdrawn papers too"
        yield Part(label, address.with_(withdrawn=None), replace(filters, withdrawn=False))
