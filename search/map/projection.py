"""From vectors to the plane: a map is drawn once, and later papers are placed on it.

A map is drawn by t-SNE (L. van der Maaten, G. Hinton, "Visualizing data using t-SNE", JMLR 9,
2008) from a PCA, which keeps what is far apart far apart and gives the same map each time
(D. Kobak, P. Berens, "The art of using t-SNE for single-cell transcriptomics", Nature
Communications 10, 2019). That paper puts later points at the median of their nearest neighbours,
and openTSNE at the weighted mean (P. G. Poličar, M. Stražar, B. Zupan, Journal of Statistical
Software 109, 2024). Here they go where most of these are, a step of the mean shift
(D. Comaniciu, P. Meer, IEEE TPAMI 24, 2002): neighbours in two clusters have a mean in neither.
`benchmarks/map.md` compares them.
"""

import os

import numpy as np
from numpy.typing import NDArray

from search.index.base import Vectors

Places = NDArray[np.float64]
"""(n, 2): from -1 to 1 both ways."""

MIN_PAPERS = 5
"""Fewer papers are not drawn as a map."""

MAX_DRAWN_PAPERS = 20_000
"""Papers that a map is drawn from; of more, this many spread evenly over their keys."""

NEIGHBOURS = 10
"""Nearest papers on the map from which a later one's place is computed."""

_PERPLEXITY = 30.0
_BANDWIDTH = 0.04
"""Standard deviation of the kernel that finds where a paper's neighbours are densest."""

_OFFSET = 0.25
"""Largest offset of a later paper from its place, as a part of the distance between papers that
are spread evenly; it keeps papers from lying upon each other."""

_MAX_OFFSET = 0.02
"""Upper bound of that offset, on the map's scale of -1 to 1."""

_GOLDEN = (np.sqrt(5) - 1) / 2
_TILE = 1024


def draw(vectors: Vectors) -> Places:
    """Return where papers are on a map that is drawn from all of them.

    Parameters
    ----------
    vectors : (n, dim) float32, unit rows
        `MIN_PAPERS` at least; 2,600 take twelve seconds of one core, 20,000 about three minutes.

    Returns
    -------
    (n, 2) float64
        Always the same on the same machine.
    """
    # Takes a second to import, and only this needs it.
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    start = _main_axes(vectors.astype(np.float64))
    # Papers of one and the same vector are pulled apart only if they start apart.
    start = start / max(float(start[:, 0].std()), 1e-9)
    start += np.random.default_rng(0).normal(scale=1e-3, size=start.shape)
    tsne = TSNE(
        perplexity=min(_PERPLEXITY, (len(vectors) - 1) / 3),
        metric="cosine",
        init=(1e-4 * start).astype(np.float32),
        random_state=0,
    )
    # The other cores answer questions meanwhile. Where all are wanted, its threads, which wait for
    # each other thousands of times, take many times as long.
    with threadpool_limits(max(1, (os.cpu_count() or 1) // 2), "openmp"):
        found = tsne.fit_transform(vectors)
    # A sheet is wider than high; what turns a map does not change it.
    found = _main_axes(found.astype(np.float64))
    found -= (found.max(axis=0) + found.min(axis=0)) / 2
    return np.asarray(found / max(float(np.abs(found).max()), 1e-9))


def _main_axes(vectors: Places) -> Places:
    """Return the rows along the two directions in which they differ most."""
    centred = vectors - vectors.mean(axis=0)
    axes = np.linalg.eigh(centred.T @ centred).eigenvectors[:, :-3:-1]
    # An axis has two directions: the one in which its largest part is positive.
    largest = axes[np.abs(axes).argmax(axis=0), [0, 1]]
    return np.asarray(centred @ (axes * np.sign(largest)))


def place(keys: NDArray[np.int64], vectors: Vectors, others: Vectors, points: Places) -> Places:
    """Return where later papers go on a map that is drawn.

    Each depends on the map and itself alone: in which order papers come makes no difference.

    Parameters
    ----------
    keys : (m,) int64
        Of the papers that come, all different.
    vectors : (m, dim) float32, unit rows
        Theirs.
    others : (n, dim) float32, unit rows
        Of the papers that the map was drawn from, one at least.
    points : (n, 2) float64
        Where those are.

    Returns
    -------
    (m, 2) float64
    """
    found = np.empty((len(vectors), 2))
    count = min(NEIGHBOURS, len(others))
    for first in range(0, len(vectors), _TILE):
        some = slice(first, first + _TILE)
        cosines = vectors[some] @ others.T
        near = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        # The nearest first: where no two neighbours are close, a paper goes to that one.
        order = np.argsort(-np.take_along_axis(cosines, near, axis=1), axis=1, kind="stable")
        found[some] = densest_points(points[np.take_along_axis(near, order, axis=1)])
    return (found + _offsets(keys, len(others))).clip(-1, 1)


def _offsets(keys: NDArray[np.int64], papers: int) -> Places:
    """Return small offsets that fill a disc evenly, always the same for a key."""
    farthest = min(_OFFSET * 2 / np.sqrt(papers), _MAX_OFFSET)
    far, angles = farthest * np.sqrt(keys * _GOLDEN % 1), keys * 2.4
    return np.asarray(far[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def densest_points(groups: Places, width: float = _BANDWIDTH) -> Places:
    """Return the densest point of each group: where most of its points are.

    Parameters
    ----------
    groups : (m, k, 2) float64
        Groups of `k` points; where all are equally far apart, the first is taken.
    width : float
        How near is near, as a standard deviation.

    Returns
    -------
    (m, 2) float64

    Examples
    --------
    >>> densest_points(np.array([[[0.9, 0], [0, 0], [0, 0.01], [0.01, 0]]])).round(2)
    array([[0., 0.]])
    """
    apart = ((groups[:, :, None] - groups[:, None]) ** 2).sum(axis=3)
    nearness = np.exp(-apart / (2 * width * width))
    best = nearness.sum(axis=2).argmax(axis=1)
    weights = nearness[np.arange(len(groups)), best]
    return np.asarray((groups * weights[:, :, None]).sum(axis=1) / weights.sum(axis=1)[:, None])
