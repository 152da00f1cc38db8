"""Columns let the same papers pass as SQL does, whatever happened to the catalogue."""

import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.cards.card import Access, Data, Kind, Modality, Training
from kg.errors import BadRequest, NotFound
from kg.links import LinkState
from kg.records import Field, Filters, PlacedBy, Placement, Term
from kg.store.bulk import StoredPaper, insert_papers
from kg.store.catalogue import Catalogue
from kg.store.reports import Report
from kg.text.partial_date import PartialDate
from search.index.columns.open import PaperFilter, opened
from tests.support.factories import card, code_link, describe, empty_catalogue, paper

TOPICS = ("a", "a/b", "a/b/c", "a/bc", "a0", "b")
CATEGORIES = ("cs.LG", "cs.lg", "stat.ML", "q-bio.É")
DAY = date(2022, 5, 17)
PAPERS = 6

Change = Callable[[Catalogue], object]


def some(values: Any, most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(list(values)), max_size=most, unique=True).map(tuple)


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    published = draw(st.none() | st.sampled_from([DAY, date(2022, 5, 18), date(2021, 12, 31)]))
    return {
        "published": published,
        "year": published.year if published else draw(st.sampled_from([None, 5, 2020, 2022])),
        "arxiv_id": draw(st.booleans()),
        "categories": draw(some(CATEGORIES)),
        "authors": draw(some(("Ada Ant", "Bo Bee"))),
        "withdrawn": draw(st.booleans()),
    }


def put(number: int, known: dict[str, Any]) -> Change:
    arxiv_id = f"2001.{number:05}" if known["arxiv_id"] else None
    return lambda it: it.papers.put(paper(number, **{**known, "arxiv_id": arxiv_id}))


def name(number: int) -> str:
    return f"2001.{number:05}"


NUMBERS = st.integers(1, PAPERS)
CARDS = st.builds(
    card,
    kind=st.sampled_from(Kind),
    data=st.none() | st.sampled_from(Data),
    access=st.none() | st.sampled_from(Access),
    training=st.none() | st.sampled_from(Training),
    modality=some(Modality),
    also_kind=st.just(()),
)
LINKS = st.integers(1, 3).map(code_link)
CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.builds(put, NUMBERS, facts()),
    NUMBERS.map(lambda n: lambda it: it.papers.remove(name(n))),
    st.tuples(NUMBERS, NUMBERS).map(lambda two: lambda it: it.papers.rename(*map(name, two))),
    st.builds(
        lambda n, topics: (
            lambda it: it.placements.add(
                name(n), [Placement(topic, PlacedBy.LIST, "a-list") for topic in topics]
            )
        ),
        NUMBERS,
        some(TOPICS),
    ),
    st.builds(lambda n, made: lambda it: it.cards.put(name(n), made, "test"), NUMBERS, CARDS),
    NUMBERS.map(lambda n: lambda it: it.cards.remove(name(n))),
    st.builds(lambda n, link: lambda it: it.links.add(name(n), [link]), NUMBERS, LINKS),
    st.builds(
        lambda link, state: lambda it: it.links.put_check(link.url, state, DAY),
        LINKS,
        st.sampled_from([LinkState.GONE, LinkState.THERE]),
    ),
    st.builds(
        lambda n, count: (
            lambda it: it.reports.put(
                it.identifiers.key(name(n)), Report("service", DAY, citations=count)
            )
        ),
        NUMBERS,
        st.integers(0, 2),
    ),
)
DATES = st.sampled_from(["0005", "2020-01", "2021-12-31", "2022", "2022-05", "2022-05-18"])
PARTIAL = st.none() | DATES.map(PartialDate.parse)
PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "topic": st.sampled_from([None, *TOPICS, "c", "a/", ""]),
    "categories": some((*CATEGORIES, "CS.LG", "q-bio.é", "none")),
    "author": st.sampled_from([None, "ant", "bee", ""]),
    "since": PARTIAL,
    "until": PARTIAL,
    "withdrawn": st.booleans(),
    "terms": some(
        [
            Term("number 3", exact=True),
            Term("2022", Field.YEAR),
            Term("cs", Field.CATEGORY, excluded=True),
        ],
        1,
    ),
    "kind": st.none() | st.sampled_from(Kind),
    "data": st.none() | st.sampled_from(Data),
    "access": st.none() | st.sampled_from(Access),
    "training": st.none() | st.sampled_from(Training),
    "modality": st.none() | st.sampled_from(Modality),
    "code": st.booleans(),
    "cited": st.sampled_from([None, 0, 1]),
    "among": st.none() | st.lists(st.integers(1, PAPERS + 2), max_size=4).map(tuple),
}


