"""Which papers pass filters, by columns of all papers at one revision of a catalogue."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any, Final

import numpy as np

from kg.cards.card import CHOICES
from kg.records import Filters
from kg.store.catalogue import Catalogue
from kg.store.filter_sql import ON_WORDS
from kg.values import dataclass
from search.index.columns.build import folded
from search.index.columns.table import FIRST, LAST, UNKNOWN_FIRST, Table
from search.index.selection import Keys, Mask, mask_of

_KNOWN: Final = ("topic", "categories", "since", "until", *CHOICES, "code", "excluded")
"""Fields of `Filters` that columns know, besides `withdrawn`."""
_VALUES: Final = ("topic", *CHOICES)
"""Those of which a paper has values."""
_WIDE: Final = tuple(name for name in _KNOWN if name not in _VALUES)
_ALL: Final = Filters(withdrawn=True)
_UNKNOWN: Final[dict[str, Any]] = {
    one.name: one.default for one in fields(Filters) if one.name in _KNOWN
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file, and of the papers that changed since it was written."""

    catalogue: Catalogue
    file: Table
    """Its rows are the keys of papers."""
    changed: Keys
    """(n,) the papers that changed since, or went."""
    delta: Table
    """Its rows are those of `changed`."""

    @property
    def _length(self) -> int:
        """One more than the greatest key."""
        return max(self.file.header.rows, int(self.changed.max(initial=-1)) + 1)

    def mask(self, filters: Filters) -> Mask | None:
        """Return for each key whether its paper passes, or None where all do.

        What columns do not know is asked of the catalogue.

        Raises
        ------
        DamagedColumns
            If the file is; so does `in_order`.
        BadRequest
            As `kg.store.papers.PaperStore.select` does.
        """
        if self._all_pass(filters) and (filters.withdrawn or not self._any_withdrawn()):
            return None
        return self._mask(filters)

    def passing(self, keys: Sequence[int], filters: Filters) -> set[int]:
        """Return those of some papers that pass; what columns do not know is looked up for each.

        Raises
        ------
        DamagedColumns, BadRequest
            As `mask` does.
        """
        some = np.asarray(keys, dtype=np.int64)
        some = some[some < self._length]
        with self.catalogue.database.translating_errors():
            passes = self._has("paper", "", some)
            if not filters.withdrawn:
                passes &= ~self._has("withdrawn", "", some)
            for column in _VALUES:
                if value := getattr(filters, column):
                    passes &= self._has(column, str(value), some)
        wide = Filters(withdrawn=True, **{name: getattr(filters, name) for name in _WIDE})
        if not self._all_pass(wide):
            passes &= self._mask(wide)[some]
        found, rest = set(some[passes].tolist()), self._rest(filters)
        return found if self._all_pass(rest) else self.catalogue.papers.passing(found, rest)

    def in_order(
        self,
        filters: Filters,
        newest: bool,
        most: int,
        preferred: Sequence[tuple[Filters, float]] = (),
    ) -> list[int]:
        """Return the papers that pass by the day they appeared, the newest or the oldest first.

        Those of an unknown day come last; of the same day, the greater key is the newer.

        Parameters
        ----------
        most : int
            The most papers that are returned.
        preferred : sequence of (Filters, float)
            Preferences, each with its worth: papers of a greater worth come before all others.
        """
        mask = self._mask(filters)
        keys = np.flatnonzero(mask)
        days = np.empty(len(mask), dtype=np.int64)
        days[: self.file.header.rows] = self.file.days(FIRST)
        days[self.changed] = self.delta.days(FIRST)
        if newest:
            days[days == UNKNOWN_FIRST] = 0
        # One number for day and key, so that the first few are found without sorting all.
        places = (days[keys] << 32) | keys
        places = -places if newest else places
        levels = [places]
        if preferred:
            worth = np.zeros(len(keys))
            for one, more in preferred:
                worth += more * self._mask(replace(one, withdrawn=True))[keys]
            levels = [places[worth == level] for level in np.unique(worth)[::-1]]
        found: list[int] = []
        for some in levels:
            left = most - len(found)
            if len(some) > left:
                some = np.partition(some, left)[:left]
            found += (np.abs(np.sort(some)) & 0xFFFFFFFF).tolist()
        return found

    def _any_withdrawn(self) -> bool:
        counted = any(table.count("withdrawn", "") for table in (self.file, self.delta))
        # One in the file may have gone, or be withdrawn no longer.
        return counted and bool(self._joined("withdrawn", "").any())

    def _mask(self, filters: Filters) -> Mask:
        with self.catalogue.database.translating_errors():
            mask = self._joined("paper", "")
            for part in self._parts(filters):
                mask &= part
        rest = self._rest(filters)
        # Going through papers as well takes much longer than what is asked of one table.
        for term in rest.terms:
            if term.field in ON_WORDS:
                having = mask_of(self.catalogue.words.with_term(term), len(mask))
                mask &= ~having if term.excluded else having
        if rest.about:
            mask &= mask_of(self.catalogue.relations.papers(rest.about), len(mask))
        others = tuple(one for one in rest.terms if one.field not in ON_WORDS)
        rest = replace(rest, terms=others, about=None)
        if not self._all_pass(rest):
            mask &= mask_of(self.catalogue.papers.select(rest) or (), len(mask))
        return mask

    def _rest(self, filters: Filters) -> Filters:
        """Return the conditions that columns do not know."""
        return replace(filters, withdrawn=True, **_UNKNOWN)

    def _parts(self, filters: Filters) -> Iterator[Mask]:
        """Yield the mask of each condition that columns know."""
        if not filters.withdrawn:
            yield ~self._joined("withdrawn", "")
        if filters.topic:
            yield self._having("topic", filters.topic)
        if filters.categories:
            found = np.zeros(self._length, dtype=np.bool_)
            for category in filters.categories:
                found |= self._having("category", folded(category))
            yield found
        if filters.since is not None:
            day = filters.since.first
            yield self._compared(LAST, np.greater_equal, day.year, day.month, day.day)
        if filters.until is not None:
            day = filters.until.last
            yield self._compared(FIRST, np.less_equal, day.year, day.month, day.day)
        for field in CHOICES:
            if value := getattr(filters, field):
                yield self._having(field, str(value))
        if filters.code:
            found = self._having("code", "")
            found[self.catalogue.cache.get("gone code", self._gone)] = False
            yield found
        for one in filters.excluded:
            if not self._all_pass(one):
                yield ~self._mask(replace(one, withdrawn=True))

    def _all_pass(self, filters: Filters) -> bool:
        """Return whether all papers pass, withdrawn ones aside."""
        return filters == _ALL or self.catalogue.papers.all_pass(replace(filters, withdrawn=True))

    def _gone(self) -> Keys:
        return np.asarray(self.catalogue.facets.gone(), dtype=np.int64)

    def _having(self, column: str, value: str) -> Mask:
        value.encode()  # What is not Unicode text is refused, as SQLite does.
        return self._joined(column, value)

    def _has(self, column: str, value: str, keys: Keys) -> Mask:
        """Return for each of (n,) keys whether its paper has a value."""
        value.encode()
        found = np.zeros(len(keys), dtype=np.bool_)
        inside = keys < self.file.header.rows
        found[inside] = self.file.has(column, value, keys[inside])
        if len(self.changed):
            rows = np.minimum(np.searchsorted(self.changed, keys), len(self.changed) - 1)
            changed = self.changed[rows] == keys
            found[changed] = self.delta.has(column, value, rows[changed])
        return found

    def _joined(self, column: str, value: str) -> Mask:
        return self._in_place(self.file.mask(column, value), self.delta.mask(column, value))

    def _compared(self, column: str, compare: Any, year: int, month: int, day: int) -> Mask:
        limit = 10_000 * year + 100 * month + day
        return self._in_place(
            compare(self.file.days(column), limit), compare(self.delta.days(column), limit)
        )

    def _in_place(self, of_file: Mask, of_changed: Mask) -> Mask:
        """Return the values of all keys, of those in the file and of those changed since."""
        if not len(self.changed):
            return of_file
        mask = np.zeros(self._length, dtype=np.bool_)
        mask[: len(of_file)] = of_file
        mask[self.changed] = of_changed
        return mask
