"""Checksums of the files of a tantivy index, which tantivy writes and this reads.

A file ends in a description in JSON, its length and a constant, each of these as 4 bytes; what is
before the description has the CRC-32 that the description says.
"""

import json
import zlib
from pathlib import Path
from typing import BinaryIO, Final

_MAGIC: Final = 1337
_BLOCK: Final = 1 << 20
_MAX_DESCRIPTION: Final = 10_000

PARTS: Final = ("term", "idx", "pos", "fieldnorm", "fast", "store", "del")
"""Endings of the files of a segment."""


def damaged_file(folder: Path) -> Path | None:
    """Return a file of a segment that is not as it was written, None where all are."""
    files = [file for file in sorted(folder.glob("*.*")) if file.suffix[1:] in PARTS]
    return next((file for file in files if not _is_whole(file)), None)


def _is_whole(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            size, wanted = _described(file)
            file.seek(0)
            found = 0
            while size > 0:
                block = file.read(min(size, _BLOCK))
                found = zlib.crc32(block, found)
                size -= len(block)
            return found == wanted
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _described(file: BinaryIO) -> tuple[int, int]:
    """Return how many bytes a checksum is of, and the checksum."""
    end = file.seek(0, 2) - 8
    file.seek(max(end, 0))
    length, magic = (int.from_bytes(file.read(4), "little") for _ in range(2))
    if magic != _MAGIC or not 0 < length <= min(end, _MAX_DESCRIPTION):
        raise ValueError("no description")
    file.seek(end - length)
    return end - length, json.loads(file.read(length))["crc"]
