"""Topic centroids: the mean vector of the papers of each topic."""

from collections.abc import Mapping

import numpy as np

from kg.store.catalogue import Catalogue
from search.index.base import Vectors
from search.index.stored import stored_vectors

MIN_PAPERS = 5
"""A topic of fewer papers with vectors has no centroid, as in `kg.analysis.gaps`."""


def topic_centroids(
    catalogue: Catalogue, placed: Mapping[str, set[int]], model: str, dim: int
) -> Mapping[str, Vectors]:
    """Return the mean vector of each topic with `MIN_PAPERS` vectors or more, at unit length.

    All vectors are read once for each state of the catalogue, not once for each topic's page.

    Parameters
    ----------
    catalogue : Catalogue
        Read within its `reading`, so that it is of one state with `placed`.
    placed : mapping of str to set of int
        Keys of the papers of each topic, as the catalogue has them.
    model : str
        Name of the embedding model.
    dim : int
        Length of its vectors.

    Returns
    -------
    mapping of str to (dim,) float32
    """
    key = ("topic centroids", model)
    return catalogue.cache.get(key, lambda: _means(catalogue, placed, model, dim))


def _means(
    catalogue: Catalogue, placed: Mapping[str, set[int]], model: str, dim: int
) -> dict[str, Vectors]:
    keys, vectors = stored_vectors(catalogue, model, dim)
    rows = {key: row for row, key in enumerate(keys.tolist())}
    means: dict[str, Vectors] = {}
    for topic, members in placed.items():
        some = sorted(rows[key] for key in members if key in rows)
        if len(some) < MIN_PAPERS:
            continue
        mean = vectors[some].mean(axis=0)
        if norm := float(np.linalg.norm(mean)):
            means[topic] = mean / norm
    return means
