"""Candidates: papers that a source found, until they are classified."""

import json
from collections.abc import Iterable
from datetime import date, timedelta

from kg.ids.titles import normalised_title
from kg.records import Paper
from kg.store.database import Store
from kg.store.records import from_json, to_json
from kg.store.reviews import ReviewQueue
from kg.store.vectors import text_hash


class CandidateStore(Store):
    """Papers that are to be classified, and those that were found to be outside the atlas."""

    def add(self, papers: Iterable[Paper]) -> None:
        """Add papers to be classified; a later record of one replaces the earlier."""
        with self._db.writing_without_revision():
            self._db.execute_many(
                "INSERT INTO candidates VALUES (?, ?) ON CONFLICT DO UPDATE"
                " SET record = excluded.record WHERE record != excluded.record",
                ((paper.id, to_json(paper)) for paper in papers),
            )

    def first(self, limit: int) -> list[Paper]:
        """Return the first papers to be classified, in order of their ids."""
        rows = self._db.rows("SELECT record FROM candidates ORDER BY paper LIMIT ?", (limit,))
        with self._db.parsing():
            return [from_json(record) for (record,) in rows]

    def count(self) -> int:
        """Return the number of papers to be classified."""
        return int(self._db.value("SELECT count(*) FROM candidates"))

    def remove(self, papers: Iterable[Paper]) -> None:
        """Remove papers, once they are classified."""
        with self._db.writing_without_revision():
            self._db.execute_many(
                "DELETE FROM candidates WHERE paper = ?", ((paper.id,) for paper in papers)
            )

    def unclassified(self, papers: Iterable[Paper]) -> list[Paper]:
        """Return those papers that no person rejected and that were not classified as they are.

        A paper that waits for review, or is outside the atlas, is classified again when its text
        changes.
        """
        every = list(papers)
        rejected = ReviewQueue(self._db).rejected(paper.id for paper in every)
        found = [paper for paper in every if paper.id not in rejected]
        ids = json.dumps([paper.id for paper in found])
        some = " WHERE paper IN (SELECT value FROM json_each(?))"
        known = dict(self._db.rows("SELECT paper, text_hash FROM outsiders" + some, (ids,)))
        with self._db.parsing():
            for (record,) in self._db.rows("SELECT record FROM reviews" + some, (ids,)):
                waiting = from_json(record)
                known[waiting.id] = _fingerprint(waiting)
        return [paper for paper in found if known.get(paper.id) != _fingerprint(paper)]

    def add_outsiders(self, papers: Iterable[Paper], day: date) -> None:
        """Record papers as outside the atlas."""
        with self._db.writing_without_revision():
            self._db.execute_many(
                "INSERT INTO outsiders VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
                " SET text_hash = excluded.text_hash, judged = excluded.judged",
                ((paper.id, _fingerprint(paper), day.isoformat()) for paper in papers),
            )

    def prune_outsiders(self, day: date) -> None:
        """Remove records of papers outside the atlas that are older than 90 days."""
        with self._db.writing_without_revision():
            self._db.execute(
                "DELETE FROM outsiders WHERE judged < ?", ((day - timedelta(days=90)).isoformat(),)
            )


def _fingerprint(paper: Paper) -> str:
    """Return a hash of the words: the two services of arXiv space and mark them up differently."""
    return text_hash(normalised_title(paper.text))
