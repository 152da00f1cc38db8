"""What a browser keeps of its reading lists, as it says: read with care, for anything may come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from kg.errors import BadRequest
from kg.text.plain import plain_text
from search.pages.related import MOST

LISTS = 200
"""The most lists of one browser."""

SITTING = timedelta(hours=1)
"""Someone who looks again within this time has not been away."""

TROUBLES = ("blocked", "newer", "unsaved", "damaged")
"""Why lists may not last; `ui/static/kept_state.js` finds out."""

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """One paper of a list, as the browser keeps it."""

    id: str
    title: str
    """The title under which it was seen last; may be empty."""
    added: str
    """Day on which it was kept, ISO 8601."""
    read: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """The reading lists of a browser, and the papers of the one that is shown."""

    counts: dict[str, int]
    """Name of each list and how many papers it has, in order."""
    using: str | None
    """Name of the list to which papers are added."""
    papers: tuple[KeptPaper, ...]
    former: datetime | None
    """When the news of the list was looked at in the sitting before the last, UTC."""
    latest: datetime | None
    """When it was looked at last, UTC."""
    trouble: str | None
    """One of `TROUBLES`."""

    def since(self, now: datetime) -> datetime | None:
        """Return from when on news are news: the last look before this sitting, if there was one.

        >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
        >>> kept = Kept({}, None, (), None, noon, None)
        >>> kept.since(noon + timedelta(minutes=5)), kept.since(noon + timedelta(days=2)) == noon
        (None, True)
        """
        if self.latest and now - self.latest > SITTING:
            return self.latest
        return self.former


def kept(sent: Mapping[str, Any]) -> Kept:
    """Return what a browser sent; what makes no sense is passed over."""
    lists = [one for one in _list(sent.get("lists"))[:LISTS] if isinstance(one, dict)]
    counts = {name: _count(one.get("papers")) for one in lists if (name := _text(one.get("name")))}
    using = _text(sent.get("using"))
    papers: dict[str, KeptPaper] = {}
    for one in _list(sent.get("papers"))[:MOST]:
        if isinstance(one, dict) and (name := _text(one.get("id"))):
            papers.setdefault(
                name,
                KeptPaper(
                    name, _text(one.get("title")), _day(one.get("added")), one.get("read") is True
                ),
            )
    trouble = sent.get("trouble")
    return Kept(
        counts,
        using if using in counts else next(iter(counts), None),
        tuple(papers.values()),
        _time(sent.get("former")),
        _time(sent.get("latest")),
        trouble if trouble in TROUBLES else None,
    )


def day(told: str | None) -> datetime | None:
    """Return the beginning of a day that an address names, UTC.

    Raises
    ------
    BadRequest
        If it is none.
    """
    if told is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(told), time(), UTC)
    except ValueError:
        raise BadRequest(f"'{told[:40]}' is no day", "write since=2026-03-02") from None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return plain_text(value[:_LONGEST]).strip() if isinstance(value, str) else ""


def _count(value: object) -> int:
    return max(0, min(value, MOST)) if isinstance(value, int) else 0


def _day(value: object) -> str:
    found = _time(value)
    return found.date().isoformat() if found else ""


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        # A time near the ends of the calendar has no neighbour in another zone.
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None
