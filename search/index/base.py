"""The interface of a vector index: nearest papers by cosine."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
Vectors = NDArray[np.float32]


class VectorIndex(Protocol):
    """Papers' keys and unit vectors, searched by inner product."""

    def __len__(self) -> int: ...

    @property
    def keys(self) -> Keys:
        """(n,) int64: all keys, in no order."""
        ...

    def search(self, query: Vectors, k: int, allowed: Keys | None = None) -> tuple[Keys, Vectors]:
        """Return the `k` nearest keys and their cosines, best first.

        Parameters
        ----------
        query : (dim,) float32, unit length
        k : int
            How many; fewer come back only where fewer exist.
        allowed : (n,) int64, optional
            Only these keys may be found; others are not ranked at all.
        """
        ...

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Add (n,) new keys with their (n, dim) float32 unit rows."""
        ...

    def remove(self, keys: Keys) -> None:
        """Remove the vectors of (n,) keys; unknown keys are ignored."""
        ...

    def dump(self) -> bytes:
        """Return the index as bytes that `load` reads."""
        ...


class IndexKind(Protocol):
    """What a module of `search.index.vectors` offers."""

    def empty(self, dim: int) -> VectorIndex:
        """Return an index of no vectors."""
        ...

    def load(self, data: memoryview, dim: int) -> VectorIndex:
        """Return the index that `VectorIndex.dump` wrote."""
        ...
