"""Values that are computed from a catalogue and kept until it changes."""

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from kg.store.database import Database

T = TypeVar("T")


class RevisionCache:
    """One value per key, of one state of a catalogue; it goes with the catalogue's object.

    A value must not be changed: all threads that ask for a key get the same one.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._lock = threading.Lock()
        self._slots: dict[Hashable, _Slot] = {}

    def get(self, key: Hashable, compute: Callable[[], T], revision: Hashable = None) -> T:
        """Return the value of `key`, computed anew where the catalogue has changed.

        Parameters
        ----------
        key : hashable
            Name of the value, with what else it depends on, such as the name of a model.
        compute : callable
            Returns the value; other threads that ask for the same key wait for it.
        revision : hashable, optional
            What the value depends on, where that is other than the catalogue's revision, such as
            the revision of its vectors.
        """
        with self._lock:
            slot = self._slots.get(key)
            if slot is None:
                slot = self._slots[key] = _Slot()
        with slot.lock:
            # A loaded snapshot is another catalogue, perhaps of the same revision.
            state: Hashable = self._db.state
            if revision is not None:
                state = self._db.identity, revision
            if slot.state != state:
                slot.state = slot.value = None  # The old value need not wait for the new one.
                slot.value, slot.state = compute(), state
            value: T = slot.value
            return value


class _Slot:
    """The value of one key."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.state: Hashable = None
        self.value: Any = None
