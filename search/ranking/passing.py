"""Rankings of papers that pass filters, some of which are looked up for what ranks best.

Which papers have a phrase, lack a word or relate to a method, only the catalogue knows. To find all
that do takes the longer the more they are; wanted are the first few.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kg.records import Filters, Term
from kg.store.catalogue import Catalogue
from kg.store.filter_sql import ON_WORDS
from search.atlas import Atlas

if TYPE_CHECKING:  # A question by words alone needs no NumPy.
    from search.index.selection import Selection

Ranking = list[tuple[int, float]]
"""Keys with scores, best first."""

_LOOKUPS: Final = {"words": 1 / 100, "exact": 0.5, "about": 0.1}
"""Kind of condition -> how many papers can be looked up in the time in which one more paper that
meets it is found among all: reading a phrase in a paper's texts takes as long either way."""
_COUNTED: Final = {"words": 60_000, "exact": 20_000}
"""No more papers with words are counted, which takes time itself."""
_PAGE: Final = 1_000


class PassingPapers:
    """The papers that pass filters, for the rankings of one question.

    Parameters
    ----------
    filters : Filters
        Conditions that only the catalogue knows are looked up for each paper of a ranking, as long
        as that is sooner than to find all papers that pass; the others hold before it is made.
    """

    def __init__(self, atlas: Atlas, filters: Filters) -> None:
        self._atlas = atlas
        self._filters = self._before = filters
        self._rest: Filters | None = None
        self._most = 0
        self._passing: dict[int, bool] = {}
        self._selections: dict[Filters, Selection | None] = {}
        if not _asks_catalogue(filters) or atlas.columns_for(filters) is None:
            return
        slow = Filters(
            withdrawn=True,
            terms=tuple(one for one in filters.terms if one.field in ON_WORDS),
            about=filters.about,
            excluded=tuple(one for one in filters.excluded if _asks_catalogue(one)),
        )
        self._rest, self._most = slow, int(sum(_costs(atlas.catalogue, slow)))
        self._before = replace(
            filters,
            about=None,
            terms=tuple(one for one in filters.terms if one not in slow.terms),
            excluded=tuple(one for one in filters.excluded if one not in slow.excluded),
        )

    def first(self, rank: Callable[[int, Filters], Ranking], k: int) -> Ranking:
        """Return the first `k` papers of a ranking that pass.

        Parameters
        ----------
        rank : callable
            Returns so many papers that pass filters, best first; fewer where there are no more.
        """
        ask = 2 * k
        while self._rest is not None and ask <= self._most:
            found = rank(ask, self._before)
            good = self.only([key for key, _ in found])
            if len(good) >= k or len(found) < ask:
                scores = dict(found)
                return [(key, scores[key]) for key in good[:k]]
            ask = max(2 * ask, math.ceil(1.2 * k * len(found) / max(len(good), 1)))
        return rank(k, self._filters)

    def named(self, find: Callable[[Filters], Sequence[int]]) -> Sequence[int]:
        """Return those that pass of the few papers that `find` returns of what passes filters."""
        return self.only(find(self._before))

    def only(self, keys: Sequence[int]) -> Sequence[int]:
        """Return those that pass of some papers that are found of what is known before."""
        if self._rest is None:
            return keys
        new = [key for key in keys if key not in self._passing]
        for start in range(0, len(new), _PAGE):
            page = new[start : start + _PAGE]
            passing = self._atlas.catalogue.papers.passing(page, self._rest)
            self._passing.update((key, key in passing) for key in page)
        return [key for key in keys if self._passing[key]]

    def selection(self, filters: Filters) -> "Selection | None":
        """Return the papers that pass filters, or None where all do; found once."""
        if filters not in self._selections:
            self._selections[filters] = self._atlas.selection(filters)
        return self._selections[filters]


def _asks_catalogue(filters: Filters) -> bool:
    """Return whether filters have a condition that only the catalogue knows, and many may meet."""
    on_words = any(one.field in ON_WORDS for one in filters.terms)
    return on_words or bool(filters.about) or any(map(_asks_catalogue, filters.excluded))


def _costs(catalogue: Catalogue, filters: Filters) -> Iterator[float]:
    """Yield how many papers can be looked up in the time in which all that pass are found.

    For each condition of `_asks_catalogue`.
    """
    for term in filters.terms:
        if term.field in ON_WORDS:
            yield _cost_of(catalogue, term)
    if filters.about:
        papers = catalogue.relations.paper_counts([catalogue.entities.key(filters.about)])
        yield _LOOKUPS["about"] * sum(papers.values())
    for one in filters.excluded:
        yield from _costs(catalogue, one)


def _cost_of(catalogue: Catalogue, term: Term) -> float:
    kind = "exact" if term.exact else "words"
    return _LOOKUPS[kind] * catalogue.words.may_have(term, _COUNTED[kind])
