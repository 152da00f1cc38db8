"""Where the name of a topic fits into its slice of the sunburst."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product

MAX_LINES = 3
"""Lines of a label."""

LINE_HEIGHT = 1.15
"""As a multiple of the font size."""

MARGIN = 2.5
"""Distance of a label from the edge of its slice."""

BOLD_WIDTH = 1.13
"""Width of bold letters as a multiple of regular ones."""

_JOINING = "and for in of the".split()
_NARROW, _WIDE = set(" -.,:;'|()[]fijlrtI"), set("mwMW@%&")


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a ring around the origin; angles are degrees clockwise from the top."""

    inner: float
    """Radius of its inner edge."""
    outer: float
    """Radius of its outer edge."""
    start: float
    end: float

    @property
    def middle(self) -> float:
        """Angle of its middle."""
        return (self.start + self.end) / 2


@dataclass(frozen=True, slots=True)
class SliceLabel:
    """A name in one or more lines."""

    lines: tuple[str, ...]
    x: float
    """Of its middle."""
    y: float
    turn: float
    """Rotation around its middle, degrees clockwise."""
    size: float
    """Font size."""


def label(
    names: Sequence[str], piece: Slice, sizes: Sequence[float], bold: bool = False
) -> SliceLabel | None:
    """Fit a name into a slice: level, else along the ring, else from the centre outwards.

    Parameters
    ----------
    names : sequence of str
        Versions of the name, the preferred one first.
    piece : Slice
        It must lie within this.
    sizes : sequence of float
        Font sizes, the preferred one first.
    bold : bool
        Whether the letters are bold, and so wider.

    Returns
    -------
    SliceLabel or None
        None where none fits in any way.
    """
    middle = math.radians(piece.middle)
    radius = (piece.inner + piece.outer) / 2
    x, y = radius * math.sin(middle), -radius * math.cos(middle)
    for name, size in product(names, sizes):
        for turn in (0.0, _upright(piece.middle), _upright(piece.middle - 90)):
            for lines, ems in broken(name):
                width = ems * size * (BOLD_WIDTH if bold else 1)
                height = len(lines) * size * LINE_HEIGHT
                if _within(piece, x, y, width + 2 * MARGIN, height + 2 * MARGIN, turn):
                    return SliceLabel(lines, round(x, 2), round(y, 2), round(turn, 2), size)
    return None


def short(name: str, above: str) -> str:
    """Return a name without the words at its ends that the names above it have already.

    >>> short("Surveys of Model Editing", "Model Editing")
    'Surveys'
    >>> short("Black-Box Data-Free Meta-Learning", "Meta Learning")
    'Black-Box Data-Free'
    """
    known = {*above.lower().replace("-", " ").split(), *_JOINING}
    words = name.split()
    for end in (-1, 0):
        while words and known.issuperset(words[end].lower().split("-")):
            del words[end]
    return " ".join(words) or name


def text_width(text: str) -> float:
    """Return an upper bound of the width of a text, as a multiple of the font size.

    The reader's system chooses the font; DejaVu Sans is the widest of the usual ones.

    >>> text_width("Model Fusion") > text_width("Distillation")
    True
    """
    return sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if letter in _NARROW:
        return 0.4
    if letter in _WIDE:
        return 0.99
    return 0.78 if letter.isupper() else 0.635


@lru_cache(maxsize=4096)
def broken(name: str) -> tuple[tuple[tuple[str, ...], float], ...]:
    """Break a name into one line, two and so on, each time as narrow as possible; with widths.

    >>> [lines for lines, _ in broken("Distillation of Language Models")][1]
    ('Distillation of', 'Language Models')
    """
    words = name.split()
    found = []
    for count in range(1, min(MAX_LINES, len(words)) + 1):
        ways = (
            tuple(
                " ".join(words[start:end])
                for start, end in zip((0, *breaks), (*breaks, len(words)), strict=True)
            )
            for breaks in combinations(range(1, len(words)), count - 1)
        )
        width, lines = min((max(map(text_width, lines)), lines) for lines in ways)
        found.append((lines, width))
    return tuple(found)


def _upright(turn: float) -> float:
    """Return the rotation of the same axis that keeps letters upright."""
    return (turn + 90) % 180 - 90


def _within(piece: Slice, x: float, y: float, width: float, height: float, turn: float) -> bool:
    """Return whether a rotated rectangle around a point lies within a slice.

    The rectangle is convex and lies on one side of the origin, so that its corners decide about the
    outer edge and the sides; the inner edge needs its point nearest to the origin.
    """
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    # The origin in the coordinates of the rectangle.
    ox, oy = -x * cos - y * sin, x * sin - y * cos
    near_x, near_y = abs(ox) - width / 2, abs(oy) - height / 2
    if math.hypot(max(near_x, 0.0), max(near_y, 0.0)) < piece.inner:
        return False
    half = (piece.end - piece.start) / 2
    for dx in (-width / 2, width / 2):
        for dy in (-height / 2, height / 2):
            cx, cy = x + dx * cos - dy * sin, y + dx * sin + dy * cos
            away = (math.degrees(math.atan2(cx, -cy)) - piece.middle + 180) % 360 - 180
            if math.hypot(cx, cy) > piece.outer or abs(away) > half:
                return False
    return True
