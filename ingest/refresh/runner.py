"""Running a refresh on request, in a process of its own."""

import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ingest.refresh.schedule import STOP_TIMEOUT_S
from kg.errors import AtlasError, Busy


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command."""

    started: datetime
    """UTC."""
    finished: datetime | None = None
    """UTC; None while it runs."""
    status: int | None = None
    """Exit status: 0 is done; negative is the signal that ended it."""


class Runner:
    """Runs a command on request, once at a time.

    In a process of its own, so that answers do not wait for it, its memory is freed, and it can be
    stopped. Its standard error is this process's.

    Parameters
    ----------
    command : sequence of str
        Program and arguments; it gets nothing on standard input.
    environment : mapping of str to str, optional
        Its environment variables; by default this process's.
    clock : callable
        The present time, in UTC.
    stop_timeout : float
        Seconds from SIGTERM to SIGKILL when a run is stopped.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        stop_timeout: float = STOP_TIMEOUT_S,
    ) -> None:
        self.command, self.environment = tuple(command), environment
        self._clock, self._stop_timeout = clock, stop_timeout
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._waiter: threading.Thread | None = None
        self.last: Run | None = None
        """The present run, or else the last one."""

    @property
    def running(self) -> bool:
        """Whether the command runs now."""
        return self.last is not None and self.last.finished is None

    def start(self) -> Run:
        """Begin a run.

        Raises
        ------
        Busy
            If one is running.
        AtlasError
            If the program cannot be run.
        """
        with self._lock:
            if self.running:
                raise Busy(None)
            try:
                self._child = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    env=self.environment,
                )
            except OSError as error:
                raise AtlasError(f"cannot run {self.command[0]}: {error.strerror}") from error
            self.last = run = Run(self._clock())
            self._waiter = threading.Thread(target=self._wait, args=(self._child, run), daemon=True)
            self._waiter.start()
            return run

    def stop(self) -> None:
        """Stop the present run, by SIGKILL if need be."""
        with self._lock:
            child, waiter = self._child, self._waiter
        if child is None or waiter is None:
            return
        child.terminate()
        waiter.join(self._stop_timeout)
        if waiter.is_alive():
            child.kill()
            waiter.join()

    def _wait(self, child: "subprocess.Popen[bytes]", run: Run) -> None:
        status = child.wait()
        with self._lock:
            self._child = None
            self.last = replace(run, finished=self._clock(), status=status)
