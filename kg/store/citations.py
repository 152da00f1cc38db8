"""Citations between papers of the atlas, and references to papers that it lacks."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from kg.records import Citation
from kg.store.changes import ChangeStore
from kg.store.database import Store, json_keys


class OutsideReference(NamedTuple):
    """A reference to a paper by an identifier, whether the atlas has that paper or not."""

    scheme: str
    """``arxiv`` or ``doi``."""
    value: str
    """The identifier, in the form of `kg.ids`."""


class CitationStore(Store):
    """The citations and references, with their sources."""

    def add(self, citations: Iterable[Citation]) -> int:
        """Add the citations between papers of the catalogue and return how many are new."""
        every = list(citations)
        with self._db.writing():
            added = self._db.execute_many(
                "INSERT OR IGNORE INTO citations SELECT a.key, b.key, ? FROM papers a, papers b"
                " WHERE a.id = ? AND b.id = ? AND a.key != b.key",
                ((c.source, c.citing, c.cited) for c in every),
            )
            if added:
                sql = "SELECT key FROM papers WHERE id IN (SELECT value FROM json_each(?))"
                citing = json.dumps([one.citing for one in every])
                ChangeStore(self._db).note(self._db.column(sql, (citing,)))
        return added

    def put_references(
        self,
        key: int,
        source: str,
        references: Iterable[OutsideReference],
        known: int,
        checked: date,
    ) -> int:
        """Record the references of a paper by a source and return how many citations are new.

        References to papers that the atlas lacks are stored until it has them. References that
        the source gave before and no longer gives stay: a gap in its answer is more likely than a
        correction. Nothing is recorded of a paper that was removed or merged meanwhile.

        Parameters
        ----------
        key : int
            The citing paper.
        references : iterable of OutsideReference
            Those that have an identifier; one paper may come under several.
        known : int
            How many references the source knows, with an identifier or without.
        checked : date
            The day of the request.
        """
        with self._db.writing():
            if self._db.value("SELECT key FROM papers WHERE key = ?", (key,)) is None:
                return 0
            with self._db.writing_without_revision():
                self._db.execute_many(
                    "INSERT OR IGNORE INTO outside_references VALUES (?, ?, ?, ?)",
                    ((key, scheme, value, source) for scheme, value in references),
                )
                self._db.execute(
                    "INSERT INTO reference_checks VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
                    " SET checked = excluded.checked, found = excluded.found",
                    (key, source, checked.isoformat(), known),
                )
            return self.resolve_references([key]).total()

    def resolve_references(self, citing: Sequence[int] | None = None) -> Counter[str]:
        """Turn stored references to papers that the atlas has by now into citations.

        Where `citing` is given, only those of these papers. Return how many citations are new, by
        source.
        """
        # There are many more references than identifiers, and few references of one paper: CROSS
        # JOIN fixes which of the two tables is scanned and which one is looked up.
        tables = "identifiers i CROSS JOIN outside_references o"
        where, parameters = "i.scheme IN ('arxiv', 'doi')", []
        if citing is not None:
            tables = "outside_references o CROSS JOIN identifiers i"
            where = "o.citing IN (SELECT value FROM json_each(?))"
            parameters = [json_keys(citing)]
        added, changed = Counter[str](), set[int]()
        with self._db.writing():
            resolved = self._db.rows(
                f"SELECT o.scheme, o.value, o.citing, o.source, i.paper FROM {tables}"
                f" ON i.scheme = o.scheme AND i.value = o.value WHERE {where}",
                parameters,
            )
            for *_, key, source, paper in resolved:
                if key != paper:
                    # Not `rowcount`: Python looks for INSERT by the locale's rules of case, does
                    # not find it in a Turkish locale, and then counts -1.
                    new = self._db.column(
                        "INSERT OR IGNORE INTO citations VALUES (?, ?, ?) RETURNING citing",
                        (key, paper, source),
                    )
                    added[source] += len(new)
                    changed.update(new)
            if changed:
                ChangeStore(self._db).note(changed)
            # A citation that is known already changes no answer.
            with self._db.writing_without_revision():
                self._db.execute_many(
                    "DELETE FROM outside_references"
                    " WHERE scheme = ? AND value = ? AND citing = ? AND source = ?",
                    (row[:4] for row in resolved),
                )
        return added

    def reference_checks(self, source: str) -> dict[int, tuple[date, int]]:
        """Return, by key, the day of the last request to `source` and how many it gave."""
        rows = self._db.rows(
            "SELECT paper, checked, found FROM reference_checks WHERE source = ?", (source,)
        )
        with self._db.parsing():
            return {key: (date.fromisoformat(checked), found) for key, checked, found in rows}

    def unchecked(
        self, source: str, since: date, today: date
    ) -> list[tuple[int, str | None, str | None]]:
        """Return the papers whose references `source` was not asked for since a day.

        Parameters
        ----------
        since, today : date
            First and last day; a request on a later day was recorded by a wrong clock.

        Returns
        -------
        list of (int, str or None, str or None)
            Key, arXiv id and DOI of all that have one of them: those never requested first, then
            those requested longest ago.
        """
        return self._db.rows(
            "SELECT key, arxiv_id, doi FROM papers"
            " LEFT JOIN reference_checks ON paper = key AND source = ?"
            " WHERE (arxiv_id IS NOT NULL OR doi IS NOT NULL)"
            " AND (checked BETWEEN ? AND ?) IS NOT TRUE ORDER BY checked, key",
            (source, since.isoformat(), today.isoformat()),
        )

    def references(self, key: int) -> list[int]:
        """Return the keys of the papers that the paper cites, oldest first."""
        return self._linked("citing", "cited", key)

    def cited_by(self, key: int) -> list[int]:
        """Return the keys of the papers that cite the paper, oldest first."""
        return self._linked("cited", "citing", key)

    def _linked(self, this: str, other: str, key: int) -> list[int]:
        return self._db.column(
            f"SELECT DISTINCT {other} FROM citations JOIN papers ON key = {other}"
            f" WHERE {this} = ? ORDER BY year, id",
            (key,),
        )

    def all(self) -> list[tuple[str, str, str]]:
        """Return every citation as (citing id, cited id, source)."""
        return self._db.rows(
            "SELECT a.id, b.id, source FROM citations"
            " JOIN papers a ON a.key = citing JOIN papers b ON b.key = cited ORDER BY 1, 2, 3"
        )
