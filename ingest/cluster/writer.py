"""The one process that writes: it hands out papers, and commits vectors as they come.

Ray runs in a child process (`ingest.cluster.driver`). It ends its own process with a stack trace
when the cluster's head dies or this machine does not belong to the cluster, and waits for minutes
for an address where nobody answers; here each of these is one line.
"""

import multiprocessing
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from tqdm import tqdm

from ingest.cluster import driver, messages
from ingest.cluster.address import LOCAL, parse
from ingest.cluster.driver import PLACE_TIMEOUT_S, Arguments
from ingest.cluster.worker import Identity, Opener
from kg.errors import ClusterError
from kg.store.catalogue import Catalogue
from search.embedding.base import Embedder
from search.embedding.bulk import CHUNK

REACH_TIMEOUT_S = 3.0
"""Seconds for a TCP connection to the cluster's address."""
CONNECT_TIMEOUT_S = 15.0
"""Seconds for Ray to become part of a cluster whose port answers."""
LOCAL_TIMEOUT_S = 120.0
"""Seconds for Ray to start on this machine."""
_END_TIMEOUT_S = 15.0
"""Seconds for Ray to leave the cluster, before its process is killed."""
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_EMPTY_SETTINGS = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"  # length, type 4, flags, stream
_FRAME_HEADER_BYTES = 9
_MIN_PIECE = 16
_PIECES_A_WORKER = 8

_KEPT = "what was done is kept; run `lfm embed` again"

Paper = tuple[int, str, str, str | None]
"""Key, hash of the text, title and abstract of a paper."""


@dataclass(slots=True)
class ClusterRun:
    """What a cluster did."""

    embedded: int = 0
    """Papers."""
    workers: int = 0
    """Workers at the beginning."""
    lost: int = 0
    """Workers that died."""


def embed_on_cluster(
    catalogue: Catalogue,
    embedder: Embedder,
    opener: Opener,
    address: str,
    workers: int | None = None,
    progress: bool = False,
    place_timeout_s: float = PLACE_TIMEOUT_S,
) -> ClusterRun:
    """Embed the papers without a vector of their present text by workers of a Ray cluster.

    A piece of papers is committed as soon as its vectors come; where the run is killed, only
    pieces at work are lost. A piece whose worker dies goes to another, so that each paper gets
    one vector.

    Parameters
    ----------
    embedder : Embedder
        The model as this process has it; the workers' must be the same.
    opener : callable
        Opens the model on the workers.
    address : str
        ``"HOST:PORT"`` or ``"local"``.
    workers : int, optional
        How many at most; by default one for each GPU, or else each CPU.
    progress : bool
        Show a progress bar on standard error.
    place_timeout_s : float
        Seconds that the cluster may be without any worker.

    Raises
    ------
    BadRequest
        If the address is none.
    ClusterError
        If Ray is not installed, the cluster cannot be used, or no worker is left.
    """
    host = parse(address)
    if find_spec("ray") is None:
        raise ClusterError("Ray is not installed", "pip install 'lfm-atlas[ray]'")
    run = ClusterRun()
    # The longest first: a piece then holds papers of like length, and the last are done soonest.
    missing = sorted(
        catalogue.vectors.missing(embedder.model),
        key=lambda paper: len(paper[2]) + len(paper[3] or ""),
        reverse=True,
    )
    if not missing:
        return run
    if host:
        _reach(address, host)
    arguments = Arguments(address, workers, opener, Identity.of(embedder), place_timeout_s)
    bar = tqdm(total=len(missing), unit="paper", desc="embedding", disable=not progress)
    with bar, _driver(arguments) as (connection, process):
        run.workers = _connect(connection, process, address)
        pieces = list(_cut(missing, run.workers))
        connection.send(len(pieces))
        waiting = iter(enumerate(pieces))
        for message in _messages(connection, address):
            match message:
                case messages.Next():
                    number, piece = next(waiting, (0, None))
                    texts = [(title, abstract) for _, _, title, abstract in piece or ()]
                    connection.send(messages.Piece(number, texts) if piece else None)
                case messages.Done(number, vectors):
                    piece = pieces[number]
                    catalogue.vectors.add(
                        embedder.model,
                        (
                            (key, hashed, vector.astype("<f4").tobytes())
                            for (key, hashed, _, _), vector in zip(piece, vectors, strict=True)
                        ),
                    )
                    run.embedded += len(piece)
                    bar.update(len(piece))
                case messages.Lost():
                    run.lost += 1
    return run


