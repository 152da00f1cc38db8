"""Selecting papers of the catalogue by filters and by their words."""

import json
from collections.abc import Sequence

from kg.entities import Filters
from kg.store.database import Database
from kg.store.filter_sql import DATED, NOT_WITHDRAWN, condition


class Selection(Database):
    """The part of a catalogue that finds keys."""

    def keys(self, filters: Filters) -> list[int] | None:
        """Return the keys of the papers that pass `filters`, or None where all do."""
        where, parameters = condition(filters)
        if not where:
            return None
        if where == NOT_WITHDRAWN and not self._one(
            "SELECT EXISTS (SELECT 1 FROM papers WHERE withdrawn)"
        ):
            return None
        sql = f"SELECT key FROM papers WHERE {where} ORDER BY key"
        return [row[0] for row in self._rows(sql, parameters)]

    def existing_id(self, text: str) -> bool:
        """Return whether a text is the id of a paper, or was once."""
        return bool(self.keys_of([text]))

    def all_keys(self) -> list[int]:
        """Return the keys of all papers, in order of their ids."""
        return [row[0] for row in self._rows("SELECT key FROM papers ORDER BY id")]

    def category_counts(self) -> list[tuple[str, int]]:
        """Return every category with the number of its papers, the most frequent first."""
        return self._rows(
            "SELECT category, count(*) FROM categories JOIN papers ON key = paper"
            " WHERE NOT withdrawn GROUP BY category ORDER BY 2 DESC, 1"
        )

    def existing(self, keys: Sequence[int]) -> set[int]:
        """Return those of `keys` that a paper has."""
        sql = "SELECT key FROM papers WHERE key IN (SELECT value FROM json_each(?))"
        return {row[0] for row in self._rows(sql, (json.dumps([int(key) for key in keys]),))}

    def keys_of(self, ids: Sequence[str]) -> dict[str, int]:
        """Return, by id, the keys of the papers that have these ids, or had them once.

        An id that no paper ever had is not in it.
        """
        wanted = json.dumps(list(ids))
        rows = self._rows(
            "SELECT value, paper FROM identifiers WHERE scheme IN ('id', 'arxiv')"
            " AND value IN (SELECT value FROM json_each(?))"
            " UNION ALL SELECT id, key FROM papers WHERE id IN (SELECT value FROM json_each(?))",
            (wanted, wanted),
        )
        return dict(rows)

    def match(
        self, expression: str, limit: int, filters: Filters, weights: Sequence[float]
    ) -> list[tuple[int, float]]:
        """Return the papers that match an FTS5 expression, best first.

        Parameters
        ----------
        expression : str
            A valid FTS5 expression (`search.index.words.fts5` makes one of any text).
        limit : int
            The most rows to return.
        filters : Filters
            Papers that do not pass are not ranked.
        weights : sequence of 3 floats
            BM25 weights of title, abstract and authors.

        Returns
        -------
        list of (int, float)
            Key and BM25 score (higher is better).
        """
        where, parameters = condition(filters)
        # The plus keeps SQLite from matching the words anew for each paper that passes.
        only = f" AND +rowid IN (SELECT key FROM papers WHERE {where})" if where else ""
        return self._rows(
            f"SELECT rowid, -bm25(words, ?, ?, ?) AS score FROM words WHERE words MATCH ?{only}"
            " ORDER BY score DESC, rowid LIMIT ?",
            (*weights, expression, *parameters, limit),
        )

    def surnamed(self, word: str) -> list[str]:
        """Return the authors' names, folded, that end with a word, each once."""
        sql = (
            "SELECT DISTINCT folded FROM authorships"
            " WHERE substr(' ' || folded, -length(?)) = ? ORDER BY folded"
        )
        return [row[0] for row in self._rows(sql, (f" {word}", f" {word}"))]

    def names_beginning(self, text: str) -> list[str]:
        """Return the authors' names, folded, that begin with a text, each once."""
        sql = "SELECT DISTINCT folded FROM authorships WHERE folded >= ? AND folded < ?"
        return [row[0] for row in self._rows(sql, (text, f"{text}\U0010ffff"))]

    def papers_by(self, names: Sequence[str], filters: Filters) -> list[int]:
        """Return the papers by any of some authors (folded names) that pass, the newest first."""
        where, parameters = condition(filters)
        sql = (
            "SELECT key FROM papers WHERE key IN (SELECT paper FROM authorships"
            f" WHERE folded IN (SELECT value FROM json_each(?))) AND {where or 1}"
            f" ORDER BY coalesce({DATED}, '') DESC, key DESC"
        )
        return [row[0] for row in self._rows(sql, (json.dumps(list(names)), *parameters))]

    def newest(self, filters: Filters, most: int) -> list[int]:
        """Return the papers that pass, those that appeared last first."""
        where, parameters = condition(filters)
        sql = (
            f"SELECT key FROM papers WHERE {where or 1}"
            f" ORDER BY coalesce({DATED}, '') DESC, key DESC LIMIT ?"
        )
        return [row[0] for row in self._rows(sql, (*parameters, most))]

    def frequency(self, expression: str) -> int:
        """Return in how many papers an FTS5 expression occurs."""
        return int(self._one("SELECT count(*) FROM words WHERE words MATCH ?", (expression,)))

    def occurring(self, expression: str, keys: Sequence[int]) -> set[int]:
        """Return those of `keys` in which an FTS5 expression occurs."""
        rows = self._rows(
            "SELECT rowid FROM words WHERE words MATCH ?"
            " AND +rowid IN (SELECT value FROM json_each(?))",
            (expression, json.dumps([int(key) for key in keys])),
        )
        return {row[0] for row in rows}

    def marked_abstracts(
        self, expression: str, keys: Sequence[int], marks: tuple[str, str]
    ) -> dict[int, str]:
        """Return the abstracts of `keys` that match, with each matching word within `marks`."""
        rows = self._rows(
            "SELECT rowid, highlight(words, 1, ?, ?) FROM words WHERE words MATCH ?"
            " AND +rowid IN (SELECT value FROM json_each(?))",
            (*marks, expression, json.dumps([int(key) for key in keys])),
        )
        return dict(rows)
