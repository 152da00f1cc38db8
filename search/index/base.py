"""The interface of a vector index, and the catalogue's vectors as arrays."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kg.store.catalogue import Catalogue

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


def stored_vectors(
    catalogue: Catalogue, model: str, dim: int, since: int = 0
) -> tuple[Keys, Vectors]:
    """Return (n,) keys, ascending, and (n, dim) vectors written after revision `since`."""
    rows = catalogue.vectors.all(model, since)
    keys = np.asarray([key for key, _ in rows], dtype=np.int64)
    return keys, matrix([vector for _, vector in rows], dim)


def matrix(rows: Sequence[bytes], dim: int) -> Vectors:
    """Return stored vectors as one (n, dim) float32 array."""
    return np.frombuffer(b"".join(rows), dtype="<f4").reshape(-1, dim).astype(np.float32)
