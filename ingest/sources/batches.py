"""Fetching many items at once, although one of them may spoil the answer for all."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from kg.errors import SourceError, TooLarge

T = TypeVar("T")
R = TypeVar("R")

_REFUSED_STATUSES: Final = frozenset({400, 413, 414})
"""Statuses by which a server refuses a batch at once, for its size or for one of its ids."""

BROKEN_STATUSES: Final = frozenset({200, 500, 504})
"""Statuses of answers that stay broken, though asked for again and again, for the same reasons."""

_MAX_REFUSALS: Final = 12
_MAX_BREAKDOWNS: Final = 5
"""Failures in a row, after which the server is at fault: enough to come down to one of 500."""


def in_batches(
    items: Sequence[T], size: int, fetch: Callable[[Sequence[T]], R]
) -> Iterator[tuple[Sequence[T], R | SourceError]]:
    """Fetch items in batches, and split a batch that fails for what is in it.

    So an item that is too large for the server, or breaks it, costs no other.

    Parameters
    ----------
    size : int
        Most items in a batch.
    fetch : callable
        Returns what there is for a batch, or raises `SourceError`.

    Yields
    ------
    tuple
        A batch and what was fetched for it; at last single items with their errors.

    Raises
    ------
    SourceError
        If it is not for what is in the batch, or nothing at all could be fetched.
    """
    waiting = [items[start : start + size] for start in range(0, len(items), size)][::-1]
    failed: list[tuple[Sequence[T], SourceError]] = []
    misses, any_found = 0, False
    while waiting:
        batch = waiting.pop()
        try:
            found = fetch(batch)
        except SourceError as error:
            misses += 1
            at_once = isinstance(error, TooLarge) or error.status in _REFUSED_STATUSES
            most = _MAX_REFUSALS if at_once else _MAX_BREAKDOWNS
            if misses > most or not (at_once or error.status in BROKEN_STATUSES):
                raise
            if len(batch) == 1:
                failed.append((batch, error))
                continue
            # Each failure of this kind took all tries, with minutes between them: eighths come
            # down to the item with the fewest failures.
            part = -(-len(batch) // (2 if at_once else 8))
            waiting += [batch[i : i + part] for i in range(0, len(batch), part)][::-1]
        else:
            misses, any_found = 0, True
            yield batch, found
    if failed and not any_found:
        raise failed[-1][1]
    yield from failed
