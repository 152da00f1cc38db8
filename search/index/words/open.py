"""The kinds of indexes of words, and which one is used."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import BadRequest
from kg.store.catalogue import Catalogue

if TYPE_CHECKING:
    from search.index.words.base import WordIndex, WordIndexKind


def _fts5() -> "WordIndexKind":
    from search.index.words import fts5

    return fts5


def _tantivy() -> "WordIndexKind":
    try:
        from search.index.words import tantivy_cache
    except ImportError:  # There are no wheels of it for this machine.
        return _fts5()
    return tantivy_cache


KINDS: "dict[str, Callable[[], WordIndexKind]]" = {"fts5": _fts5, "tantivy": _tantivy}
"""The registry: name of each kind of index -> what imports its module."""

MIN_TANTIVY_PAPERS = 10_000
"""Papers from which on ``auto`` means tantivy: below, opening it takes longer than it saves."""


def chosen_kind(name: str, papers: int) -> str:
    """Return the kind of index that a setting means for so many papers.

    Raises
    ------
    BadRequest
        If `name` is neither ``auto`` nor one of `KINDS`.
    """
    if name == "auto":
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
    """

    def __init__(self, catalogue: Catalogue, name: str, folder: Path) -> None:
        self._catalogue = catalogue
        self._name = name
        self._folder = folder
        self._openers: dict[str, Callable[[], WordIndex | None]] = {}

    def opened(self) -> "WordIndex":
        """Return the index of the state of the catalogue that this thread reads.

        It is FTS5's where the one that is meant cannot be had now.
        """
        kind = chosen_kind(self._name, self._catalogue.settled_size)
        found = self._open(kind)
        return self._fts5() if found is None else found

    def _open(self, kind: str) -> "WordIndex | None":
        if kind not in self._openers:
            made = KINDS[kind]().opener(self._catalogue, self._folder)
            # Another thread may have made one meanwhile: all use the same.
            self._openers.setdefault(kind, made)
        return self._openers[kind]()

    def _fts5(self) -> "WordIndex":
        found = self._open("fts5")
        assert found is not None  # It is a part of the catalogue.
        return found
