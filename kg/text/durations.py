"""Lengths of time as people write them: ``24h``, ``7d``, ``1h30m``."""

import re
from datetime import UTC, datetime, timedelta

from kg.errors import BadRequest
from kg.text.partial_date import PartialDate

MAX_DAYS = 36_500
"""The longest length of time, a hundred years."""

_DURATION = re.compile(r"(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?")


def parse_duration(text: str) -> timedelta:
    """Parse days, hours, minutes and seconds, in this order; at most `MAX_DAYS`.

    Raises
    ------
    BadRequest
        If it is anything else.

    Examples
    --------
    >>> parse_duration("1h30m")
    datetime.timedelta(seconds=5400)
    """
    found = _DURATION.fullmatch(text.strip())
    if not text.strip() or found is None:
        raise BadRequest(f"{text[:40]!r} is no length of time", "write 24h, 30m, 7d or 1h30m")
    days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
    return min(
        timedelta(days=MAX_DAYS),
        timedelta(days=min(days, MAX_DAYS), seconds=seconds + minutes * 60 + hours * 3600),
    )


def parse_since(text: str, now: datetime) -> datetime:
    """Parse the beginning of a period that ends now.

    Parameters
    ----------
    text : str
        A length of time; a date, which is the first moment of it in UTC; or a time of ISO 8601,
        in UTC where it names no other zone.
    now : datetime
        With its zone.

    Raises
    ------
    BadRequest
        If it is none of these, or in the future.

    Examples
    --------
    >>> noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    >>> [f"{parse_since(one, noon):%d %H:%M}" for one in ("48h", "2026-11", "2026-11-20T08:00+02")]
    ['22 12:00', '01 00:00', '20 06:00']
    """
    text = text.strip()
    try:
        if _DURATION.fullmatch(text):
            return now.astimezone(UTC) - parse_duration(text)
        if "T" in text:
            since = datetime.fromisoformat(text)
            since = (since if since.tzinfo else since.replace(tzinfo=UTC)).astimezone(UTC)
        else:
            since = datetime.combine(PartialDate.parse(text).first, datetime.min.time(), UTC)
    except (BadRequest, ValueError, OverflowError):
        mend = "write 7d, 48h or a date, 2026-01-31"
        raise BadRequest(f"{text[:40]!r} is no time", mend) from None
    if since > now:
        raise BadRequest(f"{text} is in the future", "name a time that has been")
    return since
