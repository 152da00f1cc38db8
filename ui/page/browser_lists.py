"""Parse the reading lists that a browser stores and sends along: nothing in it can be relied on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from kg.errors import BadRequest
from kg.text.plain import plain_text
from search.pages.related import MAX_PAPERS

MAX_LISTS = 200
"""Lists of one browser; further ones are ignored."""

MIN_ABSENCE = timedelta(hours=1)
"""A shorter pause between two looks at a list is no absence: its news stay the same."""

STORAGE_PROBLEMS = ("blocked", "newer", "unsaved", "damaged")
"""Why the browser may lose the lists; `ui/static/kept_state.js` detects it."""

_MAX_TEXT_CHARS = 300


@dataclass(frozen=True, slots=True)
class BrowserPaper:
    """One paper of a list, as the browser stores it."""

    id: str
    title: str
    """As last seen; may be empty."""
    added: str
    """Day on which it was added, ISO 8601."""
    read: bool


@dataclass(frozen=True, slots=True)
class BrowserLists:
    """The reading lists of a browser, and the papers of the list that is shown."""

    counts: dict[str, int]
    """Name -> number of papers of each list, in order."""
    using: str | None
    """Name of the list that papers are added to."""
    papers: tuple[BrowserPaper, ...]
    former: datetime | None
    """End of the visit before the last, UTC."""
    latest: datetime | None
    """When its news were last looked at, UTC."""
    trouble: str | None
    """One of `STORAGE_PROBLEMS`."""

    def since(self, now: datetime) -> datetime | None:
        """Return the time since which changes are new: the end of the visit before this one.

        >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
        >>> lists = BrowserLists({}, None, (), None, noon, None)
        >>> lists.since(noon + timedelta(minutes=5)), lists.since(noon + timedelta(days=2)) == noon
        (None, True)
        """
        if self.latest and now - self.latest > MIN_ABSENCE:
            return self.latest
        return self.former


def parse(sent: Mapping[str, Any]) -> BrowserLists:
    """Return what a browser sent; invalid parts are skipped."""
    lists = [one for one in _list(sent.get("lists"))[:MAX_LISTS] if isinstance(one, dict)]
    counts = {name: _count(one.get("papers")) for one in lists if (name := _text(one.get("name")))}
    using = _text(sent.get("using"))
    papers: dict[str, BrowserPaper] = {}
    for one in _list(sent.get("papers"))[:MAX_PAPERS]:
        if isinstance(one, dict) and (name := _text(one.get("id"))):
            papers.setdefault(
                name,
                BrowserPaper(
                    name, _text(one.get("title")), _day(one.get("added")), one.get("read") is True
                ),
            )
    trouble = sent.get("trouble")
    return BrowserLists(
        counts,
        using if using in counts else next(iter(counts), None),
        tuple(papers.values()),
        _time(sent.get("former")),
        _time(sent.get("latest")),
        trouble if trouble in STORAGE_PROBLEMS else None,
    )


def day(text: str | None) -> datetime | None:
    """Return the start of a day that an address names, UTC.

    Raises
    ------
    BadRequest
        If it is none.
    """
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        raise BadRequest(f"'{text[:40]}' is no day", "write since=2026-03-02") from None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return plain_text(value[:_MAX_TEXT_CHARS]).strip() if isinstance(value, str) else ""


def _count(value: object) -> int:
    return max(0, min(value, MAX_PAPERS)) if isinstance(value, int) else 0


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
