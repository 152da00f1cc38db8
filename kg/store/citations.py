"""Citations in the catalogue: those between its papers, and those that wait for a paper."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from kg.entities import Citation
from kg.store.database import Database


class Reference(NamedTuple):
    """A paper that another cites, by an identifier."""

    scheme: str
    """``arxiv`` or ``doi``."""
    value: str
    """The identifier, in the form of `kg.ids`."""


class CitationStore(Database):
    """The part of a catalogue that keeps citations."""

    def cite(self, citations: Iterable[Citation]) -> int:
        """Add the citations between papers of the catalogue and return how many are new."""
        with self.writing():
            before = self._db.total_changes
            self._db.executemany(
                "INSERT OR IGNORE INTO citations SELECT a.key, b.key, ? FROM papers a, papers b"
                " WHERE a.id = ? AND b.id = ? AND a.key != b.key",
                ((c.source, c.citing, c.cited) for c in citations),
            )
            return self._db.total_changes - before

    def put_references(
        self,
        key: int,
        source: str,
        references: Iterable[Reference],
        known: int,
        checked: date,
    ) -> int:
        """Record the references that a source knows of a paper and return how many are new edges.

        References to papers that the atlas does not have are kept until it does. What the source
        said before and says no longer stays: a gap in its answer is more likely than a mistake.
        A paper that is gone meanwhile, as part of another, has none.

        Parameters
        ----------
        key : int
            The citing paper.
        source : str
        references : iterable of Reference
            Those that have an identifier; one paper may come under several.
        known : int
            How many references the source knows, with an identifier or without.
        checked : date
            The day on which it was asked.
        """
        with self.writing():
            if self._one("SELECT key FROM papers WHERE key = ?", (key,)) is None:
                return 0
            with self.noting():
                self._db.executemany(
                    "INSERT OR IGNORE INTO outside_references VALUES (?, ?, ?, ?)",
                    ((key, scheme, value, source) for scheme, value in references),
                )
                self._db.execute(
                    "INSERT INTO reference_checks VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
                    " SET checked = excluded.checked, found = excluded.found",
                    (key, source, checked.isoformat(), known),
                )
            return self.settle_references([key]).total()

    def settle_references(self, citing: Sequence[int] | None = None) -> Counter[str]:
        """Turn kept references whose paper is in the atlas into citations.

        Parameters
        ----------
        citing : sequence of int, optional
            Only those of these papers.

        Returns
        -------
        Counter of str
            How many edges are new, by source.
        """
        # Many more references are kept than the atlas has names, and a paper has few: CROSS JOIN
        # says which of the two tables is read and in which one SQLite looks up.
        if citing is None:
            both = "identifiers i CROSS JOIN outside_references o", "i.scheme IN ('arxiv', 'doi')"
            parameters: tuple[str, ...] = ()
        else:
            some = "o.citing IN (SELECT value FROM json_each(?))"
            both = "outside_references o CROSS JOIN identifiers i", some
            parameters = (json.dumps([int(key) for key in citing]),)
        sql = (
            "SELECT o.scheme, o.value, o.citing, o.source, i.paper FROM {}"
            " ON i.scheme = o.scheme AND i.value = o.value WHERE {}"
        )
        added: Counter[str] = Counter()
        with self.writing():
            settled = self._rows(sql.format(*both), parameters)
            for *_, key, source, paper in settled:
                if key != paper:
                    # Not `rowcount`: Python looks for the word INSERT by the rules of the locale,
                    # does not find it in Turkish, and then counts -1.
                    added[source] += len(
                        self._db.execute(
                            "INSERT OR IGNORE INTO citations VALUES (?, ?, ?) RETURNING citing",
                            (key, paper, source),
                        ).fetchall()
                    )
            # Hearing of a known citation again changes nothing that anybody sees.
            with self.noting():
                self._db.executemany(
                    "DELETE FROM outside_references"
                    " WHERE scheme = ? AND value = ? AND citing = ? AND source = ?",
                    (row[:4] for row in settled),
                )
        return added

    def reference_checks(self, source: str) -> dict[int, tuple[date, int]]:
        """Return, by key, when `source` was asked for a paper's references and how many it knew."""
        rows = self._rows(
            "SELECT paper, checked, found FROM reference_checks WHERE source = ?", (source,)
        )
        with self._clear_values():
            return {key: (date.fromisoformat(checked), found) for key, checked, found in rows}

    def not_asked(
        self, source: str, since: date, today: date
    ) -> list[tuple[int, str | None, str | None]]:
        """Return the papers that `source` was not asked about from `since` to `today`.

        Parameters
        ----------
        source : str
        since, today : date
            First and last day. A day still to come is one on which the clock was wrong.

        Returns
        -------
        list of (int, str or None, str or None)
            Key, arXiv id and DOI of all that have one of them; those never asked about first, then
            those asked about longest ago.
        """
        return self._rows(
            "SELECT key, arxiv_id, doi FROM papers"
            " LEFT JOIN reference_checks ON paper = key AND source = ?"
            " WHERE (arxiv_id IS NOT NULL OR doi IS NOT NULL)"
            " AND (checked BETWEEN ? AND ?) IS NOT TRUE ORDER BY checked, key",
            (source, since.isoformat(), today.isoformat()),
        )

    def references(self, key: int) -> list[int]:
        """Return the keys of the papers that the paper cites, oldest first."""
        return self._cited("citing", "cited", key)

    def cited_by(self, key: int) -> list[int]:
        """Return the keys of the papers that cite the paper, oldest first."""
        return self._cited("cited", "citing", key)

    def _cited(self, this: str, other: str, key: int) -> list[int]:
        sql = (
            f"SELECT DISTINCT {other} FROM citations JOIN papers ON key = {other}"
            f" WHERE {this} = ? ORDER BY year, id"
        )
        return [row[0] for row in self._rows(sql, (key,))]

    def all_citations(self) -> list[tuple[str, str, str]]:
        """Return every citation as (citing id, cited id, source)."""
        return self._rows(
            "SELECT a.id, b.id, source FROM citations"
            " JOIN papers a ON a.key = citing JOIN papers b ON b.key = cited ORDER BY 1, 2, 3"
        )
