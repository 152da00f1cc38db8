"""The kinds of vector indexes, and how one is opened.

An index is a cache of the catalogue's vectors. Its file says which model and which revision of
the vectors it holds; a stale one gets what is new, a missing or damaged one is built again, and
either is put in place whole by a rename.
"""

import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import BadRequest
from kg.files.atomic import replace_file
from kg.store.catalogue import Catalogue

if TYPE_CHECKING:  # Opening an atlas must not load NumPy: not every question compares vectors.
    from search.index.base import IndexKind, VectorIndex


def _faiss() -> "IndexKind":
    from search.index.vectors import faiss_flat  # takes longer to import than a small index to ask

    return faiss_flat


def _exact() -> "IndexKind":
    from search.index.vectors import exact

    return exact


KINDS: "dict[str, Callable[[], IndexKind]]" = {"faiss": _faiss, "exact": _exact}
"""The registry: name of each kind of index -> what imports its module."""

MIN_FAISS_PAPERS = 20_000
"""Papers from which on ``auto`` means FAISS: below, importing it takes longer than searching."""

_FORMAT = "lfm-index-1"

_Header = dict[str, str | int]


def chosen_kind(name: str, papers: int) -> str:
    """Return the kind of index that a setting means for so many papers.

    Raises
    ------
    BadRequest
        If `name` is neither ``auto`` nor one of `KINDS`.
    """
    if name == "auto":
        return "faiss" if papers >= MIN_FAISS_PAPERS else "exact"
    if name not in KINDS:
        raise BadRequest(f"unknown index {name!r}", f"use auto, {' or '.join(KINDS)}")
    return name


def kind_named(name: str) -> "IndexKind":
    """Return the kind of index of that name, or raise `BadRequest`."""
    if name not in KINDS:
        raise BadRequest(f"unknown index {name!r}", f"use {' or '.join(KINDS)}")
    return KINDS[name]()


def open_index(
    catalogue: Catalogue, model: str, dim: int, kind: str, folder: Path
) -> "VectorIndex":
    """Return the up-to-date index of `model`'s vectors, from its file where that is good.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    folder : Path
        Where the file is kept; that it cannot be written is no error.
    """
    import numpy as np

    from search.index.base import stored_vectors

    path = index_path(folder, model, kind)
    revision = catalogue.vectors.revision
    header: _Header = {
        "format": _FORMAT,
        "catalogue": catalogue.identity,
        "kind": kind,
        "model": model,
        "dim": dim,
    }
    index, since = _read(path, header, kind, dim) or (kind_named(kind).empty(dim), 0)
    if since == revision:
        return index
    if since > revision:  # An older copy of the catalogue was put back.
        index, since = kind_named(kind).empty(dim), 0
    have = np.asarray(catalogue.vectors.keys(model), dtype=np.int64)
    keys, vectors = stored_vectors(catalogue, model, dim, since)
    if since:
        gone = np.setdiff1d(index.keys, have)
        index.remove(np.concatenate([keys, gone]))
    index.add(keys, vectors)
    _write(path, header, index, revision)
    return index


def index_path(folder: Path, model: str, kind: str) -> Path:
    """Return the file in `folder` that keeps the index of `model`."""
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in model)
    return folder / f"{safe}.{kind}"


def _read(path: Path, header: _Header, kind: str, dim: int) -> "tuple[VectorIndex, int] | None":
    """Return the index in a file and its revision; None unless the file is whole and current."""
    try:
        whole = path.read_bytes()
        end = whole.index(b"\n")
        found, payload = json.loads(whole[:end]), memoryview(whole)[end + 1 :]
        revision = int(found["revision"])
        if found != {**header, "revision": revision, "crc32": zlib.crc32(payload)}:
            return None
        return kind_named(kind).load(payload, dim), revision
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None


def _write(path: Path, header: _Header, index: "VectorIndex", revision: int) -> None:
    payload = index.dump()
    header = {**header, "revision": revision, "crc32": zlib.crc32(payload)}
    # A cache that cannot be kept costs time, not answers.
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, json.dumps(header).encode() + b"\n" + payload)
