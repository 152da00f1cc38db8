"""Dates of which only the year or the month is told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import BadRequest
from kg.text.partial_date import PartialDate, check_order


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", (2024, 1, 1), (2024, 12, 31)),
        ("2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("2023-02", (2023, 2, 1), (2023, 2, 28)),
        (" 2024-05-17 ", (2024, 5, 17), (2024, 5, 17)),
        ("0001", (1, 1, 1), (1, 12, 31)),
        ("9999-12", (9999, 12, 1), (9999, 12, 31)),
    ],
)
def test_a_date_lasts_as_long_as_it_tells(
    text: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    found = PartialDate.parse(text)
    assert (found.first, found.last) == (date(*first), date(*last))
    assert str(found) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        *"2024-13 2024-00 2024-02-30 2023-02-29 2024-05-00 0000 24 20240517 2024-5 2024/05".split(),
        *"2024-05-17T10 -2024 +2024 soon 1e3 2024- 99999 2024-05-17-01 ２０２４ 2024-０5".split(),
        "",
        "2024 05",
    ],
)
def test_what_no_calendar_has_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BadRequest) as error:
        PartialDate.parse(text)
    assert "\n" not in str(error.value)
    assert text[:40] in str(error.value)


@given(st.dates())
def test_each_precision_is_read_as_it_is_written(day: date) -> None:
    for made in (
        PartialDate(day.year),
        PartialDate(day.year, day.month),
        PartialDate(day.year, day.month, day.day),
    ):
        assert PartialDate.parse(str(made)) == made
        assert made.first <= day <= made.last


@pytest.mark.parametrize(
    ("since", "until"), [("2024", "2023"), ("2024-06", "2024-05"), ("2024-05-18", "2024-05-17")]
)
def test_a_time_that_ends_before_it_begins_is_refused(since: str, until: str) -> None:
    with pytest.raises(BadRequest, match="swap them"):
        check_order(PartialDate.parse(since), PartialDate.parse(until))


@pytest.mark.parametrize(
    ("since", "until"), [("2024", "2024"), ("2024-05", "2024"), ("2024-05-31", "2024-05")]
)
def test_the_last_day_counts(since: str, until: str) -> None:
    check_order(PartialDate.parse(since), PartialDate.parse(until))
