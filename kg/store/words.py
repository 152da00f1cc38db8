"""Full-text search: the words of titles, abstracts, authors and cards, in an FTS5 table."""

import json
import threading
from collections.abc import Iterable, Sequence
from typing import Final

from kg.ids.titles import normalised_title
from kg.records import Filters, Term
from kg.store.database import Database, Store, json_keys
from kg.store.few_words import COLUMNS, FewWords, Row
from kg.store.filter_sql import (
    LOOKED_UP,
    NOT_WITHDRAWN,
    condition,
    term_expression,
    words_condition,
)

TEXTS: Final = (
    "SELECT key, searched_title(title) AS title, coalesce(abstract, '') AS abstract,"
    " coalesce((SELECT group_concat(searched_name(name), ', ') FROM (SELECT name FROM authorships"
    " WHERE paper = key ORDER BY position)), '') AS authors,"
    " coalesce((SELECT coalesce(summary || ' ', '') || coalesce(record ->> 'problem' || ' ', '')"
    " || (record ->> 'kind') || coalesce((SELECT ' ' || group_concat(value, ' ')"
    " FROM json_each(record, '$.also_kind')), '') FROM cards WHERE paper = key), '') AS card,"
    " CASE WHEN coalesce(abstract, '') = '' THEN"
    " coalesce((SELECT stems FROM abstract_stems WHERE paper = key), '') ELSE '' END AS stems"
    " FROM papers"
)
"""SQL of what is indexed of each paper: its key, and a text for each column of `words`.

Of a card these are the summary, the problem and the kinds."""


LAST_KEY: Final = "SELECT coalesce(max(key), 0) FROM papers"
"""SQL of the greatest key of a paper, 0 where there is none."""

_HELD: Final = 100
"""The words of so many papers are searched in memory, where a question reads one state."""

_FEW: Final = 200
"""Of an entity with no more papers, these are looked at, else those that have the words."""


