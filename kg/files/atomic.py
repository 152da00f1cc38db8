"""Files that are there whole or not at all."""

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

BEGUN_S: Final = 2.0
"""Seconds in which whoever begins a draft has locked it."""

ABANDONED_S: Final = 86_400.0
"""Seconds after which a draft belongs to nobody any more, where nothing can be locked."""


def replace_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put `data` into `path` by way of a draft beside it and a rename.

    Whoever reads meanwhile sees the old file or the new one; a failure leaves the old one and no
    draft.

    Parameters
    ----------
    path : Path
        Its folder must exist.
    data : bytes
    mode : int
        Permissions of the file.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full.
    """
    prefix, suffix = f".{path.name}.", ".draft"
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=prefix, suffix=suffix, delete=False
    ) as file:
        draft = Path(file.name)
        try:
            _lock(file.fileno())
            _remove_abandoned(draft, prefix, suffix)
            file.write(data)
            file.close()
            draft.chmod(mode)
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def place_database(made: Path, path: Path) -> bool:
    """Put a finished SQLite file at `path`, unless one with content is there.

    Parameters
    ----------
    made : Path
        On the same disk, settled (`Database.settle`), and open nowhere.
    path : Path
        Its folder must exist.

    Returns
    -------
    bool
        False where another file is there; it is left as it is.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    if path.exists() and path.stat().st_size:
        return False
    # An empty file knows nothing, and what SQLite wrote beside a database that is gone would be
    # taken for changes to the new one.
    for name in (f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
    if path.exists() and not path.stat().st_size:
        path.unlink(missing_ok=True)
    try:
        os.link(made, path)  # Unlike a rename, never replaces what another made first.
    except FileExistsError:
        return False
    except OSError:
        made.replace(path)
    _sync(path.parent)
    return True


@contextmanager
def draft_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Give a folder for drafts, and remove it; also those that killed processes left there.

    Parameters
    ----------
    parent : Path
        Where it is made.
    prefix : str
        How its name begins, and that of all others for the same use.
    """
    with tempfile.TemporaryDirectory(dir=parent, prefix=prefix) as folder, _entry(folder) as entry:
        _lock(entry)
        _remove_abandoned(Path(folder), prefix)
        yield Path(folder)


def _remove_abandoned(draft: Path, prefix: str, suffix: str = "") -> None:
    """Remove what killed processes left beside a draft, and of the same name but for its middle."""
    # By the clock of the file system, which may be another machine's.
    now = draft.stat().st_mtime
    for left in draft.parent.glob(f"{glob.escape(prefix)}*{suffix}"):
        with suppress(OSError):
            if left == draft or left.is_symlink() or left.is_dir() != draft.is_dir():
                continue
            age = now - left.stat().st_mtime
            with _entry(left) as entry:
                free = _lock(entry)
            if age > (ABANDONED_S if free is None else BEGUN_S) and free is not False:
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink()


@contextmanager
def _entry(path: Path | str) -> Iterator[int | None]:
    """Open a file or folder as it is in its folder; None where that cannot be, as on Windows."""
    entry = None
    if sys.platform != "win32":
        entry = os.open(path, os.O_RDONLY)
    try:
        yield entry
    finally:
        if entry is not None:
            os.close(entry)


def _lock(entry: int | None) -> bool | None:
    """Lock a draft as long as it is open; a process that dies unlocks it.

    Returns
    -------
    bool or None
        False where another has locked it, None where nothing can be locked.
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


def _sync(folder: Path) -> None:
    """Put the names of a folder's files on the disk, where the system can."""
    with suppress(OSError), _entry(folder) as entry:
        if entry is not None:
            os.fsync(entry)
