"""Running a command at an interval, such as a refresh every day.

The command is a child process: it can be stopped at any time, and its failure ends nothing else.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import Any, NoReturn

from kg.errors import BadRequest
from kg.text.durations import parse_duration

MIN_INTERVAL = timedelta(minutes=1)
"""The shortest time between two runs: servers are not asked more often."""

MAX_INTERVAL = timedelta(days=366)
"""The longest time between two runs."""

_ENDED_BY_ITSELF = (0, 1)
"""Exit statuses of `lfm` after which standard output or a line on standard error say all."""

STOP_TIMEOUT_S = 2.5
"""Seconds from SIGTERM to SIGKILL: a child is gone within five."""


def parse_every(text: str, least: timedelta = MIN_INTERVAL) -> timedelta:
    """Parse a duration such as ``24h``, ``30m``, ``7d``, ``90s`` or ``1h30m``.

    Parameters
    ----------
    text : str
        Days, hours, minutes and seconds, in this order.
    least : timedelta
        The shortest that is accepted.

    Raises
    ------
    BadRequest
        If it is anything else, or too short or too long.

    Examples
    --------
    >>> parse_every("1h30m")
    datetime.timedelta(seconds=5400)
    """
    every = parse_duration(text)
    if every < least:
        limit = least.total_seconds()
        shown = f"{limit / 60:g}m" if limit >= 60 else f"{limit:g}s"
        raise BadRequest(f"every {text.strip()} is too often", f"every {shown} at most")
    if every > MAX_INTERVAL:
        longest = MAX_INTERVAL.days
        raise BadRequest(f"every {text.strip()} is too seldom", f"every {longest}d at least")
    return every


def first_run(every: timedelta, last: datetime | None, now: datetime) -> datetime:
    """Return when to run first: now if a run is due or was missed, else when it is due."""
    if last is None or last + every <= now:
        return now
    # A last run in the future was recorded by a wrong clock.
    return min(last, now) + every


class Schedule:
    """Runs a command at an interval, in the background of this process.

    Any number of missed runs, as while the machine slept, is made up for by one. There is never
    more than one run at a time.

    Parameters
    ----------
    every : timedelta
        From the start of one run to the start of the next.
    command : sequence of str
        Program and arguments; it gets nothing on standard input.
    last_run : callable
        When it ran last, in UTC, if ever; called once, at the start.
    name : str
        What log lines call it.
    environment : mapping of str to str, optional
        Its environment variables; by default this process's.
    quiet : bool
        Log no run that ended by itself and drop the command's standard output: it writes what is
        worth a line on standard error.
    log : callable
        Takes one line for each run.
    clock : callable
        The present time, in UTC, by which runs are due.
    stop_timeout : float
        Seconds from SIGTERM to SIGKILL when the schedule is stopped.
    wake : timedelta
        How often the clock is read, in case it was set or the machine slept.
    """

    def __init__(
        self,
        every: timedelta,
        command: Sequence[str],
        last_run: Callable[[], datetime | None],
        *,
        name: str = "refresh",
        environment: Mapping[str, str] | None = None,
        quiet: bool = False,
        log: Callable[[str], object] = lambda line: print(line, file=sys.stderr, flush=True),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        stop_timeout: float = STOP_TIMEOUT_S,
        wake: timedelta = timedelta(minutes=1),
    ) -> None:
        self.every, self.command, self.name = every, tuple(command), name
        self._environment, self._quiet = environment, quiet
        self._last_run, self._log, self._clock = last_run, log, clock
        self._stop_timeout, self._wake = stop_timeout, wake
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._due: datetime | None = None
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def next_run(self) -> datetime | None:
        """When the next run begins; None where the schedule is stopped."""
        return self._due

    @property
    def running(self) -> bool:
        """Whether the command runs now."""
        return self._child is not None

    def start(self) -> None:
        """Start; runs at once if a run is due."""
        self._due = first_run(self.every, self._last_run(), self._clock())
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._loop, args=(self._stopped,), name=f"schedule of {self.name}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop: no run begins any more, and a present one is terminated.

        A process that ends without calling this leaves a present run to itself.
        """
        with self._lock:
            self._stopped.set()
            self._due = None
            child = self._child
        if child is not None:
            child.terminate()
            try:
                child.wait(self._stop_timeout)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if self._thread is not None:
            self._thread.join(1)
            self._thread = None

    def _loop(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            wait = self._wait(stopped)
            # Waits do not count while a laptop sleeps, and the clock may be set: looking at it
            # now and then notices both.
            if wait > timedelta(0):
                stopped.wait(min(wait, self._wake).total_seconds())
            else:
                self._run(stopped)

    def _wait(self, stopped: threading.Event) -> timedelta:
        """Return the time to the next run, zero or negative if it is due."""
        with self._lock:
            if stopped.is_set() or self._due is None:
                return self.every
            now = self._clock()
            # A later one was computed before the clock was set back.
            self._due = min(self._due, now + self.every)
            return self._due - now

    def _skip_past_runs(self) -> None:
        """Move the next run to the first one in the future."""
        if self._due is not None and (late := self._clock() - self._due) >= timedelta(0):
            self._due += (late // self.every + 1) * self.every

    def _run(self, stopped: threading.Event) -> None:
        started = time.monotonic()
        with self._lock:
            if stopped.is_set():
                return
            self._skip_past_runs()
            try:
                self._child = child = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL if self._quiet else None,
                    env=self._environment,
                )
            except OSError as error:
                self._log_line(f"lfm: cannot run {self.command[0]}: {error.strerror}")
                return
        status = child.wait()
        with self._lock:
            self._child = None
            # A run that takes longer than the interval is not followed by another at once.
            self._skip_past_runs()
            due = self._due
        if self._quiet and status in _ENDED_BY_ITSELF:
            return
        then = f"next at {due:%Y-%m-%d %H:%M:%S} UTC" if due else "no other is to come"
        took = timedelta(seconds=round(time.monotonic() - started))
        self._log_line(f"lfm: {self.name} {_outcome(status)} after {took}; {then}")

    def _log_line(self, line: str) -> None:
        # Standard error may be closed or its reader gone; the schedule goes on.
        with suppress(OSError, ValueError):
            self._log(line)


def run_every(
    every: timedelta,
    command: Sequence[str],
    last_run: Callable[[], datetime | None],
    **options: Any,
) -> NoReturn:
    """Run a command at an interval until a signal stops this process; see `Schedule`.

    Call it in the main thread. SIGINT and SIGTERM end a present run, by SIGKILL if need be, and
    then this process as they would without a schedule.

    Raises
    ------
    KeyboardInterrupt
        After SIGINT.
    SystemExit
        With status 143 (128 + 15) after SIGTERM.
    """
    # A handler may interrupt the holder of a lock; only this queue is reentrant.
    received: SimpleQueue[int] = SimpleQueue()
    schedule = Schedule(every, command, last_run, **options)
    before = {
        number: signal.signal(number, lambda number, _: received.put(number))
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) != signal.SIG_IGN  # As `nohup` and `&` in scripts leave it.
    }
    try:
        schedule.start()
        number = received.get()
    finally:
        schedule.stop()
        for one, handler in before.items():
            signal.signal(one, handler or signal.SIG_DFL)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)


def _outcome(status: int) -> str:
    if status < 0:
        return f"was ended by signal {-status}"
    return f"failed with exit status {status}" if status else "was done, exit status 0,"
