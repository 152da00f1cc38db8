"""The papers nearest to a vector, and the vectors of papers."""

import numpy as np

from kg.entities import Filters
from search.atlas import Atlas
from search.embedding.bulk import embed_papers
from search.index.base import Vectors
from search.index.stored import matrix


def nearest(atlas: Atlas, vector: Vectors, k: int, filters: Filters) -> list[tuple[int, float]]:
    """Return keys and cosines of the `k` papers nearest to a vector, best first."""
    allowed = atlas.catalogue.papers.select(filters)
    chosen = None if allowed is None else np.asarray(allowed, dtype=np.int64)
    keys, scores = atlas.index.search(vector, k, chosen)
    return list(zip(keys.tolist(), scores.tolist(), strict=True))


def vector_of(atlas: Atlas, key: int) -> Vectors:
    """Return the vector of a paper, computed where the catalogue has none."""
    stored = atlas.catalogue.vectors.get(atlas.embedder.model, key)
    if stored is not None:
        (vector,) = matrix([stored], atlas.embedder.dim)
        return np.asarray(vector)
    (paper,) = atlas.catalogue.papers.get([key])
    ((_, (computed,)),) = embed_papers(atlas.embedder, [(key, paper.title, paper.abstract)])
    return np.asarray(computed)
