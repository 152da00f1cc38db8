"""The catalogue's vectors as arrays."""

from collections.abc import Sequence

import numpy as np

from kg.store.catalogue import Catalogue
from search.index.base import Keys, Vectors


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
