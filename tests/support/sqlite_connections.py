"""The connections to SQLite that code under test opens, for tests that look at them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock


@contextmanager
def prepared(prepare: Callable[[sqlite3.Connection], object]) -> Iterator[None]:
    """Give `prepare` each connection that is opened within the block, before it is used."""
    plain = sqlite3.connect

    def connect(*arguments: object, **options: object) -> sqlite3.Connection:
        made: sqlite3.Connection = plain(*arguments, **options)  # type: ignore[call-overload]
        prepare(made)
        return made

    with mock.patch.object(sqlite3, "connect", connect):
        yield


def without_fsync(connection: sqlite3.Connection) -> None:
    """Let a connection not wait for the disk: no test outlives the machine."""
    connection.execute("PRAGMA synchronous = OFF")


@contextmanager
def traced(look: Callable[[str], object]) -> Iterator[None]:
    """Show `look` every statement of the connections that are opened within the block."""
    with prepared(lambda made: made.set_trace_callback(look)):
        yield
