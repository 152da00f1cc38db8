"""Files that are there whole or not at all."""

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

ABANDONED_S: Final = 86_400.0
"""Seconds after which a folder of drafts belongs to nobody any more."""


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
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        draft = Path(file.name)
        try:
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
    with tempfile.TemporaryDirectory(dir=parent, prefix=prefix) as folder:
        # By the clock of the file system, which may be another machine's.
        now = Path(folder).stat().st_mtime
        for left in parent.glob(f"{glob.escape(prefix)}*"):
            with suppress(OSError):
                # Nothing is drafted for so long, and a younger one may be another process's.
                if left.is_dir() and now - left.stat().st_mtime > ABANDONED_S:
                    shutil.rmtree(left, ignore_errors=True)
        yield Path(folder)


def _sync(folder: Path) -> None:
    """Put the names of a folder's files on the disk, where the system can."""
    with suppress(OSError):
        entry = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(entry)
        finally:
            os.close(entry)
