"""Similarities: which pairs of papers have similar vectors, as edges of the graph."""

from collections.abc import Iterable

from kg.store.database import Store


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
                "INSERT OR REPLACE INTO likeness SELECT a.key, b.key, ?, ?"
                " FROM papers a, papers b WHERE a.key = ? AND b.key = ?",
                ((*new, *pair) for pair, new in wanted.items() if have.get(pair) != new),
            )
