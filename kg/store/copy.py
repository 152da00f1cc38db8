"""Copying a whole catalogue: out of one that is in use, and into one that is in use."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from kg.errors import CatalogueError, FullDisk
from kg.store.catalogue import Catalogue
from kg.store.integrity import Checkup

_STEPS = 100
"""In how many parts a catalogue is copied into another, about."""


class WholeCatalogue(Catalogue, Checkup):
    """A catalogue that can be copied and checked as a whole.

    Parameters
    ----------
    path : Path
        The SQLite file; it is made, with its folder, where it does not exist.

    Raises
    ------
    CatalogueError
        If the file cannot be opened; its subclasses say why.
    """

    def copy_to(self, path: Path) -> None:
        """Write the present state into a new file, whatever others write meanwhile.

        Raises
        ------
        CatalogueError
            If that file cannot be written.
        """
        with self._clear_errors():
            try:
                self._db.execute("VACUUM INTO ?", (str(path),))
                # Else who opens the copy as a catalogue would have to wait for those who write.
                with closing(sqlite3.connect(path, isolation_level=None)) as copy:
                    copy.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
                    raise FullDisk(path.parent) from error
                raise

    def become(
        self,
        source: "WholeCatalogue",
        locked: Callable[[], object],
        progress: Callable[[int, int], object] | None = None,
        patience: float = 30.0,
    ) -> None:
        """Replace everything in the catalogue by what is in `source`, in one transaction.

        Who reads meanwhile, in this process or another, sees the old content or the new.

        Parameters
        ----------
        source : WholeCatalogue
            A catalogue in another file.
        locked : callable
            Called once, when nobody else can write any more and nothing has changed yet. It may
            read the catalogue by another connection.
        progress : callable, optional
            Called with the number of pages that are copied, and of all.
        patience : float
            Seconds to wait for others that write.

        Raises
        ------
        CatalogueError
            If another process goes on writing, or the disk is full; nothing has changed.
        """
        deadline = time.monotonic() + patience
        begun = False

        def step(status: int, remaining: int, pages: int) -> None:
            nonlocal begun
            if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                if time.monotonic() > deadline:
                    raise CatalogueError(
                        f"{self.path} is being written by another process",
                        "try again when it is done",
                    )
                return
            if not begun:
                begun = True
                locked()
            if progress is not None:
                progress(pages - remaining, pages)

        with self._clear_errors(), source._clear_errors():
            source._fit(int(self._one("PRAGMA page_size")))
            # A copy that a user put in place may be in another mode, in which readers would wait.
            self._db.execute("PRAGMA journal_mode = WAL")
            # The waiting is done between steps, where it can be interrupted.
            self._db.execute("PRAGMA busy_timeout = 0")
            try:
                # Never all in one step: `locked` comes after the first, before the last commits.
                pages = max(1, int(source._one("PRAGMA page_count")) // _STEPS)
                source._db.backup(self._db, pages=pages, progress=step, sleep=0.1)
                self._rows("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                self._db.execute("PRAGMA busy_timeout = 30000")

    def _fit(self, page_size: int) -> None:
        # SQLite copies pages, and cannot change the size of those of a file that is in use.
        if self._one("PRAGMA page_size") != page_size:
            self._rows("PRAGMA journal_mode = DELETE")
            self._rows(f"PRAGMA page_size = {page_size}")
            self._rows("VACUUM")

    def renew_identity(self) -> None:
        """Take another identity, so that no cache of another catalogue passes for one of this."""
        with self._clear_errors():
            self._db.execute(
                "UPDATE meta SET value = lower(hex(randomblob(16))) WHERE name = 'identity'"
            )
