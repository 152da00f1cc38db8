"""Dates as HTTP writes them (RFC 9110, section 5.6.7)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def http_date(text: str) -> datetime | None:
    """Return the time of a header in any of the three forms, in UTC; None where it is no date.

    Without a zone it is UTC, wherever this machine is.

    Examples
    --------
    >>> http_date("Sun Nov  6 08:49:37 1994").isoformat()
    '1994-11-06T08:49:37+00:00'
    """
    try:
        date = parsedate_to_datetime(text)
        # A time near the ends of the calendar has no neighbour in another zone.
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
