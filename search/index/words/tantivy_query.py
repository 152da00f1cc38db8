"""Questions and filters as tantivy's queries."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import tantivy

from kg.cards.card import CHOICES
from kg.records import Filters
from search.index.words.tantivy_schema import card_term, terms_between

Clause = tuple[tantivy.Occur, tantivy.Query]

MUST, MUST_NOT, SHOULD = tantivy.Occur.Must, tantivy.Occur.MustNot, tantivy.Occur.Should

_FIRST, _LAST = "0000-00-00", "9999-99-99"

NOTHING_LEFT = Filters(withdrawn=True)


class SplitFilters(NamedTuple):
    """Filters, as far as the index knows them."""

    clauses: list[Clause]
    """What the index knows, withdrawal aside."""
    rest: Filters
    """What it does not know; `NOTHING_LEFT` where it knows all."""


def split(schema: tantivy.Schema, filters: Filters) -> SplitFilters:
    """Return what of some filters the index knows, and the rest."""
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


def any_term(schema: tantivy.Schema, parts: Iterable[tuple[str, ...]]) -> tantivy.Query:
    """Return the query of what has any of some words, each of one term or of several together."""
    return tantivy.Query.boolean_query([(SHOULD, _all_terms(schema, terms)) for terms in parts])


def _all_terms(schema: tantivy.Schema, terms: tuple[str, ...]) -> tantivy.Query:
    queries = [tantivy.Query.term_query(schema, "text", term, "freq") for term in terms]
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(MUST, one) for one in queries])
