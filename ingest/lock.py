"""One refresh at a time, over all processes that share an atlas's folder."""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from kg.errors import Busy, Holder, cannot_write
from kg.files.atomic import replace_file

_MOST = 4096
"""Bytes of a record that are read; ours are far shorter."""


@contextmanager
def refresh_lock(
    home: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[None]:
    """Hold the atlas's refresh lock for the length of the block.

    The lock is the kernel's, so that of a process that dies is free at once. Who holds it is told
    by `refresh.holder.json`, which nothing relies on.

    Parameters
    ----------
    home : Path
        The atlas's folder; it is made where it does not exist.
    clock : callable
        The present time, in UTC.

    Raises
    ------
    Busy
        If it is held, by another process or in this one.
    CatalogueError
        If the folder cannot be written.
    """
    # Beside the lock and not within it: some systems let no other process read a locked file.
    record = home / "refresh.holder.json"
    # Not shared with another call in this process, which is kept out like any other.
    lock = FileLock(home / "refresh.lock", thread_local=False)
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout:  # An OSError too, so it comes first.
        raise Busy(_read(record)) from None
    except OSError as error:
        raise cannot_write(home, error) from error
    try:
        with suppress(OSError):
            _write(record, Holder(os.getpid(), socket.gethostname(), clock()))
        try:
            yield
        finally:
            with suppress(OSError):
                record.unlink()
    finally:
        lock.release()


def holder(home: Path) -> Holder | None:
    """Return who is refreshing, as the record tells it; the lock is not touched.

    Parameters
    ----------
    home : Path
        The atlas's folder.

    Returns
    -------
    Holder or None
        None where nobody is, or a process of this machine that has ended without a word.
    """
    found = _read(home / "refresh.holder.json")
    if found is not None and found.host == socket.gethostname():
        try:
            os.kill(found.pid, 0)
        except ProcessLookupError:
            return None
        except OSError:
            pass  # It is someone else's.
    return found


def _write(path: Path, holder: Holder) -> None:
    record = {"pid": holder.pid, "host": holder.host, "since": holder.since.isoformat()}
    replace_file(path, json.dumps(record).encode() + b"\n", mode=0o644)


def _read(path: Path) -> Holder | None:
    # Missing where the holder has only just begun, or is just done.
    try:
        with path.open("rb") as file:
            record = json.loads(file.read(_MOST))
        pid, host, since = record["pid"], record["host"], datetime.fromisoformat(record["since"])
        if not (isinstance(pid, int) and isinstance(host, str)) or since.tzinfo is None:
            return None
        return Holder(pid, host, since.astimezone(UTC))
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
