"""The best rows of a search among papers that pass filters, those included that Milvus lacks."""

from collections.abc import Callable, Iterator

import numpy as np

from search.index.selection import Selection

Scored = list[tuple[int, float]]

MAX_DEPTH = 16_384
"""Rows that Milvus returns at most."""

_LISTED = 5_000
"""Keys that an expression lists."""

_MAX_LISTED = 20_000
"""Of more papers that may be found, some are found by asking deeper."""


def best_passing(
    ask: Callable[[int, str], Scored],
    k: int,
    where: str,
    exact: bool,
    selection: Callable[[], Selection],
) -> Iterator[tuple[int, float]]:
    """Yield keys and scores among which are the `k` best of those that pass.

    Parameters
    ----------
    ask : callable
        Returns the best rows that meet an expression, of a number of up to `MAX_DEPTH`.
    where, exact : str, bool
        What papers that pass meet, and whether no other does (`expressions.expression`).
    selection : callable
        Returns the papers that pass; called where they are needed one by one.
    """
    if exact:
        best = ask(min(k, MAX_DEPTH), where)
        if k <= MAX_DEPTH or len(best) < MAX_DEPTH:
            yield from best
            return
    some = selection()
    if k <= MAX_DEPTH and some.count > _MAX_LISTED:
        depth = k
        while depth <= MAX_DEPTH:
            near = ask(depth, where)
            keys = np.fromiter((key for key, _ in near), dtype=np.int64, count=len(near))
            passing = some.allows(keys).tolist()
            if sum(passing) >= k or len(near) < depth:
                yield from (one for one, passes in zip(near, passing, strict=True) if passes)
                return
            depth = MAX_DEPTH if depth < MAX_DEPTH < 4 * depth else 4 * depth
    keys_of = some.keys.tolist()
    for start in range(0, len(keys_of), _LISTED):
        listed = keys_of[start : start + _LISTED]
        yield from ask(min(k, len(listed)), f"key in {listed}")
