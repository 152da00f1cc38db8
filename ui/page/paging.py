"""Paging: which items of a list one page shows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageRange:
    """One page of several, and the items on it."""

    number: int
    """1 is the first."""
    of: int
    """Number of pages; 1 where there are no items."""
    begin: int
    """Index of the first item."""
    end: int
    """Index after the last item."""


def page_range(count: int, size: int, number: int) -> PageRange:
    """Return the page of that number, or else the nearest one.

    >>> page_range(60, 25, 3), page_range(0, 25, 7)
    (PageRange(number=3, of=3, begin=50, end=75), PageRange(number=1, of=1, begin=0, end=25))
    """
    of = max(1, -(-count // size))
    number = min(max(1, number), of)
    return PageRange(number, of, (number - 1) * size, number * size)
