"""Similar papers: mutual nearest neighbours by their vectors, as edges of the graph.

Two papers are similar where each is among the `NEIGHBOURS` nearest of the other and their cosine is
one that few pairs of papers reach. Being nearest is not enough (of a paper about something else
the nearest are not near), nor is the cosine (a broad paper is near to hundreds).
"""

import numpy as np
from numpy.typing import NDArray

from search.index.base import Vectors
from search.index.selection import Keys

NEIGHBOURS = 10
"""How many nearest papers are looked at from each side."""

SIMILAR_QUANTILE = 0.99
"""Papers are similar where their cosine is above this quantile of all pairs' cosines.

In the snapshot, 35 % of the pairs of which one paper cites the other are above it, and 1 % of all.
"""

FALLBACK_THRESHOLD = 0.6
"""The least cosine of similar papers where there are too few papers to measure it."""

SAMPLE_PAPERS = 1_000
"""Papers whose pairs are measured."""

_MIN_SAMPLE_PAPERS = 100
_TILE = 4096  # Its cosines take 64 MiB.


def mutual_neighbours(
    keys: Keys,
    vectors: Vectors,
    k: int = NEIGHBOURS,
    threshold: float | None = None,
    tile: int = _TILE,
) -> list[tuple[int, int, float]]:
    """Return the pairs of which each is among the `k` nearest of the other.

    Parameters
    ----------
    keys : (n,) int64
        All different.
    vectors : (n, dim) float32, unit rows
    k : int
        A paper itself is not among its nearest; of equally near ones the lesser keys are.
    threshold : float, optional
        The least cosine of a pair; by default `measured_threshold`.
    tile : int
        Rows of which the cosines with as many others are in memory at once.

    Returns
    -------
    list of (int, int, float)
        Smaller key, greater key and cosine to four places, in the order of the keys.

    Examples
    --------
    >>> rows = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)
    >>> mutual_neighbours(np.array([7, 8, 9]), rows, k=1, threshold=0.5)
    [(7, 8, 0.8)]
    """
    order = np.argsort(keys)
    keys, vectors = keys[order], vectors[order]
    if threshold is None:
        threshold = measured_threshold(vectors)
    near, cosines = _nearest(vectors, k, threshold, tile)
    count = len(keys)
    # A pair that both sides found is there twice under the same number.
    low, high = near.min(axis=1), near.max(axis=1)
    numbers, first, times = np.unique(low * count + high, return_index=True, return_counts=True)
    both = times == 2
    return list(
        zip(
            keys[numbers[both] // count].tolist(),
            keys[numbers[both] % count].tolist(),
            cosines[first[both]].round(4).tolist(),
            strict=True,
        )
    )


def measured_threshold(vectors: Vectors) -> float:
    """Return the `SIMILAR_QUANTILE` of the cosines of all pairs of `SAMPLE_PAPERS` papers at most.

    Parameters
    ----------
    vectors : (n, dim) float32, unit rows
        Always the same papers are chosen of them: evenly, by their order.

    Returns
    -------
    float
        To two places, so that one more paper hardly ever moves it.
    """
    if len(vectors) < _MIN_SAMPLE_PAPERS:
        return FALLBACK_THRESHOLD
    count = min(SAMPLE_PAPERS, len(vectors))
    chosen = vectors[np.linspace(0, len(vectors) - 1, count).astype(np.int64)]
    cosines = (chosen @ chosen.T)[np.triu_indices(len(chosen), 1)]
    return round(float(np.quantile(cosines, SIMILAR_QUANTILE)), 2)


def _nearest(
    vectors: Vectors, k: int, threshold: float, tile: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return each row's nearest as (row, other row) pairs, and their cosines."""
    count = len(vectors)
    values = np.full((count, k), -np.inf)
    others = np.full((count, k), count)
    # The least cosine that a row still needs: the threshold, then that of its k-th so far.
    bound = np.full(count, threshold, dtype=np.float32)

    def offer(rows: NDArray[np.int64], found: NDArray[np.int64], cosines: Vectors) -> None:
        some = np.unique(rows)
        rows = np.concatenate([rows, np.repeat(some, k)])
        found = np.concatenate([found, others[some].ravel()])
        # BLAS rounds the same product differently by its place: to five places both sides agree.
        every = np.concatenate([cosines.astype(np.float64).round(5), values[some].ravel()])
        order = np.lexsort((found, -every, rows))
        place = np.arange(len(rows)) - np.repeat(
            np.searchsorted(rows[order], some), np.bincount(np.searchsorted(some, rows))
        )
        best = order[place < k].reshape(-1, k)
        values[some], others[some] = every[best], found[best]
        bound[some] = np.maximum(threshold, values[some, -1] - 1e-5)

    for first in range(0, count, tile):
        rows = slice(first, first + tile)
        for second in range(first, count, tile):
            columns = slice(second, second + tile)
            cosines = vectors[rows] @ vectors[columns].T
            if first == second:
                np.fill_diagonal(cosines, -2.0)
            else:  # The tile on the other side of the diagonal is this one, turned.
                at, by = np.nonzero(cosines >= bound[columns])
                offer(by + second, at + first, cosines[at, by])
            at, by = np.nonzero(cosines >= bound[rows, None])
            offer(at + first, by + second, cosines[at, by])
    there = others < count
    pairs = np.stack([np.repeat(np.arange(count), k)[there.ravel()], others[there]], axis=1)
    return pairs, values[there]
