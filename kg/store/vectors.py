"""Vectors: one for each paper and model, under the hash of the embedded text."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from kg.records import embedded_text
from kg.store.database import Store, json_keys

_PIECE: Final = 1_000
"""Papers that are looked at together."""


def text_hash(text: str) -> str:
    """Return the hash under which the vector of `text` is stored (BLAKE2b, 16 bytes, hex)."""
    import hashlib  # Loads OpenSSL, which a question can spare.

    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class VectorStore(Store):
    """The vectors of papers."""

    @property
    def revision(self) -> int:
        """Revision of the last change to any vector."""
        return self.state[0]

    @property
    def state(self) -> tuple[int, str]:
        """Revision of the last change to any vector, and its mark: see `ChangeStore.mark`."""
        state: tuple[int, str] = self._db.settled(
            "SELECT CAST(value AS INTEGER), coalesce(mark, '') FROM meta"
            " LEFT JOIN revisions ON revision = CAST(value AS INTEGER)"
            " WHERE name = 'vectors_revision'"
        )
        return state

    def missing(
        self, model: str, among: Sequence[int] | None = None
    ) -> Iterator[tuple[int, str, str, str | None]]:
        """Yield (key, text hash, title, abstract) of each paper that `model` has not embedded.

        For a paper without an abstract, the vector of a fuller text or of its title serves.

        Parameters
        ----------
        among : sequence of int, optional
            Only of these papers.
        """
        for rows in self._with_other_text(model, among):
            for key, title, abstract in rows:
                own = text_hash(embedded_text(title, abstract))
                if not self._db.value(
                    "SELECT 1 FROM vectors WHERE (paper, model, text_hash) = (?, ?, ?)",
                    (key, model, own),
                ):
                    yield key, own, title, abstract

    def _with_other_text(
        self, model: str, among: Sequence[int] | None
    ) -> Iterator[list[tuple[int, str, str | None]]]:
        """Yield (key, title, abstract) of papers without a vector of their text's stored hash.

        They come in pieces, since whoever takes them writes meanwhile.
        """
        sql = (
            "SELECT key, title, abstract FROM papers WHERE NOT EXISTS (SELECT 1 FROM vectors"
            " WHERE (paper, model, text_hash) = (key, ?1, papers.text_hash))"
        )
        if among is not None:
            for start in range(0, len(among), _PIECE):
                some = json_keys(among[start : start + _PIECE])
                own = f"{sql} AND key IN (SELECT value FROM json_each(?2)) ORDER BY key"
                yield self._db.rows(own, (model, some))
            return
        sql, last = f"{sql} AND key > ?2 ORDER BY key LIMIT {_PIECE}", -1
        while rows := self._db.rows(sql, (model, last)):
            yield rows
            last = rows[-1][0]

    def add(self, model: str, rows: Iterable[tuple[int, str, bytes]]) -> None:
        """Store (key, text hash, float32 little-endian bytes) in place of earlier vectors.

        Papers that were removed while their texts were embedded are skipped.
        """
        with self._writing() as revision:
            for key, hashed, vector in rows:
                sql = "SELECT 1 FROM vectors WHERE (paper, model, text_hash, vector) = (?, ?, ?, ?)"
                if self._db.value(sql, (key, model, hashed, vector)):
                    continue
                self._db.execute("DELETE FROM vectors WHERE paper = ? AND model = ?", (key, model))
                self._db.execute(
                    "INSERT INTO vectors (paper, model, text_hash, vector, revision, checksum)"
                    " SELECT key, ?, ?, ?, ?, ? FROM papers WHERE key = ?",
                    (model, hashed, vector, revision, zlib.crc32(vector), key),
                )

    def fill(self, model: str, rows: Iterable[tuple[int, str, bytes]]) -> None:
        """Store rows as of `add`, of papers that have no vector."""
        with self._writing() as revision:
            self._db.execute_many(
                "INSERT INTO vectors (paper, model, text_hash, vector, revision, checksum)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (key, model, hashed, vector, revision, zlib.crc32(vector))
                    for key, hashed, vector in rows
                ),
            )

    def remove(self, key: int) -> None:
        """Remove the paper's vectors of all models."""
        with self._writing():
            self._db.execute("DELETE FROM vectors WHERE paper = ?", (key,))

    def remove_damaged(self, model: str) -> int:
        """Remove the vectors of `model` that do not match their checksum; return how many."""
        sql = "SELECT paper FROM vectors WHERE model = ? AND crc32(vector) != checksum"
        damaged = self._db.column(sql, (model,))
        for key in damaged:
            self.remove(key)
        return len(damaged)

    @contextmanager
    def _writing(self) -> Iterator[int]:
        """Yield the revision that the writes of the block will have, if any row changes."""
        with self._db.writing():
            revision, before = self._db.revision + 1, self._db.changes
            yield revision
            if self._db.changes != before:
                sql = "UPDATE meta SET value = ? WHERE name = 'vectors_revision'"
                self._db.execute(sql, (revision,))

    def all(self, model: str, since: int = 0) -> list[tuple[int, bytes]]:
        """Return (key, vector bytes) of all vectors of `model` written after revision `since`.

        Those that do not match their checksums are left out, until a refresh computes them again.
        """
        return self._db.rows(
            "SELECT paper, vector FROM vectors WHERE model = ? AND revision > ?"
            " AND crc32(vector) = checksum ORDER BY paper",
            (model, since),
        )

    def pages(self, model: str, size: int) -> Iterator[list[tuple[int, bytes]]]:
        """Yield all rows as of `all`, in order of the papers, at most `size` at a time."""
        last = -1
        while True:
            rows = self._db.rows(
                "SELECT paper, vector, crc32(vector) = checksum FROM vectors"
                " WHERE +model = ? AND paper > ? ORDER BY paper LIMIT ?",
                (model, last, size),
            )
            if not rows:
                return
            last = rows[-1][0]
            yield [(key, vector) for key, vector, good in rows if good]

    def count(self, model: str) -> int:
        """Return how many papers have a vector of `model`."""
        sql = "SELECT count(*) FROM vectors WHERE model = ?"
        return int(self._db.value(sql, (model,)))

    def keys(self, model: str) -> list[int]:
        """Return the keys of the papers that have a vector of `model`, in order."""
        # The plus keeps SQLite to the index of the primary key, which has all and is in order.
        sql = "SELECT paper FROM vectors WHERE +model = ? ORDER BY paper"
        return self._db.column(sql, (model,))

    def changed(self, model: str, since: int) -> list[int]:
        """Return the papers whose vector of `model` was written after a revision, in order."""
        sql = "SELECT paper FROM vectors WHERE model = ? AND revision > ? ORDER BY paper"
        return self._db.column(sql, (model, since))

    def sample(self, model: str, most: int) -> list[int]:
        """Return some papers with a vector of `model`, always the same, spread over their keys."""
        # Both ends of the primary key: asked for together, SQLite would read all of it.
        one = "SELECT paper FROM vectors WHERE +model = ? ORDER BY paper {} LIMIT 1"
        first, last = (self._db.value(one.format(end), (model,)) for end in ("ASC", "DESC"))
        if first is None:
            return []
        step = max((last - first) / max(most - 1, 1), 1.0)
        places = {*(first + int(at * step) for at in range(most - 1)), last}
        return self._db.column(
            "SELECT DISTINCT (SELECT paper FROM vectors WHERE paper >= place.value AND +model = ?"
            " ORDER BY paper LIMIT 1) AS paper FROM json_each(?) AS place"
            " WHERE paper IS NOT NULL ORDER BY paper",
            (model, json_keys(sorted(place for place in places if place <= last))),
        )

    def get(self, model: str, keys: Sequence[int]) -> dict[int, bytes]:
        """Return the vectors of `model` of some papers, by key in order; see `all`."""
        rows = self._db.rows(
            "SELECT paper, vector FROM vectors WHERE model = ? AND crc32(vector) = checksum"
            " AND paper IN (SELECT value FROM json_each(?)) ORDER BY paper",
            (model, json_keys(keys)),
        )
        return dict(rows)

    def models(self) -> list[str]:
        """Return the names of the models whose vectors are stored, in order."""
        return self._db.column("SELECT DISTINCT model FROM vectors ORDER BY model")

    def text_hashes(self, model: str, keys: Sequence[int] | None = None) -> dict[int, str]:
        """Return the hash of the text that the vector of each paper, or of some, was made from."""
        sql = "SELECT paper, text_hash FROM vectors WHERE model = ?"
        if keys is None:
            return dict(self._db.rows(sql, (model,)))
        some = " AND paper IN (SELECT value FROM json_each(?))"
        return dict(self._db.rows(sql + some, (model, json_keys(keys))))
