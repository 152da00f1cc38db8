"""Fusion of several rankings, such as by meaning and by words: of their scores, or of ranks alone.

G. V. Cormack, C. L. A. Clarke and S. Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and
individual Rank Learning Methods", SIGIR 2009, https://doi.org/10.1145/1571941.1572114.
"""

import math
from collections.abc import Collection, Sequence
from operator import itemgetter, mul

DEPTH = 200
"""How far down each ranking is read before they are fused."""

WEIGHTS = (0.5, 0.5)
"""Weights of the scores by meaning and by words, chosen on the benchmarks."""

NAMED_WEIGHT = 10.0
"""Worth of being asked for by name, in standard deviations: more than both scores."""

KIND_WEIGHT = 2.0
"""Worth of being of the kind asked for, in standard deviations."""

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
    dense: Sequence[tuple[int, float]],
    words: Sequence[tuple[int, float]],
    named: Collection[int] = (),
    of_kind: Collection[int] = (),
    weights: tuple[float, float] = WEIGHTS,
) -> list[tuple[int, float]]:
    """Fuse the scores by meaning and by words.

    The scores of each ranking become standard deviations above their mean, and a paper has their
    weighted sum. A paper that a ranking lacks has the lowest of its scores; by words, that is 0
    where these find fewer than `DEPTH` papers. Only the first `DEPTH` of each ranking count, so
    that the best papers do not depend on how many are asked for.

    Parameters
    ----------
    dense, words : sequence of (int, float)
        Keys with cosines, and with BM25 scores, best first.
    named, of_kind : collection of int
        Keys of the papers asked for by name, and of those of the kind asked for.

    Returns
    -------
    list of (int, float)
        Keys and scores, best first, 1 for the best; a score below 0 is below the mean. Equal
        scores by the first ranking's order.

    Examples
    --------
    >>> [key for key, _ in hybrid([(1, 0.8), (2, 0.7), (3, 0.1)], [(3, 9.0), (1, 8.0)])]
    [1, 3, 2]
    """
    near, worded = (dict(ranking[:DEPTH]) for ranking in (dense, words))
    keys = near | worded
    # What has no word of the question has a BM25 score of 0.
    zeros = [0.0] * (min(len(keys), DEPTH) - len(worded))
    far, wordless = _standardise(near, [], weights[0]), _standardise(worded, zeros, weights[1])
    # What is further down follows what is not.
    keys.update(dense[DEPTH:])
    keys.update(words[DEPTH:])
    scores = {key: near.get(key, far) + worded.get(key, wordless) for key in keys}
    for some, weight in ((named, NAMED_WEIGHT), (of_kind, KIND_WEIGHT)):
        for key in some:
            scores[key] = scores.get(key, 0.0) + weight
    highest = max(scores.values(), default=0.0)
    whole = highest if highest > 0 else 1.0
    ordered = sorted(scores.items(), key=itemgetter(1), reverse=True)
    return [(key, score / whole) for key, score in ordered]


def deviation(scores: Sequence[float]) -> float:
    """Return the standard deviation of some scores; 0 of none.

    Examples
    --------
    >>> deviation([1.0, 3.0])
    1.0
    """
    return _spread(_centred(scores))


def standardised(scores: Sequence[float]) -> list[float]:
    """Return scores as standard deviations above their mean; 0 where all are equal.

    Examples
    --------
    >>> standardised([1.0, 3.0])
    [-1.0, 1.0]
    """
    centred = _centred(scores)
    spread = _spread(centred)
    return [one / spread for one in centred] if spread > 0 else [0.0] * len(centred)


def _standardise(found: dict[int, float], more: Sequence[float], weight: float) -> float:
    """Make scores standard deviations, times a weight, in place; return the lowest.

    Parameters
    ----------
    more : sequence of float
        Further scores that count.
    """
    standard = [weight * one for one in standardised([*found.values(), *more])]
    found.update(zip(found, standard, strict=False))
    return min(standard, default=0.0)


def _centred(scores: Sequence[float]) -> list[float]:
    mean = sum(scores) / max(len(scores), 1)
    return [score - mean for score in scores]


def _spread(centred: Sequence[float]) -> float:
    return math.sqrt(sum(map(mul, centred, centred)) / max(len(centred), 1))
