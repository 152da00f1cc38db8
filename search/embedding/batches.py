"""Token ids of many texts as rectangles with little padding."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt


def batches(lengths: Sequence[int], budget: int) -> Iterator[npt.NDArray[np.intp]]:
    """Group texts of like length, so that little of a batch is padding.

    Parameters
    ----------
    lengths : sequence of int
        Tokens in each text.
    budget : int
        Most tokens in a batch, padding included; a longer text is a batch of its own.

    Yields
    ------
    (m,) int
        Indices into `lengths`, longest text first; every index comes once.

    Examples
    --------
    >>> [batch.tolist() for batch in batches([3, 9, 4, 8], 18)]
    [[1, 3], [2, 0]]
    """
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    start = 0
    while start < len(order):
        size = max(1, budget // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


def pad(
    tokens: Sequence[Sequence[int]], filler: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Make a rectangle of token ids.

    Parameters
    ----------
    tokens : sequence of sequence of int
        Ids of each text, at least one text.
    filler : int
        Id of the padding token.

    Returns
    -------
    ids : (n, longest) int64
    mask : (n, longest) bool
        True at a text's own tokens.

    Examples
    --------
    >>> pad([[5, 6], [7]], 0)[0].tolist()
    [[5, 6], [7, 0]]
    """
    lengths = np.array([len(ids) for ids in tokens])
    mask = np.arange(lengths.max()) < lengths[:, None]
    ids = np.full(mask.shape, filler, np.int64)
    ids[mask] = np.concatenate([np.asarray(one, np.int64) for one in tokens])
    return ids, mask
