"""The exact index: one matrix product in NumPy. The others are held to its answers."""

from typing import TYPE_CHECKING

import numpy as np

from search.index.base import Vectors
from search.index.selection import Keys, Selection
from search.index.vectors.whole import WholeKind

if TYPE_CHECKING:  # FAISS takes longer to import than a few questions take.
    from search.index.vectors.kept_codes import KeptCodes

MIN_CODED = 4_000
"""Of fewer vectors codes save nothing."""
_MIN_CODED_SHARE = 0.3
"""Where fewer of all papers may be found, comparing their vectors is as fast."""
_BEFORE_CODES = 2
"""So many questions are answered without codes: most processes ask no more."""


class ExactIndex:
    """All vectors in one array.

    Parameters
    ----------
    keys : (n,) int64
    vectors : (n, dim) float32, unit rows
    """

    def __init__(self, keys: Keys, vectors: Vectors) -> None:
        self._keys = keys
        self._vectors = vectors
        self._asked = 0
        self._codes: KeptCodes | None = None

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def keys(self) -> Keys:
        """(n,) int64: all keys, in no order."""
        return self._keys

    @property
    def vectors(self) -> Vectors:
        """(n, dim) float32: the unit rows, in the order of `keys`."""
        return self._vectors

    def search(
        self, query: Vectors, k: int, allowed: Selection | None = None
    ) -> tuple[Keys, Vectors]:
        """See `search.index.base.VectorIndex.search`."""
        keys, vectors = self._keys, self._vectors
        chosen = None if allowed is None else allowed.allows(keys)
        count = len(keys) if chosen is None else int(np.count_nonzero(chosen))
        k = min(k, count)
        if not k:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        codes = self._kept_codes() if count >= max(4 * k, _MIN_CODED_SHARE * len(keys)) else None
        if codes is not None:
            near = codes.near(query, k, chosen)
        else:
            if chosen is not None:
                keys, vectors = keys[chosen], vectors[chosen]
            about = vectors @ query
            # BLAS rounds equal vectors differently by their places, einsum does not: what may be
            # among the best is scored again, so that equal ones come in the order of their keys.
            near = np.flatnonzero(about >= np.partition(about, -k)[-k] - 1e-5)
        scores = np.einsum("nd,d->n", vectors[near], query)
        best = np.lexsort((keys[near], -scores))[:k]
        return keys[near][best], scores[best]

    def _kept_codes(self) -> "KeptCodes | None":
        self._asked += 1
        if self._codes is None and self._asked > _BEFORE_CODES and len(self) >= MIN_CODED:
            from search.index.vectors.kept_codes import KeptCodes

            self._codes = KeptCodes(self._vectors)
        return self._codes

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `search.index.base.VectorIndex.add`."""
        self._codes = None
        self._keys = np.concatenate([self._keys, keys])
        self._vectors = np.concatenate([self._vectors, vectors])

    def remove(self, keys: Keys) -> None:
        """See `search.index.base.VectorIndex.remove`."""
        self._codes = None
        kept = ~np.isin(self._keys, keys)
        self._keys, self._vectors = self._keys[kept], self._vectors[kept]

    def dump(self) -> bytes:
        """Return the index as bytes that `load` reads."""
        return self._keys.astype("<i8").tobytes() + self._vectors.astype("<f4").tobytes()


def empty(dim: int) -> ExactIndex:
    """Return an index of no vectors."""
    return ExactIndex(np.empty(0, dtype=np.int64), np.empty((0, dim), dtype=np.float32))


def load(data: memoryview, dim: int) -> ExactIndex:
    """Return the index that `ExactIndex.dump` wrote."""
    count, rest = divmod(len(data), 8 + 4 * dim)
    if rest:
        raise ValueError("not a whole number of vectors")
    keys = np.frombuffer(data[: 8 * count], dtype="<i8").astype(np.int64)
    vectors = np.frombuffer(data[8 * count :], dtype="<f4").reshape(count, dim)
    return ExactIndex(keys, vectors.astype(np.float32, copy=False))


opened = WholeKind("exact", empty, load).opened
