"""Preferences move papers up; conditions that hardly any paper meets become preferences."""

from collections.abc import Iterator

import pytest

from kg.cards.card import Data, Kind
from kg.records import Field, Filters, Term
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.atlas import Atlas
from search.ranking.preferences import both, conditions, preferring
from tests.support.factories import card, paper, put_all


@pytest.fixture
def cards(catalogue: Catalogue) -> Catalogue:
    """Ten papers, 1 to 10; odd ones are surveys, 1 to 4 of 2023, the last has no card."""
    put_all(
        catalogue,
        *(
            paper(n, year=2023 if n < 5 else 2020, arxiv_id=None, authors=(f"Ada Name{n}",))
            for n in range(1, 11)
        ),
    )
    for n in range(1, 10):
        kind = Kind.SURVEY if n % 2 else Kind.METHOD
        made = card(kind=kind, also_kind=(), data=Data.NONE if n < 5 else Data.FEW)
        catalogue.cards.put(f"2001.{n:05}", made, "test")
    return catalogue


@pytest.fixture(params=["sql", "columns"])
def atlas(request: pytest.FixtureRequest, catalogue: Catalogue) -> Iterator[Atlas]:
    """The atlas of the catalogue, which says by SQL or by columns which papers pass filters."""
    with Atlas(Settings(catalogue.path.parent)) as made:
        if request.param == "columns":
            made.min_column_papers = 0
        yield made


def keys(catalogue: Catalogue, filters: Filters) -> list[int]:
    found = catalogue.papers.select(filters)
    return catalogue.papers.keys() if found is None else found


def ranked(catalogue: Catalogue) -> list[tuple[int, float]]:
    return [(key, 1.0 - place / 10) for place, key in enumerate(catalogue.papers.keys())]


def test_what_passes_a_preference_comes_sooner_and_nothing_is_lost(
    atlas: Atlas, cards: Catalogue
) -> None:
    surveys = set(keys(cards, Filters(kind="survey")))
    before = ranked(cards)
    after = preferring(atlas, before, [Filters(kind="survey")], 10)
    assert {key for key, _ in after} == {key for key, _ in before}
    assert [key for key, _ in after if key in surveys] == [k for k, _ in before if k in surveys]
    places = {key: place for place, (key, _) in enumerate(after)}
    for place, (key, _) in enumerate(before):
        assert places[key] <= place if key in surveys else places[key] >= place
    assert after != before


def test_several_preferences_add_up(atlas: Atlas, cards: Catalogue) -> None:
    survey, free = Filters(kind="survey"), Filters(data="none")
    level = [(key, 0.5) for key in cards.papers.keys()[:-1]] + [(cards.papers.keys()[-1], 0.4)]
    after = [key for key, _ in preferring(atlas, level, [survey, free], 10)]
    first, second, third, fourth = cards.papers.keys()[:4]
    assert after[:4] == [first, third, second, fourth]


def test_a_paper_without_a_card_keeps_its_score(atlas: Atlas, cards: Catalogue) -> None:
    unknown = cards.papers.keys()[-1]
    after = preferring(atlas, ranked(cards), [Filters(kind="survey")], 10)
    assert dict(after)[unknown] == dict(ranked(cards))[unknown]


def test_papers_further_down_stay_where_they_are(atlas: Atlas, cards: Catalogue) -> None:
    before = ranked(cards)
    after = preferring(atlas, before, [Filters(kind="survey")], 4)
    assert after[4:] == before[4:]
    assert {key for key, _ in after[:4]} == {key for key, _ in before[:4]}


def test_nothing_preferred_changes_nothing(atlas: Atlas, cards: Catalogue) -> None:
    assert preferring(atlas, ranked(cards), [], 10) == ranked(cards)
    assert preferring(atlas, [], [Filters(kind="survey")], 10) == []


# -- conditions ------------------------------------------------------------------------------


@pytest.mark.usefixtures("cards")
def test_conditions_that_enough_papers_meet_hold(atlas: Atlas) -> None:
    found = conditions(atlas, Filters(until=2024), [("surveys", Filters(kind="survey"))])
    assert found.filters == Filters(until=2024, kind="survey")
    assert (found.loosened, found.exact, found.note) == ((), (), None)


def test_the_condition_is_loosened_that_leaves_enough_and_fewest(
    atlas: Atlas, cards: Catalogue
) -> None:
    since, kind = ("since 2023", Filters(since=2023)), ("surveys", Filters(kind="survey"))
    found = conditions(atlas, Filters(), [since, kind])
    # Two papers are surveys since 2023; four are of 2023, five are surveys.
    assert found.loosened == (1,)
    assert found.filters == Filters(since=2023)
    assert set(found.exact) == set(keys(cards, Filters(since=2023, kind="survey")))
    assert found.note == (
        "Only 2 papers were found for “since 2023” and “surveys”, so “surveys” is preferred, not"
        " required"
    )


@pytest.mark.usefixtures("cards")
def test_all_are_loosened_where_no_one_alone_helps_and_the_caller_s_never(atlas: Atlas) -> None:
    author, kind = ("by Name9", Filters(author="name9")), ("theory", Filters(kind="theory"))
    found = conditions(atlas, Filters(data="few"), [author, kind])
    assert found.filters == Filters(data="few")
    assert found.loosened == (0, 1)
    assert found.note == (
        "No paper was found for “by Name9” and “theory”, so “by Name9” and “theory” are"
        " preferred, not required"
    )
    found = conditions(atlas, Filters(kind="theory"), [("by Name9", Filters(author="name9"))])
    assert found.filters == Filters(kind="theory")
    assert found.exact == ()


def test_both_means_both(cards: Catalogue) -> None:
    some = [
        Filters(since=2023),
        Filters(since=2021, until=2024),
        Filters(kind="survey"),
        Filters(kind="method", data="none"),
        Filters(author="ada"),
        Filters(author="name3"),
        Filters(terms=(Term("subject 3"),)),
        Filters(terms=(Term("3", Field.TITLE, excluded=True),), cited=0),
        Filters(among=tuple(cards.papers.keys()[2:6])),
        Filters(among=tuple(cards.papers.keys()[4:8]), kind="survey"),
        Filters(categories=("cs.LG",)),
        Filters(categories=("cs.CV", "cs.LG"), code=True),
    ]
    for one in some:
        for other in some:
            passing = set(keys(cards, one)) & set(keys(cards, other))
            assert set(keys(cards, both(one, other))) == passing
