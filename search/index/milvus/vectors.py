"""The vectors of a collection as a vector index."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kg.store.catalogue import Catalogue
from search.index.base import VectorIndex, Vectors
from search.index.milvus import collection
from search.index.milvus.collection import MAX_DEPTH, Collection
from search.index.milvus.expressions import expression
from search.index.milvus.papers import bare_row
from search.index.milvus.server import Server
from search.index.selection import Keys, Selection
from search.index.vectors import exact

_EMBEDDED = "embedded == true"

_LISTED = 5_000
"""Keys that an expression lists."""

_MAX_LISTED = 20_000
"""Of more papers that may be found, some are found by asking deeper."""


class MilvusIndex:
    """Vectors in a collection, which has papers without a vector as well.

    Parameters
    ----------
    collection : Collection
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def __len__(self) -> int:
        return self._collection.count(_EMBEDDED)

    @property
    def keys(self) -> Keys:
        """(n,) int64: all keys, in no order."""
        return np.fromiter(self._collection.keys(_EMBEDDED), dtype=np.int64)

    def search(
        self, query: Vectors, k: int, allowed: Selection | None = None
    ) -> tuple[Keys, Vectors]:
        """See `search.index.base.VectorIndex.search`."""
        found = dict(self._found(query, k, allowed))
        keys = np.fromiter(found, dtype=np.int64, count=len(found))
        scores = np.fromiter(found.values(), dtype=np.float32, count=len(found))
        best = np.lexsort((keys, -scores))[:k]
        return keys[best], scores[best]

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `search.index.base.VectorIndex.add`."""
        pairs = zip(keys.tolist(), vectors, strict=True)
        self._collection.write([bare_row(key, vector) for key, vector in pairs])

    def remove(self, keys: Keys) -> None:
        """See `search.index.base.VectorIndex.remove`."""
        self._collection.remove(keys.tolist())

    def _found(
        self, query: Vectors, k: int, allowed: Selection | None
    ) -> Iterator[tuple[int, float]]:
        """Yield keys and scores among which are the `k` best."""
        where, exact_ = ("", True) if allowed is None else expression(allowed.filters)
        if k <= MAX_DEPTH and (exact_ or allowed is None):
            yield from self._nearest(query, k, where)
            return
        if allowed is not None and k <= MAX_DEPTH and allowed.count > _MAX_LISTED:
            depth = k
            while depth <= MAX_DEPTH:
                near = self._nearest(query, depth, where)
                keys = np.fromiter((key for key, _ in near), dtype=np.int64, count=len(near))
                passing = allowed.allows(keys).tolist()
                if sum(passing) >= k or len(near) < depth:
                    yield from (one for one, passes in zip(near, passing, strict=True) if passes)
                    return
                depth = MAX_DEPTH if depth < MAX_DEPTH < 4 * depth else 4 * depth
        some = (self.keys if allowed is None else allowed.keys).tolist()
        for start in range(0, len(some), _LISTED):
            listed = some[start : start + _LISTED]
            yield from self._nearest(query, min(k, len(listed)), f"key in {listed}")

    def _nearest(self, query: Vectors, k: int, where: str) -> list[tuple[int, float]]:
        conditions = [where] if where else []
        header = self._collection.header
        if header.embedded < header.rows:  # Else it costs Milvus time and says nothing.
            conditions.append(_EMBEDDED)
        return self._collection.search(query, k, " and ".join(conditions))


@dataclass(frozen=True, slots=True)
class MilvusKind:
    """The index on a server; see `search.index.base.IndexKind`."""

    server: Server
    """Its address is empty for a file of Milvus Lite beside the other indexes."""

    def empty(self, dim: int) -> VectorIndex:
        """Return an index of no vectors: in memory, as it is of no catalogue."""
        return exact.empty(dim)

    def opened(self, catalogue: Catalogue, model: str, dim: int, path: Path) -> MilvusIndex:
        """See `search.index.base.IndexKind.opened`; raises what `collection.opened` raises."""
        server = self.server if self.server.uri else Server(str(path.with_name("milvus.db")))
        found = collection.opened(server, catalogue.identity, model, dim)
        found.follow(catalogue)
        return MilvusIndex(found)
