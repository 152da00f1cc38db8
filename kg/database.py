"""A SQLite file: connections by thread, transactions, numbered migrations, clear errors."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Self

from kg.errors import CatalogueError, DamagedCatalogue, NewerCatalogue

APPLICATION_ID = 0x4C464D41
"""SQLite's `application_id` of a catalogue: ``LFMA``."""

_MEND = "move it away to start again from the bundled snapshot, or put a copy of it in its place"


class Database:
    """An open catalogue file.

    Parameters
    ----------
    path : Path
        The SQLite file; it is made, with its folder, where it does not exist.

    Raises
    ------
    CatalogueError
        If the file cannot be opened; its subclasses say why.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        with self._clear_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._migrate()

    @property
    def _db(self) -> sqlite3.Connection:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            # Autocommit: transactions begin and end where the code says so.
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.connection = connection
        return connection

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            code = error.sqlite_errorcode & 0xFF
            if code == sqlite3.SQLITE_FULL:
                raise CatalogueError(
                    f"the disk of {self.path} is full",
                    "free some space and run the command again; what was there is unharmed",
                ) from error
            if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
                raise CatalogueError(
                    f"cannot write {self.path}", "set LFM_HOME to a folder that you may write"
                ) from error
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise CatalogueError(
                    f"{self.path} is being written by another process", "try again when it is done"
                ) from error
            raise CatalogueError(f"{self.path}: {error}") from error
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise
            raise DamagedCatalogue(f"{self.path} is damaged ({error})", _MEND) from error
        except OSError as error:
            raise CatalogueError(
                f"cannot use {self.path.parent}: {error.strerror}",
                "set LFM_HOME to a folder that you may write",
            ) from error

    def _migrate(self) -> None:
        migrations = sorted(
            (file for file in resources.files("kg").joinpath("migrations").iterdir()),
            key=lambda file: file.name,
        )
        db = self._db
        version = db.execute("PRAGMA user_version").fetchone()[0]
        application = db.execute("PRAGMA application_id").fetchone()[0]
        if application != APPLICATION_ID and db.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise DamagedCatalogue(f"{self.path} is not a catalogue of LFM Atlas", _MEND)
        if version > len(migrations):
            raise NewerCatalogue(
                f"{self.path} was written by a newer LFM Atlas (catalogue version {version}, "
                f"this one knows {len(migrations)})",
                "upgrade with `pip install --upgrade lfm-atlas`",
            )
        if version == len(migrations):
            return
        db.execute("PRAGMA journal_mode = WAL")
        for number, migration in enumerate(migrations[version:], version + 1):
            # One transaction for the change and its record. `executescript` commits whatever
            # is open before it starts, so the script itself begins and ends the transaction.
            db.executescript(
                f"BEGIN IMMEDIATE; {migration.read_text(encoding='utf-8')};"
                f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number}; COMMIT;"
            )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Commit all writes of the block together, or none of them."""
        with self._clear_errors():
            db = self._db
            if db.in_transaction:  # A writing block within another is part of it.
                yield
                return
            db.execute("BEGIN IMMEDIATE")
            before = db.total_changes
            try:
                yield
                if db.total_changes != before:
                    db.execute("UPDATE meta SET value = value + 1 WHERE name = 'revision'")
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def _rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        with self._clear_errors():
            return self._db.execute(sql, parameters).fetchall()

    def _one(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        rows = self._rows(sql, parameters)
        return rows[0][0] if rows else None

    def check(self) -> None:
        """Read the whole file and raise `DamagedCatalogue` where it is broken."""
        for (verdict,) in self._rows("PRAGMA quick_check(1)"):
            if verdict != "ok":
                raise DamagedCatalogue(f"{self.path} is damaged ({verdict})", _MEND)

    @property
    def revision(self) -> int:
        """Number of the last committed change."""
        return int(self._one("SELECT value FROM meta WHERE name = 'revision'"))
