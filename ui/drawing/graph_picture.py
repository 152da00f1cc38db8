"""A graph as a picture: nodes with their places and names, and the lines between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kg.entities import Paper
from ui.drawing.graph_labels import plain
from ui.page.templating import cut

GLYPHS: Final[Mapping[str, str]] = {"topic": "#", "author": "@", "category": "§", "list": "≡"}
"""What stands in the mark of a node that is no paper."""

WIDE, HIGH = 960.0, 620.0
"""Pixels of the picture as the server draws it; the script draws it anew for the screen."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a picture."""

    number: int
    id: str
    """As in the graph: ``paper:2203.05482``."""
    kind: str
    title: str
    """Its title or name, in full."""
    label: str
    level: float
    """From which zoom on the label is shown."""
    href: str
    """Address of its own view; empty of what has none."""
    x: float
    y: float
    radius: float
    shape: str
    """Path of its mark, of radius 1; empty where a glyph tells the kind."""
    area: str
    paper: Paper | None
    """None of what is no paper."""
    topics: tuple[str, ...]
    cited: int
    """By how many papers of the atlas."""
    known: bool
    """Whether any citation of it is known."""
    main: bool
    """Whether it stands out: the centre, and the ends of a path."""

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        # What is written beside the mark is a part of its name, for those who say what they see.
        if self.paper is None:
            return f"{self.label}: the {self.kind} {cut(self.title)}"
        cited = f", cited by {self.cited:,}" if self.cited else ""
        return f"{self.label}: {plain(cut(self.title))}{cited}"


@dataclass(frozen=True, slots=True)
class Line:
    """One edge of a picture."""

    source: int
    """Number of its node."""
    target: int
    kind: str
    cosine: float | None
    bend: float
    """How far it bends to its left, as a part of its length."""
    main: bool
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes and lines, ready to be drawn."""

    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    box: tuple[float, float, float, float]
    """Left, top, width and height of the layout."""
    ticks: tuple[tuple[int, float], ...]
    """Years with the x at which they begin, at full size."""
    scale: float
    """At which the server draws it."""
    centre: int | None = None
    """Number of the node that the others are around."""

    @property
    def faint(self) -> float:
        """How strong a line is among so many, 0 to 1."""
        few: float = (90 / (len(self.lines) + 1)) ** 0.5
        return round(min(0.5, max(0.14, 0.5 * few)), 2)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the layout is drawn."""
        left, top, wide, high = self.box
        return (
            round(WIDE / 2 + (x - left - wide / 2) * self.scale, 1),
            round(HIGH / 2 + (y - top - high / 2) * self.scale, 1),
        )

    def kinds(self) -> dict[str, int]:
        """Return how many lines there are of each kind."""
        found: dict[str, int] = {}
        for line in self.lines:
            found[line.kind] = found.get(line.kind, 0) + 1
        return found


def curve(one: tuple[float, float], other: tuple[float, float], bend: float) -> str:
    """Return the path of a line, with a corner in its middle, where its arrow is.

    The script draws it likewise (`curve` of `ui/static/graph_drawing.js`).

    >>> curve((0, 0), (100, 0), 0.2)
    'M0 0Q25 -10 50 -10Q75 -10 100 0'
    """
    (x, y), (u, v) = one, other
    # Control point of the whole curve; the middle of the curve is half as far aside.
    p, q = (x + u) / 2 + (v - y) * bend, (y + v) / 2 - (u - x) * bend
    middle = (x + u + 2 * p) / 4, (y + v + 2 * q) / 4
    numbers = (x, y, (x + p) / 2, (y + q) / 2, *middle, (p + u) / 2, (q + v) / 2, u, v)
    a = [f"{round(number, 1):g}" for number in numbers]
    return f"M{a[0]} {a[1]}Q{a[2]} {a[3]} {a[4]} {a[5]}Q{a[6]} {a[7]} {a[8]} {a[9]}"