def filters(depth: int = 2) -> st.SearchStrategy[Filters]:
    """Return filters of which most fields say nothing, and what they exclude."""
    known = {
        field: st.one_of(st.just(getattr(Filters(), field)), values)
        for field, values in PLAIN.items()
    }
    few = st.lists(filters(depth - 1), max_size=2).map(tuple) if depth else st.just(())
    return st.builds(Filters, **known, excluded=few) | st.sampled_from(list(PLAIN)).flatmap(
        lambda field: st.builds(Filters, **{field: PLAIN[field]})
    )


def apply(catalogue: Catalogue, changes: list[Change]) -> None:
    for change in changes:
        try:
            change(catalogue)
        except (NotFound, sqlite3.IntegrityError):
            continue  # There is no such paper now, or the arXiv id is another's.


def assert_equal(catalogue: Catalogue, columns: PaperFilter | None, asked: list[Filters]) -> None:
    assert columns is not None
    orders = [(True, 1), (False, 2), (True, 99), (False, 99)]
    for place, one in enumerate((Filters(), Filters(withdrawn=True), *asked)):
        wanted, mask = catalogue.papers.select(one), columns.mask(one)
        found = None if mask is None else np.flatnonzero(mask).tolist()
        assert found == wanted, one
        some = [0, *catalogue.papers.keys()[::2], 10**6]
        assert columns.passing(some, one) == catalogue.papers.passing(some, one), one
        newest, most = orders[place % len(orders)]
        every = catalogue.papers.newest(one, 99)
        if not newest:
            appeared = catalogue.papers.appeared(every)
            every.sort(key=lambda key: (appeared.get(key, "9999-99"), key))
        assert columns.in_order(one, newest, most) == every[:most], (one, newest)


