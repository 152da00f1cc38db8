"""Pacing requests: how long to wait before the next one to a server."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from filelock import FileLock

from kg.errors import AtlasError

LONGEST_WAIT = 3600.0
"""Seconds; a longer wait in the gate's file was written by a clock that was wrong."""


class Gate(Protocol):
    """What a request passes through: entering waits for its turn, leaving ends the request."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def postpone(self, seconds: float) -> None:
        """Let no request start within the next `seconds`; called within the gate."""
        ...

    def refused(self) -> None:
        """Take note that the server said that it is asked too often."""

    def served(self) -> None:
        """Take note that it answered."""


class Pace:
    """A gate for the threads of one process, at a pace that adapts to refusals.

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
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._least = self.gap = gap
        self._clock, self._sleep = clock, sleep
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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._next = max(self._next, self._clock() + self.gap)
        self._lock.release()

    def postpone(self, seconds: float) -> None:
        """Let no request start within the next `seconds`."""
        self._next = max(self._next, self._clock() + seconds)

    def refused(self) -> None:
        """Double the gap, up to a minute: the server said that this is too fast."""
        self.gap = min(60.0, self.gap * 2)

    def served(self) -> None:
        """Take back a tenth of what `refused` added."""
        self.gap = self._least + (self.gap - self._least) * 0.9


class FileGate:
    """A gate for all processes of a machine: one request at a time, and a gap between two.

    The file holds the time before which no request may start. Its lock is the kernel's, so a
    process that dies within a request leaves the gate open, and the gap kept.

    Parameters
    ----------
    path : Path
        The gate's file; its lock is a file beside it.
    gap : float
        Least seconds from the end of one request to the start of the next.
    clock, sleep : callable
        Seconds since the epoch (all processes must agree on them), and waiting for them.
    """

    def __init__(
        self,
        path: Path,
        gap: float = 3.0,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.path, self.gap = path, gap
        self._clock, self._sleep = clock, sleep
        # Other users of the machine share its address, and so its gate.
        self._lock = FileLock(f"{path}.lock", mode=0o666, thread_local=False)
        self._threads = threading.Lock()

    def __enter__(self) -> Self:
        self._threads.acquire()
        try:
            self._lock.acquire()
        except BaseException as error:
            self._threads.release()
            if isinstance(error, OSError):
                raise AtlasError(
                    f"cannot use {self.path}.lock: {error.strerror}",
                    "set LFM_GATE to a file that all users of this machine may write",
                ) from error
            raise
        try:
            while (wait := self._next() - self._clock()) > 0:
                self._sleep(wait)
            self._write(self._clock() + self.gap)
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._write(max(self._next(), self._clock() + self.gap))
        finally:
            self._leave()

    def postpone(self, seconds: float) -> None:
        """Let no process start a request within the next `seconds`; call it within the gate."""
        self._write(max(self._next(), self._clock() + min(seconds, LONGEST_WAIT)))

    def refused(self) -> None:
        """Change nothing: the gap is the service's own rule."""

    def served(self) -> None:
        """Change nothing."""

    def _leave(self) -> None:
        self._lock.release()
        self._threads.release()

    def _next(self) -> float:
        try:
            moment = float(json.loads(self.path.read_bytes())["next"])
        except (OSError, ValueError, KeyError, TypeError):
            return float("-inf")
        return moment if moment - self._clock() <= LONGEST_WAIT else self._clock() + self.gap

    def _write(self, moment: float) -> None:
        # Under the lock, and so short that a file cut by a crash is no JSON: nothing to wait for.
        new = not self.path.exists()
        self.path.write_text(json.dumps({"next": moment}))
        if new:
            self.path.chmod(0o666)
