"""Running a command every so often, such as a refresh every day.

The command is a child process: it can be stopped at any time, and a bad end of it ends nothing
else.
"""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import Any, NoReturn

from kg.errors import BadRequest

LEAST = timedelta(minutes=1)
"""The shortest time between two runs: others' servers are not asked more often."""

MOST = timedelta(days=366)
"""The longest."""

PATIENCE = 2.5
"""Seconds that a child has to end when it is asked to: with its end by force, all within five."""

_SPAN = re.compile(r"(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?")


def parse_every(text: str, least: timedelta = LEAST) -> timedelta:
    """Return the time that ``24h``, ``30m``, ``7d``, ``90s`` or ``1h30m`` means.

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
    found = _SPAN.fullmatch(text.strip())
    if not text.strip() or found is None:
        raise BadRequest(f"{text!r} is no length of time", "write 24h, 30m, 7d or 1h30m")
    days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
    every = timedelta(days=min(days, MOST.days + 1), seconds=hours * 3600 + minutes * 60 + seconds)
    if every < least:
        raise BadRequest(f"every {text.strip()} is too often", f"every {_told(least)} at most")
    if every > MOST:
        raise BadRequest(f"every {text.strip()} is too seldom", f"every {MOST.days}d at least")
    return every


def first_run(every: timedelta, last: datetime | None, now: datetime) -> datetime:
    """Return when to run first: at once where a run is due or was missed, else when it is due."""
    if last is None or last + every <= now:
        return now
    # A last run in the future was written by a clock that was wrong.
    return min(last, now) + every


class Schedule:
    """A command that runs every so often, in the background of this process.

    Runs that were missed, while nothing ran or the machine slept, are made up for by one. There
    is never more than one at a time.

    Parameters
    ----------
    every : timedelta
        From the start of one run to the start of the next.
    command : sequence of str
        Program and arguments; it gets nothing on standard input.
    last_run : callable
        When it ran last, in UTC, if ever; asked once, at the start.
    name : str
        What the lines about it call it.
    tell : callable
        Takes one line for each run.
    clock : callable
        The present time, in UTC; no other clock decides when a run is due.
    patience : float
        Seconds that a run has to end by itself when the schedule is stopped.
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
        tell: Callable[[str], object] = lambda line: print(line, file=sys.stderr, flush=True),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience: float = PATIENCE,
        wake: timedelta = timedelta(minutes=1),
    ) -> None:
        self.every, self.command, self.name = every, tuple(command), name
        self._last_run, self._tell, self._clock = last_run, tell, clock
        self._patience, self._wake = patience, wake
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
        """Begin; runs at once where a run is due."""
        self._due = first_run(self.every, self._last_run(), self._clock())
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._keep, args=(self._stopped,), name=f"schedule of {self.name}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End: no run begins any more, and one that is under way is ended.

        A process that ends without calling this leaves a run that is under way to itself.
        """
        with self._lock:
            self._stopped.set()
            self._due = None
            child = self._child
        if child is not None:
            child.terminate()
            try:
                child.wait(self._patience)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if self._thread is not None:
            self._thread.join(1)
            self._thread = None

    def _keep(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            wait = self._wait(stopped)
            # The clock by which threads wait stands still while a laptop sleeps, and the other may
            # be set; who looks now and then sees both soon.
            if wait > timedelta(0):
                stopped.wait(min(wait, self._wake).total_seconds())
            else:
                self._run(stopped)

    def _wait(self, stopped: threading.Event) -> timedelta:
        """Return how long it is to the next run, negative or zero where it is due."""
        with self._lock:
            if stopped.is_set() or self._due is None:
                return self.every
            now = self._clock()
            # What is further away was reckoned by a clock that was set back since.
            self._due = min(self._due, now + self.every)
            return self._due - now

    def _pass(self) -> None:
        """Move the next run on to the first one that is still to come."""
        if self._due is not None and (late := self._clock() - self._due) >= timedelta(0):
            self._due += (late // self.every + 1) * self.every

    def _run(self, stopped: threading.Event) -> None:
        started = time.monotonic()
        with self._lock:
            if stopped.is_set():
                return
            self._pass()
            try:
                self._child = child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL)
            except OSError as error:
                self._report(f"lfm: cannot run {self.command[0]}: {error.strerror}")
                return
        status = child.wait()
        with self._lock:
            self._child = None
            # There is never a second run beside one that takes longer than the time between two.
            self._pass()
            due = self._due
        then = f"next at {due:%Y-%m-%d %H:%M:%S} UTC" if due else "no other is to come"
        took = timedelta(seconds=round(time.monotonic() - started))
        self._report(f"lfm: {self.name} {_ended(status)} after {took}; {then}")

    def _report(self, line: str) -> None:
        # Standard error may be closed or its reader gone; the next run comes all the same.
        with suppress(OSError, ValueError):
            self._tell(line)


def run_every(
    every: timedelta,
    command: Sequence[str],
    last_run: Callable[[], datetime | None],
    **options: Any,
) -> NoReturn:
    """Run a command every so often until this process is told to stop; see `Schedule`.

    Call it in the main thread. SIGINT and SIGTERM end the run that is under way, by force if need
    be, and then this process as they would have without a schedule.

    Raises
    ------
    KeyboardInterrupt
        After SIGINT.
    SystemExit
        With status 143 (128 + 15) after SIGTERM.
    """
    # A handler may interrupt anything, a lock's holder too; this queue is made for that.
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


def _ended(status: int) -> str:
    if status < 0:
        return f"was ended by signal {-status}"
    return f"failed with exit status {status}" if status else "was done, exit status 0,"


def _told(span: timedelta) -> str:
    seconds = span.total_seconds()
    return f"{seconds / 60:g}m" if seconds >= 60 else f"{seconds:g}s"
