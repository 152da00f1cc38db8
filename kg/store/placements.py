"""Placements: which papers are under which topics, by which source, with what confidence."""

from collections.abc import Iterable, Sequence

from kg.records import PlacedBy, Placement
from kg.store.database import Store, json_keys
from kg.store.identifiers import IdentifierStore


class PlacementStore(Store):
    """The placements of papers."""

    def add(self, paper_id: str, placements: Iterable[Placement]) -> None:
        """Add placements of a paper, or update their confidence."""
        with self._db.writing():
            key = IdentifierStore(self._db).key(paper_id)
            self._db.execute_many(
                "INSERT INTO placements VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET confidence = excluded.confidence"
                " WHERE confidence != excluded.confidence",
                ((key, p.topic, p.placed_by, p.source, p.confidence) for p in placements),
            )

    def remove(self, paper_id: str, placed_by: PlacedBy, topic: str | None = None) -> None:
        """Remove the placements of a paper by lists, models or persons, of one topic or all."""
        with self._db.writing():
            self._db.execute(
                "DELETE FROM placements"
                " WHERE paper = ? AND placed_by = ? AND topic = coalesce(?, topic)",
                (IdentifierStore(self._db).key(paper_id), placed_by, topic),
            )

    def get(self, keys: Sequence[int]) -> dict[int, list[Placement]]:
        """Return the placements of each paper of `keys` that has any, most confident first."""
        placed: dict[int, list[Placement]] = {}
        for key, topic, placed_by, source, confidence in self._db.rows(
            "SELECT paper, topic, placed_by, source, confidence FROM placements"
            " WHERE paper IN (SELECT value FROM json_each(?)) ORDER BY confidence DESC, topic",
            (json_keys(keys),),
        ):
            placed.setdefault(key, []).append(
                Placement(topic, PlacedBy(placed_by), source, confidence)
            )
        return placed

    def topic_papers(self) -> list[tuple[str, int]]:
        """Return every (topic, key) pair of a placed paper that is not withdrawn, once."""
        return self._db.rows(
            "SELECT DISTINCT topic, paper FROM placements JOIN papers ON key = paper"
            " WHERE NOT withdrawn"
        )
