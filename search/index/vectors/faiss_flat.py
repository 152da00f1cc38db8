"""FAISS: the same answers as the exact index, from FAISS's own kernels.

Inner product over unit vectors is cosine; `IndexFlatIP` is exact, and `IndexIDMap2` lets the
catalogue's keys be the ids. (faiss's stubs do not know what its Python layer adds, hence the
ignored types.)
"""

import faiss
import numpy as np

from search.index.base import Vectors
from search.index.selection import Keys, Selection
from search.index.vectors.whole import WholeKind

# One query is searched by one thread whatever this says; more only wait for each other.
faiss.omp_set_num_threads(1)


class FaissIndex:
    """A flat FAISS index under the catalogue's keys."""

    def __init__(self, index: faiss.IndexIDMap2) -> None:
        self._index = index

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def keys(self) -> Keys:
        """(n,) int64: all keys, in no order."""
        keys: Keys = faiss.vector_to_array(self._index.id_map)
        return keys

    def search(
        self, query: Vectors, k: int, allowed: Selection | None = None
    ) -> tuple[Keys, Vectors]:
        """See `search.index.base.VectorIndex.search`."""
        parameters = None
        most = len(self)
        if allowed is not None:
            most = min(most, allowed.count)
            # The selector's memory is the caller's: `bits` lives as long as the search.
            bits = np.packbits(allowed.mask, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]
        k = min(k, most)
        if not k:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        # Of equal scores FAISS gives any: ask on until the last one is below the k-th.
        ask = min(k + 1, most)
        while True:
            scores, keys = self._index.search(query[None, :], ask, params=parameters)
            if ask == most or scores[0, -1] < scores[0, k - 1]:
                break
            ask = min(2 * ask, most)
        found = keys[0] >= 0  # FAISS fills up with -1 where fewer were selected.
        keys, scores = keys[0][found], scores[0][found]
        order = np.lexsort((keys, -scores))[:k]
        return keys[order], scores[order]

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `search.index.base.VectorIndex.add`."""
        self._index.add_with_ids(np.ascontiguousarray(vectors), np.ascontiguousarray(keys))

    def remove(self, keys: Keys) -> None:
        """See `search.index.base.VectorIndex.remove`."""
        self._index.remove_ids(np.ascontiguousarray(keys))  # type: ignore[arg-type]

    def dump(self) -> bytes:
        """Return the index as bytes that `load` reads."""
        return bytes(faiss.serialize_index(self._index).tobytes())


def empty(dim: int) -> FaissIndex:
    """Return an index of no vectors."""
    return FaissIndex(faiss.IndexIDMap2(faiss.IndexFlatIP(dim)))


def load(data: memoryview, dim: int) -> FaissIndex:
    """Return the index that `FaissIndex.dump` wrote."""
    index = faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8))
    if index.d != dim:
        raise ValueError(f"the index holds vectors of length {index.d}, not {dim}")
    return FaissIndex(index)  # type: ignore[arg-type]


opened = WholeKind("faiss", empty, load).opened
