"""The interface of a vector index, and the catalogue's vectors as arrays."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kg.store.catalogue import Catalogue
from search.index.selection import Keys, Selection

Vectors = NDArray[np.float32]


class VectorIndex(Protocol):
    """Papers' keys and unit vectors, searched by inner product."""

    def __len__(self) -> int: ...

    @property
    def keys(self) -> Keys:
        """(n,) int64: all keys, in no order."""
        ...

    def search(
        self, query: Vectors, k: int, allowed: Selection | None = None
    ) -> tuple[Keys, Vectors]:
        """Return the `k` nearest keys and their cosines, best first.

        Parameters
        ----------
        query : (dim,) float32, unit length
        k : int
            How many; fewer come back only where fewer exist.
        allowed : Selection, optional
            Only these papers may be found; others are not ranked at all.
        """
        ...

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Add (n,) new keys with their (n, dim) float32 unit rows."""
        ...

    def remove(self, keys: Keys) -> None:
        """Remove the vectors of (n,) keys; unknown keys are ignored."""
        ...


class IndexKind(Protocol):
    """What a module of `search.index.vectors` offers."""

    def empty(self, dim: int) -> VectorIndex:
        """Return an index of no vectors."""
        ...

    def opened(self, catalogue: Catalogue, model: str, dim: int, path: Path) -> VectorIndex:
        """Return the index of `model`'s vectors, up to date, from its file where that is good.

        Parameters
        ----------
        path : Path
            Its file; that it cannot be written is no error.
        """
        ...


def stored_vectors(
    catalogue: Catalogue, model: str, dim: int, since: int = 0
) -> tuple[Keys, Vectors]:
    """Return (n,) keys, ascending, and (n, dim) vectors written after revision `since`."""
    return as_arrays(catalogue.vectors.all(model, since), dim)


def vectors_of(catalogue: Catalogue, model: str, dim: int, keys: Keys) -> tuple[Keys, Vectors]:
    """Return (n,) keys, ascending, and (n, dim) vectors of those papers that have one."""
    return as_arrays(list(catalogue.vectors.get(model, keys.tolist()).items()), dim)


def as_arrays(rows: Sequence[tuple[int, bytes]], dim: int) -> tuple[Keys, Vectors]:
    """Return (key, vector bytes) rows as (n,) keys and (n, dim) vectors."""
    keys = np.fromiter((key for key, _ in rows), dtype=np.int64, count=len(rows))
    return keys, matrix([vector for _, vector in rows], dim)


def matrix(rows: Sequence[bytes], dim: int) -> Vectors:
    """Return stored vectors as one (n, dim) float32 array."""
    return np.frombuffer(b"".join(rows), dtype="<f4").reshape(-1, dim).astype(np.float32)
