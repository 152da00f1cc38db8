"""Marks of the areas: each has a shape as well as a colour."""

from collections.abc import Sequence

_SHAPES = (
    "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0 -2 0z",
    "M-.89 -.89h1.78v1.78h-1.78z",
    "M0 -1.25L1.2 .85H-1.2z",
    "M0 -1.3L1.2 0L0 1.3L-1.2 0z",
    "M0 1.25L1.2 -.85H-1.2z",
    "M-.45 -1.2h.9v.75h.75v.9h-.75v.75h-.9v-.75h-.75v-.9h.75z",
)
"""SVG paths, in the order of the areas, all of about one size."""

_UNPLACED = "M-.7 -.7h1.4v1.4h-1.4z"


def shape(areas: Sequence[str], area: str) -> str:
    """Return the path of an area's mark, or that of papers in no area."""
    return _SHAPES[areas.index(area) % len(_SHAPES)] if area in areas else _UNPLACED
