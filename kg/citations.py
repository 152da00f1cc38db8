"""Citations in the catalogue: those between its papers, and those that wait for a paper."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from kg.database import Database
from kg.entities import Citation


class Reference(NamedTuple):
    """A paper that another cites, by an identifier."""

    scheme: str
    """``arxiv`` or ``doi``."""
    value: str
    """The identifier, in the form of `kg.identifiers`."""


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
            return self.settle_references([key])

    def settle_references(self, citing: Sequence[int] | None = None) -> int:
        """Turn kept references whose paper is in the atlas into citations; return how many.

        Parameters
        ----------
        citing : sequence of int, optional
            Only those of these papers.
        """
        some = " AND o.citing IN (SELECT value FROM json_each(?))" if citing is not None else ""
        parameters = () if citing is None else (json.dumps([int(key) for key in citing]),)
        found = (
            "FROM outside_references o JOIN identifiers i"
            " ON (i.scheme, i.value) = (o.scheme, o.value) WHERE 1" + some
        )
        with self.writing():
            before = self._db.total_changes
            self._db.execute(
                "INSERT OR IGNORE INTO citations SELECT o.citing, i.paper, o.source "
                + found
                + " AND o.citing != i.paper",
                parameters,
            )
            added = self._db.total_changes - before
            if self._rows("SELECT 1 " + found + " LIMIT 1", parameters):
                self._db.execute(
                    "DELETE FROM outside_references AS d WHERE EXISTS (SELECT 1 "
                    + found
                    + " AND (o.citing, o.scheme, o.value, o.source)"
                    " = (d.citing, d.scheme, d.value, d.source))",
                    parameters,
                )
        return added

    def reference_checks(self, source: str) -> dict[int, tuple[date, int]]:
        """Return, by key, when `source` was asked for a paper's references and how many it knew."""
        rows = self._rows(
            "SELECT paper, checked, found FROM reference_checks WHERE source = ?", (source,)
        )
        with self._clear_values():
            return {key: (date.fromisoformat(checked), found) for key, checked, found in rows}

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
