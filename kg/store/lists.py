"""List entries: which curated lists name which papers."""

from collections.abc import Sequence
from datetime import date

from kg.store.database import Store, json_keys
from kg.store.identifiers import IdentifierStore


class ListStore(Store):
    """The entries of lists."""

    def add(self, paper_id: str, list_name: str, starred: bool) -> None:
        """Record that a list names the paper."""
        with self._db.writing():
            self._db.execute(
                "INSERT INTO list_entries VALUES (?, ?, ?, NULL) ON CONFLICT DO UPDATE"
                " SET starred = max(starred, excluded.starred), gone = NULL"
                " WHERE starred < excluded.starred OR gone IS NOT NULL",
                (list_name, IdentifierStore(self._db).key(paper_id), starred),
            )

    def mark_gone(self, list_name: str, keys: Sequence[int], day: date) -> None:
        """Record that a list no longer names the papers of `keys` since `day`."""
        self._db.execute(
            "UPDATE list_entries SET gone = ? WHERE list = ? AND gone IS NULL"
            " AND paper IN (SELECT value FROM json_each(?))",
            (day.isoformat(), list_name, json_keys(keys)),
        )

    def names(self, keys: Sequence[int]) -> dict[int, list[str]]:
        """Return the names of the lists that name or named each paper of `keys`, in order."""
        return self._db.groups(
            "SELECT paper, list FROM list_entries"
            " WHERE paper IN (SELECT value FROM json_each(?)) ORDER BY list",
            (json_keys(keys),),
        )

    def papers(self, list_name: str, gone: bool = False) -> dict[int, str]:
        """Return, by key, the ids of the papers that a list names, or no longer names."""
        rows = self._db.rows(
            "SELECT key, id FROM list_entries JOIN papers ON key = paper"
            " WHERE list = ? AND (gone IS NOT NULL) = ? ORDER BY key",
            (list_name, gone),
        )
        return dict(rows)

    def entries(self) -> list[tuple[str, str, int]]:
        """Return every list entry as (list, paper id, starred)."""
        return self._db.rows(
            "SELECT list, id, starred FROM list_entries JOIN papers ON key = paper ORDER BY 1, 2"
        )
