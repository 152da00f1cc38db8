"""Named arrays in one file, with a checksum of each."""

import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from kg.files.atomic import draft_file

Arrays = Mapping[str, Any]
"""Name -> NumPy array of numbers or text."""


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Replace a file of arrays.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full.
    """
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    with draft_file(path) as file:
        np.savez(file, **arrays)


def read_arrays(path: Path) -> dict[str, Any] | None:
    """Return the arrays of a file, None where there is none or any byte of them is another."""
    import numpy as np

    damaged = suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)
    # Never unpickled: a file of a cache runs nothing.
    with damaged, path.open("rb") as file, np.load(file, allow_pickle=False) as found:
        return {name: found[name] for name in found.files}
    return None
