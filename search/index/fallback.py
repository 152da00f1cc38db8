"""An index on a server, and a local one for while the server cannot be used."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from kg.errors import IndexUnavailable
from kg.store.catalogue import Catalogue
from search.index.base import VectorIndex, Vectors
from search.index.selection import Keys, Selection

Index = TypeVar("Index")
T = TypeVar("T")

RETRY_S = 60.0
"""Seconds until a server that could not be used is asked again."""


@dataclass(slots=True)
class Outage:
    """What is known of a server that may be away."""

    until: float = 0.0
    """When it is asked again, as of the clock."""
    reason: str = ""
    """Why it was not used, when it was last asked; empty where it was."""

    @property
    def note(self) -> str | None:
        """What users should know of the last answer; None where the server gave it."""
        return f"{self.reason}; the local index answers meanwhile" if self.reason else None


def outage_of(catalogue: Catalogue, uri: str) -> Outage:
    """Return what is known of the server that keeps indexes of a catalogue."""
    # Of all states of the catalogue: each would wait for the server anew.
    return catalogue.cache.get(("outage", uri), Outage, 0)


class OtherState(IndexUnavailable):
    """The index is of another state of the catalogue than this thread reads; no outage."""


class Fallback(Generic[Index]):
    """An index on a server that may be away; a local one answers meanwhile.

    Parameters
    ----------
    remote, local : callable
        Open the one and the other.
    outage : Outage
        Shared by all indexes on the server.
    clock : callable
        Returns seconds.
    """

    def __init__(
        self,
        remote: Callable[[], Index],
        local: Callable[[], Index],
        outage: Outage,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_remote, self._open_local = remote, local
        self._remote: Index | None = None
        self._local: Index | None = None
        self._outage = outage
        self._clock = clock
        self._lock = threading.RLock()
        self._ask(lambda index: index)

    @property
    def note(self) -> str | None:
        """See `Outage.note`."""
        return self._outage.note

    def _ask(self, what: Callable[[Index], T]) -> T:
        if self._clock() >= self._outage.until:
            try:
                found = what(self._remote_index())
            except OtherState:
                return what(self._local_index())
            except IndexUnavailable as error:
                self._away(error)
            else:
                self._outage.reason = ""
                return found
        return what(self._local_index())

    def _away(self, error: IndexUnavailable) -> None:
        if not self._outage.reason:
            logging.getLogger(__name__).info("%s; the local index answers meanwhile", error)
        self._outage.reason = error.message
        self._outage.until = self._clock() + RETRY_S

    def _remote_index(self) -> Index:
        with self._lock:
            if self._remote is None:
                self._remote = self._open_remote()
            return self._remote

    def _local_index(self) -> Index:
        with self._lock:
            if self._local is None:
                self._local = self._open_local()
            return self._local


class WithFallback(Fallback[VectorIndex]):
    """A vector index that may be away; see `search.index.base.VectorIndex`."""

    def __len__(self) -> int:
        return self._ask(len)

    @property
    def keys(self) -> Keys:
        """See `search.index.base.VectorIndex.keys`."""
        return self._ask(lambda index: index.keys)

    def search(
        self, query: Vectors, k: int, allowed: Selection | None = None
    ) -> tuple[Keys, Vectors]:
        """See `search.index.base.VectorIndex.search`."""
        return self._ask(lambda index: index.search(query, k, allowed))

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `search.index.base.VectorIndex.add`."""
        self._ask(lambda index: index.add(keys, vectors))

    def remove(self, keys: Keys) -> None:
        """See `search.index.base.VectorIndex.remove`."""
        self._ask(lambda index: index.remove(keys))
