"""A graph as a picture: nodes with positions and names, and the lines between them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kg.records import Paper
from ui.drawing.graph_labels import plain
from ui.page.templating import cut

GLYPHS: Final[Mapping[str, str]] = {
    **{"topic": "#", "author": "@", "category": "§", "list": "≡"},
    **{"method": "ƒ", "benchmark": "✓", "model": "◆"},
}
"""What a node is that is no paper -> character in its mark."""

WIDE, HIGH = 960.0, 620.0
"""Pixels of the picture that the server draws; the script redraws it for the screen."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a picture."""

    number: int
    id: str
    """As in the graph: ``paper:2203.05482``."""
    kind: str
    word: str
    """What a reader calls it: its kind, or the type of an entity."""
    title: str
    """Its title or name, in full."""
    label: str
    level: float
    """Zoom from which on the label is shown."""
    href: str
    """Address of its own view; empty where it has none."""
    x: float
    y: float
    radius: float
    shape: str
    """SVG path of its mark, of radius 1; empty where a glyph stands for the kind."""
    area: str
    paper: Paper | None
    """None for a node that is no paper."""
    topics: tuple[str, ...]
    cited: int
    """By how many papers of the atlas."""
    known: bool
    """Whether any citation of it is known."""
    main: bool
    """Whether it is emphasised: the centre, and the ends of a path."""
    about: str = ""
    """What an entity is, in a sentence."""

    @property
    def glyph(self) -> str:
        """Character in the mark of a node that is no paper."""
        return GLYPHS[self.word]

    @property
    def spoken(self) -> str:
        """Text for screen readers."""
        # The visible label comes first, for users of speech input.
        if self.paper is None:
            return f"{self.label}: the {self.word} {cut(self.title)}"
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
    """Distance by which it bends to its left, as a fraction of its length."""
    main: bool
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes and lines with everything that a template draws."""

    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    box: tuple[float, float, float, float]
    """Left, top, width and height of the layout."""
    ticks: tuple[tuple[int, float], ...]
    """Years with the x at which they begin, at full size."""
    scale: float
    """Scale at which the server draws it."""
    centre: int | None = None
    """Number of the node that the others are around."""

    @property
    def faint(self) -> float:
        """Opacity of a line, 0 to 1: less where there are many."""
        strength: float = (90 / (len(self.lines) + 1)) ** 0.5
        return round(min(0.5, max(0.14, 0.5 * strength)), 2)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the position in the picture of a point of the layout."""
        left, top, wide, high = self.box
        return (
            round(WIDE / 2 + (x - left - wide / 2) * self.scale, 1),
            round(HIGH / 2 + (y - top - high / 2) * self.scale, 1),
        )

    def kinds(self) -> Counter[str]:
        """Return how many lines there are of each kind."""
        return Counter(line.kind for line in self.lines)


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
