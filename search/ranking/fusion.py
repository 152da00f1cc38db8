"""Reciprocal rank fusion of several rankings, such as by meaning and by words.

G. V. Cormack, C. L. A. Clarke and S. Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and
individual Rank Learning Methods", SIGIR 2009, https://doi.org/10.1145/1571941.1572114.
"""

import math
from collections.abc import Sequence

DEPTH = 200
"""How far down each ranking is read before they are fused."""

WEIGHTS = (1.0, 1.0)
"""Weights of the dense and the keyword ranking, chosen on the benchmarks."""

NAMED_WEIGHT = 2.0
"""Weight of being asked for by name: more than of both others."""

KIND_WEIGHT = 1.0
"""Weight of being of the kind asked for."""

K = 20.0
"""How slowly a lower rank loses weight; 20 did better on our benchmarks than the paper's 60."""


def fuse(
    rankings: Sequence[Sequence[int]], weights: Sequence[float], k: float = K
) -> list[tuple[int, float]]:
    r"""Fuse rankings into one.

    The score of a key is :math:`\sum_i w_i / (k + r_i)` over the rankings that have it, divided
    by its largest possible value, so that 1 means first everywhere.

    Parameters
    ----------
    rankings : sequence of sequences of int
        Keys, best first.

    Returns
    -------
    list of (int, float)
        Keys and scores, best first; equal scores by the first ranking's order.

    Examples
    --------
    >>> [key for key, _ in fuse([[1, 2, 3], [3, 1]], [1, 1])]
    [1, 3, 2]
    """
    scores: dict[int, float] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for rank, key in enumerate(ranking, 1):
            scores[key] = scores.get(key, 0.0) + weight / (k + rank)
    best = sum(weights) / (k + 1)
    # The sort is stable, and keys entered in the order of the first ranking.
    return sorted(((key, score / best) for key, score in scores.items()), key=lambda item: -item[1])


def hybrid(
    dense: Sequence[int],
    words: Sequence[int],
    named: Sequence[int] = (),
    of_kind: Sequence[int] = (),
) -> list[tuple[int, float]]:
    """Fuse the rankings by meaning and by words, the papers asked for by name, and those of the
    kind asked for; see `fuse`.
    """
    more = [(one, weight) for one, weight in ((named, NAMED_WEIGHT), (of_kind, KIND_WEIGHT)) if one]
    rankings, weights = zip((dense, WEIGHTS[0]), (words, WEIGHTS[1]), *more, strict=True)
    return fuse(rankings, weights)


def deviation(scores: Sequence[float]) -> float:
    """Return the standard deviation of some scores; 0 of none.

    Examples
    --------
    >>> deviation([1.0, 3.0])
    1.0
    """
    mean = sum(scores) / max(len(scores), 1)
    return math.sqrt(sum((score - mean) ** 2 for score in scores) / max(len(scores), 1))


def standardised(scores: Sequence[float]) -> list[float]:
    """Return scores as standard deviations above their mean; 0 where all are equal.

    Examples
    --------
    >>> standardised([1.0, 3.0])
    [-1.0, 1.0]
    """
    mean = sum(scores) / max(len(scores), 1)
    spread = deviation(scores)
    return [(score - mean) / spread if spread > 0 else 0.0 for score in scores]
