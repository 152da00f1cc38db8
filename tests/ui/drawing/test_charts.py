"""Columns of papers by year: as high as their numbers, and none lost."""

import math
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from kg.analysis.timeline import Timeline, TopicYears
from kg.graph.citation_graph import Coverage
from ui.drawing.charts import MAX_COLUMNS, MIN_SEGMENT_PERCENT, columns, columns_of


def timeline(rows: Sequence[Sequence[int]], first: int = 2000, now: int | None = None) -> Timeline:
    counts = [
        TopicYears(f"topic-{at}", f"Topic {at}", tuple(row), 0) for at, row in enumerate(rows)
    ]
    total = tuple(map(sum, zip(*rows, strict=True)))
    return Timeline(
        years=tuple(range(first, first + len(total))),
        incomplete=now,
        total=TopicYears(None, "All topics", total, 0),
        topics=tuple(counts),
        growth=(),
        recent=(0, 0),
        before=(0, 0),
        coverage=Coverage(0, 0),
    )


def test_segments_are_stacked_in_order_and_as_high_as_their_numbers() -> None:
    made = timeline([[10, 40], [30, 60]], now=2001)
    one, two = columns(made, made.topics)
    assert [(part.name, part.papers) for part in two.segments] == [("Topic 0", 40), ("Topic 1", 60)]
    assert [(part.top, part.height) for part in two.segments] == [(60, 40), (0, 60)]
    assert [(part.top, part.height) for part in one.segments] == [(90, 10), (60, 30)]
    assert (one.since, one.until, one.papers, one.label) == (2000, 2000, 40, "2000")
    assert (one.incomplete, two.incomplete) == (False, True)


def test_one_paper_among_many_is_seen() -> None:
    made = timeline([[1, 5000]])
    assert columns(made, made.topics)[0].segments[0].height == MIN_SEGMENT_PERCENT


def test_old_years_are_one_column() -> None:
    made = timeline([[1] * 40], first=1987)
    found = columns(made, made.topics)
    assert len(found) == MAX_COLUMNS
    assert (found[0].since, found[0].until, found[0].label) == (None, 2014, "to 2014")
    assert found[0].papers == 28
    assert [column.until for column in found[1:]] == list(range(2015, 2027))


def test_the_bar_of_a_single_year_is_no_wall_and_no_year_is_no_column() -> None:
    (only,) = columns(timeline([[3]]), timeline([[3]]).topics)
    assert only.width < 15
    assert columns(timeline([[]]), timeline([[]]).topics) == ()


@given(
    st.integers(1, 60).flatmap(
        lambda years: st.lists(
            st.lists(st.integers(0, 300), min_size=years, max_size=years), min_size=1, max_size=5
        )
    )
)
def test_no_paper_is_lost_and_no_column_leaves_the_drawing(rows: list[list[int]]) -> None:
    made = timeline(rows)
    found = columns(made, made.topics)
    assert sum(column.papers for column in found) == sum(made.total.counts)
    assert sum(p.papers for column in found for p in column.segments) == sum(map(sum, rows))
    for column in found:
        assert 0 <= column.left <= column.bar_left
        assert column.bar_left + column.bar_width <= column.left + column.width
        assert column.left + column.width <= 100.01
        ground = 100.0
        for part in column.segments:
            assert math.isclose(part.top + part.height, ground, abs_tol=0.002)
            ground = part.top
        assert ground >= -MIN_SEGMENT_PERCENT * len(rows)


def test_years_without_papers_have_their_place() -> None:
    first, second, third = columns_of({2020: 4, 2022: 2}, "LoRA", 2022)
    assert [one.papers for one in (first, second, third)] == [4, 0, 2]
    assert (first.segments[0].height, second.segments, third.segments[0].height) == (100, (), 50)
    assert (third.incomplete, first.incomplete) == (True, False)
    assert (first.segments[0].name, first.segments[0].topic) == ("LoRA", "")
    assert columns_of({}, "LoRA", 2022) == ()
