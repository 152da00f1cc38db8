"""Connections to a SQLite file, also on a full disk or in a read-only folder.

To read a file in WAL mode SQLite needs a second file, for the memory that processes share, and
creates it where it is missing. Where it cannot be created, the file itself can still be read.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

BUSY_TIMEOUT_S: Final = 30.0
"""Seconds to wait for another process that writes."""

_MIN_FREE_BYTES: Final = 1 << 16
"""Free bytes below which a disk counts as full: SQLite needs half of them to begin."""

_UNSHARED = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


class Connection(sqlite3.Connection):
    """A connection to a catalogue's file; it is closed when its thread ends."""

    is_read_only = False
    """True where it cannot write and does not see later writes of others."""
    seen: tuple[object, ...] = ()
    """State of the files when a read-only connection was opened."""

    def __del__(self) -> None:
        # Closing a connection that failed to open is an error of sqlite3.
        with suppress(sqlite3.ProgrammingError):
            self.close()


def connect(path: Path) -> Connection:
    """Open a file for reading and writing, or only for reading where it cannot be written.

    Raises
    ------
    sqlite3.Error
        If it cannot be read either.
    """
    connection = _opened(str(path), uri=False)
    try:
        # Makes SQLite create the shared file now, not at the first query.
        connection.execute("PRAGMA schema_version")
        return connection
    except sqlite3.OperationalError as error:
        connection.close()
        if error_code(error) not in _UNSHARED or not _has_content(path):
            raise
        try:
            return _without_sharing(path)
        except sqlite3.Error:
            raise error from None
    except BaseException:
        connection.close()
        raise


def state(path: Path) -> tuple[object, ...]:
    """Return inode, size and time of a SQLite file and its log: they change with each write."""
    files = stat_of(path), stat_of(_log(path))
    return tuple(about and (about.st_ino, about.st_size, about.st_mtime_ns) for about in files)


def stat_of(path: Path) -> os.stat_result | None:
    """Return what the system knows of a file, or None where it cannot be reached."""
    try:
        return path.stat()
    except OSError:
        return None


def error_code(error: sqlite3.Error) -> int | None:
    """Return SQLite's primary code of an error, or None for one of Python's own."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def is_full(folder: Path) -> bool:
    """Return whether the disk of a folder is full."""
    import shutil  # Loads all kinds of compression, and few need it.

    try:
        return shutil.disk_usage(folder).free < _MIN_FREE_BYTES
    except OSError:
        return False


def _opened(name: str, uri: bool) -> Connection:
    # Autocommit: transactions begin and end where the code says so. Any thread may close it,
    # since the garbage collector may run in any.
    connection = sqlite3.connect(
        name,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        factory=Connection,
        uri=uri,
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _has_content(path: Path) -> bool:
    about = stat_of(path)
    return about is not None and about.st_size > 0


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _without_sharing(path: Path) -> Connection:
    """Open a file to read without the shared file of other processes."""
    seen = state(path)
    # An immutable file is read without its log; on a full disk the log cannot grow. Where a
    # process crashed and left one, the file and its log are read under an exclusive lock.
    has_log = _has_content(_log(path))
    how = "mode=rw" if has_log else "mode=ro&immutable=1"
    connection = _opened(f"file:{quote(os.fspath(path.absolute()))}?{how}", uri=True)
    try:
        if has_log:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA schema_version")
        connection.execute("SELECT count(*) FROM sqlite_master")
    except BaseException:
        connection.close()
        raise
    connection.is_read_only, connection.seen = not has_log, seen
    return connection
