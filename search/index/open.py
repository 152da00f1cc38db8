"""The kinds of vector indexes, and how one is opened.

An index is a cache of the catalogue's vectors: its file knows the model and the revision of the
vectors that it holds, and follows the catalogue.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import BadRequest
from kg.store.catalogue import Catalogue
from search.index.milvus.server import LOCAL, Server

if TYPE_CHECKING:  # Opening an atlas must not load NumPy: not every question compares vectors.
    from search.index.base import IndexKind, VectorIndex


def _exact(_: Server) -> "IndexKind":
    from search.index.vectors import exact

    return exact


def _faiss(_: Server) -> "IndexKind":
    from search.index.vectors import faiss_flat  # takes longer to import than a small index to ask

    return faiss_flat


def _ivf(_: Server) -> "IndexKind":
    from search.index.vectors import faiss_ivf

    return faiss_ivf


def _milvus(server: Server) -> "IndexKind":
    from search.index.milvus.vectors import MilvusKind

    return MilvusKind(server)


KINDS: "dict[str, Callable[[Server], IndexKind]]" = {
    "faiss": _faiss,
    "exact": _exact,
    "ivf": _ivf,
    "milvus": _milvus,
}
"""The registry: name of each kind of index -> what imports its module."""

ON_SERVERS = frozenset({"milvus"})
"""Kinds that are on a server, which may be away, and that hold what papers are filtered by."""

MIN_FAISS_PAPERS = 20_000
"""Papers from which on ``auto`` means FAISS: below, importing it takes longer than searching."""

MIN_COLUMN_PAPERS = 5_000
"""Papers from which on columns say which papers pass filters, and no SQL."""

MIN_IVF_PAPERS = 100_000
"""Papers from which on ``auto`` means inverted lists, which are not read whole."""


def chosen_kind(name: str, papers: int) -> str:
    """Return the kind of index that a setting means for so many papers.

    Raises
    ------
    BadRequest
        If `name` is neither ``auto`` nor one of `KINDS`.
    """
    if name == "auto":
        if papers >= MIN_IVF_PAPERS:
            return "ivf"
        return "faiss" if papers >= MIN_FAISS_PAPERS else "exact"
    if name not in KINDS:
        *others, last = KINDS
        raise BadRequest(f"unknown index {name!r}", f"use auto, {', '.join(others)} or {last}")
    return name


def kind_named(name: str, server: Server = LOCAL) -> "IndexKind":
    """Return the kind of index of that name, or raise `BadRequest`."""
    return KINDS[chosen_kind(name, 0)](server)


def open_index(
    catalogue: Catalogue, model: str, dim: int, kind: str, folder: Path, server: Server = LOCAL
) -> "VectorIndex":
    """Return the up-to-date index of `model`'s vectors, from its file where that is good.

    While a server cannot be used, a local index is.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    folder : Path
        Where the file is kept; that it cannot be written is no error.
    server : Server, optional
        Where a kind of `ON_SERVERS` is.
    """

    def of_kind(name: str) -> "VectorIndex":
        path = index_path(folder, model, name)
        return kind_named(name, server).opened(catalogue, model, dim, path)

    if kind not in ON_SERVERS:
        return of_kind(kind)
    from search.index.fallback import WithFallback, outage_of

    local = chosen_kind("auto", catalogue.size())
    return WithFallback(
        partial(of_kind, kind), partial(of_kind, local), outage_of(catalogue, server.uri)
    )


def index_path(folder: Path, model: str, kind: str) -> Path:
    """Return the file in `folder` that keeps the index of `model`."""
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in model)
    return folder / f"{safe}.{kind}"
