"""Building a tantivy index of all papers, which goes on where it was stopped.

It is built in a folder beside the index, by several commits. The last has the state of the index;
what was built before it is asked nothing.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import tantivy

from kg.files.atomic import replace_file
from kg.store.catalogue import Catalogue
from kg.store.word_documents import WordDocument
from search.index.progress import shown
from search.index.words.fts5_terms import Fts5Terms
from search.index.words.tantivy_schema import State, document_of_state, documents_of, schema

HEAP_BYTES: Final = 64_000_000
"""Memory in which documents are collected before they are written as a segment: more than
`_MAX_COMMITTED` papers need."""

_MAX_COMMITTED: Final = 16_000
"""Papers that are written by one commit at most, as one segment."""

_MERGED: Final = 8
"""Segments of like size that tantivy merges into one (`LogMergePolicy`)."""

_PAGE: Final = 2_000


def build(catalogue: Catalogue, folder: Path, path: Path, wanted: State, terms: Fts5Terms) -> None:
    """Index all papers, of the state that is wanted or of an earlier one.

    Parameters
    ----------
    folder : Path
        Where it is built; it is gone afterwards. What is left there by a process that was killed
        is taken up.
    path : Path
        Where the index is put, in place of another.

    Raises
    ------
    BaseException
        Of tantivy's (`search.index.words.tantivy_words.is_failure`), if the folder cannot be
        written or is damaged.
    """
    made = folder / "made"
    state = _begun(catalogue, folder, made, wanted)
    index = tantivy.Index(schema(), path=str(made))
    writer = index.writer(HEAP_BYTES, 1)
    total, last = catalogue.size(), _last_key(index)
    pages = shown(catalogue.word_documents.all(after=last), "index of words", total)
    for number, some in enumerate(_batches(chain.from_iterable(pages), committed_papers(total))):
        if number:
            writer.commit()
        add_documents(writer, some, terms)
    writer.add_document(document_of_state(state))
    writer.commit()
    writer.wait_merging_threads()
    # Killed between the two, there is no index, and it is built again.
    with suppress(FileNotFoundError):
        path.rename(folder / "old")
    made.rename(path)
    shutil.rmtree(folder, ignore_errors=True)


def add_documents(
    writer: tantivy.IndexWriter, papers: Iterable[WordDocument], terms: Fts5Terms
) -> None:
    """Add papers to what is committed next."""
    for page in _batches(papers, _PAGE):
        for document in documents_of(list(page), terms):
            writer.add_document(document)


def committed_papers(total: int) -> int:
    """Return how many papers to commit at a time, so that all are merged into one segment.

    Examples
    --------
    >>> committed_papers(10_000), committed_papers(100_000), committed_papers(1_000_000)
    (16000, 12500, 15625)
    """
    size = total
    while size > _MAX_COMMITTED:
        size = -(-size // _MERGED)
    return size if size < total else _MAX_COMMITTED


def _batches(papers: Iterable[WordDocument], size: int) -> Iterator[Iterable[WordDocument]]:
    """Yield papers in parts, each to be read before the next."""
    left = iter(papers)
    for first in left:
        yield chain([first], islice(left, size - 1))


def _begun(catalogue: Catalogue, folder: Path, made: Path, wanted: State) -> State:
    """Return the state that is being built, in a folder as it was left or in an empty one."""
    note = folder / "state.json"
    try:
        state = State(**json.loads(note.read_bytes()))
        same = (state.format, state.identity) == (wanted.format, wanted.identity)
        known = same and catalogue.changes.includes(state.revision, state.mark)
        if known and tantivy.Index.exists(str(made)):
            return state
    except (OSError, ValueError, TypeError):
        pass  # Nothing was begun, or it is of no use.
    shutil.rmtree(folder, ignore_errors=True)
    made.mkdir(parents=True)
    replace_file(note, json.dumps(asdict(wanted)).encode())
    return wanted


def _last_key(index: tantivy.Index) -> int:
    """Return the key of the last paper that was committed; keys are added in order."""
    searcher = index.searcher()
    query = tantivy.Query.all_query()
    found: list[Any] = searcher.search(query, 1, count=False, order_by_field="key").hits
    return int(found[0][0]) if found else -1
