"""A SQLite file: connections by thread, transactions, numbered migrations, translated errors."""

import os
import reprlib
import sqlite3
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from kg.errors import (
    BadRequest,
    CatalogueError,
    DamagedCatalogue,
    FullDisk,
    NewerCatalogue,
    cannot_write,
)
from kg.store.connection import (
    BUSY_TIMEOUT_S,
    Connection,
    connect,
    error_code,
    is_full,
    stat_of,
    state,
)
from kg.store.sql_functions import FUNCTIONS

APPLICATION_ID = 0x4C464D41
"""SQLite's `application_id` of a catalogue: ``LFMA``."""

UPGRADE = "upgrade with `pip install --upgrade lfm-atlas`"
"""What to do about a catalogue of a later version."""

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_UNWRITABLE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)
_FAILURES: dict[int | None, tuple[str, str]] = {
    **dict.fromkeys(
        _UNWRITABLE, ("cannot write {path}", "set LFM_HOME to a folder that you may write")
    ),
    **dict.fromkeys(
        (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED),
        ("{path} is being written by another process", "try again when it is done"),
    ),
}
"""SQLite's error code -> what is wrong, and what to do about it."""

_MEND = "move it away to start again from the bundled snapshot, or put a copy of it in its place"


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Database:
    """An open catalogue file; a context manager that closes this thread's connection.

    Each thread has a connection of its own, which is closed when the thread ends. For the other
    parameters see `kg.store.catalogue.Catalogue`.

    Parameters
    ----------
    migrations : sequence of str, optional
        The scripts that bring its tables from each version to the next; by default the package's.
    """

    def __init__(
        self,
        path: Path,
        migrations: Sequence[str] | None = None,
        *,
        clock: Callable[[], datetime] = utc_now,
        write_wait_s: float = 0.0,
    ) -> None:
        self.path = path
        self.now = clock
        self._write_wait_s = write_wait_s
        self._local = threading.local()
        self._migrations = migrations
        # The file that is known to be of this version.
        self._known: tuple[int, int] | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(path.parent, error) from error
        try:
            with self.translating_errors(), self.parsing():
                self._migrate()
        except BaseException:
            self.close()
            raise

    @property
    def connection(self) -> Connection:
        """This thread's connection, for what has no method here; its errors are SQLite's."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is not None and not connection.in_transaction and self._is_stale(connection):
            connection.close()
            connection = None
        if connection is None:
            connection = self._local.connection = connect(self.path)
            for name, function in FUNCTIONS.items():
                connection.create_function(name, 1, function, deterministic=True)
            self._local.file = _file(self.path)
            if self._known is not None and self._known != self._local.file:
                self._migrate()
        return connection

    def _is_stale(self, connection: Connection) -> bool:
        """Return whether a connection is to an earlier file or an earlier state of it.

        Another file was put in its place, or a file that was opened to read only was written to.
        """
        file = _file(self.path)
        moved = file is not None and file != self._local.file
        return moved or (connection.is_read_only and connection.seen != state(self.path))

    def timestamp(self) -> str:
        """Return the time as it is stored: UTC, ISO 8601, to the second."""
        return self.now().isoformat(timespec="seconds")

    @property
    def is_read_only(self) -> bool:
        """Whether this thread's connection can only read: the disk is full, or forbidden."""
        return self.connection.is_read_only

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

    def __del__(self) -> None:
        if getattr(self._local, "connection", None) is not None:
            warnings.warn(
                f"unclosed catalogue {self.path}", ResourceWarning, stacklevel=2, source=self
            )
            self.close()

    @contextmanager
    def translating_errors(self) -> Iterator[None]:
        """Raise an error of `kg.errors` where the block raises one of SQLite."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            code, operational = error_code(error), isinstance(error, sqlite3.OperationalError)
            # Python's own error for text that is not UTF-8 is operational and has no code.
            if code in _DAMAGED or (code is None and operational):
                raise DamagedCatalogue(f"{self.path} is damaged ({error})", _MEND) from error
            if not operational:
                raise
            if code == sqlite3.SQLITE_FULL or (
                code in (sqlite3.SQLITE_IOERR, *_UNWRITABLE) and is_full(self.path.parent)
            ):
                raise FullDisk(self.path) from error
            message, mend = _FAILURES.get(code, ("{path}: {error}", ""))
            raise CatalogueError(message.format(path=self.path, error=error), mend) from error
        except UnicodeEncodeError as error:
            raise BadRequest(f"{reprlib.repr(error.object)} is not Unicode text") from error

    @contextmanager
    def parsing(self) -> Iterator[None]:
        """Raise `DamagedCatalogue` where the block cannot parse a stored value."""
        try:
            yield
        except OverflowError as error:
            raise BadRequest("a number is too large", "use a smaller one") from error
        except UnicodeEncodeError:
            raise
        except ValueError as error:  # Text that is not UTF-8, or not the date that it should be.
            raise DamagedCatalogue(f"{self.path} is damaged ({error})", _MEND) from error

    def _migrate(self) -> None:
        given = self._migrations
        newest = len(_migration_files() if given is None else given)
        self._known = None
        with self._transaction("DEFERRED"):
            if self._version(newest) == newest:
                self._known = self._local.file
                return
        migrations = own_migrations() if given is None else given
        self._keep_log()
        # One transaction for all migrations and their record.
        with self._transaction("IMMEDIATE"):
            # Another process may have done it while this one waited.
            for migration in migrations[self._version(newest) :]:
                for statement in statements(migration):
                    self.connection.execute(statement)
            self.connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self.connection.execute(f"PRAGMA user_version = {newest}")
        self._known = self._local.file

    def _keep_log(self) -> None:
        """Have SQLite write ahead; it does not wait for other processes that do the same."""
        until = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                self.connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
            time.sleep(0.01)

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[None]:
        db, until = self.connection, time.monotonic() + self._write_wait_s
        while not db.in_transaction:
            try:
                db.execute(f"BEGIN {kind}")
            except sqlite3.OperationalError as error:
                # Between tries the process can be stopped.
                if error_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def _version(self, newest: int) -> int:
        db = self.connection
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        application = db.execute("PRAGMA application_id").fetchone()[0]
        tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if application != APPLICATION_ID and (application or version or tables):
            raise DamagedCatalogue(f"{self.path} is not a catalogue of LFM Atlas", _MEND)
        if version > newest:
            raise NewerCatalogue(
                f"{self.path} was written by a newer LFM Atlas (catalogue version {version}, "
                f"this one knows {newest})",
                UPGRADE,
            )
        return version

    @property
    def is_within(self) -> bool:
        """Whether this thread is in a block of `reading` or `writing`."""
        return self.connection.in_transaction

    @property
    def is_settled(self) -> bool:
        """Whether this thread is in a block of `reading`, and writes nothing in it."""
        return self._settled is not None

    @property
    def _settled(self) -> dict[str, Any] | None:
        """What is known of the state that a block of `reading` reads; None outside such a block."""
        settled: dict[str, Any] | None = getattr(self._local, "settled", None)
        return settled

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read one state of the catalogue within the block, whatever others write meanwhile."""
        with self.translating_errors():
            if self.connection.in_transaction:
                yield
                return
            with self._transaction("DEFERRED"):
                self._local.settled = {}
                try:
                    yield
                finally:
                    self._local.settled = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Commit all writes of the block together, or none of them; yields the connection.

        The revision moves on if anything changed outside `writing_without_revision`.
        """
        with self.translating_errors():
            db = self.connection
            if db.in_transaction:  # A writing block within another is part of it.
                self._local.settled = None
                yield db
                return
            with self._transaction("IMMEDIATE"):
                self._local.without_revision = 0
                before = db.total_changes
                yield db
                if db.total_changes - before != self._local.without_revision:
                    db.execute("UPDATE meta SET value = value + 1 WHERE name = 'revision'")

    @contextmanager
    def writing_without_revision(self) -> Iterator[None]:
        """Commit as `writing` does, without moving the revision.

        It is for what no answer depends on: reports and cursors make no cache stale.
        """
        with self.writing():
            before, without = self.changes, self._local.without_revision
            yield
            # Includes what blocks within this one wrote without moving the revision.
            self._local.without_revision = without + self.changes - before

    @property
    def changes(self) -> int:
        """Rows that this thread's connection has changed since it was opened."""
        return int(self.connection.total_changes)

    @property
    def revised_rows(self) -> int:
        """Rows changed so far, without those that do not move the revision.

        Compare two values within one `writing` block.
        """
        return self.changes - int(self._local.without_revision)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Run a statement and return all its rows."""
        try:
            return self.connection.execute(sql, parameters).fetchall()
        except (sqlite3.DatabaseError, ValueError, OverflowError):
            # Entered only now: a question runs many small statements.
            with self.translating_errors(), self.parsing():
                raise

    def stream(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[Any]:
        """Run a statement and yield its rows one by one, for tables that may not fit in memory."""
        with self.translating_errors(), self.parsing():
            yield from self.connection.execute(sql, parameters)

    def value(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        """Return the first column of a statement's first row, or None where it has no row."""
        rows = self.rows(sql, parameters)
        return rows[0][0] if rows else None

    def column(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Return the first column of a statement's rows."""
        return [row[0] for row in self.rows(sql, parameters)]

    def groups(self, sql: str, parameters: Sequence[object] = ()) -> dict[Any, list[Any]]:
        """Return the second column of a statement's rows, as a list for each value of the first."""
        groups: dict[Any, list[Any]] = {}
        for name, value in self.rows(sql, parameters):
            groups.setdefault(name, []).append(value)
        return groups

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run a statement that writes, as part of a `writing` block or as one of its own."""
        with self._writing_on() as connection:
            connection.execute(sql, parameters)

    def insert(self, sql: str, parameters: Sequence[object]) -> int:
        """Run an ``INSERT`` of one row as `execute` does, and return its row id."""
        with self._writing_on() as connection:
            # By `RETURNING`, FTS5 would write out its pending terms at each row: many segments.
            return int(connection.execute(sql, parameters).lastrowid or 0)

    def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """Run `execute` once for each row and return how many rows changed."""
        with self._writing_on() as connection:
            # Not by `total_changes`, which counts what triggers change.
            return max(connection.executemany(sql, rows).rowcount, 0)

    def _writing_on(self) -> AbstractContextManager[Connection]:
        """Return `writing`; within another such block, at next to no cost."""
        connection = self.connection
        if not connection.in_transaction:
            return self.writing()
        self._local.settled = None
        return nullcontext(connection)

    def write_as_draft(self) -> None:
        """Write without syncing, with more memory: for a file of no use before `checkpoint`."""
        self.connection.execute("PRAGMA synchronous = OFF")
        self.connection.execute("PRAGMA cache_size = -100000")  # KiB

    def checkpoint(self) -> None:
        """Move everything from the log into the file, sync it to disk, and check the file.

        SQLite moves it when the last connection is closed, but reports no failure.

        Raises
        ------
        CatalogueError
            If the disk is full, or another process has the file open.
        """
        ((busy, _, _),) = self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise CatalogueError(f"{self.path} is in use by another process", "close it first")
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
        self.check()

    def check(self) -> None:
        """Read the whole file and raise `DamagedCatalogue` where it is damaged."""
        for (verdict,) in self.rows("PRAGMA quick_check(1)"):
            if verdict != "ok":
                raise DamagedCatalogue(f"{self.path} is damaged ({verdict})", _MEND)
        # SQLite reads the missing part of a partial last page as zeros.
        if self.path.stat().st_size % self.value("PRAGMA page_size"):
            raise DamagedCatalogue(f"{self.path} is cut short", _MEND)

    @property
    def identity(self) -> str:
        """A random name given when the catalogue was made; a copy keeps it."""
        return self.state[0]

    @property
    def revision(self) -> int:
        """Number of the last committed change."""
        return self.state[1]

    @property
    def state(self) -> tuple[str, int, str]:
        """What tells this state from all others: identity, revision, and its random mark.

        `ChangeStore.mark` says what a mark is.
        """
        state: tuple[str, int, str] = self.settled(
            "SELECT own.value, CAST(last.value AS INTEGER), coalesce(mark, '')"
            " FROM meta AS own CROSS JOIN meta AS last"
            " LEFT JOIN revisions ON revision = CAST(last.value AS INTEGER)"
            " WHERE own.name = 'identity' AND last.name = 'revision'"
        )
        return state

    def settled(self, sql: str) -> Any:
        """Return a statement's first row; within a block that reads one state, as it was at first.

        None where there is no row.
        """
        known = self._settled
        if known is not None and sql in known:
            return known[sql]
        row = next(iter(self.rows(sql)), None)
        if known is not None:
            known[sql] = row
        return row

    def committed_revision(self) -> int:
        """Return the number of the last committed change, also where this thread reads an earlier
        state."""
        return int(self._committed("SELECT value FROM meta WHERE name = 'revision'")[0][0])

    def has_committed(self, revision: int, mark: str) -> bool:
        """Return what `ChangeStore.includes` does of the last committed state, likewise."""
        sql = "SELECT 1 FROM revisions WHERE (revision, mark) = (?, ?)"
        return bool(self._committed(sql, (revision, mark)))

    def _committed(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        with self.translating_errors(), closing(connect(self.path)) as connection:
            return connection.execute(sql, parameters).fetchall()


class Store:
    """A part of a catalogue, in the database that all parts share."""

    def __init__(self, database: Database) -> None:
        self._db = database


def json_keys(keys: Iterable[int]) -> str:
    """Return keys, also NumPy's integers, as the parameter of SQL's `json_each`."""
    return f"[{','.join(map(str, keys))}]"


def own_migrations() -> list[str]:
    """Return the package's migrations, the first one first."""
    return [file.read_text(encoding="utf-8") for file in _migration_files()]


def _migration_files() -> list[Path]:
    folder = Path(__file__).with_name("migrations")
    return sorted(file for file in folder.iterdir() if file.suffix == ".sql")


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script."""
    # `executescript` would do, but it commits the transaction that it is called in.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _file(path: Path) -> tuple[int, int] | None:
    """Return device and inode of the file at a path, or None."""
    about = stat_of(path)
    return (about.st_dev, about.st_ino) if about else None
