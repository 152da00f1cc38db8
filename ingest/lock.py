"""The lock that lets one process at a time refresh an atlas."""

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

_MAX_RECORD_BYTES = 4096
"""Bytes of a holder's record that are read; ours are far shorter."""


@contextmanager
def refresh_lock(
    home: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[None]:
    """Hold the atlas's refresh lock for the length of the block.

    The kernel releases it when the process dies. `refresh.holder.json` names the holder, for
    information only.

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
    # Another call in this process is locked out like another process.
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
            own = {"pid": os.getpid(), "host": socket.gethostname(), "since": clock().isoformat()}
            replace_file(record, json.dumps(own).encode() + b"\n", mode=0o644)
        yield
    finally:
        with suppress(OSError):
            record.unlink()
        lock.release()


def holder(home: Path) -> Holder | None:
    """Return who is refreshing the atlas in a folder, by the record; the lock is not touched.

    None where nobody is, or the holder is a process of this machine that has died.
    """
    found = _read(home / "refresh.holder.json")
    if found is not None and found.host == socket.gethostname():
        try:
            os.kill(found.pid, 0)
        except ProcessLookupError:
            return None
        except OSError:
            pass  # Of another user.
    return found


def _read(path: Path) -> Holder | None:
    # Missing where the holder has only just begun, or is just done.
    try:
        with path.open("rb") as file:
            record = json.loads(file.read(_MAX_RECORD_BYTES))
        pid, host, since = record["pid"], record["host"], datetime.fromisoformat(record["since"])
        if not (isinstance(pid, int) and isinstance(host, str)) or since.tzinfo is None:
            return None
        return Holder(pid, host, since.astimezone(UTC))
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
