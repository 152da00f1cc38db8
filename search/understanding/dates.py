"""Dates that a question states: since 2023, before May 2020, 2019-2021, in the last two years."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from kg.errors import BadRequest
from kg.text.partial_date import PartialDate
from search.understanding.bare_years import COUNTED, is_year
from search.understanding.date_relations import (
    FILLERS,
    SIGNS,
    Relation,
    sign_before,
    words_before,
    words_behind,
)
from search.understanding.known import Known
from search.understanding.periods import (
    UNIT_WORDS,
    Period,
    day_before,
    length_at,
    month_at,
    period_at,
)
from search.understanding.reading import Span, Stated
from search.understanding.words import Words

_TO: Final = frozenset("to until till through thru - – — bis a al au hasta ate".split())
_AND: Final = frozenset("and or & und oder et ou y e o".split())
_PREFIXED_YEAR = re.compile(r"(post|pre|mid|early|late)-(\d{4})")
_DIGITS = re.compile(r"\d{4}|\d0s|[年月周]")
_SINCE: Final = frozenset("since seit depuis desde".split())
TRIGGERS: Final = UNIT_WORDS | _SINCE


@dataclass(frozen=True, slots=True)
class _Found:
    """A condition on dates: its words, and the first and last day that it allows."""

    start: int
    end: int
    since: PartialDate | None
    until: PartialDate | None


def spans(words: Words, known: Known) -> Iterator[Span]:
    """Yield the dates that a question states; contradictory ones state nothing but a note."""
    if TRIGGERS.isdisjoint(words.folded) and not _DIGITS.search(words.question):
        return
    found: list[_Found] = []
    at = 0
    while at < len(words.folded):
        one = _condition(words, at, known)
        at = at + 1 if one is None else one.end
        if one is None:
            continue
        if note := _impossible(words, one, known.today):
            yield Span(one.start, one.end, (), notes=(note,))
        else:
            found.append(one)
    if note := _contradiction(words, found):
        yield from (
            Span(one.start, one.end, (), notes=(note,) if one is found[0] else ()) for one in found
        )
        return
    for one in found:
        sides = {name: getattr(one, name) for name in ("since", "until") if getattr(one, name)}
        stated = tuple(Stated(name, str(value), True) for name, value in sides.items())
        filters: dict[str, Any] = sides
        yield Span(one.start, one.end, stated, filters=filters)


def _impossible(words: Words, one: _Found, today: date) -> str | None:
    """Return what is wrong with a date that cannot be, or that no paper has yet."""
    written = f"“{words.written(one.start, one.end)}” was left out"
    try:
        for side in (one.since, one.until):
            if side is not None:
                side.first  # noqa: B018  (refuses a date that is in no calendar)
    except BadRequest:
        return f"{written}: no calendar has that date; write 2024, 2024-05 or 2024-05-17"
    if one.since and one.since.first > today:
        return f"{written}: it is in the future"
    if one.since and one.until and one.since.first > one.until.last:
        return f"{written}: it ends before it begins"
    return None


def _contradiction(words: Words, found: Iterable[_Found]) -> str | None:
    since = max((one for one in found if one.since), key=_begins, default=None)
    until = min((one for one in found if one.until), key=_ends, default=None)
    if since is None or until is None or _begins(since) <= _ends(until):
        return None
    parts = " and ".join(
        f"“{words.written(one.start, one.end)}”"
        for one in sorted((since, until), key=lambda one: one.start)
    )
    return f"{parts} were left out: no paper is both"


def _begins(one: _Found) -> date:
    assert one.since is not None
    return one.since.first


def _ends(one: _Found) -> date:
    assert one.until is not None
    return one.until.last


def _condition(words: Words, at: int, known: Known) -> _Found | None:
    """Return the condition whose date begins with a word, or None."""
    today = known.today
    if match := _PREFIXED_YEAR.fullmatch(words.folded[at]):
        year = PartialDate(int(match[2]))
        start, relation = words_before(words, at)
        relation = {"post": Relation.AFTER, "pre": Relation.BEFORE}.get(match[1], relation)
        found = Period(year, year, at + 1)
        return _related(start, at + 1, relation or Relation.IN, found)
    first = period_at(words, at, today)
    joined = _joined(words, at, first, today)
    period = joined or first or _length(words, at, today)
    if period and period.bare and not COUNTED.isdisjoint(words.folded[period.end : period.end + 1]):
        return None
    if period is None or period.sign not in SIGNS:
        return _since_month(words, at, today)
    start, before = words_before(words, at)
    end, behind = words_behind(words, period)
    sign_at, compared = sign_before(words, at)
    start = min(start, sign_at)
    relation = compared or behind or before
    if relation is None:
        if words.folded[period.end - 1] == "ago" or (
            period.bare and start == at and not is_year(words, at, known)
        ):
            return None
        if period.first.year > today.year or not 0 < (period.first.month or 1) < 13:
            return None
        return _related(start, end, Relation.IN, period)
    first_word = words.folded[start]
    if first_word == "by" and period.first.year > today.year:
        return None  # "By 2050" is said of aims.
    if joined or (first_word == "from" and _is_past(words, at, period)):
        relation = behind or Relation.IN
    return _related(start, end, relation, period)


def _is_past(words: Words, at: int, period: Period) -> bool:
    """Return whether papers from a time are those of that time: "from last year"."""
    return period.first != period.last or words.folded[at] in ("last", "previous")


def _related(start: int, end: int, relation: Relation, period: Period) -> _Found:
    """Return what is stated by a date and the words around it."""
    since: PartialDate | None = period.first
    until: PartialDate | None = period.last
    try:
        if relation is Relation.AFTER:
            since, until = _next_to(period.last, +1), None
        elif relation is Relation.BEFORE:
            since, until = None, _next_to(period.first, -1)
        elif relation is Relation.UNTIL:
            since = None
        elif relation is Relation.SINCE or period.since:
            until = None
    except BadRequest:
        until = None  # No calendar has it, which `_impossible` tells.
    return _Found(start, end, since, until)


def _next_to(whole: PartialDate, step: int) -> PartialDate:
    """Return the year, month or day after or before one."""
    day = (whole.last if step > 0 else whole.first) + timedelta(days=step)
    return PartialDate(day.year, day.month if whole.month else None, day.day if whole.day else None)


def _joined(words: Words, at: int, first: Period | None, today: date) -> Period | None:
    """Return the time between a date and another: March to June 2025, 2019 and 2021."""
    month = None if first else month_at(words, at)
    if (first is None and month is None) or (
        first and (first.sign not in ("", "年") or first.since)
    ):
        return None
    middle = first.end if first else at + 1
    if middle + 1 >= len(words.folded):
        return None
    joint, last_at = words.folded[middle], middle + 1
    while last_at + 1 < len(words.folded) and words.folded[last_at] in FILLERS:
        last_at += 1
    last = period_at(words, last_at, today)
    if last is None and first and first.first.month and (number := month_at(words, last_at)):
        whole = PartialDate(first.first.year, number)
        last = Period(whole, whole, last_at + 1)
    if last is None:
        return None
    start = first.first if first else PartialDate(last.first.year, month)
    between = words_before(words, at)[1] is Relation.BETWEEN
    years = last.last.year > start.year and start.month is last.last.month is None
    if joint in _TO or (joint in _AND and (between or years)):
        return replace(last, first=start, bare=False, since=False)
    return None


def _length(words: Words, at: int, today: date) -> Period | None:
    """Return the day that papers "older than two years" are from before."""
    length = length_at(words, at) if at and words.folded[at - 1] == "than" else None
    if length is None:
        return None
    day = day_before(length[0], length[1], today)
    whole = PartialDate(day.year, day.month, day.day)
    return Period(whole, whole, length[2])


def _since_month(words: Words, at: int, today: date) -> _Found | None:
    """Return the latest month of a name: "since March"."""
    month = month_at(words, at) if at and words.folded[at - 1] in _SINCE else None
    if month is None:
        return None
    whole = PartialDate(today.year - (month > today.month), month)
    return _Found(at - 1, at + 1, whole, None)
