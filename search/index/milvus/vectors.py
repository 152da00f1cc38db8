"""The vectors of a collection as a vector index."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kg.store.catalogue import Catalogue
from search.index.base import VectorIndex, Vectors
from search.index.milvus import collection
from search.index.milvus.collection import Collection
from search.index.milvus.expressions import expression
from search.index.milvus.papers import VectorContent, bare_row
from search.index.milvus.passing import best_passing
from search.index.milvus.server import Server
from search.index.selection import Keys, Selection
from search.index.vectors.exact import empty

_EMBEDDED = "embedded == true"


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
        where, exact = ("", True) if allowed is None else expression(allowed.filters)
        best = best_passing(
            lambda depth, where: self._nearest(query, depth, where),
            k,
            where,
            exact,
            lambda: Selection.of_keys(self.keys) if allowed is None else allowed,
        )
        found = dict(best)
        keys = np.fromiter(found, dtype=np.int64, count=len(found))
        scores = np.fromiter(found.values(), dtype=np.float32, count=len(found))
        order = np.lexsort((keys, -scores))[:k]
        return keys[order], scores[order]

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `search.index.base.VectorIndex.add`."""
        pairs = zip(keys.tolist(), vectors, strict=True)
        self._collection.write([bare_row(key, vector) for key, vector in pairs])

    def remove(self, keys: Keys) -> None:
        """See `search.index.base.VectorIndex.remove`."""
        self._collection.remove(keys.tolist())

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
        return empty(dim)

    def opened(self, catalogue: Catalogue, model: str, dim: int, path: Path) -> MilvusIndex:
        """See `search.index.base.IndexKind.opened`; raises what `collection.opened` raises."""
        server = self.server.or_file_in(path.parent)
        found = collection.opened(server, catalogue.identity, VectorContent(model, dim))
        found.follow(catalogue)
        return MilvusIndex(found)
