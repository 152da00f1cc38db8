"""The exact index: one matrix product in NumPy. The others are held to its answers."""

import numpy as np

from search.index.base import Vectors
from search.index.selection import Keys, Selection
from search.index.vectors.whole import WholeKind


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
        if allowed is not None:
            chosen = allowed.allows(keys)
            keys, vectors = keys[chosen], vectors[chosen]
        k = min(k, len(keys))
        if not k:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        about = vectors @ query
        # BLAS rounds equal vectors differently by their places, einsum does not: all that may
        # be among the best are scored again, so that equal ones come in the order of their keys.
        near = np.flatnonzero(about >= np.partition(about, -k)[-k] - 1e-5)
        scores = np.einsum("nd,d->n", vectors[near], query)
        best = np.lexsort((keys[near], -scores))[:k]
        return keys[near][best], scores[best]

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `search.index.base.VectorIndex.add`."""
        self._keys = np.concatenate([self._keys, keys])
        self._vectors = np.concatenate([self._vectors, vectors])

    def remove(self, keys: Keys) -> None:
        """See `search.index.base.VectorIndex.remove`."""
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
