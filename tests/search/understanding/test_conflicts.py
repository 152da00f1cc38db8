"""Filters that a question is asked with hold against what it states."""

from typing import Any

import pytest

from kg.records import Filters
from kg.text.partial_date import PartialDate
from search.understanding.conflicts import settled
from search.understanding.reading import Reading, Span, Stated

Y = PartialDate


def read(words: str, **filters: Any) -> Reading:
    stated = tuple(
        Stated("category" if name == "categories" else name, str(value), True)
        for name, value in filters.items()
    )
    return Reading("merging", (Span(0, 1, stated, words, filters),))


@pytest.mark.parametrize(
    ("own", "stated", "left"),
    [
        (Filters(), {"since": Y(2023)}, ["since"]),
        (Filters(since=Y(2023)), {"since": Y(2023)}, ["since"]),
        (Filters(since=Y(2020)), {"since": Y(2023)}, []),
        (Filters(until=Y(2024)), {"since": Y(2023)}, ["since"]),
        (Filters(until=Y(2024)), {"since": Y(2022), "until": Y(2022)}, []),
        (Filters(since=Y(2020)), {"author": "Tao", "since": Y(2023), "until": Y(2023)}, ["author"]),
        (Filters(kind="survey"), {"kind": "benchmark"}, []),
        (Filters(categories=("cs.LG",)), {"categories": ("cs.CV",)}, []),
        (Filters(code=True), {"code": True}, ["code"]),
        (Filters(withdrawn=True, cited=3), {"kind": "survey"}, ["kind"]),
    ],
)
def test_the_callers_filter_holds(own: Filters, stated: dict[str, Any], left: list[str]) -> None:
    found, notes = settled(read("words", **stated), own)
    assert [one.filter for span in found.spans for one in span.stated] == left
    assert [name for span in found.spans for name in span.filters] == left
    assert found.text == "merging"
    assert bool(notes) == (len(left) < len(stated))


def test_the_note_says_which_filter_holds_and_against_what() -> None:
    _, (note,) = settled(read("in cs.CV", categories=("cs.CV",)), Filters(categories=("cs.LG",)))
    assert note == "The filter category cs.LG holds in place of “in cs.CV”"
    _, (note,) = settled(read("in 2022", since=Y(2022), until=Y(2022)), Filters(until=Y(2024)))
    assert note == "The filter until 2024 holds in place of “in 2022”"
