"""What a question states beside its subject, and the choice among several readings of its words."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import field, replace
from enum import StrEnum
from typing import Any, Final

from kg.values import dataclass
from search.understanding.words import Words


class Order(StrEnum):
    """An order that a question asks for."""

    NEWEST = "newest"
    OLDEST = "oldest"
    CITED = "cited"


@dataclass(frozen=True, slots=True)
class Stated:
    """One condition that words state; `search.ranking.understand.Understood` shows it."""

    filter: str
    """``author``, ``since``, ``kind`` and so on: `docs/questions.md`."""
    value: str
    """As the command's options take it."""
    hard: bool
    """True where only papers that pass are answers; else these are preferred."""

    @property
    def name(self) -> str:
        """By which a question can be asked without it."""
        return f"{self.filter}:{self.value}"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of words that states something."""

    start: int
    end: int
    """Index behind its last word."""
    stated: tuple[Stated, ...]
    words: str = ""
    """The words as written; `chosen` sets them."""
    filters: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `kg.records.Filters`: of the answers, or of the papers that are preferred."""
    stays: bool = False
    """True where the words are part of the subject as well: a method's name, a topic."""
    sure: float = 1.0
    """How sure the reading is, 0 to 1; of two that overlap, the longer and then the surer holds."""
    replacement: str = ""
    """What the word should be, where it has a typing error."""
    order: Order | None = None
    notes: tuple[str, ...] = ()
    """Messages for the user, such as that a date cannot be."""

    @property
    def hard(self) -> bool:
        """Whether only papers that pass its filters are answers."""
        return any(one.hard for one in self.stated)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a question states."""

    text: str
    """What remains to compare papers with."""
    spans: tuple[Span, ...] = ()
    """What it states, in its order."""
    set_aside: tuple[Span, ...] = ()
    """What it would state as well, and was asked without."""

    @property
    def order(self) -> Order | None:
        """The order that it asks for."""
        return next((span.order for span in self.spans if span.order), None)


def chosen(words: Words, spans: Iterable[Span], without: Set[str] = frozenset()) -> Reading:
    """Choose among spans: of those that overlap, the longest, then the surest, then the first.

    A name and what it says of needs, as in "black-box prompt tuning", hold both; a name within
    what is said of needs, as in "without fine-tuning", does not.

    Parameters
    ----------
    without : set of str
        Names of readings that do not hold; what states any of them is text.

    Examples
    --------
    >>> words = Words("recent surveys of merging")
    >>> stated = (Stated("kind", "survey", True),)
    >>> chosen(words, [Span(1, 3, stated), Span(1, 2, ())]).text
    'recent merging'
    """
    held: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start - one.end, -one.sure, one.start)):
        if not any(_compete(span, one) for one in held):
            held.append(span)
    written = [
        replace(one, words=words.written(one.start, one.end))
        for one in sorted(held, key=lambda one: one.start)
    ]
    kept: list[Span] = []
    aside: list[Span] = []
    for span in written:
        (aside if any(one.name in without for one in span.stated) else kept).append(span)
    gone = {at for span in kept if not span.stays for at in range(span.start, span.end)}
    return Reading(words.without(gone), tuple(kept), tuple(aside))


_NEEDS: Final = frozenset(("data", "access", "training", "modality"))


def _compete(one: Span, other: Span) -> bool:
    """Return whether only one of two spans can hold."""
    if one.end <= other.start or other.end <= one.start:
        return False
    of_needs = [_NEEDS.issuperset(stated.filter for stated in span.stated) for span in (one, other)]
    if not (one.stays and other.stays) or of_needs[0] == of_needs[1]:
        return True
    need, name = (one, other) if of_needs[0] else (other, one)
    within = need.start <= name.start and name.end <= need.end
    return within and name.end - name.start < need.end - need.start and _is_of_method(need)


def _is_of_method(need: Span) -> bool:
    """Return whether a need is of what a method does without, no kind of input."""
    return all(stated.filter != "modality" for stated in need.stated)


def overlapping(spans: Sequence[Span], start: int, end: int) -> bool:
    """Return whether any span has one of these words."""
    return any(one.start < end and start < one.end for one in spans)
