"""The newest, the oldest and the most cited of what is relevant."""

from collections.abc import Iterator
from datetime import date

import pytest

from kg.cards.card import Kind
from kg.records import Citation, Filters
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.reports import Report
from search.atlas import Atlas
from search.ranking.orders import MIN_RELEVANT, all_in_order, in_order, relevant
from search.understanding.reading import Order
from tests.support.factories import card, paper, put_all

DATES = {
    1: date(2021, 5, 2),
    2: date(2023, 1, 9),
    3: date(2019, 3, 3),
    4: None,
    5: date(2023, 1, 9),
}


@pytest.fixture
def dated(catalogue: Catalogue) -> Catalogue:
    put_all(
        catalogue,
        *(
            paper(n, published=day, year=day.year if day else None, arxiv_id=None)
            for n, day in DATES.items()
        ),
    )
    return catalogue


@pytest.fixture(params=["sql", "columns"])
def atlas(request: pytest.FixtureRequest, catalogue: Catalogue) -> Iterator[Atlas]:
    """The atlas of the catalogue, which says by SQL or by columns which papers pass filters."""
    with Atlas(Settings(catalogue.path.parent)) as made:
        if request.param == "columns":
            made.min_column_papers = 0
        yield made


def key(catalogue: Catalogue, number: int) -> int:
    return catalogue.identifiers.key(f"2001.{number:05}")


def numbers(catalogue: Catalogue, keys: list[int]) -> list[int]:
    return [int(one.id[-1]) for one in catalogue.papers.get(keys)]


@pytest.mark.parametrize(
    ("order", "wanted"),
    [(Order.NEWEST, [5, 2, 1, 3, 4]), (Order.OLDEST, [3, 1, 5, 2, 4])],
)
def test_by_date_equal_days_stay_and_what_has_none_comes_last(
    atlas: Atlas, dated: Catalogue, order: Order, wanted: list[int]
) -> None:
    keys = [key(dated, n) for n in (4, 5, 1, 2, 3)]
    assert numbers(dated, in_order(atlas, keys, order)) == wanted


def test_most_cited_are_those_that_a_service_or_the_atlas_counts_most(
    atlas: Atlas, dated: Catalogue
) -> None:
    dated.citations.add(
        Citation(f"2001.{citing:05}", f"2001.{cited:05}", "test")
        for citing, cited in ((1, 3), (2, 3), (4, 3), (1, 2), (3, 2))
    )
    dated.reports.put(key(dated, 1), Report("service", date(2024, 1, 1), citations=40))
    dated.reports.put(key(dated, 2), Report("service", date(2024, 1, 1)))
    keys = [key(dated, n) for n in (5, 4, 3, 2, 1)]
    assert numbers(dated, in_order(atlas, keys, Order.CITED)) == [1, 3, 2, 5, 4]


def test_relevant_are_those_near_the_best_score_and_some_in_any_case() -> None:
    near = [(n, 1.0 - n / 1000) for n in range(30)]
    far = [(n, 0.1 - n / 10000) for n in range(30, 200)]
    assert relevant([*near, *far], 200) == list(range(30))
    assert relevant([(0, 9.0), *far], 200) == [0, *range(30, 29 + MIN_RELEVANT)]
    steep = [(n, 0.9**n) for n in range(200)]
    assert relevant(steep, 200) == list(range(2 * MIN_RELEVANT))
    assert relevant([(1, 0.5), (2, 0.5)], 200) == [1, 2]
    assert relevant([], 200) == []


@pytest.mark.parametrize(
    ("order", "wanted"),
    [(Order.NEWEST, [5, 2, 1]), (Order.OLDEST, [3, 1, 2]), (Order.CITED, [5, 4, 3])],
)
def test_without_a_subject_all_papers_are_put_in_order(
    atlas: Atlas, dated: Catalogue, order: Order, wanted: list[int]
) -> None:
    assert numbers(dated, all_in_order(atlas, Filters(), [], order, 3)) == wanted


def test_without_a_subject_preferences_come_before_the_order(
    atlas: Atlas, dated: Catalogue
) -> None:
    for name in ("2001.00003", "2001.00001"):
        dated.cards.put(name, card(kind=Kind.SURVEY), "test")
    found = all_in_order(atlas, Filters(until=2022), [Filters(kind="survey")], Order.NEWEST, 3)
    assert numbers(dated, found) == [1, 3]
    found = all_in_order(atlas, Filters(), [Filters(kind="survey")], Order.NEWEST, 3)
    assert numbers(dated, found) == [1, 3, 5]
