"""Tables made from a catalogue, and from a table and what changed since."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import IO

import numpy as np

from kg.store.catalogue import Catalogue
from kg.store.facets import FACETS
from kg.text.partial_date import PATTERN
from search.index import progress
from search.index.columns.table import (
    FIRST,
    LAST,
    UNKNOWN_FIRST,
    UNKNOWN_LAST,
    Header,
    Table,
    TableWriter,
    read,
)
from search.index.selection import Keys, Mask

_DATE = re.compile(PATTERN)
_UPPER_TO_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def built(catalogue: Catalogue, path: Path) -> Table | None:
    """Return the table of all papers, its rows their keys, written to a file.

    None where the file cannot be written.
    """

    def write(file: IO[bytes]) -> None:
        with progress.bar("columns of filters", catalogue.size()):
            _write(catalogue, file, catalogue.papers.last_key() + 1, lambda keys: keys)

    return _placed(path, catalogue.identity, write)


def of_some(catalogue: Catalogue, some: Keys) -> Table:
    """Return the table of (n,) papers, ascending, in memory: its rows are in their order.

    The row of a paper that is gone has no value.
    """
    file = BytesIO()
    header = _write(catalogue, file, len(some), lambda keys: np.searchsorted(some, keys), some)
    return Table(header, np.frombuffer(file.getbuffer(), dtype=np.uint8))


def merged(base: Table, changed: Keys, delta: Table, path: Path) -> Table | None:
    """Return a table with the rows of `changed` as `delta` has them, written to a file.

    None where the file cannot be written.
    """
    before, identity = base.header.rows, base.header.catalogue
    rows = max(before, int(changed.max(initial=-1)) + 1)

    def write(file: IO[bytes]) -> None:
        writer = TableWriter(file, rows)
        for column, unknown in ((FIRST, UNKNOWN_FIRST), (LAST, UNKNOWN_LAST)):
            days = np.full(rows, unknown, dtype=np.int32)
            days[:before] = base.days(column)
            days[changed] = delta.days(column)
            writer.add_days(column, days)
        for column, value in dict.fromkeys((*base.values(), *delta.values())):
            mask = np.zeros(rows, dtype=np.bool_)
            mask[:before] = base.mask(column, value)
            mask[changed] = delta.mask(column, value)
            writer.add(column, value, np.flatnonzero(mask))
        writer.finish(identity, delta.header.revision, delta.header.mark)

    return _placed(path, identity, write)


def folded(text: str) -> str:
    """Return text as SQLite compares it where case does not matter: A to Z alone are folded."""
    return text.translate(_UPPER_TO_LOWER)


def _placed(path: Path, identity: str, write: Callable[[IO[bytes]], object]) -> Table | None:
    from kg.files.atomic import draft_file  # Most questions write nothing.

    # A cache that cannot be kept costs time, not answers.
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_file(path) as file:
            write(file)
        return read(path, identity)
    return None


def _write(
    catalogue: Catalogue,
    file: IO[bytes],
    count: int,
    rows_of: Callable[[Keys], Keys],
    among: Keys | None = None,
) -> Header:
    some = None if among is None else among.tolist()
    writer = TableWriter(file, count)
    first = np.full(count, UNKNOWN_FIRST, dtype=np.int32)
    last = np.full(count, UNKNOWN_LAST, dtype=np.int32)
    there = np.zeros(count, dtype=np.bool_)
    with catalogue.reading():
        for facet in FACETS:
            parts: dict[str, list[Keys]] = {}
            for value, keys in catalogue.facets.values(facet, some):
                rows = rows_of(np.fromstring(keys, dtype=np.int64, sep=","))
                if facet == "appeared":
                    there[rows] = True
                    if _DATE.fullmatch(value):
                        # Compared to its precision, a month is any of its days.
                        digits = value.replace("-", "")
                        first[rows] = int(digits.ljust(8, "0"))
                        last[rows] = int(digits.ljust(8, "9"))
                    continue
                for name in _names(facet, value):
                    parts.setdefault(name, []).append(rows)
            for name, found in parts.items():
                writer.add(facet, name, _union(found, count))
        writer.add_days(FIRST, first)
        writer.add_days(LAST, last)
        writer.add("paper", "", np.flatnonzero(there))
        return writer.finish(*catalogue.database.state)


def _names(facet: str, value: str) -> Iterator[str]:
    """Yield what a value is found by: a topic also by those that it is under."""
    if facet == "topic":
        yield from (value[: found.start()] for found in re.finditer("/", value))
    yield folded(value) if facet == "category" else value


def _union(parts: list[Keys], count: int) -> Keys:
    mask: Mask = np.zeros(count, dtype=np.bool_)
    for rows in parts:
        mask[rows] = True
    return np.flatnonzero(mask)
