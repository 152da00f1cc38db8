"""What a source of citations is asked and answers, and how it is asked of many papers at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from ingest.net.http import Http
from kg.errors import SourceError, TooLarge
from kg.store.citations import Reference

T = TypeVar("T")
R = TypeVar("R")

_REFUSED: Final = frozenset({400, 413, 414})
"""Statuses by which a server refuses a batch at once, for its size or for one of its ids."""

_BROKEN: Final = frozenset({200, 500, 504})
"""Statuses of answers that stay broken, though asked for again and again, for the same reasons."""

_MOST_REFUSALS: Final = 12
_MOST_BREAKDOWNS: Final = 5
"""Most failures in a row until they are the server's own: enough to come down to one of 500."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A paper whose references are asked for."""

    key: int
    """Its key in the catalogue."""
    arxiv_id: str | None
    """arXiv id without version."""
    doi: str | None
    """DOI, lower-case, without resolver."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a source knows of one paper's references."""

    key: int
    """The paper's key in the catalogue."""
    found: bool
    """False where the source does not know the paper."""
    known: int = 0
    """How many references the source knows, with an identifier or without."""
    references: tuple[Reference, ...] = ()
    """Those that have an identifier, by all of their identifiers."""
    failed: str = ""
    """Why there is no answer though others had one; empty where there is."""


class References(Protocol):
    """A source of references."""

    name: str
    """Its name in reports and at each edge: ``openalex``."""
    batch: int
    """Papers that are best asked about together."""
    http: Http
    """The client through which it is asked."""

    def references(self, asked: Sequence[Asked]) -> Iterator[Answered]:
        """Give an answer for each of `asked`, in any order, each once.

        Raises
        ------
        SourceError
            If the source cannot be asked any more; answers given before it are good.
        """
        ...


def in_batches(
    items: Sequence[T], size: int, fetch: Callable[[Sequence[T]], R]
) -> Iterator[tuple[Sequence[T], R | SourceError]]:
    """Fetch items in batches, and in smaller ones where a batch fails for what is in it.

    One item may be too large for the server, or break it; the others shall not suffer from it.

    Parameters
    ----------
    items : sequence
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
    misses, hits = 0, 0
    while waiting:
        batch = waiting.pop()
        try:
            found = fetch(batch)
        except SourceError as error:
            misses += 1
            at_once = isinstance(error, TooLarge) or error.status in _REFUSED
            most = _MOST_REFUSALS if at_once else _MOST_BREAKDOWNS
            if misses > most or not (at_once or error.status in _BROKEN):
                raise
            if len(batch) == 1:
                failed.append((batch, error))
            # Each failure of this kind took all tries, with minutes between them: eighths come
            # down to the item with the fewest failures.
            part = max(1, -(-len(batch) // (2 if at_once else 8)))
            if len(batch) > 1:
                waiting += [batch[i : i + part] for i in range(0, len(batch), part)][::-1]
            continue
        misses, hits = 0, hits + 1
        yield batch, found
    if failed and not hits:
        raise failed[-1][1]
    yield from failed
