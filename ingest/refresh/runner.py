"""Starting a refresh now, in a process of its own, and knowing how it ended."""

import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ingest.refresh.schedule import PATIENCE
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
    """A command that is run when asked for, once at a time.

    A process of its own: answers do not wait for it, its memory is given back, and it can be
    stopped. What it says of itself on standard error goes where this process's goes.

    Parameters
    ----------
    command : sequence of str
        Program and arguments; it gets nothing on standard input.
    environment : mapping of str to str, optional
        Its environment variables; by default this process's.
    clock : callable
        The present time, in UTC.
    patience : float
        Seconds that a run has to end by itself when it is stopped.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience: float = PATIENCE,
    ) -> None:
        self.command, self.environment = tuple(command), environment
        self._clock, self._patience = clock, patience
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._waiting: threading.Thread | None = None
        self.last: Run | None = None
        """The run that is under way, or else the last one."""

    @property
    def running(self) -> bool:
        """Whether the command runs now."""
        return self.last is not None and self.last.finished is None

    def start(self) -> Run:
        """Begin a run.

        Raises
        ------
        Busy
            If one is under way.
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
            self._waiting = threading.Thread(
                target=self._wait, args=(self._child, run), daemon=True
            )
            self._waiting.start()
            return run

    def stop(self) -> None:
        """End the run that is under way, by force if it must be."""
        with self._lock:
            child, waiting = self._child, self._waiting
        if child is None or waiting is None:
            return
        child.terminate()
        waiting.join(self._patience)
        if waiting.is_alive():
            child.kill()
            waiting.join()

    def _wait(self, child: "subprocess.Popen[bytes]", run: Run) -> None:
        status = child.wait()
        with self._lock:
            self._child = None
            self.last = replace(run, finished=self._clock(), status=status)
