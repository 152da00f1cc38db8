"""The kinds of indexes of words, and which one is used."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import BadRequest
from kg.store.catalogue import Catalogue
from search.index.milvus.server import LOCAL, Server

if TYPE_CHECKING:
    from search.index.words.base import WordIndex, WordIndexKind


def _fts5(_: Server) -> "WordIndexKind":
    from search.index.words import fts5

    return fts5


def _tantivy(server: Server) -> "WordIndexKind":
    try:
        from search.index.words import tantivy_cache
    except ImportError:  # There are no wheels of it for this machine.
        return _fts5(server)
    return tantivy_cache


def _milvus(server: Server) -> "WordIndexKind":
    try:
        from search.index.words.milvus_words import MilvusWordsKind
    except ImportError:  # Terms are made by tantivy's stemmer.
        return _fts5(server)
    return MilvusWordsKind(server)


KINDS: "dict[str, Callable[[Server], WordIndexKind]]" = {
    "fts5": _fts5,
    "tantivy": _tantivy,
    "milvus": _milvus,
}
"""The registry: name of each kind of index -> what imports its module."""

ON_SERVERS = frozenset({"milvus"})
"""Kinds that are on a server, which may be away; ``auto`` goes along where vectors are there."""

MIN_TANTIVY_PAPERS = 10_000
"""Papers from which on ``auto`` means tantivy: below, opening it takes longer than it saves."""


def chosen_kind(name: str, papers: int, vectors: str = "auto") -> str:
    """Return the kind of index that a setting means for so many papers.

    Parameters
    ----------
    vectors : str
        The setting of the vector index.

    Raises
    ------
    BadRequest
        If `name` is neither ``auto`` nor one of `KINDS`.
    """
    if name == "auto":
        if vectors in ON_SERVERS:
            return vectors
        return "tantivy" if papers >= MIN_TANTIVY_PAPERS else "fts5"
    if name not in KINDS:
        *others, last = KINDS
        mend = f"use auto, {', '.join(others)} or {last}"
        raise BadRequest(f"unknown index of words {name!r}", mend)
    return name


class Opener:
    """Opens the index of words that a setting means for each question, in any thread.

    Parameters
    ----------
    name : str
        ``auto``, or one of `KINDS`.
    folder : Path
        Folder of the caches; that it cannot be written is no error.
    vectors : str
        The setting of the vector index.
    server : Server
        Where a kind of `ON_SERVERS` is.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        name: str,
        folder: Path,
        vectors: str = "auto",
        server: Server = LOCAL,
    ) -> None:
        self._catalogue = catalogue
        self._name = name
        self._folder = folder
        self._vectors = vectors
        self._server = server
        self._openers: dict[str, Callable[[], WordIndex | None]] = {}

    def opened(self) -> "WordIndex":
        """Return the index of the state of the catalogue that this thread reads.

        Where the one that is meant cannot be had now, it is FTS5's; while a server cannot be used,
        that of ``auto`` if there is one, as making it would take longer than asking FTS5's.
        """
        size = self._catalogue.settled_size
        kind = chosen_kind(self._name, size, self._vectors)
        if kind not in ON_SERVERS:
            return self._opened(kind)
        from search.index.fallback import outage_of
        from search.index.words.base import INDEX_FOLDER
        from search.index.words.fallback import WordsWithFallback

        made = (self._folder / INDEX_FOLDER).exists()
        local = partial(self._opened, chosen_kind("auto", size) if made else "fts5")
        outage = outage_of(self._catalogue, self._server.uri)
        return self._catalogue.cache.get(
            ("word index", kind),
            lambda: WordsWithFallback(kind, partial(self._opened, kind), local, outage),
        )

    def _opened(self, kind: str) -> "WordIndex":
        found = self._open(kind)
        if found is None:
            found = self._open("fts5")
        assert found is not None  # FTS5's is a part of the catalogue.
        return found

    def _open(self, kind: str) -> "WordIndex | None":
        if kind not in self._openers:
            made = KINDS[kind](self._server).opener(self._catalogue, self._folder)
            # Another thread may have made one meanwhile: all use the same.
            self._openers.setdefault(kind, made)
        return self._openers[kind]()
