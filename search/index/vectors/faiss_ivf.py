"""Inverted lists of 8-bit codes: for so many vectors that they are not read whole.

The file is FAISS's own, opened by memory map, so that a question reads the lists that it probes.
What it finds by codes is scored again by the catalogue's vectors. What changed since the file was
written lies beside it in memory; it is written into the file when it is much, and the file is built
again when the papers have doubled.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import faiss
import numpy as np

from kg.store.catalogue import Catalogue
from search.index.base import Vectors, as_arrays, stored_vectors, vectors_of
from search.index.selection import Keys, Mask, Selection
from search.index.vectors import ivf_build, ivf_file
from search.index.vectors.exact import ExactIndex
from search.index.vectors.exact import empty as no_vectors
from search.index.vectors.ivf_file import IvfFile

# One query is searched by one thread whatever this says; more only wait for each other.
faiss.omp_set_num_threads(1)

MAX_BESIDE = 5_000
"""So many vectors may lie beside the file before they are written into it."""

_FEW = 1_000
"""Of no more papers that may be found, each is looked at."""

_SCANNED = 20
"""Codes of papers that may be found that are looked at for each paper wanted, at least."""

_RESCORED = 32
"""So many of the best are scored again by their vectors; scores by codes are off by a thousandth,
which further down changes nothing that anyone sees."""

_MAX_ERROR = 0.05
"""A score by codes that is further off is of another vector: the file is damaged."""

_PAGE = 10_000

Stored = Callable[[Keys], tuple[Keys, Vectors]]


class IvfIndex:
    """Inverted lists in a file, and what changed since in memory.

    Parameters
    ----------
    beside : ExactIndex
        New and changed vectors.
    file : IvfFile, optional
        The lists.
    replaced : (n,) int64
        Keys whose vectors in the file count no longer.
    stored : callable
        Returns the vectors of some keys as the catalogue has them, in the order of the keys.
    whole : callable
        Returns all vectors of the catalogue; used where the file turns out to be damaged.
    """

    def __init__(
        self,
        beside: ExactIndex,
        file: IvfFile | None = None,
        replaced: Keys | None = None,
        stored: Stored | None = None,
        whole: Callable[[], ExactIndex] | None = None,
    ) -> None:
        self._beside = beside
        self._file = file
        self._replaced = np.empty(0, dtype=np.int64) if replaced is None else replaced
        self._stored = stored
        self._whole = whole
        self._others: Selection | None = None

    def __len__(self) -> int:
        return len(self.keys) if self._file else len(self._beside)

    @property
    def keys(self) -> Keys:
        """(n,) int64: all keys, in no order."""
        if self._file is None:
            return self._beside.keys
        own = self._file.keys()
        return np.concatenate([own[~np.isin(own, self._replaced)], self._beside.keys])

    @property
    def header(self) -> ivf_file.Header | None:
        """What is known of the file: lists, how many are probed, and the recall."""
        return self._file.header if self._file else None

    @property
    def lists(self) -> str | None:
        """The lists in words, None where there are none."""
        if self._file is None:
            return None
        known = self._file.header
        return (
            f"{known.lists:,} lists, {known.probed:,} probed at most: recall@10 {known.recall:.3f}"
        )

    def search(
        self, query: Vectors, k: int, allowed: Selection | None = None
    ) -> tuple[Keys, Vectors]:
        """See `search.index.base.VectorIndex.search`."""
        keys, scores = self._beside.search(query, k, allowed)
        if self._file is not None:
            try:
                own = self._search_file(self._file, query, k, allowed)
            except ivf_file.DamagedIndex:
                return self._without_file(query, k, allowed)
            keys, scores = np.concatenate([keys, own[0]]), np.concatenate([scores, own[1]])
        best = np.lexsort((keys, -scores))[:k]
        return keys[best], scores[best]

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """See `search.index.base.VectorIndex.add`."""
        self._beside.add(keys, vectors)

    def remove(self, keys: Keys) -> None:
        """See `search.index.base.VectorIndex.remove`."""
        self._beside.remove(keys)
        self._replaced = np.union1d(self._replaced, keys)
        self._others = None

    def _search_file(
        self, file: IvfFile, query: Vectors, k: int, allowed: Selection | None
    ) -> tuple[Keys, Vectors]:
        mask = self._mask(file, allowed)
        passing = file.header.papers if mask is None else int(np.count_nonzero(mask))
        k = min(k, passing)
        if not k:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        if mask is not None and passing <= _FEW:
            return self._exact(query, k, np.flatnonzero(mask))
        # Codes are not quite in order: some more are looked at.
        wanted = min(passing, k + k // 4 + 10)
        lists = file.lists_for(query, wanted * _SCANNED, passing)
        while True:
            keys, rough = file.search(query, wanted, lists, mask)
            if len(keys) >= k or lists >= file.header.lists:
                break
            lists = min(4 * lists, file.header.lists)
        return self._rescored(query, k, keys, rough)

    def _mask(self, file: IvfFile, allowed: Selection | None) -> Mask | None:
        """Return which keys of the file may be found, None where all may."""
        if not len(self._replaced):
            return None if allowed is None else allowed.mask[: file.header.max_key + 1]
        mask = np.ones(file.header.max_key + 1, dtype=np.bool_)
        if allowed is not None:
            mask[len(allowed.mask) :] = False
            mask[: len(allowed.mask)] = allowed.mask[: len(mask)]
        mask[self._replaced[self._replaced < len(mask)]] = False
        return mask

    def _exact(self, query: Vectors, k: int, keys: Keys) -> tuple[Keys, Vectors]:
        assert self._stored is not None
        return ExactIndex(*self._stored(keys)).search(query, k)

    def _rescored(self, query: Vectors, k: int, keys: Keys, rough: Vectors) -> tuple[Keys, Vectors]:
        assert self._stored is not None
        order = np.argsort(keys[:_RESCORED])
        found, vectors = self._stored(keys[order])
        if len(found) < len(order):  # Gone from the catalogue, without a word of it.
            raise ivf_file.DamagedIndex
        scores = np.einsum("nd,d->n", vectors, query)
        if np.any(np.abs(scores - rough[order]) > _MAX_ERROR):
            raise ivf_file.DamagedIndex
        keys = np.concatenate([found, keys[_RESCORED:]])
        scores = np.concatenate([scores, rough[_RESCORED:]])
        best = np.lexsort((keys, -scores))[:k]
        return keys[best], scores[best]

    def _without_file(
        self, query: Vectors, k: int, allowed: Selection | None
    ) -> tuple[Keys, Vectors]:
        """Answer from the catalogue, and have the damaged file built again when next opened."""
        assert self._file is not None
        assert self._whole is not None
        logging.getLogger(__name__).warning("%s is damaged; it is made again", self._file.path)
        with suppress(OSError):
            self._file.path.unlink()
        self._beside, self._file = self._whole(), None
        return self._beside.search(query, k, allowed)


def empty(dim: int) -> IvfIndex:
    """Return an index of no vectors, all in memory."""
    return IvfIndex(no_vectors(dim))


def opened(catalogue: Catalogue, model: str, dim: int, path: Path) -> IvfIndex:
    """See `search.index.base.IndexKind.opened`."""
    identity = ivf_file.Identity(catalogue.identity, model, dim)
    state = catalogue.vectors.state
    file = ivf_file.read(path, identity)
    if file is not None and not catalogue.changes.includes(file.header.revision, file.header.mark):
        file = None  # An older copy of the catalogue was put back.
    since = file.header.revision if file else 0
    if file is None and catalogue.vectors.count(model) < ivf_build.MIN_PAPERS:
        return IvfIndex(ExactIndex(*stored_vectors(catalogue, model, dim)))
    if file is None:
        file = ivf_build.build(catalogue, identity, path)
        since = file.header.revision
    keys, vectors = stored_vectors(catalogue, model, dim, since)
    gone = np.asarray(catalogue.changes.removed_vectors(model, since), dtype=np.int64)
    # To unite them, NumPy loads its masked arrays, and mostly nothing went.
    replaced = np.union1d(keys, gone) if len(gone) else keys
    if len(replaced) > MAX_BESIDE:
        if catalogue.vectors.count(model) >= 2 * file.header.trained_for:
            file = ivf_build.build(catalogue, identity, path)
        else:
            file = ivf_build.updated(file, replaced, keys, vectors, state)
        keys, vectors = keys[:0], vectors[:0]
        replaced = keys

    def stored(some: Keys) -> tuple[Keys, Vectors]:
        return vectors_of(catalogue, model, dim, some)

    def whole() -> ExactIndex:
        found = no_vectors(dim)
        for rows in catalogue.vectors.pages(model, _PAGE):
            found.add(*as_arrays(rows, dim))
        return found

    return IvfIndex(ExactIndex(keys, vectors), file, replaced, stored, whole)
