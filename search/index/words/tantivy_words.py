"""Keyword search by tantivy: BM25 as FTS5 has it, from posting lists that are read much faster."""

import math
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

import tantivy

from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.words.base import WordIndex, exactly_named, ranked_words
from search.index.words.fts5 import Fts5Words, all_spellings
from search.index.words.fts5_terms import Fts5Terms, compound
from search.index.words.letters import as_text
from search.index.words.query_words import MAX_SPELLED, may_be_name, names_of
from search.index.words.spellings import joined_pairs
from search.index.words.tantivy_query import (
    MUST,
    MUST_NOT,
    NONE,
    NOTHING_LEFT,
    any_term,
    has_any,
    split,
)
from search.index.words.tantivy_schema import State

if TYPE_CHECKING:
    from search.index.selection import Selection

T = TypeVar("T")

_FEW = 1_000
_FEW_SHARE = 0.02
"""So many papers, or this share of all, are looked up by their keys; of more that may be found,
what ranks best is looked at until enough pass."""

_MANY_SHARE = 0.25
"""So many of all papers, if they are known, are found among what ranks best."""

_NEGLIGIBLE = 0.01
"""Of papers with another spelling of a word, this share is not looked up for having both."""

_MAX_NAMESAKES = 50


class TantivyWords:
    """One state of an index; later states are other objects.

    Parameters
    ----------
    catalogue : Catalogue
        For filters that the index does not know.
    index : tantivy.Index
    state : State
        What the index holds.
    terms : Fts5Terms
        What made the terms of the papers.
    damaged : callable
        Called where the index turns out to be damaged; returns the index to be asked instead.
    """

    kind = "tantivy"

    def __init__(
        self,
        catalogue: Catalogue,
        index: tantivy.Index,
        state: State,
        terms: Fts5Terms,
        damaged: Callable[["TantivyWords"], WordIndex],
    ) -> None:
        self.state = state
        self._catalogue = catalogue
        self._schema = index.schema
        self._searcher = index.searcher()
        self._terms = terms
        self._damaged = damaged
        self._spelled: tuple[tuple[str, ...], dict[str, list[tuple[str, ...]]]] = ((), {})
        self._any_withdrawn = self._searcher.doc_freq("withdrawn", 1) > 0

    def __len__(self) -> int:
        return self._searcher.num_docs - 1  # The state is no paper.

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
        return self._whole(
            lambda: self._search(text, limit, filters, allowed, rarity),
            lambda other: other.search(text, limit, filters, allowed=allowed, rarity=rarity),
        )

    def document_frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """See `search.index.words.base.WordIndex.document_frequencies`."""
        return self._whole(
            lambda: {
                word: self._frequency(parts) for word, parts in self._with_spellings(words).items()
            },
            lambda other: other.document_frequencies(words),
        )

    def unknown(self, words: Sequence[str]) -> set[str]:
        """See `search.index.words.base.WordIndex.unknown`."""
        return self._whole(
            lambda: {
                word
                for word, terms in zip(words, self._terms.of(words), strict=True)
                if not all(self._known([tuple(terms)]).values())
            },
            lambda other: other.unknown(words),
        )

    def named(self, text: str, filters: Filters) -> list[int]:
        """See `search.index.words.base.WordIndex.named`."""
        if not may_be_name(text):
            return []
        (name, *_) = names_of(as_text(text))
        query = has_any(self._schema, "name", [name])
        found = self._whole(
            lambda: self._passing(query, _MAX_NAMESAKES, filters, None),
            lambda other: [(key, 0.0) for key in other.named(text, filters)],
        )
        if not found:
            return []
        # A paper may have become part of another since it was indexed.
        there = self._catalogue.papers.existing([key for key, _ in found])
        return exactly_named(self._catalogue, text, sorted(there))

    def _whole(self, ask: Callable[[], T], ask_other: Callable[[WordIndex], T]) -> T:
        """Return what the index answers, or another one where it is damaged."""
        try:
            return ask()
        except UnicodeEncodeError:  # A filter that is no text, which SQL refuses.
            return ask_other(Fts5Words(self._catalogue))
        except BaseException as error:
            if not is_failure(error):
                raise
        return ask_other(self._damaged(self))

    def _search(
        self,
        text: str,
        limit: int,
        filters: Filters,
        allowed: "Selection | None",
        rarity: Mapping[str, float] | None,
    ) -> list[tuple[int, float]]:
        wanted = ranked_words(self, text, rarity)
        parts = [part for some in self._with_spellings(wanted).values() for part in some]
        if len(wanted) <= MAX_SPELLED:
            parts += filter(None, map(tuple, self._terms.of(joined_pairs(text.lower()))))
        # A term of several words of the question counts for each, as in FTS5.
        query = self._any_of(parts)
        return [] if query is None else self._passing(query, limit, filters, allowed)

    def _passing(
        self,
        query: tantivy.Query,
        limit: int,
        filters: Filters,
        allowed: "Selection | None",
    ) -> list[tuple[int, float]]:
        """Return what matches a query and passes filters, best first."""
        clauses, rest = split(self._schema, filters)
        depth, selection = limit, None
        if allowed is not None and filters != NONE and allowed.count >= _MANY_SHARE * len(self):
            # A condition goes through all papers that pass, whether they match or not.
            clauses, selection = [], allowed
            depth = _depth(limit, allowed.count, len(self))
        elif rest != NOTHING_LEFT:
            selection = self._selected(rest) if allowed is None else allowed
            if not selection.count:
                return []
            if selection.count <= max(_FEW, _FEW_SHARE * len(self)):
                clauses.append((MUST, has_any(self._schema, "key", selection.keys.tolist())))
                selection = None
            else:
                depth = _depth(limit, selection.count, len(self))
        unwithdrawn = self._any_withdrawn and not filters.withdrawn
        if unwithdrawn and clauses:
            clauses.append((MUST_NOT, has_any(self._schema, "withdrawn", [1])))
            unwithdrawn = False
        if clauses:
            query = tantivy.Query.boolean_query([(MUST, query), *clauses])
        if unwithdrawn:
            # A condition would have all that matches scored; few papers are withdrawn.
            depth += depth // 20 + 5
        return self._first(query, limit, depth, selection, unwithdrawn)

    def _first(
        self,
        query: tantivy.Query,
        limit: int,
        depth: int,
        selection: "Selection | None",
        unwithdrawn: bool,
    ) -> list[tuple[int, float]]:
        """Return the first of what matches that is selected, looking as deep as it takes."""
        while True:
            depth = max(min(depth, self._searcher.num_docs), 1)
            hits = self._searcher.search(query, depth, count=False).hits
            places = [place for _, place in hits]
            keys: list[Any] = self._searcher.fast_field_values("key", places)
            if None in keys:
                raise ValueError("a paper without a key")
            found = [(int(key), score) for key, (score, _) in zip(keys, hits, strict=True)]
            if unwithdrawn:
                flags = self._searcher.fast_field_values("withdrawn", places)
                found = [one for one, flag in zip(found, flags, strict=True) if not flag]
            if selection is not None:
                import numpy as np

                passes = selection.allows(np.asarray([key for key, _ in found], dtype=np.int64))
                found = [one for one, good in zip(found, passes, strict=True) if good]
            if len(found) >= limit or len(hits) < depth or depth == self._searcher.num_docs:
                found.sort(key=itemgetter(0))
                found.sort(key=itemgetter(1), reverse=True)  # Leaves equal ones in their order.
                return found[:limit]
            depth *= 4

    def _selected(self, filters: Filters) -> "Selection":
        from search.index.selection import Selection

        keys = self._catalogue.papers.select(filters)
        assert keys is not None  # Some filter is set.
        return Selection.of_keys(keys)

    def _with_spellings(self, words: Sequence[str]) -> dict[str, list[tuple[str, ...]]]:
        """Return for each word its terms in all spellings."""
        wanted, found = tuple(words), self._spelled
        if found[0] != wanted:  # How rare they are is mostly asked just before.
            spelled = all_spellings(words)
            terms = iter(self._terms.of([one for some in spelled.values() for one in some]))
            parts = {
                word: list(dict.fromkeys(filter(None, map(_part, some, terms))))
                for word, some in spelled.items()
            }
            found = self._spelled = wanted, parts
        return found[1]

    def _any_of(self, parts: Sequence[tuple[str, ...]]) -> tantivy.Query | None:
        """Return the query of what has any of some words; None where no paper has one."""
        known = self._known(parts)
        found = [part for part in parts if all(known[term] for term in part)]
        return any_term(self._schema, found, known, len(self)) if found else None

    def _frequency(self, parts: Sequence[tuple[str, ...]]) -> int:
        known = self._known(parts)
        found = [part for part in parts if all(known[term] for term in part)]
        if not found:
            return 0
        if all(len(part) == 1 for part in found):
            # These count papers that went as well, until their segment is merged.
            most, *others = sorted((known[term] for (term,) in found), reverse=True)
            if sum(others) <= _NEGLIGIBLE * most:
                return min(most + sum(others), len(self))
        hits: Any = self._searcher.search(any_term(self._schema, found, known, len(self)), 1)
        return int(hits.count)

    def _known(self, parts: Sequence[tuple[str, ...]]) -> dict[str, int]:
        """Return in how many documents each term is."""
        return {term: self._searcher.doc_freq("text", term) for part in parts for term in part}


def _depth(limit: int, passing: int, papers: int) -> int:
    """Return how far down so many papers that pass are probably found."""
    return math.ceil(1.2 * limit * papers / passing)


def _part(spelling: str, terms: Sequence[str]) -> tuple[str, ...]:
    """Return the terms that a paper must have of a word as it is spelled."""
    return (compound(terms),) if " " in spelling else tuple(terms)


def is_failure(error: BaseException) -> bool:
    """Return whether an error is tantivy's: a file that is damaged, locked or cannot be written."""
    # Where the code in Rust panics, the error is none of `Exception`.
    return isinstance(error, OSError | ValueError) or type(error).__name__ == "PanicException"
