"""The sunburst of the topics: rings of slices as SVG paths, with the labels that fit.

Angles are degrees clockwise from the top, the centre is the origin.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from search.pages.topic import TopicCount
from ui.drawing.slice_labels import Slice, SliceLabel, label, short

RADIUS = 318.0
"""Outer radius, in the units of the drawing."""

RING_WIDTHS = ((130.0,), (110.0, 130.0), (76.0, 94.0, 88.0))
"""Widths of one, two and three rings, from the inside; deeper topics are a click away.

The rest of the radius is the hole in the middle, where a topic is named.
"""

MIN_SLICE_LENGTH = 12.0
"""Length of the shortest slice, so that a topic of one paper can be seen and clicked."""

LABEL_SIZES = (13.0, 11.5, 10.5)
"""Font sizes to try on a wide screen, in the units of the drawing."""

PHONE_LABEL_SIZES = (20.0, 18.0, 16.5)
"""Font sizes to try on a phone, where the drawing is little more than half as wide."""


@dataclass(frozen=True, slots=True)
class Arc:
    """One slice: a topic."""

    topic: TopicCount
    ring: int
    """1 is the ring around the hole."""
    middle: float
    """Angle of its middle."""
    path: str
    """Attribute ``d`` of an SVG path."""
    wide: SliceLabel | None
    """SliceLabel on a wide screen; None where it does not fit."""
    narrow: SliceLabel | None
    """SliceLabel on a phone."""


@dataclass(frozen=True, slots=True)
class Sunburst:
    """The drawing."""

    arcs: tuple[Arc, ...]
    """Ring by ring, each clockwise."""
    hole: float
    """Radius of the hole."""
    inmost: float
    """Radius of the outer edge of the innermost ring."""


def sunburst(branches: Sequence[TopicCount], whole: int, above: str = "") -> Sunburst:
    """Return the sunburst of some topics and their subtopics.

    A slice is as long as its share of the papers, but the smallest are enlarged so that they can be
    clicked. Papers may be in several topics: where the counts sum to more than the whole, they are
    shares of that sum. Where they sum to less, a gap remains for papers of no subtopic.

    Parameters
    ----------
    branches : sequence of TopicCount
        The innermost ring.
    whole : int
        Papers of the full circle.
    above : str
        Names of the topics above, which labels need not repeat.
    """
    wide = RING_WIDTHS[min(max(_depth(branches), 1), len(RING_WIDTHS)) - 1]
    # Radii of the edges of the rings, the hole's first.
    edges = list(accumulate(wide, initial=RADIUS - sum(wide)))
    arcs = _arcs(branches, whole, above, 0.0, 360.0, 1, edges)
    return Sunburst(tuple(sorted(arcs, key=lambda arc: (arc.ring, arc.middle))), edges[0], edges[1])


def widths(counts: Sequence[int], whole: int, room: float, least: float) -> list[float]:
    """Divide a length among topics by their numbers of papers.

    Parameters
    ----------
    counts : sequence of int
        Papers of each topic.
    whole : int
        All papers; the length for those that are in no topic stays free.
    least : float
        Minimum for each topic, as far as there is room, at the expense of larger ones.

    Examples
    --------
    >>> widths([0, 75], 100, 100.0, 4.0)
    [4.0, 72.0]
    >>> widths([60, 60], 100, 100.0, 5.0)
    [50.0, 50.0]
    """
    even = room / max(len(counts), 1)
    rest = max(0, whole - sum(counts))
    # Without any papers, all are the same.
    least = min(least, even) if any(counts) or rest else even
    small: set[int] = set()
    while True:
        large = sum(count for at, count in enumerate(counts) if at not in small) + rest
        unit = (room - least * len(small)) / large if large else 0.0
        found = {at for at, count in enumerate(counts) if count * unit < least} - small
        if not found:
            return [least if at in small else count * unit for at, count in enumerate(counts)]
        small |= found


def _depth(branches: Sequence[TopicCount]) -> int:
    return 1 + max(_depth(branch.children) for branch in branches) if branches else 0


def _arcs(
    branches: Sequence[TopicCount],
    whole: int,
    above: str,
    start: float,
    room: float,
    ring: int,
    edges: Sequence[float],
) -> Iterator[Arc]:
    if ring == len(edges):
        return
    inner, outer = edges[ring - 1], edges[ring]
    least = math.degrees(2 * MIN_SLICE_LENGTH / (inner + outer))
    counts = [branch.papers for branch in branches]
    for branch, width in zip(branches, widths(counts, whole, room, least), strict=True):
        piece = Slice(inner, outer, start, start + width)
        names = dict.fromkeys((branch.name, short(branch.name, above)))
        yield Arc(
            topic=branch,
            ring=ring,
            middle=piece.middle,
            path=_path(piece),
            wide=label(list(names), piece, LABEL_SIZES, bold=ring == 1),
            narrow=label(list(names), piece, PHONE_LABEL_SIZES, bold=ring == 1),
        )
        names_above = f"{above} {branch.name}"
        yield from _arcs(branch.children, branch.papers, names_above, start, width, ring + 1, edges)
        start += width


def _path(piece: Slice) -> str:
    """Return the outline of a slice: along its outer edge, and back along its inner edge."""
    # SVG draws no arc from a point to itself, so each edge is drawn as two halves.
    middle = piece.middle
    return (
        f"M{_point(piece.outer, piece.start)}"
        f"{_along(piece.outer, middle, 1)}{_along(piece.outer, piece.end, 1)}"
        f"L{_point(piece.inner, piece.end)}"
        f"{_along(piece.inner, middle, 0)}{_along(piece.inner, piece.start, 0)}Z"
    )


def _along(radius: float, angle: float, clockwise: int) -> str:
    return f"A{radius:.2f} {radius:.2f} 0 0 {clockwise} {_point(radius, angle)}"


def _point(radius: float, angle: float) -> str:
    turned = math.radians(angle)
    return f"{radius * math.sin(turned):.2f} {-radius * math.cos(turned):.2f}"
