"""Which part of many things one page shows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pages:
    """One page of several."""

    number: int
    """1 is the first."""
    of: int
    """How many there are, 1 at least: that nothing is there is told on a page as well."""
    begin: int
    """Place of the first that is shown, from 0."""
    end: int
    """Place after the last."""


def pages(count: int, size: int, number: int) -> Pages:
    """Return the page of that number, or else the nearest that there is.

    >>> pages(60, 25, 3), pages(0, 25, 7)
    (Pages(number=3, of=3, begin=50, end=75), Pages(number=1, of=1, begin=0, end=25))
    """
    of = max(1, -(-count // size))
    number = min(max(1, number), of)
    return Pages(number, of, (number - 1) * size, number * size)
