"""The folder of a tantivy index, which follows the catalogue.

Papers and the revision that they are of are written by one commit, so that a process that is killed
leaves the index as it was. An index that is built anew (`search.index.words.tantivy_build`) is made
beside the old one and then takes its place.
"""

import threading
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import tantivy

from kg.store.catalogue import Catalogue
from search.index.words.base import INDEX_FOLDER, WordIndex
from search.index.words.fts5 import Fts5Words
from search.index.words.fts5_terms import Fts5Terms
from search.index.words.tantivy_files import damaged_file
from search.index.words.tantivy_query import has_any
from search.index.words.tantivy_schema import FORMAT, State, document_of_state, state_of
from search.index.words.tantivy_words import TantivyWords, is_failure

if TYPE_CHECKING:  # Most questions write nothing, and have nothing to report.
    import logging

_WAIT_S: Final = 0.2
"""A question waits so long for another thread that brings the index up to date."""

_MAX_CHANGED: Final = 0.5
"""Share of the papers; where more have changed, the index is built anew."""


def opener(catalogue: Catalogue, folder: Path) -> Callable[[], TantivyWords | None]:
    """See `search.index.words.base.WordIndexKind.opener`."""
    return WordCache(catalogue, folder).current


class WordCache:
    """An index of words in a folder, brought up to date when it is asked for."""

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self._catalogue = catalogue
        self._folder = folder
        self._path = folder / INDEX_FOLDER
        self._unfinished = folder / f"{INDEX_FOLDER}.unfinished"
        self._terms = Fts5Terms()
        self._lock = threading.Lock()
        self._index: TantivyWords | None = None
        self._failed: State | None = None

    def current(self) -> TantivyWords | None:
        """Return the index of the state of the catalogue that this thread reads.

        None where another process is writing the index, the folder cannot be written, or the
        thread reads an older state than the index has.
        """
        database = self._catalogue.database
        wanted = State(FORMAT, *database.state)
        index = self._index
        if index is not None and index.state == wanted:
            return index
        if self._failed == wanted or not self._lock.acquire(timeout=_WAIT_S):
            return None
        try:
            index = self._up_to_date(wanted)
            if index is not None:
                self._index = index
            return index
        except BaseException as error:
            if not is_failure(error):
                raise
            _logger().debug("no index of words: %s", error)
            # Not tried again at each question, as trying may take long.
            self._failed = wanted
            return None
        finally:
            self._lock.release()

    def _up_to_date(self, wanted: State) -> TantivyWords | None:
        database = self._catalogue.database
        found = self._opened()
        if found is not None and found.state == wanted:
            return found
        if self._catalogue.changes.papers(wanted.revision):
            return None  # Within a block that writes: what it wrote may be taken back.
        if found is not None and _is_later(found.state, wanted):
            if database.has_committed(found.state.revision, found.state.mark):
                return None
            found = None  # An older copy of the catalogue was put back.
        return self._written(wanted, afresh=found is None)

    def _written(self, wanted: State, afresh: bool) -> TantivyWords | None:
        """Return the index after writing it; None while another process does."""
        from filelock import FileLock, Timeout  # Takes longer to import than a question.

        self._folder.mkdir(parents=True, exist_ok=True)
        # Another call in this process is locked out like another process.
        lock = FileLock(self._folder / "words.lock", thread_local=False, blocking=False)
        try:
            with lock:
                found = self._opened()  # Another process may have been at it.
                if found is not None and found.state == wanted:
                    return found
                if afresh or found is None or not self._add(found, wanted):
                    found = self._built(wanted)
                    # One that was begun earlier is of an earlier state.
                    if found is None or found.state == wanted or self._add(found, wanted):
                        return self._opened()
                    self._built(wanted)
                return self._opened()
        except Timeout:
            return None

    def _opened(self) -> TantivyWords | None:
        """Return the index as it is in the folder, None unless it is whole."""
        try:
            if not (self._path / "meta.json").exists():
                return None
            index = tantivy.Index.open(str(self._path))
            index.config_reader("manual")
            searcher = index.searcher()
            query = tantivy.Query.term_query(index.schema, "state", "state", "basic")
            ((_, place),) = searcher.search(query, 2, count=False).hits
            state = state_of(searcher.doc(place))
            return TantivyWords(self._catalogue, index, state, self._terms, self._without)
        except BaseException as error:
            if isinstance(error, TypeError | IndexError) or is_failure(error):
                return None
            raise

    def _add(self, found: TantivyWords, wanted: State) -> bool:
        """Write what changed into the index; return False where it is to be built anew."""
        from search.index.words.tantivy_build import HEAP_BYTES, add_documents

        known = self._catalogue.changes.includes(found.state.revision, found.state.mark)
        if not known or not _is_later(wanted, found.state):
            return False
        changed = self._catalogue.changes.papers(found.state.revision)
        if len(changed) > _MAX_CHANGED * len(found):
            return False
        if damaged := damaged_file(self._path):
            # A merge would take over what is wrong in it.
            _logger().warning("%s is damaged; the index is made again", damaged)
            return False
        try:
            index = tantivy.Index.open(str(self._path))
            writer = index.writer(HEAP_BYTES, 1)
            # By a query: a number given as a term deletes nothing (tantivy 0.27.0).
            writer.delete_documents_by_query(has_any(index.schema, "key", changed))
            writer.delete_documents_by_term("state", "state")
            pages = self._catalogue.word_documents.of(changed)
            add_documents(writer, chain.from_iterable(pages), self._terms)
            writer.add_document(document_of_state(wanted))
            writer.commit()
            writer.wait_merging_threads()
        except BaseException as error:
            if not is_failure(error):
                raise
            return False
        return True

    def _built(self, wanted: State) -> TantivyWords | None:
        import shutil

        from search.index.words.tantivy_build import build

        begun = self._unfinished.exists()
        try:
            build(self._catalogue, self._unfinished, self._path, wanted, self._terms)
        except BaseException as error:
            if not is_failure(error):
                raise
            # It may be damaged, or fill the disk.
            shutil.rmtree(self._unfinished, ignore_errors=True)
            if not begun:
                raise
            return self._built(wanted)
        return self._opened()

    def _without(self, damaged: TantivyWords) -> WordIndex:
        """Have the damaged index built anew for the next question; this one asks FTS5."""
        import shutil

        with self._lock:
            if self._index is damaged:
                _logger().warning("%s is damaged; it is made again", self._path)
                self._index = None
                shutil.rmtree(self._path, ignore_errors=True)
        return Fts5Words(self._catalogue)


def _is_later(state: State, other: State) -> bool:
    """Return whether a state is a later one of the same catalogue, in the same form."""
    same = (state.format, state.identity) == (other.format, other.identity)
    return same and state.revision > other.revision


def _logger() -> "logging.Logger":
    import logging

    return logging.getLogger(__name__)
