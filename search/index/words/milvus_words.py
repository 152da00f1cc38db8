"""Keyword search by Milvus: its BM25 over terms that are made here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.milvus import collection
from search.index.milvus.collection import Collection
from search.index.milvus.expressions import expression, having_any, named
from search.index.milvus.passing import Scored, best_passing
from search.index.milvus.server import Server
from search.index.words.base import WordIndex, exactly_named, ranked_words
from search.index.words.fts5 import Fts5Words
from search.index.words.letters import as_text
from search.index.words.milvus_rows import WordContent, stored_name
from search.index.words.query_words import may_be_name, names_of
from search.index.words.terms import QuestionTerms

if TYPE_CHECKING:
    from search.index.selection import Selection

_MAX_NAMESAKES = 1_000


class MilvusWords:
    """Words in a collection.

    Parameters
    ----------
    catalogue : Catalogue
        For filters that the collection does not know.
    collection : Collection
    counting : WordIndex, optional
        Says how many papers have a word, in place of Milvus.
    """

    kind = "milvus"

    def __init__(
        self, catalogue: Catalogue, collection: Collection, counting: WordIndex | None = None
    ) -> None:
        self._catalogue = catalogue
        self._collection = collection
        self._counting = counting
        self._terms = QuestionTerms()

    def __len__(self) -> int:
        return self._collection.header.rows

    def search(
        self,
        text: str,
        limit: int,
        filters: Filters,
        *,
        allowed: "Selection | None" = None,
        rarity: Mapping[str, float] | None = None,
    ) -> list[tuple[int, float]]:
        """See `search.index.words.base.WordIndex.search`."""
        parts = self._terms.asked(ranked_words(self, text, rarity), text)
        if not parts:
            return []
        where, exact = expression(filters)
        if as_text(where) != where:  # A filter that is no text, which SQL refuses.
            return Fts5Words(self._catalogue).search(text, limit, filters)
        asked = " ".join(chain.from_iterable(parts))
        # Milvus finds what has any term; of a word of several terms a paper must have all.
        together = f"({having_any(parts)})" if max(map(len, parts)) > 1 else ""

        def ask(depth: int, where: str) -> Scored:
            conditions = " and ".join(filter(None, (where, together)))
            found = self._collection.search(asked, depth, conditions)
            # A server gives scores, Milvus Lite (3.2) negative ones as distances.
            return [(key, abs(score)) for key, score in found]

        best = best_passing(
            ask,
            limit,
            where,
            exact,
            lambda: self._selected(filters) if allowed is None else allowed,
        )
        return sorted(best, key=lambda one: (-one[1], one[0]))[:limit]

    def document_frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """See `search.index.words.base.WordIndex.document_frequencies`."""
        if self._counting is not None:
            return self._counting.document_frequencies(words)
        return {
            word: self._collection.count(having_any(parts), just_written=False) if parts else 0
            for word, parts in self._terms.with_spellings(words).items()
        }

    def unknown(self, words: Sequence[str]) -> set[str]:
        """See `search.index.words.base.WordIndex.unknown`."""
        return self._catalogue.words.unknown(words)

    def named(self, text: str, filters: Filters) -> list[int]:
        """See `search.index.words.base.WordIndex.named`."""
        if not may_be_name(text):
            return []
        (name, *_) = names_of(as_text(text))
        found = self._collection.first(named(stored_name(name)), _MAX_NAMESAKES)
        passing = self._catalogue.papers.passing(found, filters)
        return exactly_named(self._catalogue, text, sorted(passing))

    def _selected(self, filters: Filters) -> "Selection":
        from search.index.selection import Selection

        keys = self._catalogue.papers.select(filters)
        return Selection.of_keys(self._catalogue.papers.keys() if keys is None else keys)


@dataclass(frozen=True, slots=True)
class MilvusWordsKind:
    """The index on a server; see `search.index.words.base.WordIndexKind`."""

    server: Server
    """Its address is empty for a file of Milvus Lite in the folder of caches."""

    def opener(self, catalogue: Catalogue, folder: Path) -> Callable[[], MilvusWords]:
        """See `WordIndexKind.opener`; what it returns raises what opening and following raise."""
        server = self.server.or_file_in(folder)

        def opened() -> MilvusWords:
            found = collection.opened(server, catalogue.identity, WordContent())
            found.follow(catalogue)
            # Milvus Lite compares row by row to count: 0.2 s a word of 3,000 papers.
            return MilvusWords(catalogue, found, Fts5Words(catalogue) if server.is_file else None)

        return opened
