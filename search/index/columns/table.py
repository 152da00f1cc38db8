"""A table of columns, in a file or in memory: which rows have each value.

The bytes are sections, one after the other, then one line of JSON (the header), its length and
checksum, and a mark. A section holds the rows that have a value: their numbers as 32-bit integers,
ascending, or one bit for each row of the table where that is shorter; or for each row a day. A file
that was cut short has no mark, and one of another version has another. Each section has a checksum,
which is compared when the section is first read: opening a table reads no more than the header.
"""

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Self

import numpy as np
from numpy.typing import NDArray

from search.index.selection import Keys, Mask

Days = NDArray[np.int32]
"""A day for each row, as a number of its digits: 20240517."""

_MARK = b"LFMCOL01"
_END = 8 + 4 + len(_MARK)
"""Bytes of the header's length and checksum, and of the mark."""

FIRST: Final = "first"
"""Column of the first day on which each row's paper may have appeared; `UNKNOWN_FIRST`."""
LAST: Final = "last"
"""Column of the last such day; `UNKNOWN_LAST`."""
UNKNOWN_FIRST: Final = 2**31 - 1
"""Later than every day."""
UNKNOWN_LAST: Final = -1
"""Earlier than every day."""


class DamagedColumns(Exception):
    """A section is not what was written."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a table."""

    catalogue: str
    """Identity of the catalogue."""
    revision: int
    """Of the catalogue, when the table was made."""
    rows: int
    sections: Mapping[str, Mapping[str, Sequence[int]]]
    """Column -> value -> offset and length in bytes, number of rows that have it, checksum."""
    mark: str = ""
    """Of the revision."""

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Return the header that JSON states; raises `ValueError` or `TypeError` of other text."""
        return cls(**json.loads(text))


@dataclass(slots=True)
class Table:
    """The columns of some rows, read where a question needs them."""

    header: Header
    data: NDArray[np.uint8]
    """All bytes, most often of a memory-mapped file."""
    _checked: set[int] = field(default_factory=set)
    """Offsets of the sections that are as they were written."""

    def mask(self, column: str, value: str) -> Mask:
        """Return for each row whether it has a value.

        Raises
        ------
        DamagedColumns
            If that is not what was written; so do the other methods that read sections.
        """
        rows = self.header.rows
        section = self.header.sections.get(column, {}).get(value)
        if section is None:
            return np.zeros(rows, dtype=np.bool_)
        data = self._read(section)
        if not _is_sparse(section[2], rows):
            return np.unpackbits(data, count=rows, bitorder="little").view(np.bool_)
        mask = np.zeros(rows, dtype=np.bool_)
        mask[data.view("<i4")] = True
        return mask

    def has(self, column: str, value: str, rows: Keys) -> Mask:
        """Return for each of (n,) rows whether it has a value: a few rows of many."""
        section = self.header.sections.get(column, {}).get(value)
        if section is None or not section[2]:
            return np.zeros(len(rows), dtype=np.bool_)
        data = self._read(section)
        if not _is_sparse(section[2], self.header.rows):
            bits: Mask = (data[rows >> 3] >> (rows & 7).astype(np.uint8) & 1).view(np.bool_)
            return bits
        having = data.view("<i4")
        places = np.minimum(np.searchsorted(having, rows), len(having) - 1)
        found: Mask = having[places] == rows
        return found

    def count(self, column: str, value: str) -> int:
        """Return how many rows have a value."""
        section = self.header.sections.get(column, {}).get(value)
        return section[2] if section else 0

    def days(self, column: str) -> Days:
        """Return for each row a day: `column` is `FIRST` or `LAST`."""
        return self._read(self.header.sections[column][""]).view("<i4")

    def values(self) -> Iterator[tuple[str, str]]:
        """Yield each column, other than of days, with each of its values."""
        for column, values in self.header.sections.items():
            if column not in (FIRST, LAST):
                yield from ((column, value) for value in values)

    def _read(self, section: Sequence[int]) -> NDArray[np.uint8]:
        offset, size, _, checksum = section
        data = self.data[offset : offset + size]
        if offset not in self._checked:
            if len(data) != size or zlib.crc32(data.data) != checksum:
                raise DamagedColumns
            self._checked.add(offset)
        return data


class TableWriter:
    """Writes a table of so many rows, section by section."""

    def __init__(self, file: IO[bytes], rows: int) -> None:
        self._file, self._rows, self._size = file, rows, 0
        self._sections: dict[str, dict[str, Sequence[int]]] = {}

    def add(self, column: str, value: str, rows: Keys) -> None:
        """Add the (n,) rows that have a value, each once, ascending."""
        if _is_sparse(len(rows), self._rows):
            data = rows.astype("<i4")
        else:
            mask = np.zeros(self._rows, dtype=np.bool_)
            mask[rows] = True
            data = np.packbits(mask, bitorder="little")
        self._add(column, value, data.tobytes(), len(rows))

    def add_days(self, column: str, days: Days) -> None:
        """Add a day for each row."""
        self._add(column, "", days.astype("<i4").tobytes(), len(days))

    def _add(self, column: str, value: str, data: bytes, count: int) -> None:
        section = (self._size, len(data), count, zlib.crc32(data))
        self._sections.setdefault(column, {})[value] = section
        padding = bytes(-len(data) % 4)  # Integers stand at multiples of their size.
        self._file.write(data + padding)
        self._size += len(data) + len(padding)

    def finish(self, catalogue: str, revision: int, mark: str) -> Header:
        """Write the header, and return it."""
        header = Header(catalogue, revision, self._rows, self._sections, mark)
        known = {name: getattr(header, name) for name in Header.__slots__}
        text = json.dumps(known).encode()
        self._file.write(text + _numbers(text) + _MARK)
        return header


def read(path: Path, catalogue: str) -> Table | None:
    """Return the table in a file, memory-mapped; None unless it is whole and of this catalogue."""
    try:
        with path.open("rb") as file:
            total = file.seek(0, os.SEEK_END)
            file.seek(total - _END)
            end = file.read(_END)
            length = int.from_bytes(end[:8], "little")
            if not end.endswith(_MARK) or length > total - _END:
                return None
            file.seek(total - _END - length)
            text = file.read(length)
            if end != _numbers(text) + _MARK:
                return None
            header = Header.parse(text)
            if header.catalogue != catalogue:
                return None
            data = np.memmap(file, dtype=np.uint8, mode="r")
    except (OSError, ValueError, TypeError):
        return None
    return Table(header, data.view(np.ndarray))


def _is_sparse(count: int, rows: int) -> bool:
    """Return whether so many numbers of rows are shorter than a bit for each of `rows`."""
    return 32 * count < rows


def _numbers(text: bytes) -> bytes:
    return len(text).to_bytes(8, "little") + zlib.crc32(text).to_bytes(4, "little")
