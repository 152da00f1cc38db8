"""The child process that drives Ray. The only module that imports Ray."""

import os
import signal
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from ingest.cluster import messages
from ingest.cluster.address import LOCAL
from ingest.cluster.worker import Identity, Opened, Opener, Worker
from kg.errors import ClusterError

PLACE_TIMEOUT_S = 30.0
"""Seconds in which a cluster with room starts a worker."""
_IN_FLIGHT = 2  # pieces that a worker has: one at work, and one so that it need not wait
_MAX_TRIES = 5  # of a piece, each of which ended with its worker
_MAX_FAILED_STARTS = 2  # for each worker, of those that died before their model was open
_WAIT_S = 1.0  # between two looks at whether the writer is still there
_MAX_REASON_CHARS = 160


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the driver is to do."""

    address: str
    """``HOST:PORT`` or ``local``."""
    workers: int | None
    """How many at most."""
    opener: Opener
    """Opens the model on the workers."""
    identity: Identity
    """Of the model that the workers must have."""
    place_timeout_s: float = PLACE_TIMEOUT_S
    """Seconds without any worker after which the run is given up."""


def main(connection: Connection, arguments: Arguments) -> None:
    """Embed what the writer at the other end of `connection` hands out, until there is no more."""
    # The writer gets Ctrl+C too, and closes the connection.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not os.environ.get("LFM_DEBUG"):
        # Ray writes there from C++, whatever its log level.
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if arguments.address != LOCAL:
        os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "3")  # a second each, to connect
    # The writer is gone, and with it what this process is for.
    with suppress(EOFError, OSError):
        try:
            _drive(connection, arguments)
        except ClusterError as error:
            connection.send(messages.Failed(error.message, error.mend))
        else:
            connection.send(messages.Ended())


def _drive(connection: Connection, arguments: Arguments) -> None:
    import ray

    _connect(arguments.address)
    try:
        options, count = _resources(ray.nodes(), arguments.workers)
        connection.send(messages.Connected(count))
        count = min(count, connection.recv())
        make = ray.remote(Worker).options(
            **options, max_restarts=0, max_task_retries=0, scheduling_strategy="SPREAD"
        )
        pool = _Pool(connection, lambda: make.remote(arguments.opener), arguments)
        pool.run(count)
    finally:
        ray.shutdown()


def _connect(address: str) -> None:
    import ray

    try:
        ray.init(
            address=address,
            include_dashboard=False if address == LOCAL else None,
            log_to_driver=False,
            logging_level="ERROR",
        )
    except (ray.exceptions.RayError, RuntimeError, OSError, ValueError) as error:
        raise connection_error(address, error) from error


def connection_error(address: str, error: Exception) -> ClusterError:
    """Return the error of a cluster that Ray could not connect to, by what Ray raised."""
    text = str(error)
    if "Version mismatch" in text:
        found = [line.split(":")[1].strip() for line in text.splitlines() if line.startswith("  ")]
        theirs, ours = (f"Ray {ray} on Python {python}" for ray, python in (found[:2], found[2:4]))
        return ClusterError(
            f"the cluster at {address} runs {theirs}, and this machine {ours}",
            "install the same versions on both",
        )
    if type(error).__name__ == "AuthenticationError":
        return ClusterError(
            f"the Ray cluster at {address} does not accept this machine's token",
            "set RAY_AUTH_MODE and RAY_AUTH_TOKEN_PATH as its nodes have them",
        )
    if isinstance(error, ConnectionError):
        return ClusterError(
            f"no Ray cluster answers at {address}",
            "check the port, 6379 by default; if the cluster asks for a token, set"
            " RAY_AUTH_MODE=token",
        )
    return ClusterError(f"Ray cannot be used at {address} ({_condense(error)})")


def _resources(nodes: list[dict[str, Any]], workers: int | None) -> tuple[dict[str, int], int]:
    """Return the options of a worker, and how many there are to be.

    Where there are GPUs, only these: a CPU would add little.
    """
    have = [node["Resources"] for node in nodes if node["Alive"]]
    for kind, options in (
        ("GPU", {"num_gpus": 1, "num_cpus": 0}),
        ("CPU", {"num_cpus": 1}),
    ):
        if count := sum(int(one.get(kind, 0)) for one in have):
            return options, min(count, workers or count)
    raise ClusterError(
        "the Ray cluster has neither a CPU nor a GPU to embed on", "add a node with some"
    )


@dataclass(eq=False, slots=True)
class _Slot:
    """A worker, from its creation to its end."""

    actor: Any
    started: bool = False
    opened: bool = False
    pieces: int = 0


@dataclass(eq=False, slots=True)
class _Job:
    """A call of a worker that has not been answered yet."""

    slot: _Slot
    kind: str
    piece: messages.Piece | None = None
    tries: int = field(default=0)


class _Pool:
    """Workers, the pieces that they have, and those that were lost with one.

    Parameters
    ----------
    connection : Connection
        To the writer.
    make : callable
        Makes an actor of `Worker`.
    arguments : Arguments
        What the driver is to do.
    """

    def __init__(
        self, connection: Connection, make: Callable[[], Any], arguments: Arguments
    ) -> None:
        self._connection, self._make = connection, make
        self._identity, self._timeout_s = arguments.identity, arguments.place_timeout_s
        self._slots: list[_Slot] = []
        self._jobs: dict[Any, _Job] = {}
        self._again: deque[tuple[messages.Piece, int]] = deque()
        self._exhausted = False
        self._failed_starts = 0
        self._nobody_since = time.monotonic()

    def run(self, workers: int) -> None:
        """Embed until the writer has no more pieces and all are done.

        Raises
        ------
        ClusterError
            If no worker is left, one has another model, or a piece cannot be embedded.
        """
        for _ in range(workers):
            self._start()
        while True:
            self._hand_out()
            at_work = self._again or any(job.piece for job in self._jobs.values())
            if self._exhausted and not at_work:
                return
            self._step()

    def _start(self) -> None:
        slot = _Slot(self._make())
        self._slots.append(slot)
        for kind in ("started", "open"):
            self._jobs[getattr(slot.actor, kind).remote()] = _Job(slot, kind)

    def _hand_out(self) -> None:
        for depth in range(_IN_FLIGHT):
            for slot in self._slots:
                if slot.opened and slot.pieces == depth:
                    piece, tries = self._next()
                    if piece is None:
                        return
                    slot.pieces += 1
                    answer = slot.actor.embed.remote(piece.papers)
                    self._jobs[answer] = _Job(slot, "embed", piece, tries)

    def _next(self) -> tuple[messages.Piece | None, int]:
        if self._again:
            return self._again.popleft()
        if not self._exhausted:
            self._connection.send(messages.Next())
            if (piece := self._connection.recv()) is not None:
                return piece, 0
            self._exhausted = True
        return None, 0

    def _step(self) -> None:
        import ray

        done, _ = ray.wait(list(self._jobs), num_returns=1, timeout=_WAIT_S)
        if self._connection.poll():
            self._connection.recv()  # Nothing is due: it raises EOFError, as the writer is gone.
        for answer in done:
            job = self._jobs.pop(answer)
            try:
                result = ray.get(answer)
            except ray.exceptions.RayTaskError as error:
                raise ClusterError(
                    f"a worker failed ({_condense(error.cause or error)})"
                ) from error
            except ray.exceptions.RayError as error:  # The worker, its node or its answer is lost.
                self._lose(job, error)
            else:
                self._take(job, result)
        if any(slot.started for slot in self._slots):
            self._nobody_since = time.monotonic()
        elif time.monotonic() - self._nobody_since > self._timeout_s:
            raise ClusterError(
                f"no worker is left on the cluster: none could start for {self._timeout_s:g} s",
                "what was done is kept; see with `ray status` whether CPUs or GPUs are free, and"
                " run `lfm embed` again",
            )

    def _take(self, job: _Job, result: Any) -> None:
        if job.kind == "started":
            job.slot.started = True
        elif job.kind == "open":
            self._admit(job.slot, result)
        elif job.piece is not None:
            job.slot.pieces -= 1
            self._connection.send(messages.Done(job.piece.number, result))

    def _admit(self, slot: _Slot, found: Opened) -> None:
        if found.identity is None:
            raise ClusterError(f"on the cluster's machine {found.host}: {found.error}")
        if difference := self._identity.difference(found.identity):
            raise ClusterError(
                f"the cluster's machine {found.host} has another model: {difference}",
                "give all machines the same model and the same LFM_MODEL",
            )
        slot.opened = True
        self._failed_starts = 0

    def _lose(self, job: _Job, error: Exception) -> None:
        """Put the pieces of a lost worker back, and start another in its place."""
        import ray

        lost = [job, *(one for one in self._jobs.values() if one.slot is job.slot)]
        self._jobs = {ref: one for ref, one in self._jobs.items() if one.slot is not job.slot}
        for one in lost:
            if one.piece is not None:
                if one.tries + 1 == _MAX_TRIES:
                    raise ClusterError(
                        f"{_MAX_TRIES} workers died over the same papers ({_condense(error)})"
                    )
                self._again.append((one.piece, one.tries + 1))
        if not job.slot.opened:
            self._failed_starts += 1
            if self._failed_starts >= _MAX_FAILED_STARTS * len(self._slots):
                raise ClusterError(
                    f"the cluster's workers die at their start ({_condense(error)})",
                    "install lfm-atlas[ray] of this version on each of its machines",
                )
        self._slots.remove(job.slot)
        with suppress(ray.exceptions.RayError):
            ray.kill(job.slot.actor)
        self._connection.send(messages.Lost())
        self._start()


def _condense(error: BaseException) -> str:
    # The last line that says something: what was raised, after Ray's account of where.
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = lines[-1] if lines else type(error).__name__
    return reason if len(reason) <= _MAX_REASON_CHARS else reason[: _MAX_REASON_CHARS - 3] + "..."
