"""Questions and filters as tantivy's queries."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import tantivy

from kg.cards.card import CHOICES
from kg.records import Filters
from search.index.words.tantivy_schema import card_term, terms_between

Clause = tuple[tantivy.Occur, tantivy.Query]

MUST, MUST_NOT, SHOULD = tantivy.Occur.Must, tantivy.Occur.MustNot, tantivy.Occur.Should

_FIRST, _LAST = "0000-00-00", "9999-99-99"

_LEAST_IDF = 1e-6
"""What FTS5 takes for a word of half of the papers or more."""

NONE = Filters()
NOTHING_LEFT = Filters(withdrawn=True)


class SplitFilters(NamedTuple):
    """Filters, as far as the index knows them."""

    clauses: list[Clause]
    """What the index knows, withdrawal aside."""
    rest: Filters
    """What it does not know; `NOTHING_LEFT` where it knows all."""


def split(schema: tantivy.Schema, filters: Filters) -> SplitFilters:
    """Return what of some filters the index knows, and the rest."""
    if filters in (NONE, NOTHING_LEFT):  # As for most questions.
        return SplitFilters([], NOTHING_LEFT)
    clauses = [(MUST, one) for one in _conditions(schema, filters)]
    unknown = []
    for one in filters.excluded:
        if _rest(one) != NOTHING_LEFT or one.excluded:
            unknown.append(one)
        elif conditions := _conditions(schema, one):
            every = tantivy.Query.boolean_query([(MUST, each) for each in conditions])
            clauses.append((MUST_NOT, every))
    return SplitFilters(clauses, replace(_rest(filters), excluded=tuple(unknown)))


def _rest(filters: Filters) -> Filters:
    """Return filters without those that the index knows."""
    known: dict[str, Any] = dict.fromkeys(("topic", "since", "until", *CHOICES))
    return replace(filters, **known, categories=(), withdrawn=True, excluded=())


def _conditions(schema: tantivy.Schema, filters: Filters) -> list[tantivy.Query]:
    found = []
    if filters.topic:
        found.append(("topic", [filters.topic]))
    if filters.categories:
        found.append(("category", [one.lower() for one in filters.categories]))
    if filters.since is not None or filters.until is not None:
        since = filters.since.first.isoformat() if filters.since else _FIRST
        until = filters.until.last.isoformat() if filters.until else _LAST
        found.append(("appeared", list(terms_between(since, until))))
    for field in CHOICES:
        if value := getattr(filters, field):
            found.append(("card", [card_term(field, str(value))]))
    return [has_any(schema, field, values) for field, values in found]


def has_any(schema: tantivy.Schema, field: str, values: Sequence[object]) -> tantivy.Query:
    """Return the query of what has any of some values; it adds nothing to a score."""
    if len(values) == 1:
        query = tantivy.Query.term_query(schema, field, values[0], "basic")
    else:
        query = tantivy.Query.term_set_query(schema, field, values)
    return tantivy.Query.const_score_query(query, 0.0)


def any_term(
    schema: tantivy.Schema, parts: Iterable[tuple[str, ...]], known: Mapping[str, int], papers: int
) -> tantivy.Query:
    """Return the query of what has any of some words, each of one term or of several together.

    Parameters
    ----------
    known : mapping of str to int
        Of each term, in how many documents it is.
    papers : int
        How many papers there are.
    """

    def weighted(term: str) -> tantivy.Query:
        query = tantivy.Query.term_query(schema, "text", term, "freq")
        return tantivy.Query.boost_query(query, _idf_ratio(known[term], papers))

    queries = [[weighted(term) for term in terms] for terms in parts]
    return tantivy.Query.boolean_query([(SHOULD, _all_of(some)) for some in queries])


def _all_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(MUST, one) for one in queries])


def _idf_ratio(n: int, papers: int) -> float:
    r"""Return FTS5's inverse document frequency over tantivy's, of a word in n of N papers.

    These are :math:`\ln((N - n + 0.5) / (n + 0.5))`, or `_LEAST_IDF` where that is not above 0, and
    :math:`\ln(1 + (N - n + 0.5) / (n + 0.5))`, where N counts the state of the index as well.
    """
    without = max(papers - n, 0) + 0.5
    odds = without / (n + 0.5)
    wanted = math.log(odds) if odds > 1 else _LEAST_IDF
    return wanted / math.log(1 + (without + 1) / (n + 0.5))
