"""The order of a list's entries, and the position of a new one."""

from collections.abc import Sequence
from itertools import combinations

from kg.ids.arxiv_id import submission_month
from kg.records import ListEntry, Paper
from kg.text.partial_date import PartialDate

MIN_SORTED_TAU = 0.5
"""Kendall's tau from which on a list counts as sorted."""

MAX_COMPARED_ENTRIES = 400
"""Entries of a longer list that are compared, from the first on."""


class EntryOrder:
    """The order of the entries under one heading.

    Parameters
    ----------
    entries : sequence of ListEntry
        In the list's order.

    Examples
    --------
    >>> years = [ListEntry("c", year=2024), ListEntry("b", year=2022), ListEntry("a", year=2021)]
    >>> EntryOrder(years).slot(Paper("x", "x", year=2023))
    1
    """

    def __init__(self, entries: Sequence[ListEntry]) -> None:
        ages = {
            True: [
                _months(submission_month(entry.arxiv_id)) if entry.arxiv_id else None
                for entry in entries
            ],
            False: [float(entry.year) if entry.year else None for entry in entries],
        }
        taus = {by_month: _tau(found[:MAX_COMPARED_ENTRIES]) for by_month, found in ages.items()}
        self._by_month = abs(taus[True]) >= abs(taus[False])
        self._ages = ages[self._by_month]
        tau = taus[self._by_month]
        self.direction = 0 if abs(tau) < MIN_SORTED_TAU else 1 if tau > 0 else -1
        """1 if the newest are last, -1 if they are first, 0 if the list is not sorted."""

    def rank(self, paper: Paper) -> float:
        """Return the key by which new entries at the same position are sorted."""
        return (self.direction or 1) * (self._age(paper) or 0)

    def slot(self, paper: Paper) -> int:
        """Return how many entries stand before a new one.

        The position with the fewest entries on the wrong side; the end if the list is not sorted.
        Without a date, a paper goes where the newest are.
        """
        age = self._age(paper)
        if not self.direction:
            return len(self._ages)
        if age is None:
            return 0 if self.direction < 0 else len(self._ages)
        known = (other for other in self._ages if other is not None)
        wrong = sum(self.direction * (age - other) > 0 for other in known)
        fewest, best = wrong, 0
        for index, other in enumerate(self._ages, 1):
            if other is not None:
                wrong += self.direction * (other - age) > 0
                wrong -= self.direction * (age - other) > 0
            if wrong < fewest or (wrong == fewest and self.direction > 0):
                fewest, best = wrong, index
        return best

    def _age(self, paper: Paper) -> float | None:
        if not self._by_month:
            return float(paper.year) if paper.year else None
        # By arXiv id where there is one, as the entries: its day may be of the month before.
        by_id = submission_month(paper.arxiv_id) if paper.arxiv_id else None
        return _months(by_id or paper.appeared)


def _months(date: PartialDate | None) -> float | None:
    """Return the number of months from year 0 to a date; to the middle of a year alone."""
    return date.year * 12.0 + (date.month or 6) if date else None


def _tau(ages: Sequence[float | None]) -> float:
    pairs = combinations([age for age in ages if age is not None], 2)
    signs = [(later > sooner) - (later < sooner) for sooner, later in pairs]
    compared = sum(map(abs, signs))
    return sum(signs) / compared if compared else 0.0
