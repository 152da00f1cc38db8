"""Pacing requests: how long to wait before the next one to a server."""

import errno
import json
import math
import os
import stat
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from kg.errors import AtlasError

MAX_WAIT_S = 3600.0
"""Seconds; no longer wait is written into a gate's file."""

_LOCK_POLL_S = 0.05
"""Seconds between two looks at a lock that another process holds."""

_RECORD_BYTES = 80
"""Bytes of a gate's file, which holds two numbers with their names."""

_MAX_READ_BYTES = 4096
"""Bytes that are read of a gate's file, however long it is."""

_OPEN_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Flags by which a file is opened that another user may have put there: no link, no waiting."""


class Gate(ABC):
    """What a request passes through: entering waits for its turn, leaving ends the request.

    Parameters
    ----------
    gap : float
        Least seconds from the end of one request to the start of the next.
    clock, sleep : callable
        Seconds, and waiting for them.
    """

    def __init__(
        self,
        gap: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.gap, self._clock, self._sleep = gap, clock, sleep

    @abstractmethod
    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None:
        try:
            self.postpone(self.gap)
        finally:
            self._leave()

    @abstractmethod
    def postpone(self, seconds: float) -> None:
        """Let no request start within the next `seconds`; called within the gate."""

    # A gate of a fixed gap ignores both.
    def refused(self) -> None:  # noqa: B027
        """Take note that the server said that it is asked too often; called within the gate."""

    def served(self) -> None:  # noqa: B027
        """Take note that it answered; called within the gate."""

    @abstractmethod
    def _leave(self) -> None: ...


class Pace(Gate):
    """A gate for the threads of one process, at a pace that adapts to refusals."""

    def __init__(
        self,
        gap: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        super().__init__(gap, clock, sleep)
        self._least = gap
        self._lock = threading.Lock()
        self._next = float("-inf")

    def __enter__(self) -> Self:
        self._lock.acquire()
        try:
            while (wait := self._next - self._clock()) > 0:
                self._sleep(wait)
        except BaseException:
            self._lock.release()
            raise
        return self

    def postpone(self, seconds: float) -> None:
        """Let no request start within the next `seconds`."""
        self._next = max(self._next, self._clock() + seconds)

    def refused(self) -> None:
        """Double the gap, up to a minute: the server said that this is too fast."""
        self.gap = max(self.gap, min(60.0, max(1.0, self.gap * 2)))

    def served(self) -> None:
        """Take back a tenth of what `refused` added."""
        self.gap = self._least + (self.gap - self._least) * 0.9

    def _leave(self) -> None:
        self._lock.release()


class FileGate(Gate):
    """A gate for all processes of a machine: one request at a time, and a gap between two.

    Refusals change nothing: the gap is the service's own rule.

    A file holds the time before which no request may start. Its lock is the kernel's, so a process
    that dies within a request leaves the gate open, and the gap kept.

    Parameters
    ----------
    path : Path
        The gate's folder. It is made open to all users of the machine: they share its address, and
        so its gate, and in a folder like ``/tmp`` nobody may write another's files.
    gap, clock, sleep
        As of `Gate`. All processes must agree on the clock: a machine's monotonic one is the same
        in all of its processes, and nobody sets it.

    Raises
    ------
    AtlasError
        On entering, if the folder cannot be used.
    """

    def __init__(
        self,
        path: Path,
        gap: float = 3.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        super().__init__(gap, clock, sleep)
        self.path = path
        self._file = path / "next.json"
        self._lock = FileLock(path / "lock", mode=0o666, thread_local=False)
        self._threads = threading.Lock()

    def __enter__(self) -> Self:
        self._threads.acquire()
        try:
            self._acquire()
            until = self._next()
            # A longer wait than any that is written: the clock was set back meanwhile.
            while 0 < (wait := until - self._clock()) <= MAX_WAIT_S:
                self._sleep(wait)
            self._write(self._clock() + self.gap)
        except BaseException as error:
            self._leave()
            if isinstance(error, (OSError, NotImplementedError)):
                raise self._unusable(error) from error
            raise
        return self

    def postpone(self, seconds: float) -> None:
        """Let no process start a request within the next `seconds`, an hour at most."""
        try:
            self._write(max(self._next(), self._clock() + min(seconds, MAX_WAIT_S)))
        except OSError as error:
            raise self._unusable(error) from error

    def _acquire(self) -> None:
        user = os.geteuid() if hasattr(os, "geteuid") else 0
        if self.path.is_symlink() and self.path.lstat().st_uid != user:
            raise OSError(errno.ELOOP, "it is a link that another user made")
        if not self.path.is_dir():
            self.path.mkdir(parents=True, exist_ok=True)
            self.path.chmod(0o777)
        while True:
            try:
                self._lock.acquire(blocking=False)
            except Timeout:
                # Not left to the lock: whoever gave us `sleep` may interrupt it.
                self._sleep(_LOCK_POLL_S)
            else:
                return

    def _leave(self) -> None:
        self._lock.release()
        self._threads.release()

    def _next(self) -> float:
        """Return the time before which no request may start."""
        now = self._clock()
        try:
            file = _opened(self._file, os.O_RDONLY)
            try:
                record = json.loads(os.read(file, _MAX_READ_BYTES))
            finally:
                os.close(file)
            at, moment = float(record["at"]), float(record["next"])
        except FileNotFoundError:
            return now
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            at = moment = math.nan
        if not 0 <= moment - at <= MAX_WAIT_S:
            # Cut by a crash or written by another: there may have been a request just now.
            return now + self.gap
        # A clock that runs behind the record was started anew: the record's wait still holds.
        return moment if at <= now else now + (moment - at)

    def _write(self, moment: float) -> None:
        # In place and always as long, which is quick: a new file may wait for the disk.
        record = json.dumps({"at": self._clock(), "next": moment}).ljust(_RECORD_BYTES).encode()
        file = _opened(self._file, os.O_WRONLY | os.O_CREAT)
        try:
            if os.fstat(file).st_mode & 0o066 != 0o066:
                self._file.chmod(0o666)
            os.write(file, record)
            os.truncate(file, _RECORD_BYTES)
        finally:
            os.close(file)

    def _unusable(self, error: Exception) -> AtlasError:
        reason = getattr(error, "strerror", None) or "its file system has no locks"
        return AtlasError(
            f"cannot use the gate {self.path}: {reason}",
            "set LFM_GATE to a folder that all users of this machine may write",
        )


def _opened(path: Path, flags: int) -> int:
    """Open a file that any user may have put there, as long as it is no way to another file."""
    file = os.open(path, flags | _OPEN_FLAGS, 0o666)
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        os.close(file)
        raise OSError(errno.ELOOP, f"{path.name} in it is no file of its own")
    return file
