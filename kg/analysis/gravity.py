"""A gravity model of the citations between topics, by popularity and closeness in meaning."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.graph.arrays import Floats, Ints

NEIGHBOURS = 20
"""Nearest neighbours of each paper that count for closeness."""

MAX_SAMPLED_PAPERS = 100
"""Papers of each topic that are compared: the time grows with the square of their number."""

_TILE_ROWS = 1024
_MAX_NEWTON_STEPS = 50
_MIN_NEWTON_STEP = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Gravity:
    """Expected citations of each pair of topics."""

    popularity: Floats
    """(t, t) citations in both directions, expected by popularity alone."""
    expected: Floats
    """(t, t) citations in both directions, expected by popularity and closeness."""
    pull: float
    """Factor on the expectation of one standard deviation of the logarithm of closeness."""


def closeness(
    members: Sequence[Ints], vectors: NDArray[np.float32], apart: NDArray[np.bool_]
) -> Floats:
    """Return how close topics are in meaning: how often their papers are nearest neighbours.

    The `NEIGHBOURS` papers nearest to each are counted by the topics of the two, and divided by
    the number to expect if neighbours were drawn at random. The cosine of the topics' mean vectors
    is faster to compute, but predicts citations less well: see `benchmarks/graph_analysis.md`.

    Parameters
    ----------
    members : sequence of t arrays of int64
        Rows of `vectors` of each topic; a large one is sampled.
    vectors : (n, dim) float32, unit rows
    apart : (t, t) bool, symmetric
        Pairs to compare.

    Returns
    -------
    (t, t) float64
        Ratio of neighbours to those expected by chance, half a pair added to both; 1 is neither
        near nor far.
    """
    generator = np.random.default_rng(0)
    some = [
        own
        if len(own) <= MAX_SAMPLED_PAPERS
        else generator.choice(own, MAX_SAMPLED_PAPERS, replace=False)
        for own in members
    ]
    rows = np.unique(np.concatenate([*some, np.empty(0, dtype=np.int64)]))
    placed = np.zeros((len(rows), len(members)), dtype=np.float32)
    for topic, own in enumerate(some):
        placed[np.searchsorted(rows, own), topic] = 1
    near = np.zeros((len(members), len(members)))
    nearest = min(NEIGHBOURS, len(rows) - 1)
    chosen = vectors[rows]
    for start in range(0, len(rows) if nearest > 0 else 0, _TILE_ROWS):
        cosines = chosen[start : start + _TILE_ROWS] @ chosen.T
        here = np.arange(len(cosines))
        cosines[here, start + here] = -np.inf  # A paper is no neighbour of itself.
        found = np.argpartition(cosines, -nearest, axis=1)[:, -nearest:]
        # All neighbours of a paper, by topic; then all of a topic's papers.
        near += placed[start : start + _TILE_ROWS].T @ placed[found].sum(axis=1)
    near = np.where(apart, near + near.T, 0.0)
    sizes = placed.sum(axis=0, dtype=np.float64)
    pairs = np.where(apart, np.outer(sizes, sizes), 0.0)
    chance = pairs * (near.sum() / max(pairs.sum(), 1.0))
    return np.asarray((near + 0.5) / (chance + 0.5))


def citation_counts(members: Sequence[Ints], citing: Ints, cited: Ints, papers: int) -> Floats:
    """Count the citations from each topic to each.

    Parameters
    ----------
    members : sequence of t arrays of int64
        Positions of each topic's papers.
    citing, cited : (m,) int64
        Positions of the papers of each citation; `citing` ascends.
    papers : int
        How many papers there are.

    Returns
    -------
    (t, t) float64
        Rows are citing topics; a citation counts for each topic of either paper.
    """
    found = np.zeros((len(members), len(members)))
    for row, own in enumerate(members):
        first = np.searchsorted(citing, own)
        made = np.searchsorted(citing, own, "right") - first
        places = np.repeat(first - np.cumsum(made) + made, made) + np.arange(made.sum())
        got = np.bincount(cited[places], minlength=papers)
        found[row] = [got[other].sum() for other in members]
    return found


def gravity(counts: Floats, close: Floats, apart: NDArray[np.bool_]) -> Gravity:
    """Fit a gravity model: citations between topics as attraction between masses.

    By popularity alone, the citations of topic i to topic j are c_i. c_.j / c_.. . A Poisson
    regression on the pairs estimates the factor by which closeness in meaning changes that.

    Parameters
    ----------
    counts : (t, t) float64
        Citations from topic to topic.
    close : (t, t) float64
        Closeness in meaning, as `closeness` returns it.
    apart : (t, t) bool, symmetric
        Pairs to compare; all others are ignored.

    References
    ----------
    J. M. C. Santos Silva and S. Tenreyro, "The log of gravity", Review of Economics and Statistics
    88(4), 2006: gravity models are fitted by Poisson regression, so that pairs without any trade
    count too.
    """
    between = np.where(apart, counts, 0.0)
    total = between.sum()
    popularity = np.outer(between.sum(axis=1), between.sum(axis=0)) / max(total, 1.0)
    popularity = np.where(apart, popularity + popularity.T, 0.0)
    pairs = np.triu(popularity > 0, 1)
    if pairs.sum() < 3:
        return Gravity(popularity, popularity.copy(), 1.0)
    logs = np.log(close)
    deviation = float(logs[pairs].std()) or 1.0
    scaled = (logs - logs[pairs].mean()) / deviation
    observed = (between + between.T)[pairs]
    level, slope = _poisson(observed, popularity[pairs], scaled[pairs])
    return Gravity(popularity, popularity * np.exp(level + slope * scaled), math.exp(slope))


def deviance_residuals(observed: Floats, expected: Floats) -> Floats:
    """Return the Poisson deviance residual of each count, positive where fewer than expected.

    P. McCullagh and J. A. Nelder, "Generalized linear
    models", 1989, 2.4.

    Examples
    --------
    >>> deviance_residuals(np.array([0.0, 8.0, 9.0]), np.array([8.0, 8.0, 8.0])).round(2).tolist()
    [4.0, 0.0, -0.35]
    """
    both = (observed > 0) & (expected > 0)
    ratio = np.divide(observed, expected, out=np.ones_like(expected), where=both)
    deviance = 2 * (observed * np.log(ratio) - (observed - expected))
    return np.asarray(np.sign(expected - observed) * np.sqrt(np.maximum(deviance, 0.0)))


def _poisson(observed: Floats, base: Floats, values: Floats) -> tuple[float, float]:
    """Fit log E(observed) = log base + level + slope * values by Newton's method."""
    level, slope = math.log(max(observed.sum(), 0.5) / base.sum()), 0.0
    for _ in range(_MAX_NEWTON_STEPS):
        mean = base * np.exp(level + slope * values)
        left = observed - mean
        # A ridge keeps the slope finite where closeness separates linked pairs from unlinked ones.
        gradient = np.array([left.sum(), (left * values).sum() - slope])
        curve = np.array(
            [
                [mean.sum(), (mean * values).sum()],
                [(mean * values).sum(), (mean * values**2).sum() + 1],
            ]
        )
        step = np.linalg.solve(curve, gradient)
        # A long step may overflow the exponential.
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        level, slope = level + float(step[0]), slope + float(step[1])
        if np.abs(step).max() < _MIN_NEWTON_STEP:
            break
    return level, slope