class WordStore(Store):
    """The words of each paper.

    An expression is one of FTS5 (`search.index.words.fts5` makes one of any text). The column
    `stems` has the words of an abstract that is not here, in no order: a phrase in it is chance.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._local = threading.local()

    def update(self, keys: Sequence[int]) -> None:
        """Index papers by their present texts, one row a paper."""
        self._db.execute(
            "REPLACE INTO words (rowid, title, abstract, authors, card, stems)"
            f" {TEXTS} WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key",
            (json_keys(keys),),
        )

    def optimize(self) -> None:
        """Merge the segments of the index into one, which is searched faster."""
        self._db.execute("INSERT INTO words (words) VALUES ('optimize')")

    def stems(self, keys: Sequence[int]) -> dict[int, str]:
        """Return the words of the abstracts that are not here, of some papers."""
        some = "WHERE paper IN (SELECT value FROM json_each(?))"
        sql = f"SELECT paper, stems FROM abstract_stems {some}"
        return dict(self._db.rows(sql, (json_keys(keys),)))

    def remove(self, key: int) -> None:
        """Remove the words of a paper."""
        self._db.execute("DELETE FROM words WHERE rowid = ?", (key,))

    def match(
        self, expression: str, limit: int, filters: Filters, weights: Sequence[float]
    ) -> list[tuple[int, float]]:
        """Return the papers that match an expression, best first.

        Parameters
        ----------
        filters : Filters
            Papers that do not pass are not ranked.
        weights : sequence of 5 floats
            BM25 weights of title, abstract, authors, card and stems.

        Returns
        -------
        list of (int, float)
            Key and BM25 score (higher is better).
        """
        where, parameters = condition(filters)
        # The plus keeps SQLite from evaluating MATCH again for each paper that passes.
        only = f" AND +rowid IN (SELECT key FROM papers WHERE {where})" if where else ""
        if where == NOT_WITHDRAWN:
            only = " AND +rowid NOT IN (SELECT key FROM papers WHERE withdrawn)"
        return self._db.rows(
            "SELECT rowid, -bm25(words, ?, ?, ?, ?, ?) AS score FROM words"
            f" WHERE words MATCH ?{only} ORDER BY score DESC, rowid LIMIT ?",
            (*weights, expression, *parameters, limit),
        )

    def scores(self, expression: str, weights: Sequence[float]) -> list[tuple[int, float]]:
        """Return the key and BM25 score of all papers that match an expression, by their keys."""
        return self._db.rows(
            "SELECT rowid, -bm25(words, ?, ?, ?, ?, ?) FROM words WHERE words MATCH ?"
            " ORDER BY rowid",
            (*weights, expression),
        )

    def similar_titles(self, title: str, limit: int) -> list[str]:
        """Return the ids of the papers whose titles share the most words with `title`."""
        words = " OR ".join(f'"{word}"' for word in normalised_title(title).split())
        if not words:
            return []
        return self._db.column(
            "SELECT id FROM words JOIN papers ON key = words.rowid"
            " WHERE words MATCH ? ORDER BY rank LIMIT ?",
            (f"title : ({words})", limit),
        )

    def document_frequency(self, expression: str, at_most: int = -1) -> int:
        """Return the number of papers that match an expression.

        Parameters
        ----------
        at_most : int
            No more are counted, as counting all takes longer the more there are; -1 counts all.
        """
        sql = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)"
        return int(self._db.value(sql, (expression, at_most)))

    def with_term(self, term: Term) -> list[int]:
        """Return all papers that have a term on words, whether or not it excludes them."""
        sql, parameters = words_condition(term)
        return self._db.column(f"SELECT rowid FROM words WHERE {sql}", parameters)

    def may_have(self, term: Term, at_most: int) -> int:
        """Return how many papers may have a term on words, which one that is exact leaves open."""
        return self.document_frequency(term_expression(term), at_most)

    def is_ordinary(self, word: str) -> bool:
        """Return whether at least two cards have a word in lower case, as no name is written."""
        found = self._db.column(
            "SELECT 1 FROM words WHERE words MATCH ? AND instr(' ' || card || ' ', ?) LIMIT 2",
            (f'card : "{word}"', f" {word} "),
        )
        return len(found) == 2

    def any_about(self, expression: str, entity: int) -> bool:
        """Return whether a paper that relates to an entity matches an expression."""
        own = "FROM entity_papers WHERE entity = ?1"
        count = len(self._db.column(f"SELECT 1 {own} LIMIT {_FEW + 1}", (entity,)))
        # CROSS JOIN keeps the order of the loops: from the papers of the one or the other.
        by_paper = (
            "entity_papers AS own CROSS JOIN words ON words.rowid = own.paper AND words MATCH ?2"
            " WHERE own.entity = ?1"
        )
        by_word = f"words WHERE words MATCH ?2 AND EXISTS (SELECT 1 {own} AND paper = words.rowid)"
        sql = f"SELECT 1 FROM {by_paper if count <= _FEW else by_word} LIMIT 1"
        return bool(self._db.column(sql, (entity, expression)))

    def any_under(self, expression: str, topic: str) -> bool:
        """Return whether a paper that is placed under a topic matches an expression."""
        return bool(
            self._db.column(
                "SELECT 1 FROM words WHERE words MATCH ?1 AND EXISTS"
                " (SELECT 1 FROM placements WHERE paper = words.rowid"
                " AND (topic = ?2 OR (topic >= ?2 || '/' AND topic < ?2 || '0'))) LIMIT 1",
                (expression, topic),
            )
        )

    def matching(self, expression: str, keys: Sequence[int]) -> set[int]:
        """Return those of `keys` of which title, abstract, authors and card match an expression."""
        if (few := self._few(keys)) is not None:
            with self._db.translating_errors():
                return few.matching(expression).intersection(keys)
        return self._matching(f"{{{' '.join(COLUMNS)}}} : ({expression})", keys)

    def matching_stems(self, word: str, keys: Sequence[int]) -> set[int]:
        """Return those of `keys` of which the abstract is not here, and had a word."""
        return self._matching(f'stems : "{word}"', keys)

    def _matching(self, expression: str, keys: Sequence[int]) -> set[int]:
        sql = f"SELECT words.rowid FROM {self._some(keys)}"
        return set(self._db.column(sql, (json_keys(keys), expression)))

    def counts_matching(self, expressions: Sequence[str], keys: Sequence[int]) -> list[int]:
        """Return for each expression how many of `keys` match it."""
        first, end = min(keys, default=0), max(keys, default=0)
        # In one statement, the keys are read once. As in `_some`, FTS5 stops behind the last.
        found = dict(
            self._db.rows(
                "SELECT e.key, count(*) FROM json_each(?2) AS e CROSS JOIN words"
                " ON words MATCH e.value AND +words.rowid IN (SELECT value FROM json_each(?1))"
                " AND words.rowid BETWEEN ?3 AND ?4 GROUP BY e.key",
                (json_keys(keys), json.dumps(list(expressions)), first, end),
            )
        )
        return [found.get(at, 0) for at in range(len(expressions))]

    def having(self, expression: str) -> list[int]:
        """Return all papers that match an expression, in order."""
        return self._db.column(
            "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid", (expression,)
        )

    def unknown(self, words: Sequence[str]) -> set[str]:
        """Return those of some words of letters that no paper has in any form."""
        return set(
            self._db.column(
                "SELECT value FROM json_each(?) AS word WHERE NOT EXISTS"
                " (SELECT 1 FROM words WHERE words MATCH '\"' || word.value || '\"')",
                (json.dumps(list(words)),),
            )
        )

    def is_spelled(self, word: str) -> bool:
        """Return whether a paper has a word of ASCII letters in this very form.

        Of an abstract that is not here, only the most frequent form of each stem is known.
        """
        expression = f'{{title abstract authors card}} : "{word}"'
        text = "lower(title || ' ' || abstract || ' ' || authors || ' ' || card)"
        sql = f"SELECT 1 FROM words WHERE words MATCH ? AND instr({text}, ?) LIMIT 1"
        if self._db.rows(sql, (expression, word)):
            return True
        # All have the same form.
        sql = "SELECT instr(' ' || stems || ' ', ?) FROM words WHERE words MATCH ? LIMIT 1"
        return any(at for (at,) in self._db.rows(sql, (f" {word} ", f'stems : "{word}"')))

    def stems_from(self, prefix: str, papers: int) -> dict[str, int]:
        """Return the stems with a prefix that as many papers have at least -> the papers."""
        sql = "SELECT term, doc FROM words_stems WHERE term >= ? AND term < ? AND doc >= ?"
        return dict(self._db.rows(sql, (prefix, f"{prefix}\U0010ffff", papers)))

    def stem_counts(self, stems: Iterable[str]) -> dict[str, int]:
        """Return those of some stems that papers have -> how many papers."""
        sql = "SELECT term, doc FROM words_stems WHERE term IN (SELECT value FROM json_each(?))"
        return dict(self._db.rows(sql, (json.dumps(list(stems)),)))

    def texts_of_stem(self, stem: str, limit: int) -> list[str]:
        """Return texts of some papers that have a stem.

        Of abstracts that are not here, one has the form of the stem that all have.
        """
        sql = "SELECT title || ' ' || abstract || ' ' || card FROM words WHERE rowid IN"
        some = "(SELECT DISTINCT doc FROM words_places WHERE term = ?{} LIMIT ?)"
        texts = self._db.column(f"{sql} {some.format('')}", (stem, limit))
        sql = "SELECT stems FROM words WHERE rowid IN"
        more = some.format(" AND col = 'stems'")
        return texts + self._db.column(f"{sql} {more}", (stem, 1))

    def marked_abstracts(
        self, expression: str, keys: Sequence[int], marks: tuple[str, str]
    ) -> dict[int, str]:
        """Return the abstracts of `keys` that match, with each matching word within `marks`."""
        expression = f"abstract : ({expression})"
        if (few := self._few(keys)) is not None:
            with self._db.translating_errors():
                marked = few.marked_abstracts(expression, marks)
            return {key: marked[key] for key in keys if key in marked}
        sql = f"SELECT words.rowid, highlight(words, 1, ?3, ?4) FROM {self._some(keys)}"
        return dict(self._db.rows(sql, (json_keys(keys), expression, *marks)))

    def _few(self, keys: Sequence[int]) -> FewWords | None:
        """Return the words of some papers, if these are few and no one writes meanwhile."""
        if len(keys) > _HELD or not self._db.is_settled:
            return None
        few: FewWords | None = getattr(self._local, "few", None)
        if few is None:
            few = self._local.few = FewWords()
        few.hold(self._db.state, keys, self._texts)
        return few

    def _texts(self, keys: Iterable[int]) -> list[Row]:
        sql = (
            f"SELECT rowid, {', '.join(COLUMNS)} FROM words"
            " WHERE rowid IN (SELECT value FROM json_each(?))"
        )
        return self._db.rows(sql, (json_keys(keys),))

    def _some(self, keys: Sequence[int]) -> str:
        """Return SQL of those of the keys ?1 that match the expression ?2.

        Of few papers in a large atlas each is looked up, not all that match.
        """
        (last,) = self._db.settled(LAST_KEY)
        if len(keys) * LOOKED_UP < last:
            return "json_each(?1) AS k CROSS JOIN words ON words.rowid = k.value AND words MATCH ?2"
        # FTS5 goes to the first of a range of keys, and stops behind its last.
        first, end = (int(of(keys, default=0)) for of in (min, max))
        return (
            "words WHERE words MATCH ?2 AND +rowid IN (SELECT value FROM json_each(?1))"
            f" AND rowid BETWEEN {first} AND {end}"
        )
