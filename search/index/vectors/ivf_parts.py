"""Parts of inverted lists that are made: kept beside the index's file until all of it is.

To put a million vectors into lists takes minutes. Where that was killed, the centres of the lists
and the parts that were done are there, and the next run makes the others. They are of the vectors
at the beginning of the first run, and the index says so: what changed since is followed up.
"""

import json
import shutil
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import faiss
import numpy as np

from kg.files.arrays import Arrays, read_arrays, write_arrays
from kg.files.atomic import draft_file
from kg.store.catalogue import Catalogue
from search.index.base import Vectors
from search.index.vectors.ivf_file import Identity

MIN_PAPERS: Final = 200_000
"""Lists of fewer vectors are made within a minute, and at once."""

_FORM: Final = 1
"""To be raised with every change of what the files hold."""


class Parts:
    """The folder of what is made so far.

    Parameters
    ----------
    folder : Path, optional
        None keeps nothing. That it cannot be written costs time, and is no error.
    """

    def __init__(self, folder: Path | None, state: tuple[int, str]) -> None:
        self._folder = folder
        self.state = state
        """Revision of the vectors, and its mark."""

    @classmethod
    def opened(cls, catalogue: Catalogue, identity: Identity, path: Path) -> "Parts":
        """Return what a run that was killed has left of an index, or the folder of a new run."""
        state = catalogue.vectors.state
        if catalogue.vectors.count(identity.model) < MIN_PAPERS:
            return cls(None, state)
        folder = path.with_name(f"{path.name}.parts")
        about = json.dumps([_FORM, faiss.__version__, asdict(identity)])
        found = read_arrays(folder / "begun")
        if found and str(found["about"]) == about:
            begun = int(found["revision"]), str(found["mark"])
            if catalogue.changes.includes(*begun):
                return cls(folder, begun)
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            revision, mark = state
            known = {"about": about, "revision": revision, "mark": mark}
            write_arrays(folder / "begun", {name: np.array(one) for name, one in known.items()})
        return cls(folder, state)

    def made(self, name: str, make: Callable[[], tuple[Any, Arrays]]) -> tuple[Any, Arrays]:
        """Return lists with some arrays, as they were kept under a name or else are made now."""
        if self._folder is None:
            return make()
        with suppress(OSError, RuntimeError):  # FAISS raises RuntimeError of a damaged file.
            # Written after the index: where these are, it is whole.
            if (found := read_arrays(self._folder / f"{name}.arrays")) is not None:
                return faiss.read_index(str(self._folder / f"{name}.index")), found
        index, arrays = make()
        with suppress(OSError, RuntimeError):  # Or of a full disk.
            with draft_file(self._folder / f"{name}.index") as file:
                faiss.write_index(index, file.name)
            write_arrays(self._folder / f"{name}.arrays", arrays)
        return index, arrays

    def remove(self) -> None:
        """Remove what is kept: all is made."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def name_of(number: int, queries: Vectors) -> str:
    """Return the name of a part of lists with these queries.

    Lists that were trained on other vectors have other queries.
    """
    return f"{zlib.crc32(queries.tobytes()):08x}-{number}"
