"""Disks of a given size, where this machine lets a test make one."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Give an empty disk in memory; the test is skipped where none can be made."""
    folder.mkdir()
    if _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)):
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        _run("umount", "--lazy", str(folder))


def resize(folder: Path, megabytes: int) -> None:
    """Give a disk another size."""
    assert _run("mount", "-o", f"remount,size={megabytes}m", str(folder)) == 0


def forbid_writing(folder: Path) -> None:
    """Let nobody write on a disk, not even root."""
    assert _run("mount", "-o", "remount,ro", str(folder)) == 0


def fill(folder: Path) -> None:
    """Leave not a byte free."""
    for size in (1 << 20, 1 << 12, 1):
        with (folder / f"fill{size}").open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue


def empty(folder: Path) -> None:
    """Take away what `fill` put there."""
    for file in folder.glob("fill*"):
        file.unlink()


def _run(*command: str) -> int:
    try:
        return subprocess.run(command, capture_output=True).returncode
    except OSError:
        return 1
