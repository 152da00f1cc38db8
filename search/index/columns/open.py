"""Opening columns: a file that follows the catalogue.

The file knows the revision that it was made from. Papers that changed since are looked up in the
catalogue and stand in place of their rows; where they are many, they are written into the file.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import numpy as np

from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.columns import build
from search.index.columns.columns import Columns
from search.index.columns.table import DamagedColumns, Table, read
from search.index.selection import Mask

MAX_CHANGED = 1_000
"""So many papers may have changed since the file was written: looking them up takes 60 ms."""

_MAX_KEYS_PER_PAPER = 20
"""Where keys are further apart than this, masks by key would be mostly empty."""

T = TypeVar("T")


class PaperFilter:
    """Which papers pass filters, by columns that are up to date; those in memory if need be.

    Parameters
    ----------
    path : Path
        The file. Where it turns out to be damaged, it is made again.
    """

    def __init__(self, catalogue: Catalogue, path: Path, columns: Columns) -> None:
        self._catalogue, self._path, self._columns = catalogue, path, columns

    def mask(self, filters: Filters) -> Mask | None:
        """See `Columns.mask`; None where all papers pass."""
        return self._read(lambda columns: columns.mask(filters))

    def passing(self, keys: Sequence[int], filters: Filters) -> set[int]:
        """See `Columns.passing`."""
        return self._read(lambda columns: columns.passing(keys, filters))

    def in_order(
        self,
        filters: Filters,
        newest: bool,
        most: int,
        preferred: Sequence[tuple[Filters, float]] = (),
    ) -> list[int]:
        """See `Columns.in_order`."""
        return self._read(lambda columns: columns.in_order(filters, newest, most, preferred))

    def _read(self, answer: Callable[[Columns], T]) -> T:
        try:
            return answer(self._columns)
        except DamagedColumns:
            with self._catalogue.reading():
                self._columns = _made_again(self._catalogue, self._path)
                return answer(self._columns)


def opened(catalogue: Catalogue, path: Path, max_changed: int = MAX_CHANGED) -> PaperFilter | None:
    """Return the filter of a catalogue's papers, from its file where that is good.

    None where there is no file and none can be written, or keys are too far apart.

    Parameters
    ----------
    max_changed : int
        If more papers changed since the file was written, they are written into it.
    """
    with catalogue.reading():
        if catalogue.papers.last_key() > _MAX_KEYS_PER_PAPER * catalogue.settled_size:
            return None
        try:
            columns = _opened(catalogue, path, max_changed)
        except DamagedColumns:
            columns = _made_again(catalogue, path)
    return PaperFilter(catalogue, path, columns) if columns else None


def _opened(catalogue: Catalogue, path: Path, max_changed: int = MAX_CHANGED) -> Columns | None:
    file = read(path, catalogue.identity)
    # One of a revision that is not of its past: an older copy of the catalogue was put back.
    known = file and catalogue.changes.includes(file.header.revision, file.header.mark)
    if not known:
        file = build.built(catalogue, path)
    if file is None:
        return None
    changed = np.asarray(catalogue.changes.papers(file.header.revision), dtype=np.int64)
    delta = build.of_some(catalogue, changed)
    if len(changed) > max_changed and (whole := build.merged(file, changed, delta, path)):
        return _of_file(catalogue, whole)
    return Columns(catalogue, file, changed, delta)


def _of_file(catalogue: Catalogue, file: Table) -> Columns:
    none = np.empty(0, dtype=np.int64)
    return Columns(catalogue, file, none, build.of_some(catalogue, none))


def _made_again(catalogue: Catalogue, path: Path) -> Columns:
    """Return columns in place of those of a damaged file: a new one, else in memory."""
    import logging  # Takes longer to import than columns take to answer.

    logging.getLogger(__name__).warning("%s is damaged; it is made again", path)
    with suppress(OSError):
        path.unlink()
    if file := build.built(catalogue, path):
        return _of_file(catalogue, file)
    keys = np.sort(np.asarray(catalogue.papers.keys(), dtype=np.int64))
    whole = build.of_some(catalogue, keys)
    return Columns(catalogue, build.of_some(catalogue, keys[:0]), keys, whole)
