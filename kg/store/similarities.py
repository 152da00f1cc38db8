"""Similarities: which pairs of papers have similar vectors, as edges of the graph."""

from collections.abc import Collection, Iterable, Mapping

from kg.store.database import Store, json_keys

_INSERT = (
    "INSERT OR REPLACE INTO likeness SELECT a.key, b.key, ?, ?"
    " FROM papers a, papers b WHERE a.key = ? AND b.key = ?"
)


class SimilarityStore(Store):
    """The pairs of similar papers.

    They are made from the vectors, so the catalogue's revision stays when they are written.
    """

    def all(self) -> dict[tuple[int, int], tuple[float, str]]:
        """Return (cosine, model) of each pair of similar papers, the smaller key first."""
        rows = self._db.rows("SELECT paper, other, cosine, model FROM likeness")
        return {(paper, other): (cosine, model) for paper, other, cosine, model in rows}

    def replace(self, pairs: Iterable[tuple[int, int, float]], model: str) -> int:
        """Store these pairs in place of all others and return how many rows that changed.

        Parameters
        ----------
        pairs : iterable of (int, int, float)
            Smaller key, greater key, cosine. Papers that were removed meanwhile are skipped.
        model : str
            Whose vectors were compared.
        """
        wanted = {(paper, other): (cosine, model) for paper, other, cosine in pairs}
        with self._db.writing_without_revision():
            have = self.all()
            removed = self._db.execute_many(
                "DELETE FROM likeness WHERE (paper, other) = (?, ?)", have.keys() - wanted.keys()
            )
            return removed + self._db.execute_many(
                _INSERT, ((*new, *pair) for pair, new in wanted.items() if have.get(pair) != new)
            )

    def update(
        self,
        papers: Collection[int],
        pairs: Iterable[tuple[int, int, float]],
        nearest: Mapping[int, Collection[int]],
        model: str,
    ) -> int:
        """Store the pairs of some papers in place of theirs, and return how many rows that changed.

        Parameters
        ----------
        papers : collection of int
            These, and the other papers of `nearest`, lose their pairs that are not stated.
        pairs : iterable of (int, int, float)
            As for `replace`, each with one of `papers`.
        nearest : mapping of int to collection of int
            The papers that another paper may have a pair with.
        model : str
            Whose vectors were compared.
        """
        with self._db.writing_without_revision():
            removed = 0
            for column in ("paper", "other"):
                removed += self._db.execute_many(
                    f"DELETE FROM likeness WHERE {column} = ?", ((key,) for key in papers)
                )
            for column, beside in (("paper", "other"), ("other", "paper")):
                removed += self._db.execute_many(
                    f"DELETE FROM likeness WHERE {column} = ?"
                    f" AND {beside} NOT IN (SELECT value FROM json_each(?))",
                    ((key, json_keys(some)) for key, some in nearest.items()),
                )
            return removed + self._db.execute_many(
                _INSERT, ((cosine, model, paper, other) for paper, other, cosine in pairs)
            )
