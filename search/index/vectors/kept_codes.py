"""8-bit codes of vectors, by which processes that go on asking find what may be near.

Codes are a fourth of the vectors. How far a score by codes can be off is known, and all that may be
among the best is named: whoever scores these by the vectors finds what comparing all would.
"""

import faiss
import numpy as np

from search.index.base import Vectors
from search.index.selection import Keys, Mask

# One query is searched by one thread whatever this says; more only wait for each other.
faiss.omp_set_num_threads(1)

_PAGE = 10_000
_MOST = 127
_TINY = 1e-30


class KeptCodes:
    """The codes of (n, dim) unit rows."""

    def __init__(self, vectors: Vectors) -> None:
        # Whole numbers from -127 to 127, of which FAISS multiplies bytes: twice as fast as others.
        self._codes = faiss.IndexScalarQuantizer(
            vectors.shape[1],
            faiss.ScalarQuantizer.QT_8bit_direct_signed,
            faiss.METRIC_INNER_PRODUCT,
        )
        self._steps = np.maximum(np.abs(vectors).max(axis=0), _TINY) / _MOST
        self._error = self._length = 0.0
        for start in range(0, len(vectors), _PAGE):
            part = vectors[start : start + _PAGE]
            codes = np.rint(part / self._steps)
            self._codes.add(codes)
            off, lengths = (
                np.linalg.norm(one, axis=1) for one in (part - codes * self._steps, codes)
            )
            self._error = max(self._error, float(off.max()))
            self._length = max(self._length, float(lengths.max()))

    def near(self, query: Vectors, k: int, chosen: Mask | None = None) -> Keys:
        """Return, ascending, the rows that may be among the `k` nearest to a unit query.

        Parameters
        ----------
        chosen : (n,) bool, optional
            The rows that may be returned: `k` at least.
        """
        parameters, count = None, self._codes.ntotal
        if chosen is not None:
            # The selector's memory is the caller's: `bits` lives as long as the search.
            bits, count = np.packbits(chosen, bitorder="little"), int(np.count_nonzero(chosen))
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]
        stretched = query * self._steps
        step = max(float(np.abs(stretched).max()), _TINY) / _MOST
        code = np.rint(stretched / step)
        # By Cauchy and Schwarz, no score is off by more; and by rounding.
        off = self._error * float(np.linalg.norm(query)) + 1e-5
        off += self._length * float(np.linalg.norm(stretched - code * step))
        ask = min(2 * k, count)
        while True:
            scores, rows = self._codes.search(code[None, :], ask, params=parameters)
            least = scores[0, k - 1] - 2 * off / step
            if ask == count or scores[0, -1] < least:
                return np.sort(rows[0][scores[0] >= least])
            ask = min(2 * ask, count)