@pytest.mark.slow
@given(
    st.lists(facts(), max_size=PAPERS),
    st.lists(st.lists(CHANGES, max_size=12), min_size=2, max_size=4),
    st.lists(filters(), min_size=6, max_size=12),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_same_papers_pass_as_by_sql(
    made: list[dict[str, Any]], changes: list[list[Change]], asked: list[Filters]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, file = Path(folder, "atlas.sqlite"), Path(folder, "columns")
        path.write_bytes(empty_catalogue())
        with Catalogue(path) as catalogue:
            apply(catalogue, [put(number, known) for number, known in enumerate(made, 1)])
            for few in changes:
                apply(catalogue, few)
                # With what changed beside the file, then written into it.
                for most in (99, 0):
                    assert_equal(catalogue, opened(catalogue, file, most), asked)
            file.unlink()
            assert_equal(catalogue, opened(catalogue, file), asked)


# -- what changes --------------------------------------------------------------------------------


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    with catalogue.writing():
        for number in range(1, 90):
            known = {"year": 2000 + number % 30, "arxiv_id": None, "withdrawn": number == 7}
            catalogue.papers.put(paper(number, categories=CATEGORIES[number % 4 :][:2], **known))
            topic = Placement(TOPICS[number % 5], PlacedBy.LIST, "a-list")
            catalogue.placements.add(name(number), [topic])
    return catalogue


ASKED = [
    Filters(topic="a"),
    Filters(topic="a/b/c", withdrawn=True),
    Filters(categories=("CS.LG",)),
    Filters(since=2010, until=2020),
    Filters(code=True),
    Filters(author="author3"),
    Filters(excluded=(Filters(since=2010), Filters(topic="a"))),
]


def test_links_that_are_gone_and_come_back(filled: Catalogue, tmp_path: Path) -> None:
    describe(filled, name(1), None, code_link(1))
    describe(filled, name(2), None, code_link(1), code_link(2))
    first, second = (filled.identifiers.key(name(number)) for number in (1, 2))
    for state, wanted in (
        (LinkState.THERE, [first, second]),
        (LinkState.GONE, [second]),
        (LinkState.THERE, [first, second]),
    ):
        filled.links.put_check(code_link(1).url, state, DAY)
        for most in (99, 0):  # Beside the file, and written into it.
            columns = opened(filled, tmp_path / "columns", most)
            assert columns is not None
            mask = columns.mask(Filters(code=True))
            assert mask is not None
            assert np.flatnonzero(mask).tolist() == wanted


def test_preferences_come_before_the_day(filled: Catalogue, tmp_path: Path) -> None:
    columns = opened(filled, tmp_path / "columns")
    assert columns is not None
    every = filled.papers.newest(Filters(), 99)
    preferred = set(filled.papers.select(Filters(topic="a", withdrawn=True)) or ())
    found = columns.in_order(Filters(), True, 99, [(Filters(topic="a"), 1.0)])
    assert found == sorted(every, key=lambda key: key not in preferred)


def test_few_changes_leave_the_file_and_many_are_written_into_it(
    filled: Catalogue, tmp_path: Path
) -> None:
    file = tmp_path / "columns"
    opened(filled, file)
    before = file.read_bytes()
    filled.papers.put(paper(91))
    filled.papers.remove(name(1))
    assert_equal(filled, opened(filled, file, 2), ASKED)
    assert file.read_bytes() == before
    assert_equal(filled, opened(filled, file, 1), ASKED)
    assert file.read_bytes() != before


def test_the_last_withdrawn_paper_goes(filled: Catalogue, tmp_path: Path) -> None:
    file = tmp_path / "columns"
    assert_equal(filled, opened(filled, file), [])
    filled.papers.remove(name(7))
    assert filled.papers.select(Filters()) is None
    assert_equal(filled, opened(filled, file, 99), ASKED)  # The file still has it.


@pytest.mark.parametrize(
    "filters",
    [
        Filters(until=10**30),
        Filters(since=-(10**30)),
        Filters(categories=("cs.LG", "\ud800")),
        Filters(topic="\ud800"),
        Filters(excluded=(Filters(topic="\ud800"),)),
    ],
)
def test_filters_that_mean_nothing_are_refused(
    filled: Catalogue, tmp_path: Path, filters: Filters
) -> None:
    columns = opened(filled, tmp_path / "columns")
    assert columns is not None
    with pytest.raises(BadRequest):
        columns.mask(filters)


def test_keys_far_apart_are_left_to_sql(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.papers.put(paper(1))
    assert opened(catalogue, tmp_path / "columns") is not None
    far = StoredPaper(1 << 40, {"id": "far", "title": "Far"}, "hash")
    insert_papers(catalogue.database, [far])
    assert opened(catalogue, tmp_path / "columns") is None


def test_a_copy_of_filters_is_not_changed(filled: Catalogue, tmp_path: Path) -> None:
    columns = opened(filled, tmp_path / "columns")
    assert columns is not None
    one = Filters(topic="a", since=2010)
    first = columns.mask(one)
    assert first is not None
    first[:] = False
    again = columns.mask(replace(one))
    assert again is not None
    assert np.flatnonzero(again).tolist() == filled.papers.select(one)
