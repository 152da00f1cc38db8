"""Bar charts of papers by year: columns of segments, in percent of the chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.analysis.timeline import Timeline, TopicYears

MAX_COLUMNS = 13
"""Columns of a chart: on a phone each is just wide enough for a year in small letters."""

MIN_COLUMNS = 8
"""A column is no wider than if there were so many: few years make no broad bars."""

BAR_SHARE = 0.72
"""Fraction of a column's width that its segments take."""

MIN_SEGMENT_PERCENT = 1.0
"""Height of the smallest segment: one paper is visible beside hundreds."""


@dataclass(frozen=True, slots=True)
class BarSegment:
    """The papers of one topic in one column."""

    topic: str | None
    """Its id; None for all papers of the atlas."""
    name: str
    papers: int
    top: float
    """Percent from above."""
    height: float


@dataclass(frozen=True, slots=True)
class YearColumn:
    """The papers of a year, or of all years before the next column."""

    since: int | None
    """First year; None where the column holds all years up to `until`."""
    until: int
    """Last year."""
    papers: int
    """Fewer than the sum of the segments where papers are in several topics."""
    left: float
    """Percent from the left of the chart."""
    width: float
    """Percent of the chart."""
    segments: tuple[BarSegment, ...]
    """From the ground up; none for a topic without papers."""
    incomplete: bool
    """True for the present year."""

    @property
    def bar_left(self) -> float:
        """Position of its segments, in percent from the left of the chart."""
        return round(self.left + self.width * (1 - BAR_SHARE) / 2, 3)

    @property
    def bar_width(self) -> float:
        """Width of its segments, in percent of the chart."""
        return round(self.width * BAR_SHARE, 3)

    @property
    def label(self) -> str:
        """Its years, as a caption."""
        return str(self.until) if self.since is not None else f"to {self.until}"


def columns(timeline: Timeline, rows: Sequence[TopicYears]) -> tuple[YearColumn, ...]:
    """Return the columns of some topics, stacked in their order.

    Parameters
    ----------
    timeline : Timeline
        The years, and how many papers they have.
    rows : sequence of TopicYears
        Topics of the timeline to stack, or the whole of it as one.
    """
    return _columns(timeline.years, timeline.total.counts, rows, timeline.incomplete)


def columns_of(papers: Mapping[int, int], name: str, present: int) -> tuple[YearColumn, ...]:
    """Return the columns of one number of papers a year, from the first year to the last.

    Parameters
    ----------
    papers : mapping of int to int
        Year -> number of papers.
    name : str
        What they are papers of.
    present : int
        The year that is not over.
    """
    if not papers:
        return ()
    years = range(min(papers), max(papers) + 1)
    counts = tuple(papers.get(year, 0) for year in years)
    return _columns(years, counts, [TopicYears("", name, counts, 0)], present)


def _columns(
    years: Sequence[int], totals: Sequence[int], rows: Sequence[TopicYears], present: int | None
) -> tuple[YearColumn, ...]:
    shown = min(MAX_COLUMNS, len(years))
    # The earliest years share one column.
    cut = len(years) - shown + 1 if len(years) > shown else 0
    spans = ([slice(0, cut)] if cut else []) + [slice(at, at + 1) for at in range(cut, len(years))]
    counts = [[sum(row.counts[span]) for row in rows] for span in spans]
    tallest = max((sum(column) for column in counts), default=0)
    width = 100 / max(shown, MIN_COLUMNS)
    return tuple(
        YearColumn(
            since=None if cut and not at else years[span][0],
            until=years[span][-1],
            papers=sum(totals[span]),
            left=round(at * width, 3),
            width=round(width, 3),
            segments=_stacked(rows, column, tallest),
            incomplete=years[span][-1] == present,
        )
        for at, (span, column) in enumerate(zip(spans, counts, strict=True))
    )


def _stacked(
    rows: Sequence[TopicYears], counts: Sequence[int], tallest: int
) -> tuple[BarSegment, ...]:
    segments, ground = [], 100.0
    for row, count in zip(rows, counts, strict=True):
        if count:
            height = max(MIN_SEGMENT_PERCENT, 100 * count / tallest)
            ground -= height
            segments.append(
                BarSegment(row.topic, row.name, count, round(ground, 3), round(height, 3))
            )
    return tuple(segments)
