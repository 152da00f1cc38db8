"""The papers that may be found, as indexes ask for them: by filters, by keys or as a mask."""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kg.records import Filters

Keys = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Selection:
    """The papers that pass filters; they are looked up when an index first needs them.

    Parameters
    ----------
    filters : Filters
        What they pass. An index that knows the filters itself needs no keys.
    mask : callable
        Returns the mask: (n,) bool, true at the keys of the papers; keys from n on do not pass.
    """

    def __init__(self, filters: Filters, mask: Callable[[], Mask]) -> None:
        self.filters = filters
        self._mask = mask

    @classmethod
    def of_keys(cls, keys: Sequence[int] | Keys, filters: Filters | None = None) -> "Selection":
        """Return the selection of these papers, which are those that pass the filters, if any."""
        if filters is None:
            filters = Filters(
                withdrawn=True, among=tuple(np.asarray(keys, dtype=np.int64).tolist())
            )
        return cls(filters, lambda: mask_of(keys))

    @cached_property
    def mask(self) -> Mask:
        """(n,) bool: whether the paper of each key passes; no key from n on does."""
        return self._mask()

    @cached_property
    def keys(self) -> Keys:
        """The keys of the papers, ascending."""
        return np.flatnonzero(self.mask)

    @cached_property
    def count(self) -> int:
        """How many papers pass."""
        return int(np.count_nonzero(self.mask))

    def allows(self, keys: Keys) -> Mask:
        """Return for each of (n,) keys whether its paper passes."""
        mask = self.mask
        inside = keys < len(mask)
        found = np.zeros(len(keys), dtype=np.bool_)
        found[inside] = mask[keys[inside]]
        return found


def mask_of(keys: Sequence[int] | Keys, length: int | None = None) -> Mask:
    """Return the mask of some papers, as long as the greatest key needs.

    With a `length`, it is that long, and papers of greater keys are left out.
    """
    some = np.asarray(keys, dtype=np.int64)
    if length is None:
        length = int(some.max(initial=-1)) + 1
    mask = np.zeros(length, dtype=np.bool_)
    mask[some[some < length]] = True
    return mask
