"""What was understood of a question, as the page shows it: to be taken off or changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kg.cards.card import CHOICES
from kg.errors import NotFound
from kg.ids.arxiv_id import parse_arxiv_id
from kg.ids.doi import parse_doi
from kg.records import Filters
from search.library import Library
from search.ranking.answers import Answer
from search.understanding import operators
from search.understanding.operators import Understood
from ui.page import filters
from ui.page.address import Address
from ui.text.card_words import words
from ui.text.reading_words import ORDERS, Condition, conditions, period

READ_BY: Final = ("literal", "off")
"""Parameters of an address that say how its question is read: not at all, or without what."""

_HEADINGS: Final = {
    "since": "Date",
    "until": "Date",
    "data": "Needs",
    "modality": "Works on",
    "like": "Like",
    "not": "Without",
    "typo": "Spelling",
    "code": "With",
}
"""Filter -> what stands before its value on a chip, where that is not its name."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition that a question states."""

    filter: str
    """The first filter that it states, for its look."""
    heading: str
    value: str
    """In plain words."""
    written: str
    """The words of the question that state it."""
    preferred: bool
    """True where other papers are answers too."""
    leads_to: Address | None
    """The page of the author, method or paper, or the comparison."""
    off: Address | None
    """Where the question is asked without it; None where nothing would be left of the question."""
    change: Address | None
    """Where it is a filter of the form; None where there is no such filter."""


@dataclass(frozen=True, slots=True)
class Readings:
    """How a question was read."""

    chips: tuple[Chip, ...]
    set_aside: tuple[Chip, ...]
    """What it would state as well; `off` leads back to it."""
    literally: Address | None
    """Where its words are asked as they are; None where they are."""
    understood: Address | None
    """Where it is read, where its words were asked as they are."""
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskedAs:
    """How a question is to be read: arguments of `Library.ask`."""

    literal: bool
    without: tuple[str, ...]


def asked_as(address: Address) -> AskedAs:
    """Return how the question of an address is to be read.

    >>> asked_as(Address.parse("?q=surveys&off=kind:survey"))
    AskedAs(literal=False, without=('kind:survey',))
    """
    return AskedAs(address.one("literal") is not None, address.all("off"))


def readings(
    library: Library, address: Address, answer: Answer, own: Filters | None = None
) -> Readings:
    """Return how the question of an address was read.

    Parameters
    ----------
    own : Filters, optional
        Those of the form; without, the view has no form to change them in.
    """
    made = _Maker(library, address, own)
    literal = asked_as(address).literal
    found = conditions(answer.understood)
    return Readings(
        tuple(made.chip(one) for one in found if not made.is_set(one)),
        tuple(made.aside(one) for one in conditions(answer.set_aside)),
        None if literal or not found else address.with_(off=None, literal=True),
        address.with_(literal=None) if literal else None,
        answer.notes,
    )


class _Maker:
    """Makes chips for one address."""

    def __init__(self, library: Library, address: Address, own: Filters | None) -> None:
        self._library = library
        self._address = address
        self._own = own
        self._question = address.one("q") or ""
        self._written = operators.understand(self._question).understood

    def is_set(self, one: Condition) -> bool:
        """Return whether the form has it as a filter, whose own chip says so."""
        return self._own is not None and all(self._of_form(part) for part in one.stated)

    def chip(self, one: Condition) -> Chip:
        first = one.stated[0]
        changes = dict(self._changes(one.stated))
        return Chip(
            filter=first.filter,
            heading=_HEADINGS.get(first.filter, first.filter.capitalize()),
            value=self._value(one),
            written=one.words,
            preferred=one.preferred,
            leads_to=self._leads_to(one.stated),
            off=self._without(one),
            change=self._address.with_(**changes) if changes else None,
        )

    def aside(self, one: Condition) -> Chip:
        """Return a chip of what was set aside; its `off` leads back."""
        gone = {part.name for part in one.stated}
        left = [name for name in self._address.all("off") if name not in gone]
        first = one.stated[0]
        heading = _HEADINGS.get(first.filter, first.filter.capitalize())
        back = self._address.with_(off=left)
        return Chip(
            first.filter, heading, self._value(one), one.words, one.preferred, None, back, None
        )

    def _of_form(self, one: Understood) -> bool:
        if one.filter == "category":
            return self._own is not None and one.value in self._own.categories
        if one.filter not in filters.PARAMETERS:
            return False
        value = getattr(self._own, one.filter)
        return value is True if one.filter == "code" else str(value) == one.value

    def _without(self, one: Condition) -> Address | None:
        if any(part in self._written or _is_id(part) for part in one.stated):
            # An operator, or the id of a paper, goes from the question.
            left = " ".join(self._question.replace(one.words, " ", 1).split())
            return self._address.with_(q=left) if left and left != self._question else None
        names = [part.name for part in one.stated]
        return self._address.with_(off=list(dict.fromkeys([*self._address.all("off"), *names])))

    def _changes(self, stated: Sequence[Understood]) -> Iterator[tuple[str, object]]:
        for one in stated if self._own is not None else ():
            if one in self._written or one.filter not in filters.PARAMETERS:
                continue
            if one.filter == "category":
                yield one.filter, [*self._address.all("category"), one.value]
            else:
                yield one.filter, True if one.filter == "code" else one.value

    def _leads_to(self, stated: Sequence[Understood]) -> Address | None:
        name, values = stated[0].filter, [one.value for one in stated]
        if name == "compare":
            return Address.of("compare", id=values) if len(values) > 1 else None
        if name == "author":
            return Address.of("paper", author=values[0])
        if name == "topic":
            return Address.of("topics", topic=values[0])
        if name == "about" or (name == "like" and not _is_id(stated[0])):
            return Address.of("entity", id=values[0])
        return Address.of("paper", paper=values[0]) if name == "like" else None

    def _value(self, one: Condition) -> str:
        dates = {part.filter: part.value for part in one.stated}
        when = period(dates.get("since", ""), dates.get("until", ""))
        told = [self._named(part) for part in one.stated if part.filter not in ("since", "until")]
        told += [when] if when else []
        return (" and " if one.stated[0].filter == "compare" else ", ").join(told)

    def _named(self, one: Understood) -> str:
        taxonomy = self._library.taxonomy
        if one.value in taxonomy and one.filter in ("topic", "not"):
            return taxonomy[one.value].name
        if one.filter in ("about", "compare", "like", "not") and "/" in one.value:
            try:
                return self._library.entity(one.value).name
            except NotFound:
                return one.value
        return ORDERS.get(one.value, one.value) if one.filter == "order" else _value(one)


def _value(one: Understood) -> str:
    if one.filter == "code":
        return "code"
    if one.filter not in CHOICES:
        return one.value
    # The heading says so.
    return words(one.filter, one.value).removesuffix(" needed")


def _is_id(one: Understood) -> bool:
    return one.filter == "like" and bool(parse_arxiv_id(one.words) or parse_doi(one.words))
