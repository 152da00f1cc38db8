"""The open parts of an atlas: settings, catalogue, taxonomy, embedding model and indexes."""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Self, TypeVar

from kg.errors import CatalogueError
from kg.records import Filters
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.database import utc_now
from search.embedding.open import is_english, open_embedder
from search.index.milvus.server import Server
from search.index.open import MIN_COLUMN_PAPERS, ON_SERVERS, chosen_kind, open_index
from search.index.words import open as word_indexes

if TYPE_CHECKING:
    from kg.taxonomy.taxonomy import Taxonomy
    from search.embedding.base import Embedder
    from search.index.base import VectorIndex
    from search.index.columns.open import PaperFilter
    from search.index.selection import Selection
    from search.index.words.base import WordIndex

P = ParamSpec("P")
T = TypeVar("T")

_FEW = 1_000
"""Whether so many papers pass filters is sooner looked up in the catalogue than in columns."""


class Atlas:
    """An open atlas: a context manager, to be closed by who opened it. Any thread may use it.

    Parameters
    ----------
    settings : Settings
        Where it is; on first use the bundled snapshot is opened there.
    embedder : Embedder, optional
        Used in place of the model that the settings name.
    clock : callable
        Returns the time, in UTC.
    write_wait_s : float
        Seconds that a write waits for other writers, beyond the 30 that each one waits.
    """

    def __init__(
        self,
        settings: Settings,
        embedder: "Embedder | None" = None,
        *,
        clock: Callable[[], datetime] = utc_now,
        write_wait_s: float = 0.0,
    ) -> None:
        # Refuse a misspelt setting before any work is done.
        chosen_kind(settings.index, 0)
        word_indexes.chosen_kind(settings.words, 0)
        self.settings = settings
        if not _has_content(settings.catalogue):
            from kg.snapshot import bundled  # Reading it loads what no question needs.

            bundled.unpack(settings.catalogue)
        self.catalogue = Catalogue(settings.catalogue, clock=clock, write_wait_s=write_wait_s)
        self.min_column_papers = MIN_COLUMN_PAPERS
        self._lock = threading.Lock()
        self._words = word_indexes.Opener(
            self.catalogue, settings.words, settings.cache, settings.index, Server.of(settings)
        )
        self._embedder = embedder

    def close(self) -> None:
        """Close the catalogue's connection of this thread."""
        self.catalogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reading(self) -> AbstractContextManager[None]:
        """Read one state of the atlas within the block, whatever others write meanwhile."""
        return self.catalogue.reading()

    @cached_property
    def taxonomy(self) -> "Taxonomy":
        """The topics, read when first needed."""
        from kg.taxonomy.taxonomy import Taxonomy

        return Taxonomy.load(self.settings.own_taxonomy, self.settings.cache)

    def topics_of(self, keys: Sequence[int]) -> list[tuple[str, ...]]:
        """Return the ids of the topics of each of some papers; see `Taxonomy.topic_ids`."""
        placements = self.catalogue.placements.get(keys)
        return [self.taxonomy.topic_ids(placements.get(key, ())) for key in keys]

    @property
    def embedder(self) -> "Embedder":
        """The embedding model, loaded when first needed."""
        with self._lock:
            if self._embedder is None:
                self._embedder = open_embedder(self.settings.model, state=self.settings.cache)
            return self._embedder

    def share_passes(self) -> None:
        """Let questions that several threads ask at the same time share passes of the model."""
        from search.embedding.shared import SharedPasses

        self._embedder = SharedPasses(self.embedder)

    @property
    def english_only(self) -> bool:
        """Whether the embedding model was trained on English alone; does not load it."""
        return is_english(self._embedder.model if self._embedder else self.settings.model)

    @property
    def index_kind(self) -> str:
        """Name of the kind of the vector index, one of `search.index.open.KINDS`."""
        return chosen_kind(self.settings.index, self.size)

    @property
    def index(self) -> "VectorIndex":
        """The vector index, brought up to date with the catalogue."""
        catalogue, model, dim = self.catalogue, self.embedder.model, self.embedder.dim
        kind, server = self.index_kind, Server.of(self.settings)
        return catalogue.cache.get(
            ("vector index", model),
            lambda: open_index(catalogue, model, dim, kind, self.settings.cache, server),
            None if kind in ON_SERVERS else catalogue.vectors.state,
        )

    @property
    def index_note(self) -> str | None:
        """Why the last search was not by the index that the settings name, if it was not."""
        if self.index_kind not in ON_SERVERS:
            return None
        note: str | None = getattr(self.index, "note", None)
        return note

    @property
    def words(self) -> "WordIndex":
        """The index of words, of the state of the catalogue that this thread reads."""
        return self._words.opened()

    @property
    def words_note(self) -> str | None:
        """Why the last search by words was not by the index that the settings name, if so."""
        note: str | None = getattr(self.words, "note", None)
        return note

    @property
    def size(self) -> int:
        """The number of papers."""
        return self.catalogue.settled_size

    def open_columns(self) -> "PaperFilter | None":
        """Return what papers are filtered by, brought up to date with the catalogue.

        None for a small atlas, where SQL is as fast, and where the file cannot be written.
        """
        if self.size < self.min_column_papers:
            return None
        from search.index.columns.open import opened

        return self.catalogue.cache.get(
            "columns", lambda: opened(self.catalogue, self.settings.cache / "columns")
        )

    def update_indexes(self) -> None:
        """Bring columns and indexes up to date, as the next question would have to.

        Where one is made anew of many papers, standard error says how far it is.
        """
        self.open_columns()
        _ = self.words, self.index  # Are brought up to date where they are opened.

    def columns_for(self, filters: Filters) -> "PaperFilter | None":
        """Return the columns that say which papers pass filters, or None where SQL does."""
        # Of a few papers each is looked up.
        few = filters.among is not None and len(filters.among) <= _FEW
        return None if few else self.open_columns()

    def selection(self, filters: Filters) -> "Selection | None":
        """Return the papers that pass filters, or None where all do."""
        from search.index.selection import Selection

        columns = self.columns_for(filters)
        if columns is None:
            keys = self.catalogue.papers.select(filters)
            return None if keys is None else Selection.of_keys(keys, filters)
        mask = columns.mask(filters)
        return None if mask is None else Selection(filters, lambda: mask)

    def passing(self, filters: Filters) -> list[int]:
        """Return the papers that pass filters, in order of their keys."""
        if self.columns_for(filters) is None:
            keys = self.catalogue.papers.select(filters)
        else:
            selection = self.selection(filters)
            keys = None if selection is None else selection.keys.tolist()
        return sorted(self.catalogue.papers.keys()) if keys is None else keys

    def passing_of(self, keys: Sequence[int], filters: Filters) -> set[int]:
        """Return those of some papers that pass filters."""
        columns = self.open_columns()
        known = columns or self.catalogue.papers
        return known.passing(keys, filters)

    def count_passing(self, filters: Filters) -> int:
        """Return how many papers pass filters."""
        if self.columns_for(filters) is None:
            keys = self.catalogue.papers.select(filters)
            return self.size if keys is None else len(keys)
        selection = self.selection(filters)
        return self.size if selection is None else selection.count

    def newest_passing(self, filters: Filters, most: int) -> list[int]:
        """Return the papers that pass, last published first: see `PaperStore.newest`."""
        columns = self.columns_for(filters)
        if columns is None:
            return self.catalogue.papers.newest(filters, most)
        return columns.in_order(filters, newest=True, most=most)

    def update_similar_edges(self) -> None:
        """Bring the graph's edges between similar papers up to date with the vectors.

        Within a block that reads one state of the catalogue they stay as they are in it.
        """
        if self.catalogue.database.is_within:
            return
        from search.similarity.refresh import MAX_READING, refresh

        model, dim = self.embedder.model, self.embedder.dim
        # Whoever may only read the catalogue gets answers from the edges that are there.
        with suppress(CatalogueError):
            refresh(self.catalogue, model, dim, lambda: self.index, MAX_READING)


def of_one_state(
    answer: Callable[Concatenate[Atlas, P], T],
) -> Callable[Concatenate[Atlas, P], T]:
    """Let a function of an atlas read one state of it, whatever others write meanwhile."""

    @wraps(answer)
    def answered(atlas: Atlas, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with atlas.reading():
            return answer(atlas, *args, **kwargs)

    return answered


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False
