"""Similar papers of some papers, found by the index: for an atlas that is not compared whole.

What is found is what `search.similarity.mutual` finds, as far as the index finds the nearest; but
for papers that come nearest to another because a third one went: these wait until their own
vectors change.
"""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import NamedTuple

import numpy as np

from search.index.base import VectorIndex, Vectors
from search.index.selection import Keys
from search.similarity.mutual import NEIGHBOURS


class NearbyPairs(NamedTuple):
    """How some papers are similar to others."""

    pairs: list[tuple[int, int, float]]
    """Smaller key, greater key and cosine to four places."""
    nearest: Mapping[int, frozenset[int]]
    """Each other paper that has one of them among its nearest -> all its nearest."""


def compared(
    index: VectorIndex,
    stored: Callable[[Keys], tuple[Keys, Vectors]],
    keys: Keys,
    threshold: float,
    k: int = NEIGHBOURS,
) -> NearbyPairs:
    """Return the pairs of each of some papers and any other that are mutual neighbours.

    Parameters
    ----------
    stored : callable
        Returns the vectors of some keys, in the order of the keys.
    keys : (n,) int64
    threshold : float
        The least cosine of a pair.
    """
    own = _nearest(index, stored, keys, threshold, k)
    others = {other for near in own.values() for other in near} - own.keys()
    near = own | _nearest(index, stored, np.array(sorted(others), dtype=np.int64), threshold, k)
    pairs: dict[tuple[int, int], float] = {}
    displaced: dict[int, frozenset[int]] = {}
    for key, found in own.items():
        for other, cosine in found.items():
            if key in near[other]:
                pairs[min(key, other), max(key, other)] = round(cosine, 4)
                displaced[other] = frozenset(near[other])
    return NearbyPairs([(*pair, cosine) for pair, cosine in sorted(pairs.items())], displaced)


def _nearest(
    index: VectorIndex,
    stored: Callable[[Keys], tuple[Keys, Vectors]],
    keys: Keys,
    threshold: float,
    k: int,
) -> dict[int, dict[int, float]]:
    """Return the `k` nearest others of each of some papers, with their cosines."""
    found = {}
    for key, vector in zip(*stored(keys), strict=True):
        near, cosines = index.search(vector, k + 1)
        others = near != key
        pairs = zip(near[others].tolist(), cosines[others].tolist(), strict=True)
        found[int(key)] = {
            other: cosine for other, cosine in islice(pairs, k) if cosine >= threshold
        }
    return found
