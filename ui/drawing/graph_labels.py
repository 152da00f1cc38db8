"""Short names of nodes, and the zoom from which on each has room."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.records import Paper
from kg.text.plain import without_controls
from ui.page.templating import cut
from ui.text.mathematics import with_mathematics

ZOOMS: Final = (0.2, 0.3, 0.4, 0.5, 0.63, 0.8, 1.0, 1.25, 1.6, 2.0, 2.8, 4.0)
"""Zooms at which names are placed; 1 is full size."""

CHARACTER_PX: Final = 6.3
"""Approximate width of a character of a name."""

LINE_HEIGHT_PX: Final = 14.0
"""Height of a name."""

MAX_COVERING_NAMES: Final = 14
"""Names of the most important nodes that may cover marks of others."""

NAME_SUFFIXES: Final = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"}
"""Lower-case suffixes that follow a surname."""

MAX_NAME_CHARS: Final = 24
"""Of a shortened title or a surname."""


def label(paper: Paper) -> str:
    """Return a short name of a paper: its method, else its first author, with the year.

    Examples
    --------
    >>> label(Paper("1", "LoRA: Low-Rank Adaptation of Large Language Models", year=2021))
    'LoRA 2021'
    >>> label(Paper("2", "Editing Facts in GPT", authors=("Kevin Meng", "David Bau"), year=2022))
    'Meng 2022'
    >>> label(Paper("3", "A paper whose title is long and whose authors nobody knows"))
    'A paper whose title is…'
    """
    year = f" {paper.year}" if paper.year else ""
    title = plain(cut(paper.title))
    name, colon, _ = title.partition(":")
    if colon and 0 < len(name) <= 20 and len(name.split()) <= 3:
        return name.strip() + year
    first = without_controls(paper.authors[0] if paper.authors else "")
    names = [one for one in first.split() if one.lower() not in NAME_SUFFIXES]
    return names[-1][:MAX_NAME_CHARS] + year if names else shortened(title)


def plain(title: str) -> str:
    """Return a title without LaTeX, as far as that goes without formulas.

    Examples
    --------
    >>> plain("On $x$ and $y$")
    'On x and y'
    """
    return without_controls(with_mathematics(title).striptags())


def shortened(text: str, max_chars: int = MAX_NAME_CHARS) -> str:
    """Return the first words of a text.

    Examples
    --------
    >>> shortened("Weight interpolation of models", 20)
    'Weight…'
    """
    text = without_controls(text)
    if len(text) <= max_chars:
        return text
    words = text[:max_chars].rpartition(" ")[0] or text[: max_chars - 1]
    return words.rstrip(" ,;:-") + "…"


def width(text: str) -> float:
    """Return the approximate width of a name in pixels."""
    return CHARACTER_PX * len(text) + 4


def grown(scale: float) -> float:
    """Return the scale of marks at a zoom: they shrink with the picture, and grow slowly."""
    return max(0.45, scale) if scale < 1 else min(1.7, scale**0.4)


def name_zooms(
    points: Sequence[tuple[float, float]], radii: Sequence[float], names: Sequence[str]
) -> list[float]:
    """Return the zoom from which on each name has room; the most important names come first.

    Parameters
    ----------
    points : sequence of (float, float)
        Positions of the marks in pixels at full size.
    radii : sequence of float
        Radii of the marks in pixels.
    names : sequence of str
        Names below them.

    Returns
    -------
    list of float
        One of `ZOOMS` each, or infinity where there is no room at any.
    """
    count = len(names)
    at, radius = np.array(points, dtype=float).reshape(-1, 2), np.array(radii, dtype=float)
    half = np.array([width(name) / 2 for name in names])
    found = np.full(count, np.inf)
    for scale in ZOOMS:
        marks, sizes = at * scale, radius * grown(scale)
        middle = marks + np.stack([np.zeros(count), sizes + LINE_HEIGHT_PX * 0.7], axis=1)
        # A name may cover its own mark; only the most important ones may cover others.
        across = np.abs(middle[:, None, 0] - marks[None, :, 0]) < half[:, None] + sizes[None, :]
        over = np.abs(middle[:, None, 1] - marks[None, :, 1]) < LINE_HEIGHT_PX / 2 + sizes[None, :]
        covers = across & over
        np.fill_diagonal(covers, False)
        free: NDArray[np.bool_] = np.asarray(~covers.any(axis=1))
        free[:MAX_COVERING_NAMES] = ~covers[:MAX_COVERING_NAMES, :MAX_COVERING_NAMES].any(axis=1)
        free[:1] = True
        beside = np.abs(middle[:, None, 0] - middle[None, :, 0]) < half[:, None] + half[None, :]
        level = np.abs(middle[:, None, 1] - middle[None, :, 1]) < LINE_HEIGHT_PX
        meets = beside & level
        for one in np.flatnonzero(free & ~np.isfinite(found)):
            if not np.isfinite(found[meets[one]]).any():
                found[one] = scale
    return [float(level) for level in found]
