"""When arXiv announces: at 20:00 US Eastern time from Sunday to Thursday, but on its holidays.

https://info.arxiv.org/help/availability.html. What was sent in until Friday afternoon is announced
on Sunday, so that a holiday on a Friday is felt on Sunday.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final

MAX_DAYS = 400
"""Days of a period that are looked at, its last ones."""

_MONDAY, _THURSDAY, _FRIDAY, _SATURDAY, _SUNDAY = 0, 3, 4, 5, 6

# Beside the holidays of each year: those that arXiv names each year for the end of December.
_WINTER_BREAK: Final = MappingProxyType({2024: (26, 31), 2025: (30,), 2026: (29, 31)})


def announcement(day: date) -> datetime:
    """Return when arXiv announces on a day of US Eastern time, if it does, in UTC.

    >>> announcement(date(2026, 11, 24)).isoformat(), announcement(date(2026, 7, 1)).hour
    ('2026-11-25T01:00:00+00:00', 0)
    """
    # Not by zoneinfo, whose data some systems lack: the rule of the Energy Policy Act of 2005.
    summer = _nth(day.year, 3, _SUNDAY, 2) <= day < _nth(day.year, 11, _SUNDAY, 1)
    return datetime.combine(day, time(20), UTC) + timedelta(hours=4 if summer else 5)


def silence(day: date) -> str:
    """Return why arXiv announces nothing on a day of US Eastern time; empty where it does.

    >>> silence(date(2026, 11, 24)), silence(date(2026, 11, 26)), silence(date(2026, 11, 28))
    ('', 'Thanksgiving', 'Saturday')
    >>> silence(date(2026, 7, 5))  # The Friday before it was a holiday.
    'Independence Day'
    """
    if day.weekday() in (_FRIDAY, _SATURDAY):
        return f"{day:%A}"
    return holidays(day.year).get(day - timedelta(days=2) if day.weekday() == _SUNDAY else day, "")


def holidays(year: int) -> dict[date, str]:
    """Return the holidays of arXiv in a year.

    In the days from Christmas to New Year it names others each year; those of 2024
    to 2026 are known here.
    """
    found = {
        date(year, 1, 1): "New Year's Day",
        _nth(year, 1, _MONDAY, 3): "Martin Luther King Jr. Day",
        _observed(date(year, 6, 19)): "Juneteenth",
        _observed(date(year, 7, 4)): "Independence Day",
        _nth(year, 9, _MONDAY, 1): "Labor Day",
        _nth(year, 11, _THURSDAY, 4): "Thanksgiving",
        date(year, 12, 25): "Christmas",
    }
    return found | {date(year, 12, day): "winter break" for day in _WINTER_BREAK.get(year, ())}


def announcements(since: datetime, until: datetime) -> tuple[list[datetime], dict[date, str]]:
    """Return what arXiv announced within a period, and on which days nothing.

    Parameters
    ----------
    since, until : datetime
        With their zones; of a period of more than `MAX_DAYS` days, the last ones count.

    Returns
    -------
    list of datetime
        The times of announcements after `since` and not after `until`, UTC.
    dict of date to str
        The days of US Eastern time on whose evenings, within the period, there was none, with the
        reason: the day of the week, or a holiday.
    """
    made: list[datetime] = []
    silent: dict[date, str] = {}
    for day in _days(since, until):
        at = announcement(day)
        if since < at <= until:
            if why := silence(day):
                silent[day] = why
            else:
                made.append(at)
    return made, silent


def next_announcement(after: datetime) -> datetime:
    """Return when arXiv announces next, UTC."""
    day = after.astimezone(UTC).date() - timedelta(days=1)
    while silence(day) or announcement(day) <= after:
        day += timedelta(days=1)
    return announcement(day)


def _days(since: datetime, until: datetime) -> Iterator[date]:
    """Yield the days of US Eastern time whose evenings may be within a period."""
    last = until.astimezone(UTC).date()
    first = max(since.date(), last - timedelta(days=MAX_DAYS)) - timedelta(days=1)
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    """Return the n-th Monday, Tuesday, ... of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _observed(day: date) -> date:
    """Return the weekday on which a holiday is observed."""
    return day + timedelta(days={_SATURDAY: -1, _SUNDAY: 1}.get(day.weekday(), 0))