def _cut(papers: Sequence[Paper], workers: int) -> Iterator[Sequence[Paper]]:
    # Small enough that each worker gets several, and that little is lost with one.
    size = min(max(len(papers) // (workers * _PIECES_A_WORKER), _MIN_PIECE), CHUNK)
    for start in range(0, len(papers), size):
        yield papers[start : start + size]


def _reach(address: str, host: tuple[str, int]) -> None:
    """Make sure that an address answers in HTTP/2, as Ray does by gRPC.

    A server begins with a frame of settings once it has the client's preface (RFC 9113, 3.4).
    """
    try:
        with socket.create_connection(host, REACH_TIMEOUT_S) as stream:
            if os.environ.get("RAY_USE_TLS", "0") != "0":
                return  # It would not understand us.
            stream.settimeout(REACH_TIMEOUT_S)
            stream.sendall(_PREFACE + _EMPTY_SETTINGS)
            start = stream.recv(_FRAME_HEADER_BYTES)
            if start[3:4] != _EMPTY_SETTINGS[3:4]:
                raise ConnectionError("it is no port of Ray")
    except OSError as error:
        reason = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
        raise ClusterError(
            f"the Ray cluster at {address} cannot be reached ({reason})",
            "check the address, and that `ray start --head` runs there, with port 6379 by default",
        ) from error


@contextmanager
def _driver(arguments: Arguments) -> Iterator[tuple[Connection, BaseProcess]]:
    """Yield a connection to a new process that drives Ray, and end that process afterwards."""
    # Not a fork: Ray starts threads, and this process has an open database.
    context = multiprocessing.get_context("spawn")
    connection, theirs = context.Pipe()
    process = context.Process(target=driver.main, args=(theirs, arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield connection, process
    finally:
        connection.close()  # By which the driver knows that it is to leave the cluster.
        process.join(_END_TIMEOUT_S)
        if process.is_alive():
            process.kill()
            process.join()


def _connect(connection: Connection, process: BaseProcess, address: str) -> int:
    """Return the number of workers that the cluster has room for."""
    local = address == LOCAL
    no_answer = ClusterError(
        "Ray does not start on this machine" if local else f"no Ray cluster answers at {address}",
        f"LFM_DEBUG=1 shows what Ray says{'' if local else '; the port is 6379 by default'}",
    )
    if not connection.poll(LOCAL_TIMEOUT_S if local else CONNECT_TIMEOUT_S):
        process.kill()  # It would try for minutes.
        raise no_answer
    try:
        first = connection.recv()
    except (EOFError, OSError):
        if local:
            raise no_answer from None
        raise ClusterError(
            f"this machine is not a node of the Ray cluster at {address}",
            f"run `ray start --address={address}` here first, with --num-cpus=0 if it shall not"
            " embed itself",
        ) from None
    if isinstance(first, messages.Failed):
        raise ClusterError(first.message, first.mend)
    assert isinstance(first, messages.Connected)
    return first.workers


def _messages(connection: Connection, address: str) -> Iterator[object]:
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            raise ClusterError(f"the Ray cluster at {address} is lost", _KEPT) from None
        if isinstance(message, messages.Ended):
            return
        if isinstance(message, messages.Failed):
            raise ClusterError(message.message, message.mend or _KEPT)
        yield message
