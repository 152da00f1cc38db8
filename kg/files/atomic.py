"""Atomic file replacement: a reader sees the old file or the new one, never a part of it."""

import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import fcntl

LOCK_GRACE_S: Final = 2.0
"""An unlocked draft of this age, in seconds, is abandoned: its writer locks it sooner."""

MAX_DRAFT_AGE_S: Final = 86_400.0
"""A draft of this age, in seconds, is abandoned where the file system has no locks."""


def replace_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Replace a file: write a draft beside it, then rename the draft.

    Its folder must exist. A failure leaves the old file and no draft.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full.
    """
    with draft_file(path, mode) as file:
        file.write(data)


@contextmanager
def draft_file(path: Path, mode: int = 0o600) -> Iterator["tempfile._TemporaryFileWrapper[bytes]"]:
    """Yield an open draft that replaces a file at the end of the block: see `replace_file`."""
    prefix, suffix = f".{path.name}.", ".draft"
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=prefix, suffix=suffix, delete=False
    ) as file:
        draft = Path(file.name)
        try:
            _lock(file.fileno())
            _remove_abandoned(draft, prefix, suffix)
            yield file
            file.close()
            draft.chmod(mode)
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def place_database(made: Path, path: Path) -> bool:
    """Move a finished SQLite file to `path`; return False where one with content is there.

    It is on the same file system, checkpointed (`Database.checkpoint`) and closed. The folder of
    `path` must exist.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    if path.exists() and path.stat().st_size:
        return False
    remove_log(path)
    if path.exists() and not path.stat().st_size:
        path.unlink(missing_ok=True)
    try:
        os.link(made, path)  # Unlike a rename, never replaces a file that another process made.
    except FileExistsError:
        return False
    except OSError:
        made.replace(path)
    # Write the folder's names to disk, where the system supports it.
    with suppress(OSError), _entry(path.parent) as entry:
        if entry is not None:
            os.fsync(entry)
    return True


def remove_log(path: Path) -> None:
    """Remove the write-ahead log of a deleted database, which SQLite would apply to a new one."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def draft_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Make a temporary folder, and remove those of the same prefix that killed processes left."""
    with tempfile.TemporaryDirectory(dir=parent, prefix=prefix) as folder, _entry(folder) as entry:
        _lock(entry)
        _remove_abandoned(Path(folder), prefix)
        yield Path(folder)


def _remove_abandoned(draft: Path, prefix: str, suffix: str = "") -> None:
    """Remove drafts with the same prefix and suffix that killed processes left beside `draft`."""
    # By the clock of the file system, which may be on another machine.
    now = draft.stat().st_mtime
    for left in draft.parent.glob(f"{glob.escape(prefix)}*{suffix}"):
        with suppress(OSError):
            if left == draft or left.is_symlink() or left.is_dir() != draft.is_dir():
                continue
            age = now - left.stat().st_mtime
            with _entry(left) as entry:
                free = _lock(entry)
            if age > (MAX_DRAFT_AGE_S if free is None else LOCK_GRACE_S) and free is not False:
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink()


@contextmanager
def _entry(path: Path | str) -> Iterator[int | None]:
    """Open a file or folder for locking or syncing; None on Windows, which opens no folder."""
    if sys.platform == "win32":
        yield None
        return
    entry = os.open(path, os.O_RDONLY)
    try:
        yield entry
    finally:
        os.close(entry)


def _lock(entry: int | None) -> bool | None:
    """Lock a draft until it is closed, at the latest when the process ends.

    False where another process has locked it, None where locks are not supported.
    """
    if sys.platform == "win32" or entry is None:
        return None
    try:
        fcntl.flock(entry, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
