"""Connections to a SQLite file, also where nothing can be written beside it.

To read a file in WAL mode SQLite needs a second one for what its processes share, and makes it
where it is missing. On a full disk or in a folder that is read-only it cannot; the file itself can
still be read.
"""

import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

BUSY_TIMEOUT_S: Final = 30.0
"""Seconds to wait for another process that writes."""

_NO_ROOM: Final = 1 << 16
"""Bytes; a disk that has less is full: SQLite needs half of that to begin."""

_UNSHARED = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})


class Connection(sqlite3.Connection):
    """A connection to a catalogue's file, closed at the end of the thread that it is kept for."""

    is_read_only = False
    """True where nothing can be written, and what others write later is not seen."""
    seen: tuple[object, ...] = ()
    """State of the files when a read-only connection was opened."""

    def __del__(self) -> None:
        # Where opening failed there is nothing to close, which SQLite's module calls an error.
        with suppress(sqlite3.ProgrammingError):
            self.close()


def connect(path: Path) -> Connection:
    """Open a file for reading and writing, or only for reading where that is all one can.

    Raises
    ------
    sqlite3.Error
        If it cannot be read either.
    """
    connection = _opened(str(path), uri=False)
    try:
        # Now, and not in the middle of a question, SQLite makes the file that it shares.
        connection.execute("PRAGMA schema_version")
        return connection
    except sqlite3.OperationalError as error:
        connection.close()
        code = getattr(error, "sqlite_errorcode", None)
        if code is None or code & 0xFF not in _UNSHARED or not _has_content(path):
            raise
        try:
            return _alone(path)
        except sqlite3.Error:
            raise error from None
    except BaseException:
        connection.close()
        raise


def state(path: Path) -> tuple[object, ...]:
    """Return what changes when anyone writes to a SQLite file."""
    found: list[tuple[int, int, int] | None] = []
    for name in (path, path.with_name(f"{path.name}-wal")):
        try:
            about = name.stat()
            found.append((about.st_ino, about.st_size, about.st_mtime_ns))
        except OSError:
            found.append(None)
    return tuple(found)


def is_full(folder: Path) -> bool:
    """Return whether the disk of a folder has no room for anything."""
    try:
        return shutil.disk_usage(folder).free < _NO_ROOM
    except OSError:
        return False


def _opened(name: str, uri: bool) -> Connection:
    # Autocommit: transactions begin and end where the code says so. Any thread may close it,
    # since any may be the last that knew of its owner.
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
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _alone(path: Path) -> Connection:
    """Open a file to read, sharing nothing with other processes."""
    seen = state(path)
    log = path.with_name(f"{path.name}-wal")
    # An immutable file is read as it is, without what its log has; nobody can write to the log
    # of a full disk. Where someone crashed and left one, it is read under a lock of our own.
    has_log = log.exists() and log.stat().st_size > 0
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
