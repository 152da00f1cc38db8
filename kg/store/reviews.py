"""The review queue: papers that a person is to decide on, and the decisions."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from kg.errors import NotFound
from kg.records import Paper
from kg.store.database import Store
from kg.store.records import from_json, to_json
from kg.values import dataclass


class Decision(StrEnum):
    """What a person decides on a paper in the review queue."""

    ACCEPT = "accept"
    REJECT = "reject"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class QueuedPaper:
    """A paper in the review queue."""

    paper: Paper
    suggestions: tuple[tuple[str, float], ...]
    """Topics with the model's confidence, most confident first."""
    belongs: float
    """The model's probability that the paper is within the scope of the atlas."""
    queued: datetime
    """When it was added, UTC."""


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """A person's decision on one paper."""

    at: datetime
    paper: str
    decision: Decision
    topic: str | None
    title: str
    abstract: str | None


class ReviewQueue(Store):
    """The queued papers and the decisions; writing them does not move the revision."""

    def add(self, paper: Paper, suggestions: Sequence[tuple[str, float]], belongs: float) -> bool:
        """Add a paper, or update its record and suggestions; return whether it was added."""
        suggestions_json = json.dumps([[topic, confidence] for topic, confidence in suggestions])
        with self._db.writing_without_revision():
            new = not self._db.value("SELECT 1 FROM reviews WHERE paper = ?", (paper.id,))
            self._db.execute(
                "INSERT INTO reviews VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " record = excluded.record, suggestions = excluded.suggestions,"
                " belongs = excluded.belongs WHERE (record, suggestions, belongs)"
                " != (excluded.record, excluded.suggestions, excluded.belongs)",
                (paper.id, to_json(paper), suggestions_json, belongs, self._db.timestamp()),
            )
        return bool(new)

    def remove(self, paper_id: str) -> None:
        """Remove a paper from the queue."""
        with self._db.writing_without_revision():
            self._db.execute("DELETE FROM reviews WHERE paper = ?", (paper_id,))

    def waiting(self, start: int = 0, most: int = -1) -> list[QueuedPaper]:
        """Return `most` queued papers (-1: all) after the first `start`, those worth most first.

        A decision is worth the more, the likelier the paper belongs and the fewer papers its topic
        has, from which the model learns what belongs there.
        """
        rows = self._db.rows(
            "SELECT record, suggestions, belongs, queued FROM reviews LEFT JOIN"
            " (SELECT topic, count(DISTINCT paper) AS papers FROM placements GROUP BY topic)"
            " ON topic = suggestions ->> '$[0][0]'"
            " ORDER BY belongs * CASE suggestions WHEN '[]' THEN 1"
            " ELSE 1 + 1.0 / (1 + coalesce(papers, 0)) END DESC, reviews.paper"
            " LIMIT ? OFFSET ?",
            (most, start),
        )
        with self._db.parsing():
            return [
                QueuedPaper(
                    from_json(record),
                    tuple((topic, confidence) for topic, confidence in json.loads(suggestions)),
                    belongs,
                    datetime.fromisoformat(queued),
                )
                for record, suggestions, belongs, queued in rows
            ]

    def ids(self) -> set[str]:
        """Return the ids of the queued papers."""
        return set(self._db.column("SELECT paper FROM reviews"))

    def among(self, ids: Iterable[str]) -> set[str]:
        """Return those of some ids whose papers are queued."""
        sql = "SELECT paper FROM reviews WHERE paper IN (SELECT value FROM json_each(?))"
        return set(self._db.column(sql, (json.dumps(list(ids)),)))

    def decided(self) -> dict[str, Decision]:
        """Return the last decision on each paper, by id."""
        return {one.paper: one.decision for one in self.decisions()}

    def rejected(self, ids: Iterable[str]) -> set[str]:
        """Return those of some ids whose papers a person rejected last."""
        rows = self._db.rows(
            "SELECT paper, decision FROM decisions"
            " WHERE paper IN (SELECT value FROM json_each(?)) ORDER BY key",
            (json.dumps(list(ids)),),
        )
        return {paper for paper, decision in dict(rows).items() if decision == Decision.REJECT}

    def get(self, paper_id: str) -> QueuedPaper:
        """Return one queued paper.

        Raises
        ------
        NotFound
            If it is not queued; carries ids that are.
        """
        waiting = {one.paper.id: one for one in self.waiting()}
        if paper_id not in waiting:
            raise NotFound("paper in review", paper_id, list(waiting)[:3])
        return waiting[paper_id]

    def add_decision(self, paper: Paper, decision: Decision, topic: str | None) -> None:
        """Record a person's decision."""
        with self._db.writing_without_revision():
            self._db.execute(
                "INSERT INTO decisions (at, paper, decision, topic, title, abstract)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (self._db.timestamp(), paper.id, decision, topic, paper.title, paper.abstract),
            )

    def decisions(self) -> list[ReviewDecision]:
        """Return the last decision on each paper, oldest first."""
        rows = self._db.rows(
            "SELECT at, paper, decision, topic, title, abstract FROM decisions"
            " WHERE key IN (SELECT max(key) FROM decisions GROUP BY paper) ORDER BY key"
        )
        with self._db.parsing():
            return [
                ReviewDecision(datetime.fromisoformat(at), paper, Decision(decision), *rest)
                for at, paper, decision, *rest in rows
            ]
