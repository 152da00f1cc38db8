"""A vector index that is read into memory whole, from a file with a checksum.

The file is one line of JSON, padded, which says what it holds, and the bytes of the index. It is
put in place whole by a rename; a stale one gets what is new, a missing or damaged one is built
again.
"""

import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import numpy as np

from kg.store.catalogue import Catalogue
from kg.values import dataclass
from search.index.base import VectorIndex, stored_vectors

_FORMAT = "lfm-index-1"

_ALIGNMENT = 16
"""The bytes of the index begin at a multiple of this, in bytes."""

_Header = dict[str, str | int]


class Dumped(VectorIndex, Protocol):
    """A vector index that can be written as bytes."""

    def dump(self) -> bytes:
        """Return the index as bytes."""
        ...


@dataclass(frozen=True, slots=True)
class WholeKind:
    """A kind of index that is kept whole."""

    name: str
    empty: Callable[[int], Dumped]
    """Returns the index of no vectors of so many dimensions."""
    load: Callable[[memoryview, int], Dumped]
    """Returns the index of such vectors that `Dumped.dump` wrote; raises `ValueError` or
    `RuntimeError` of anything else."""

    def opened(self, catalogue: Catalogue, model: str, dim: int, path: Path) -> Dumped:
        """See `search.index.base.IndexKind.opened`."""
        state = catalogue.vectors.state
        header: _Header = {
            "format": _FORMAT,
            "catalogue": catalogue.identity,
            "kind": self.name,
            "model": model,
            "dim": dim,
        }
        index, (since, mark) = self._read(path, header) or (self.empty(dim), (0, ""))
        if (since, mark) == state:
            return index
        if not catalogue.changes.includes(since, mark):  # An older copy of it was put back.
            index, since = self.empty(dim), 0
        have = np.asarray(catalogue.vectors.keys(model), dtype=np.int64)
        keys, vectors = stored_vectors(catalogue, model, dim, since)
        if since:
            gone = np.setdiff1d(index.keys, have)
            index.remove(np.concatenate([keys, gone]))
        index.add(keys, vectors)
        _write(path, {**header, "revision": state[0], "mark": state[1]}, index)
        return index

    def _read(self, path: Path, header: _Header) -> tuple[Dumped, tuple[int, str]] | None:
        """Return the index in a file, and the state it is of; None unless it is whole."""
        try:
            whole = path.read_bytes()
            end = whole.index(b"\n")
            found, payload = json.loads(whole[:end]), memoryview(whole)[end + 1 :]
            state = int(found["revision"]), str(found.setdefault("mark", ""))
            own = {**header, "revision": state[0], "mark": state[1], "crc32": zlib.crc32(payload)}
            if found != own:
                return None
            return self.load(payload, int(header["dim"])), state
        except (OSError, ValueError, KeyError, TypeError, RuntimeError):
            return None


def _write(path: Path, header: _Header, index: Dumped) -> None:
    from kg.files.atomic import replace_file  # Most questions write nothing.

    payload = index.dump()
    header = {**header, "crc32": zlib.crc32(payload)}
    line = json.dumps(header).encode()
    # NumPy copies vectors that do not begin at a multiple of their items' size before each product.
    line = line.ljust(-(len(line) + 1) % _ALIGNMENT + len(line)) + b"\n"
    # A cache that cannot be kept costs time, not answers.
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, line + payload)
