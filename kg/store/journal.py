"""The journal: fetches of sources with their reports, cursors, and changes of papers."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from kg.store.database import Store
from kg.values import dataclass


class ChangeKind(StrEnum):
    """A kind of change of a paper."""

    ADDED = "added"
    """It is new in the atlas."""
    RETITLED = "retitled"
    """It has another title."""
    REVISED = "revised"
    """It has a new version, or another abstract."""
    PUBLISHED = "published"
    """Its journal, venue or DOI became known."""
    WITHDRAWN = "withdrawn"
    """Its authors withdrew it."""
    RESTORED = "restored"
    """It is no longer withdrawn."""
    JOINED = "joined"
    """It was merged into another record of the same paper."""
    UNLISTED = "unlisted"
    """A list no longer names it."""
    RELISTED = "relisted"
    """A list names it again."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one paper."""

    at: datetime
    """When it was recorded, UTC."""
    paper: str
    """The paper's id at that time."""
    kind: ChangeKind
    detail: str
    """What exactly changed, as text; may be empty."""
    title: str | None
    """The paper's present title; None where it was merged into another."""


class Journal(Store):
    """Fetches, cursors and changes; recording them does not move the revision."""

    def log_fetch(self, source: str, report: Mapping[str, Any]) -> None:
        """Record the report of a fetch from a source."""
        with self._db.writing_without_revision():
            self._db.execute(
                "INSERT INTO fetch_log (source, finished, report) VALUES (?, ?, ?)",
                (source, self._db.timestamp(), json.dumps(report)),
            )

    def last_fetches(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return the last fetch of each source as (source, time, report), newest first."""
        rows = self._db.rows(
            "SELECT source, finished, report FROM fetch_log"
            " WHERE key IN (SELECT max(key) FROM fetch_log GROUP BY source) ORDER BY key DESC"
        )
        return [(source, finished, json.loads(report)) for source, finished, report in rows]

    def last_refresh(self) -> datetime | None:
        """Return when the last refresh of any sources ended, UTC, or None."""
        found = self._db.value("SELECT max(finished) FROM fetch_log WHERE source = 'refresh'")
        with self._db.parsing():
            return datetime.fromisoformat(found) if found else None

    def cursor(self, source: str, name: str) -> str | None:
        """Return what `set_cursor` stored, or None."""
        sql = "SELECT value FROM cursors WHERE source = ? AND name = ?"
        found: str | None = self._db.value(sql, (source, name))
        return found

    def cursors(self, source: str) -> dict[str, str]:
        """Return all cursors of `source`, by name."""
        return dict(self._db.rows("SELECT name, value FROM cursors WHERE source = ?", (source,)))

    def set_cursor(self, source: str, name: str, value: str | None) -> None:
        """Store where `source` stopped with `name`; None removes it."""
        with self._db.writing_without_revision():
            if value is None:
                self._db.execute(
                    "DELETE FROM cursors WHERE source = ? AND name = ?", (source, name)
                )
            else:
                self._db.execute(
                    "INSERT INTO cursors VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
                    " SET value = excluded.value WHERE value != excluded.value",
                    (source, name, value),
                )

    def clear_cursors(self, source: str) -> None:
        """Remove all cursors of `source`."""
        with self._db.writing_without_revision():
            self._db.execute("DELETE FROM cursors WHERE source = ?", (source,))

    def log_change(self, paper: str, kind: ChangeKind, detail: str = "") -> None:
        """Record a change of a paper."""
        with self._db.writing_without_revision():
            self._db.execute(
                "INSERT INTO changes (at, paper, kind, detail) VALUES (?, ?, ?, ?)",
                (self._db.timestamp(), paper, kind, detail),
            )

    def changes(self, since: datetime, most: int = -1) -> list[Change]:
        """Return the changes of papers since a time (UTC), newest first; all if `most` is -1."""
        start = since.astimezone(UTC).isoformat(timespec="seconds")
        return self._changes("at >= ?", start, most)

    def last_change(self) -> int:
        """Return the number of the last recorded change, 0 where there is none."""
        return int(self._db.value("SELECT coalesce(max(key), 0) FROM changes"))

    def changes_after(self, number: int) -> list[Change]:
        """Return the changes that were recorded after that of a number, newest first."""
        return self._changes("changes.key > ?", number, -1)

    def changes_from(self, day: date | None = None) -> list[Change]:
        """Return the changes since the start of a day (UTC; default: a week ago), newest first."""
        day = day or self._db.now().date() - timedelta(days=7)
        return self.changes(datetime(day.year, day.month, day.day, tzinfo=UTC))

    def changes_of(self, paper: str, most: int = -1) -> list[Change]:
        """Return the changes of one paper, by its id, newest first."""
        return self._changes("changes.paper = ?", paper, most)

    def _changes(self, where: str, value: str | int, most: int) -> list[Change]:
        with self._db.parsing():
            return [
                Change(datetime.fromisoformat(at), paper, ChangeKind(kind), detail, title)
                for at, paper, kind, detail, title in self._db.rows(
                    "SELECT at, paper, kind, detail, title FROM changes"
                    f" LEFT JOIN papers ON id = paper WHERE {where}"
                    " ORDER BY at DESC, changes.key DESC LIMIT ?",
                    (value, most),
                )
            ]
