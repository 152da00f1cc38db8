"""The workers of `lfm serve --workers N`: started, watched, started again, and ended."""

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from kg.errors import AtlasError
from kg.settings import Settings
from ui.guards.concurrency import MAX_CONCURRENT
from ui.web.worker import READY, Task

STOP_TIMEOUT_S = 2.5
"""Seconds from the end of its input to SIGKILL."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 30.0
"""Seconds before a worker that ended is started again: doubled each time, until one has lasted
for longer than the longest pause."""

COMMAND = (sys.executable, "-m", "ui.web.worker")

_BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Worker:
    """One running worker."""

    def __init__(self, number: int, path: str, process: "subprocess.Popen[str]") -> None:
        self.number, self.path, self.process = number, path, process
        self.busy = 0
        """Requests that it answers now; for the front alone."""


class Fleet:
    """A number of workers of one atlas; a context manager that starts and ends them.

    Parameters
    ----------
    count : int
        At least 1.
    mcp : bool
        Whether they answer MCP clients.
    command : sequence of str
        Starts a worker.

    Raises
    ------
    AtlasError
        On entering, if a worker cannot be started.
    """

    def __init__(
        self, settings: Settings, count: int, mcp: bool = False, command: Sequence[str] = COMMAND
    ) -> None:
        self._settings, self.count, self._mcp, self._command = settings, count, mcp, command
        self.ready: tuple[Worker, ...] = ()
        """Workers that answer, replaced whole whenever one comes or goes."""
        self._lock = threading.Lock()
        self._running: dict[int, subprocess.Popen[str]] = {}
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._generation = 0

    def __enter__(self) -> Self:
        # A folder that only its owner may enter: whoever can connect is trusted by the workers.
        self._folder = tempfile.mkdtemp(prefix="lfm-")
        try:
            # The first makes what the caches lack, such as an index; the others find it.
            for numbers in (range(1), range(1, self.count)):
                started = [(number, threading.Event()) for number in numbers]
                for number, settled in started:
                    thread = threading.Thread(
                        target=self._keep, args=(number, settled), daemon=True
                    )
                    self._threads.append(thread)
                    thread.start()
                for _, settled in started:
                    settled.wait()
                if len(self.ready) < len(self._threads):
                    raise AtlasError("a worker ended before it was ready", "its error is above")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._over.set()
            processes = list(self._running.values())
        self.ready = ()
        for process in processes:
            with suppress(OSError):
                assert process.stdin
                process.stdin.close()
        deadline = time.monotonic() + STOP_TIMEOUT_S
        for process in processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for thread in self._threads:
            thread.join(1)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _keep(self, number: int, settled: threading.Event) -> None:
        """Run a worker until the fleet is over; a first one that fails is not tried again."""
        pause = FIRST_PAUSE_S
        while not self._over.is_set():
            began = time.monotonic()
            try:
                first = self._run(number, settled)
            except (OSError, AtlasError) as error:
                _log(f"lfm: cannot start worker {number + 1}: {error}")
                first = False
            if not settled.is_set():
                settled.set()
                return
            if self._over.is_set():
                return
            if first and time.monotonic() - began > LONGEST_PAUSE_S:
                pause = FIRST_PAUSE_S
            _log(f"lfm: worker {number + 1} ended; another starts in {pause:.1f} s")
            self._over.wait(pause * random.uniform(0.8, 1.2))
            pause = min(LONGEST_PAUSE_S, pause * 2)

    def _run(self, number: int, settled: threading.Event) -> bool:
        """Run one worker to its end; returns whether it was ever ready."""
        worker = self._start(number)
        if worker is None:
            return False
        process = worker.process
        assert process.stdin
        assert process.stdout
        was_ready = process.stdout.readline().strip() == READY
        if was_ready:
            with self._lock:
                self.ready = (*self.ready, worker)
            settled.set()
            process.stdout.read()  # Until it ends.
        process.wait()
        with self._lock:
            self.ready = tuple(one for one in self.ready if one is not worker)
            self._running.pop(number, None)
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                stream.close()
        with suppress(OSError):
            Path(worker.path).unlink()
        return was_ready

    def _start(self, number: int) -> Worker | None:
        with self._lock:
            if self._over.is_set():
                return None
            self._generation += 1
            path = str(Path(self._folder, str(self._generation)))
            with socket.socket(socket.AF_UNIX) as listener:
                try:
                    listener.bind(path)
                except OSError as error:  # Such paths are limited to about a hundred characters.
                    mend = "set TMPDIR to a short path"
                    raise AtlasError(f"cannot open a socket in {self._folder}", mend) from error
                listener.listen(128)
                process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env=environment(self.count),
                    pass_fds=(listener.fileno(),),
                )
                self._running[number] = process
                task = Task(self._settings, listener.fileno(), concurrent(self.count), self._mcp)
                assert process.stdin
                with suppress(OSError):  # It has ended already, which is noticed.
                    process.stdin.write(task.line() + "\n")
                    process.stdin.flush()
            return Worker(number, path, process)


def concurrent(workers: int) -> int:
    """Return how many calls one of some workers computes at a time.

    All that the front lets through, so that those that wait for the model share its passes; two
    at least: one in Python while another is in the model or in SQLite.
    """
    return max(2, -(-MAX_CONCURRENT // workers))


def environment(workers: int) -> dict[str, str]:
    """Return the environment of one of some workers.

    Each computes products with its share of the processors: threads of several processes that wait
    for each other take the processor from those that compute.
    """
    threads = str(max(1, (os.cpu_count() or 1) // workers))
    return {**dict.fromkeys(_BLAS_THREADS, threads), **os.environ}


def _log(line: str) -> None:
    with suppress(OSError, ValueError):
        print(line, file=sys.stderr, flush=True)
