"""Charts of papers by year: columns of segments, in percent of the room that they get."""

from collections.abc import Sequence
from dataclasses import dataclass

from kg.analysis.timeline import Timeline, TopicYears

COLUMNS = 13
"""The most columns: on a phone each is just wide enough for a year in small letters."""

FEWEST = 8
"""Columns that share the room at least: the bar of a single year is no wall."""

BAR = 0.72
"""Part of a column's width that its segments take; the rest keeps it apart from the next."""

THINNEST = 1.0
"""Percent of the height that a segment has at least: one paper is seen beside hundreds."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The papers of one topic in one column."""

    topic: str | None
    """Its id; None for all papers of the atlas."""
    name: str
    papers: int
    top: float
    """Percent from above."""
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """The papers of a year, or of all years before the next column."""

    since: int | None
    """First year; None where the column holds all years up to `until`."""
    until: int
    """Last year."""
    papers: int
    """How many: less than the sum of the segments where papers are in several topics."""
    left: float
    """Percent from the left of the column's room."""
    width: float
    """Percent of the room, which the columns share."""
    segments: tuple[Segment, ...]
    """From the ground up; none for a topic without papers."""
    incomplete: bool
    """True for the present year."""

    @property
    def bar_left(self) -> float:
        """Percent from the left of its segments."""
        return round(self.left + self.width * (1 - BAR) / 2, 3)

    @property
    def bar_width(self) -> float:
        """Percent of the room that its segments take."""
        return round(self.width * BAR, 3)

    @property
    def label(self) -> str:
        """Which years."""
        return str(self.until) if self.since is not None else f"to {self.until}"


def columns(timeline: Timeline, rows: Sequence[TopicYears]) -> tuple[Column, ...]:
    """Return the columns of some topics, stacked in their order.

    Parameters
    ----------
    timeline : Timeline
        The years, and how many papers they have.
    rows : sequence of TopicYears
        What is stacked: topics of the timeline, or all of it as one.
    """
    years = timeline.years
    shown = min(COLUMNS, len(years))
    # What is before the columns of one year each is one column.
    cut = len(years) - shown + 1 if len(years) > shown else 0
    spans = ([slice(0, cut)] if cut else []) + [slice(at, at + 1) for at in range(cut, len(years))]
    counts = [[sum(row.counts[span]) for row in rows] for span in spans]
    tallest = max((sum(column) for column in counts), default=0)
    width = 100 / max(shown, FEWEST)
    return tuple(
        Column(
            since=None if cut and not at else years[span][0],
            until=years[span][-1],
            papers=sum(timeline.total.counts[span]),
            left=round(at * width, 3),
            width=round(width, 3),
            segments=_stacked(rows, column, tallest),
            incomplete=years[span][-1] == timeline.incomplete,
        )
        for at, (span, column) in enumerate(zip(spans, counts, strict=True))
    )


def _stacked(
    rows: Sequence[TopicYears], counts: Sequence[int], tallest: int
) -> tuple[Segment, ...]:
    segments, ground = [], 100.0
    for row, count in zip(rows, counts, strict=True):
        if count:
            height = max(THINNEST, 100 * count / tallest)
            ground -= height
            segments.append(Segment(row.topic, row.name, count, round(ground, 3), round(height, 3)))
    return tuple(segments)
