"""Positions: where each paper is on the map that is drawn from a model's vectors."""

from collections.abc import Iterable
from typing import NamedTuple

from kg.store.database import Store


class Position(NamedTuple):
    """The place of one paper on the map."""

    key: int
    x: float
    """-1 to 1, from left to right."""
    y: float
    """-1 to 1, from top to bottom."""
    drawn: bool
    """True where the map was drawn from this paper, False where it was added later."""


class PositionStore(Store):
    """The positions of papers on the map of each model.

    They are made from the vectors, so the catalogue's revision stays when they are written.
    """

    @property
    def revision(self) -> int:
        """Number of the last change to any position; removing a paper is none."""
        return int(self._db.value("SELECT value FROM meta WHERE name = 'positions_revision'"))

    def all(self, model: str) -> list[Position]:
        """Return the positions of `model`, in order of their keys."""
        sql = "SELECT paper, x, y, drawn FROM positions WHERE model = ? ORDER BY paper"
        return [
            Position(key, x, y, bool(drawn)) for key, x, y, drawn in self._db.rows(sql, (model,))
        ]

    def years(self, model: str) -> dict[int, int]:
        """Return the year, where known, of each paper that has a position of `model`."""
        sql = (
            "SELECT key, year FROM positions JOIN papers ON key = paper"
            " WHERE model = ? AND year IS NOT NULL"
        )
        return dict(self._db.rows(sql, (model,)))

    def counts(self, model: str) -> tuple[int, int, int]:
        """Return how many papers are on the map, how many it was drawn from, and how many miss.

        Those that miss have a vector of `model` and no position.
        """
        ((shown, drawn, missing),) = self._db.rows(
            "SELECT count(*), coalesce(sum(drawn), 0), (SELECT count(DISTINCT paper) FROM vectors"
            " WHERE model = ? AND paper NOT IN (SELECT paper FROM positions WHERE model = ?))"
            " FROM positions WHERE model = ?",
            (model, model, model),
        )
        return shown, drawn, missing

    def add(self, model: str, rows: Iterable[Position], since: int, anew: bool = False) -> bool:
        """Add positions of papers that have none, and return whether that was done.

        Parameters
        ----------
        rows : iterable of Position
            Papers that were removed meanwhile are skipped.
        since : int
            The `revision` that they were computed for; nothing is stored where it has moved on.
        anew : bool
            Remove all positions of `model` before.
        """
        with self._db.writing_without_revision():
            if self.revision != since:
                return False
            if anew:
                self._db.execute("DELETE FROM positions WHERE model = ?", (model,))
            self._db.execute_many(
                "INSERT OR IGNORE INTO positions SELECT ?, key, ?, ?, ? FROM papers WHERE key = ?",
                ((model, row.x, row.y, row.drawn, row.key) for row in rows),
            )
            self._db.execute("UPDATE meta SET value = value + 1 WHERE name = 'positions_revision'")
            return True
