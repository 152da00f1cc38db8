"""Short names of nodes, and from which zoom on there is room for each."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.entities import Paper
from ui.page.templating import cut
from ui.text.mathematics import with_mathematics

SCALES: Final = (0.2, 0.3, 0.4, 0.5, 0.63, 0.8, 1.0, 1.25, 1.6, 2.0, 2.8, 4.0)
"""Zooms at which names are fitted in; 1 is full size."""

CHARACTER: Final = 6.3
"""Pixels of a character of a name, about."""

LINE: Final = 14.0
"""Pixels of a line of names."""

SURE: Final = 14
"""So many names, of what matters most, may cover the marks of what matters less."""

SUFFIXES: Final = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"}
"""What follows a surname."""

_DIRECTIONS: Final = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])

LONGEST: Final = 24
"""Characters of a name."""


def label(paper: Paper) -> str:
    """Return what researchers call a paper: its method, else its first author, with the year.

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
    first = undirected(paper.authors[0] if paper.authors else "")
    names = [one for one in first.split() if one.lower() not in SUFFIXES]
    return names[-1][:LONGEST] + year if names else shortened(title)


def plain(title: str) -> str:
    """Return a title without LaTeX, as far as that goes without formulas.

    Examples
    --------
    >>> plain("On $x$ and $y$")
    'On x and y'
    """
    return undirected(with_mathematics(title).striptags())


def undirected(text: str) -> str:
    r"""Return a text without marks of direction, of which one that is left open turns what follows.

    Examples
    --------
    >>> undirected("a\u2067b")
    'ab'
    """
    return text.translate(_DIRECTIONS)


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return the first words of a text.

    Examples
    --------
    >>> shortened("Weight interpolation of models", 20)
    'Weight…'
    """
    text = undirected(text)
    if len(text) <= longest:
        return text
    words = text[:longest].rpartition(" ")[0] or text[: longest - 1]
    return words.rstrip(" ,;:-") + "…"


def width(text: str) -> float:
    """Return about how many pixels wide a name is."""
    return CHARACTER * len(text) + 4


def grown(scale: float) -> float:
    """Return how large marks are at a zoom: they shrink with the picture, and grow slowly."""
    return max(0.45, scale) if scale < 1 else min(1.7, scale**0.4)


def levels(
    points: Sequence[tuple[float, float]], radii: Sequence[float], names: Sequence[str]
) -> list[float]:
    """Return from which zoom on each name has room; names come by importance, the first first.

    Parameters
    ----------
    points : sequence of (float, float)
        Where the marks are, at full size.
    radii : sequence of float
        Of the marks.
    names : sequence of str
        What stands below them.

    Returns
    -------
    list of float
        One of `SCALES` each, or infinity where even the last has no room.
    """
    count = len(names)
    at, radius = np.array(points, dtype=float).reshape(-1, 2), np.array(radii, dtype=float)
    half = np.array([width(name) / 2 for name in names])
    found = np.full(count, np.inf)
    for scale in SCALES:
        marks, sizes = at * scale, radius * grown(scale)
        middle = marks + np.stack([np.zeros(count), sizes + LINE * 0.7], axis=1)
        # A name may touch its own mark; of the others only a few may cover any.
        across = np.abs(middle[:, None, 0] - marks[None, :, 0]) < half[:, None] + sizes[None, :]
        over = np.abs(middle[:, None, 1] - marks[None, :, 1]) < LINE / 2 + sizes[None, :]
        covers = across & over
        np.fill_diagonal(covers, False)
        free: NDArray[np.bool_] = np.asarray(~covers.any(axis=1))
        free[:SURE] = ~covers[:SURE, :SURE].any(axis=1)
        free[:1] = True
        beside = np.abs(middle[:, None, 0] - middle[None, :, 0]) < half[:, None] + half[None, :]
        level = np.abs(middle[:, None, 1] - middle[None, :, 1]) < LINE
        meets = beside & level
        for one in np.flatnonzero(free & ~np.isfinite(found)):
            if not np.isfinite(found[meets[one]]).any():
                found[one] = scale
    return [float(level) for level in found]
