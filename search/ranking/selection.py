"""The papers that pass some filters, unranked; and checks of filters and questions."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from kg.cards.card import CHOICES
from kg.errors import BadRequest
from kg.records import Filters, Paper
from kg.store.catalogue import Catalogue
from kg.text.partial_date import check_order
from kg.text.plain import plain_text
from kg.values import dataclass
from search.atlas import Atlas, of_one_state

MAX_PAPERS = 1_000_000
"""The most papers that one answer may have."""

MAX_CITATIONS = 10_000_000
"""The most citations that can be asked for: more than any paper has."""

MAX_QUESTION_CHARS = 10_000
"""Longest question or pasted text: far more than the model reads of it."""


@of_one_state
def count(atlas: Atlas, filters: Filters | None = None, words: str | None = None) -> int:
    """Return how many papers pass the filters and, where words are given, have any of them."""
    filters = checked_filters(atlas, 1, filters)
    if words is not None:
        return len(atlas.words.search(clean_text(words), MAX_PAPERS, filters))
    return atlas.count_passing(filters)


@dataclass(frozen=True, slots=True)
class FilterCounts:
    """How many papers, withdrawn ones left out, each value of a filter would find."""

    cards: Mapping[str, Mapping[str, int]]
    """Field of `kg.cards.card.CHOICES` -> value -> papers, the most frequent first."""
    code: int
    """Papers with a link to code."""
    reported: int
    """Papers of which a service reports the citations."""


@of_one_state
def filter_counts(atlas: Atlas) -> FilterCounts:
    """Return how many papers each value of the filters by cards and links would find."""
    return FilterCounts(
        atlas.catalogue.cards.value_counts(),
        count(atlas, Filters(code=True)),
        count(atlas, Filters(cited=0)),
    )


@of_one_state
def select(atlas: Atlas, filters: Filters | None = None) -> list[Paper]:
    """Return all papers that pass the filters, in order of their ids."""
    keys = atlas.catalogue.papers.select(checked_filters(atlas, 1, filters))
    if keys is None:
        return atlas.catalogue.papers.get(atlas.catalogue.papers.keys())
    return sorted(atlas.catalogue.papers.get(keys), key=lambda paper: paper.id)


def checked_filters(atlas: Atlas, k: int, filters: Filters | None) -> Filters:
    """Return the filters with the ids of the topic and of the entity that they name.

    Raises
    ------
    BadRequest
        If `k` papers cannot be returned, `since` is after `until`, a filter by cards has a value
        that no card has, or `cited` makes no sense.
    NotFound
        If there is no such topic, or no such method, benchmark or model.
    SeveralOwners
        If several methods, benchmarks or models have that name.
    """
    if not 1 <= k <= MAX_PAPERS:
        raise BadRequest(f"cannot return {k} papers", f"ask for 1 or more, {MAX_PAPERS:,} at most")
    filters = filters or Filters()
    if filters.topic is not None:
        filters = replace(filters, topic=atlas.taxonomy[filters.topic].id)
    if filters.about is not None:
        filters = replace(filters, about=entity_id(atlas.catalogue, filters.about))
    check_order(filters.since, filters.until)
    for field, values in CHOICES.items():
        check_choice(field, getattr(filters, field), values)
    check_cited(filters.cited)
    return filters


def entity_id(catalogue: Catalogue, name: str) -> str:
    """Return the id of the one method, benchmark or model that has a name, or this id.

    Raises
    ------
    NotFound
        If there is none.
    SeveralOwners
        If several have it.
    """
    key = catalogue.entities.key(name)
    return catalogue.entities.ids([key])[key]


def check_choice(field: str, value: str | None, known: Iterable[str]) -> None:
    """Raise BadRequest if a filter by cards has a value that is not `known`; None is none."""
    if value is not None and value not in (values := list(known)):
        raise BadRequest(f"there is no {field} '{value[:40]}'", f"use {', '.join(values)}")


def check_cited(cited: int | None) -> None:
    """Raise BadRequest if a number of citations makes no sense; None is none."""
    if cited is not None and not 0 <= cited <= MAX_CITATIONS:
        raise BadRequest(f"no paper is cited {cited} times", f"use 0 to {MAX_CITATIONS:,}")


def clean_text(text: str) -> str:
    """Return a question or a pasted text without control characters and outer blanks.

    Raises
    ------
    BadRequest
        If it is longer than `MAX_QUESTION_CHARS`.
    """
    text = plain_text(text).strip()
    if len(text) > MAX_QUESTION_CHARS:
        raise BadRequest(
            f"the text has {len(text):,} characters",
            f"use {MAX_QUESTION_CHARS:,} at most, the first ones",
        )
    return text
