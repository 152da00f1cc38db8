"""Candidates in the catalogue: papers that a source found, until they are judged."""

import json
from collections.abc import Iterable
from datetime import date, timedelta

from kg.entities import Paper
from kg.ids.titles import normalised_title
from kg.store.reviews import Decision, ReviewQueue, as_paper, as_record
from kg.store.vectors import text_hash

_REMEMBERED = timedelta(days=90)
"""For so long a paper that was judged not to belong is remembered."""


class Candidates(ReviewQueue):
    """The part of a catalogue that keeps what is to be judged, and what was found wanting."""

    def hold(self, papers: Iterable[Paper]) -> None:
        """Keep papers until they are judged; of two records of one paper, the later stays."""
        with self.noting():
            self._db.executemany(
                "INSERT INTO candidates VALUES (?, ?) ON CONFLICT DO UPDATE"
                " SET record = excluded.record WHERE record != excluded.record",
                ((paper.id, as_record(paper)) for paper in papers),
            )

    def held(self, limit: int) -> list[Paper]:
        """Return the first papers that wait to be judged, in order of their ids."""
        rows = self._rows("SELECT record FROM candidates ORDER BY paper LIMIT ?", (limit,))
        with self._clear_values():
            return [as_paper(record) for (record,) in rows]

    def count_held(self) -> int:
        """Return how many papers wait to be judged."""
        return int(self._one("SELECT count(*) FROM candidates"))

    def release(self, papers: Iterable[Paper]) -> None:
        """Forget papers that were judged."""
        with self.noting():
            self._db.executemany(
                "DELETE FROM candidates WHERE paper = ?", ((paper.id,) for paper in papers)
            )

    def news(self, papers: Iterable[Paper]) -> list[Paper]:
        """Return those papers of which nothing is settled: not rejected, nor judged as they are.

        A paper that waits, or that was judged not to belong, is news again when its text changes.
        """
        rejected = {i for i, decision in self.decided().items() if decision is Decision.REJECT}
        found = [paper for paper in papers if paper.id not in rejected]
        ids = json.dumps([paper.id for paper in found])
        some = " WHERE paper IN (SELECT value FROM json_each(?))"
        judged = dict(self._rows("SELECT paper, text_hash FROM outsiders" + some, (ids,)))
        with self._clear_values():
            for (record,) in self._rows("SELECT record FROM reviews" + some, (ids,)):
                waiting = as_paper(record)
                judged[waiting.id] = _fingerprint(waiting)
        return [paper for paper in found if judged.get(paper.id) != _fingerprint(paper)]

    def put_outside(self, papers: Iterable[Paper], day: date) -> None:
        """Remember papers as judged not to belong, and forget whom nobody told of for long."""
        with self.noting():
            self._db.executemany(
                "INSERT INTO outsiders VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
                " SET text_hash = excluded.text_hash, judged = excluded.judged",
                ((paper.id, _fingerprint(paper), day.isoformat()) for paper in papers),
            )
            self._db.execute(
                "DELETE FROM outsiders WHERE judged < ?", ((day - _REMEMBERED).isoformat(),)
            )


def _fingerprint(paper: Paper) -> str:
    """Return a hash of the words: the two services of arXiv space and mark them up differently."""
    return text_hash(normalised_title(paper.text))
