"""8-bit codes of vectors, by which processes that go on asking find what may be near.

Codes are a fourth of the vectors. How far a score by codes can be off is known, and all that may be
among the best is named: whoever scores these by the vectors finds what comparing all would.
"""

import faiss
import numpy as np

from search.index.base import Vectors
from search.index.selection import Keys

# One query is searched by one thread whatever this says; more only wait for each other.
faiss.omp_set_num_threads(1)

_PAGE = 10_000


class KeptCodes:
    """The codes of (n, dim) unit rows."""

    def __init__(self, vectors: Vectors) -> None:
        codes = faiss.IndexScalarQuantizer(
            vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        codes.train(vectors)
        codes.add(vectors)
        self._codes = codes
        errors = [
            np.linalg.norm(part - codes.reconstruct_n(start, len(part)), axis=1).max()
            for start in range(0, len(vectors), _PAGE)
            for part in [vectors[start : start + _PAGE]]
        ]
        # By Cauchy and Schwarz, the score of a unit query is off by no more; and by rounding.
        self._error = float(max(errors)) + 1e-5

    def near(self, query: Vectors, k: int) -> Keys:
        """Return, ascending, the rows that may be among the `k` nearest to a unit query."""
        count = self._codes.ntotal
        ask = min(2 * k, count)
        while True:
            scores, rows = self._codes.search(query[None, :], ask)
            least = scores[0, k - 1] - 2 * self._error
            if ask == count or scores[0, -1] < least:
                return np.sort(rows[0][scores[0] >= least])
            ask = min(2 * ask, count)
