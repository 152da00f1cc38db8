"""Copies of a whole catalogue, from or into one that is in use."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from kg.errors import CatalogueError, FullDisk
from kg.store.connection import error_code
from kg.store.database import Database


def copy_to(database: Database, path: Path) -> None:
    """Write the present state of a catalogue into a new file, whatever others write meanwhile.

    Raises
    ------
    CatalogueError
        If that file cannot be written.
    """
    with database.translating_errors():
        try:
            database.connection.execute("VACUUM INTO ?", (str(path),))
            # In the default mode, readers of the copy would wait for its writers.
            with closing(sqlite3.connect(path, isolation_level=None)) as copy:
                copy.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error_code(error) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
                raise FullDisk(path.parent) from error
            raise


def replace_content(
    database: Database,
    source: Database,
    locked: Callable[[], object],
    progress: Callable[[int, int], object] | None = None,
    wait_s: float = 30.0,
) -> None:
    """Replace everything in a catalogue by what is in `source`, in one transaction.

    Readers, in this process or another, see the old content or the new.

    Parameters
    ----------
    source : Database
        A catalogue in another file.
    locked : callable
        Called once, when others can no longer write and nothing has changed yet. It may read
        the catalogue by another connection.
    progress : callable, optional
        Called with the number of pages that are copied, and of all.
    wait_s : float
        Seconds to wait for other writers.

    Raises
    ------
    CatalogueError
        If another process goes on writing, or the disk is full; nothing has changed.
    """
    deadline = time.monotonic() + wait_s
    begun = False

    def step(status: int, remaining: int, pages: int) -> None:
        nonlocal begun
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            if time.monotonic() > deadline:
                raise CatalogueError(
                    f"{database.path} is being written by another process",
                    "try again when it is done",
                )
            return
        if not begun:
            begun = True
            locked()
        if progress is not None:
            progress(pages - remaining, pages)

    with database.translating_errors(), source.translating_errors():
        page_size = int(database.value("PRAGMA page_size"))
        # SQLite copies pages, and cannot change the size of those of a file that is in use.
        if source.value("PRAGMA page_size") != page_size:
            source.rows("PRAGMA journal_mode = DELETE")
            source.rows(f"PRAGMA page_size = {page_size}")
            source.rows("VACUUM")
        # A file that a user put in place may be in another mode, in which readers would wait.
        database.connection.execute("PRAGMA journal_mode = WAL")
        # The waiting is done between steps, where it can be interrupted.
        database.connection.execute("PRAGMA busy_timeout = 0")
        try:
            # About a hundred steps, never one: `locked` comes after the first, before the last
            # commits.
            pages = max(1, int(source.value("PRAGMA page_count")) // 100)
            source.connection.backup(database.connection, pages=pages, progress=step, sleep=0.1)
            database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            database.connection.execute("PRAGMA busy_timeout = 30000")


def renew_identity(database: Database) -> None:
    """Give a catalogue another identity: no cache of another one must pass for one of it."""
    with database.translating_errors():
        database.connection.execute(
            "UPDATE meta SET value = lower(hex(randomblob(16))) WHERE name = 'identity'"
        )
