"""The file of inverted lists: FAISS's own bytes, and at its end what is known of them.

FAISS maps the file from its first byte on, so what it holds is said at the end: one line of JSON,
its length, and a mark. A file that was cut short has no mark, one that was not written by this
version has another.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from kg.values import dataclass
from search.index.base import Vectors
from search.index.selection import Keys, Mask

_MARK = b"LFMIVF02"
_END = 8 + len(_MARK)
"""Bytes of the header's length and of the mark."""


class DamagedIndex(Exception):
    """The file holds what it should not."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which vectors an index is of."""

    catalogue: str
    model: str
    dim: int


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a file."""

    identity: Identity
    revision: int
    """Of the catalogue's vectors, when written."""
    papers: int
    max_key: int
    lists: int
    probed: int
    """The most lists that a question looks into."""
    reach: float
    """It looks into those whose centres are no more than this below the nearest centre's score."""
    recall: float
    """Share of the ten nearest that are found so, measured when the lists were made."""
    trained_for: int
    """Papers of the atlas when the lists were made."""
    size: int
    """Bytes before the header."""
    mark: str = ""
    """Of the revision."""

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Return the header that JSON states; raises `ValueError`, `TypeError` or `KeyError`."""
        found = json.loads(text)
        return cls(**{**found, "identity": Identity(**found["identity"])})


class IvfFile:
    """An open file of inverted lists."""

    def __init__(self, path: Path, header: Header, index: faiss.IndexIVF) -> None:
        self.path = path
        self.header = header
        self._index = index

    def keys(self) -> Keys:
        """Return (n,) all keys, in no order."""
        lists: Any = self._index.invlists
        found = [
            faiss.rev_swig_ptr(lists.get_ids(one), size).copy()
            for one in range(self.header.lists)
            if (size := lists.list_size(one))
        ]
        return np.concatenate(found) if found else np.empty(0, dtype=np.int64)

    @cached_property
    def centres(self) -> Vectors:
        """(lists, dim) float32: the centres of the lists."""
        return centres_of(self._index)

    def lists_for(self, query: Vectors, codes: int, passing: int) -> int:
        """Return how many lists to probe: those within reach of the question.

        At least so many that about so many codes of papers that pass are seen.
        """
        (reached,) = reached_lists(self.centres, query[None, :], self.header.reach)
        needed = -(-codes * self.header.lists // max(passing, 1))
        return min(max(needed, min(int(reached), self.header.probed)), self.header.lists)

    def search(
        self, query: Vectors, k: int, lists: int, mask: Mask | None = None
    ) -> tuple[Keys, Vectors]:
        """Return the `k` nearest keys by codes in the nearest lists, and their rough cosines."""
        selector = None
        if mask is not None:
            # The selector's memory is the caller's: `bits` lives as long as the search.
            bits = np.packbits(mask, bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
        parameters = faiss.SearchParametersIVF(nprobe=lists, sel=selector)  # type: ignore[call-arg]
        scores, keys = self._index.search(query[None, :], k, params=parameters)
        found = keys[0] >= 0  # FAISS fills up with -1.
        return keys[0][found], scores[0][found]

    def loaded(self) -> faiss.IndexIVF:
        """Return the index in memory, to be changed."""
        return faiss.read_index(str(self.path))  # type: ignore[return-value]


def centres_of(index: faiss.IndexIVF) -> Vectors:
    """Return the (lists, dim) centres of the lists, not to be changed."""
    quantizer: Any = faiss.downcast_index(index.quantizer)
    count = quantizer.ntotal * quantizer.d
    centres = faiss.rev_swig_ptr(quantizer.get_xb(), count).reshape(-1, quantizer.d)
    # In a mapped file they may lie at any byte, and would be copied for each product.
    return np.require(centres, requirements="A")


def reached_lists(centres: Vectors, queries: Vectors, reach: float) -> NDArray[np.int64]:
    """Return of how many lists the centres are within reach of each of (n, dim) questions.

    A question that is all about one subject reaches few lists, one between subjects many.
    """
    scores = queries @ centres.T
    reached: NDArray[np.int64] = np.sum(scores >= scores.max(axis=1, keepdims=True) - reach, axis=1)
    return reached


def read(path: Path, identity: Identity) -> IvfFile | None:
    """Return the file, opened by memory map; None unless it is whole and of these vectors."""
    try:
        with path.open("rb") as file:
            total = file.seek(0, os.SEEK_END)
            file.seek(total - _END)
            end = file.read(_END)
            length = int.from_bytes(end[:8], "little")
            if end[8:] != _MARK or length > total - _END:
                return None
            file.seek(total - _END - length)
            header = Header.parse(file.read(length))
        if header.identity != identity or header.size != total - _END - length:
            return None
        index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None
    if (index.d, index.ntotal, index.nlist) != (identity.dim, header.papers, header.lists):
        return None
    return IvfFile(path, header, index)


def write(path: Path, index: faiss.IndexIVF, header: Callable[[int], Header]) -> IvfFile | None:
    """Put a file in place whole, and return it opened; None where it cannot be written.

    Parameters
    ----------
    header : callable
        Returns the header for the number of bytes that FAISS wrote.
    """
    from kg.files.atomic import draft_file  # Most questions write nothing.

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_file(path) as file:
            faiss.write_index(index, file.name)
            known = header(file.seek(0, os.SEEK_END))
            text = json.dumps(asdict(known)).encode()
            file.write(text + len(text).to_bytes(8, "little") + _MARK)
    except (OSError, RuntimeError):  # FAISS raises RuntimeError where the disk is full.
        return None
    return read(path, known.identity)
