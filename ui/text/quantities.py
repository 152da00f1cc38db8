"""Counts and durations in words."""

from typing import Final

_PLURALS: Final = {
    "category": "categories",
    "method, benchmark or model": "methods, benchmarks or models",
}
"""Of nouns that take more than an s."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "paper"), counted(1200, "category")
    ('1 paper', '1,200 categories')
    """
    plural = _PLURALS.get(noun, f"{noun}s")
    return f"{number:,} {noun if number == 1 else plural}"


def duration(seconds: float) -> str:
    """Return a length of time by its two largest units.

    >>> duration(4), duration(75), duration(7300), duration(3 * 86400)
    ('4 s', '1 min 15 s', '2 h 1 min', '3 d')
    """
    whole = max(0, round(seconds))
    units = [
        (whole // 86400, "d"),
        (whole % 86400 // 3600, "h"),
        (whole % 3600 // 60, "min"),
        (whole % 60, "s"),
    ]
    largest = [f"{count} {unit}" for count, unit in units if count][:2]
    return " ".join(largest) or "0 s"
