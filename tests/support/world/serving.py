"""Asking the simulated world: without a network and without waiting, or by a real server."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain

import httpx

from tests.support.clock import SimulatedClock
from tests.support.world.faults import Faults
from tests.support.world.records import Call, Reply, WorldRequest
from tests.support.world.world import World, service_of


class WorldGateway:
    """Answers and records requests to the world, by either way."""

    def __init__(self, world: World, faults: Faults | None = None) -> None:
        self.world, self.faults = world, faults or Faults()
        self._lock = threading.Lock()

    def ask(self, asked: WorldRequest) -> Reply:
        """Return what is sent, and record the request."""
        with self._lock:
            now, service = self.world.now(), service_of(asked)
            reply, fault = self.faults.apply(asked, service, self.world.reply(asked), now)
            call = Call(service, now, asked.url, reply.status, fault or None)
            self.world.calls.append(call)
        packs = "gzip" in asked.headers.get("accept-encoding", "") and len(reply.body) > 1000
        if packs and reply.parts is None:
            reply.body = gzip.compress(reply.body, 1, mtime=0)
            reply.headers["Content-Encoding"] = "gzip"
        return reply


class WorldTransport(httpx.BaseTransport):
    """The world in place of the network.

    Parameters
    ----------
    world : World
        Made with the same clock.
    clock : SimulatedClock
        A request takes `latency` seconds, one that hangs its whole timeout.
    faults : Faults, optional
    """

    def __init__(
        self,
        world: World,
        clock: SimulatedClock,
        faults: Faults | None = None,
        latency: float = 0.1,
    ) -> None:
        self._gateway = WorldGateway(world, faults)
        self._clock, self._latency = clock, latency

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        reply = self._gateway.ask(
            WorldRequest(request.method, str(request.url), headers, request.read())
        )
        if reply.ending == "hang":
            self._clock.sleep(request.extensions["timeout"]["read"])
            raise httpx.ReadTimeout("the world hangs", request=request)
        self._clock.sleep(self._latency)
        if reply.ending == "refused":
            raise httpx.ConnectError("nobody is there", request=request)
        if reply.ending == "reset":
            raise httpx.ReadError("the connection was reset", request=request)
        if reply.parts is None:
            reply.headers["Content-Length"] = str(len(reply.body))
        return httpx.Response(reply.status, headers=reply.headers, stream=_Body(reply))


class _Body(httpx.SyncByteStream):
    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        if self._reply.parts is not None:
            yield from self._reply.parts
        elif self._reply.ending == "cut":
            yield self._reply.body[: len(self._reply.body) // 2]
            raise httpx.ReadError("the connection was reset")
        else:
            yield self._reply.body


@contextmanager
def serving(world: World, faults: Faults | None = None) -> Iterator[dict[str, str]]:
    """Serve the world on loopback; yield the environment variables that lead to it."""
    server = _Server(WorldGateway(world, faults))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield {
            "LFM_ARXIV_URL": f"{base}/api/query",
            "LFM_OAI_URL": f"{base}/oai",
            "LFM_SEMANTIC_SCHOLAR_URL": base,
            "LFM_OPENALEX_URL": base,
            "LFM_LISTS_URL": base,
        }
    finally:
        server.shutdown()
        server.release()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def __init__(self, gateway: WorldGateway) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.gateway = gateway
        self.stopping = threading.Event()
        self._lines: set[socket.socket] = set()

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:
        self._lines.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:
        self._lines.discard(request)
        super().shutdown_request(request)

    def release(self) -> None:
        """End the requests that hang and the connections that wait for another."""
        self.stopping.set()
        for line in list(self._lines):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that leave are expected."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        url = f"http://{self.headers.get('Host', '')}{self.path}"
        self._send(
            self.server.gateway.ask(
                WorldRequest(self.command, url, headers, self.rfile.read(length))
            )
        )

    def do_POST(self) -> None:
        self.do_GET()

    def _send(self, reply: Reply) -> None:
        if reply.ending == "hang":
            self.server.stopping.wait()
        if reply.ending in ("hang", "reset", "refused"):
            self._reset()
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.parts is None and reply.status != 304:
            self.send_header("Content-Length", str(len(reply.body)))
        if reply.parts is not None:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        if reply.ending == "cut":
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self._reset()
            return
        for part in chain([reply.body], reply.parts or ()):
            self.wfile.write(part)

    def _reset(self) -> None:
        """Break the connection off, so that the other side is told of it at once."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        with suppress(OSError):
            self.wfile.flush()
        # Give what was written the time to be read: a reset throws away what is not.
        time.sleep(0.02)
        self.connection.close()

    def send_response(self, code: int, message: str | None = None) -> None:
        self.send_response_only(code, message)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
