"""When a paper appeared: as a date, in SQL and as a number, by one rule."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.graph.arrays import paper_arrays
from kg.graph.fractional_years import fractional_years_of
from kg.ids.arxiv_id import submission_month
from kg.records import Paper
from kg.store.catalogue import Catalogue


@pytest.mark.parametrize(
    ("known", "when"),
    [
        (Paper("1", "T", published=date(2020, 2, 3), arxiv_id="2203.05482"), "2020-02-03"),
        (Paper("1", "T", arxiv_id="2203.05482", year=2022), "2022-03"),
        # The year on record is another, such as that of the conference.
        (Paper("1", "T", arxiv_id="2203.05482", year=2021), "2021"),
        (Paper("1", "T", arxiv_id="cs/0112017", year=2001), "2001-12"),
        (Paper("1", "T", arxiv_id="hep-th/9901001", year=1999), "1999-01"),
        (Paper("1", "T", arxiv_id="2213.05482", year=2022), "2022"),
        (Paper("1", "T"), ""),
    ],
)
def test_when_a_paper_appeared_as_near_as_is_known(known: Paper, when: str) -> None:
    assert str(known.appeared or "") == when


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    year = draw(st.sampled_from((1999, 2000, 2007, 2021, 2022)))
    day = draw(st.none() | st.dates(date(year, 1, 1), date(year, 12, 31)))
    short, month = year % 100, draw(st.integers(1, 12))
    ids = (None, f"{short:02}{month:02}.05482", f"{short:02}{month:02}.0548")
    return Paper(
        "1",
        "T",
        published=day,
        year=day.year if day else draw(st.none() | st.just(year) | st.integers(1999, 2022)),
        arxiv_id=draw(st.sampled_from((*ids, f"cs/{short:02}{month:02}548"))),
    )


@pytest.mark.slow
@given(st.lists(papers(), max_size=9, unique_by=lambda one: one.arxiv_id or object()))
@settings(max_examples=30, deadline=None)
def test_sql_and_numbers_follow_the_rule(
    tmp_path_factory: pytest.TempPathFactory, some: list[Paper]
) -> None:
    folder = tmp_path_factory.mktemp("appeared")
    with Catalogue(folder / "atlas.sqlite") as catalogue:
        for number, one in enumerate(some):
            catalogue.papers.put(replace(one, id=str(number), title=f"Paper {number}"))
        in_sql = catalogue.database.rows("SELECT appeared FROM papers ORDER BY key")
        arrays = paper_arrays(catalogue.database)
        kept = catalogue.papers.get(arrays.keys.tolist())
    assert [when for (when,) in in_sql] == [one.appeared and str(one.appeared) for one in kept]
    assert arrays.fractional_years.tolist() == pytest.approx(fractional_years_of(kept).tolist())
    for one, year in zip(kept, arrays.fractional_years.tolist(), strict=True):
        # The month of an arXiv id comes before all else here, as it is the order of submission.
        when = submission_month(one.arxiv_id or "") or one.appeared
        if when is None:
            assert year == 0
        else:
            end = when.last.year + when.last.month / 12
            assert when.first.year + (when.first.month - 1) / 12 <= year < end
