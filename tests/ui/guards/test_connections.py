"""Connections that hold a place and ask nothing: they lock nobody out, and they end."""

import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.serving import small_library
from ui.guards.connections import ConnectionLimits, Connections, LimitedProtocol, within_files
from ui.web.server import Serving, in_background

ASK = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@contextmanager
def listening(home: Path, limits: ConnectionLimits) -> Iterator[Callable[..., socket.socket]]:
    """Serve an atlas, and give what opens a connection to it from an address of this machine."""
    serving = Serving(port=0, connections=limits)
    with ExitStack() as stack:
        library = stack.enter_context(small_library(home))
        address = urlsplit(stack.enter_context(in_background(library, serving)))

        def connected(source: str = "127.0.0.1", sent: bytes = b"") -> socket.socket:
            made = socket.create_connection(
                (address.hostname, address.port), timeout=30, source_address=(source, 0)
            )
            stack.enter_context(made)
            made.sendall(sent)
            return made

        yield connected


def answer(one: socket.socket) -> bytes:
    """Return all that comes until the other side ends the connection."""
    parts = []
    try:
        while part := one.recv(1 << 16):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def status(one: socket.socket) -> bytes:
    return answer(one).split(b"\r\n")[0]


def ended(one: socket.socket) -> bool:
    """Return whether the other side has ended a connection that said nothing."""
    return answer(one) == b""


LIMITS = ConnectionLimits(total=12, per_address=8, head_timeout=600, stall_timeout=600)


@pytest.mark.slow
def test_silent_connections_give_way_to_who_asks(tmp_path: Path) -> None:
    with listening(tmp_path, LIMITS) as connected:
        silent = [connected() for _ in range(8)]
        # Half a head is as silent as none.
        half = [connected("127.0.0.2", b"GET / HTTP/1.1\r\nHost: lo") for _ in range(4)]
        assert status(connected("127.0.0.1", ASK)) == b"HTTP/1.1 200 OK"
        assert status(connected("127.0.0.2", ASK)) == b"HTTP/1.1 200 OK"
        assert status(connected("127.0.0.3", ASK)) == b"HTTP/1.1 200 OK"
        # The oldest of the address that had most.
        assert ended(silent[0])
        half[-1].sendall(b"calhost\r\nConnection: close\r\n\r\n")
        assert status(half[-1]) == b"HTTP/1.1 200 OK"


@pytest.mark.slow
def test_a_flood_is_over_when_the_time_for_a_head_is(tmp_path: Path) -> None:
    limits = ConnectionLimits(total=400, per_address=300, head_timeout=0.5)
    with listening(tmp_path, limits) as connected:
        flood = [connected() for _ in range(250)]
        flood += [connected(sent=b"GET / HTTP/1.1\r\nA: b\r\n") for _ in range(50)]
        assert status(connected("127.0.0.2", ASK)) == b"HTTP/1.1 200 OK"
        assert all(map(ended, flood))
        assert status(connected(sent=ASK)) == b"HTTP/1.1 200 OK"


def cut(one: socket.socket, sent: bytes, times: int, pause: float = 0.0) -> bool:
    """Send the same again and again; return whether the other side ends the connection."""
    try:
        for _ in range(times):
            one.sendall(sent)
            time.sleep(pause)
    except (BrokenPipeError, ConnectionResetError):
        return True
    return False


@pytest.mark.slow
def test_a_head_that_drips_has_an_end(tmp_path: Path) -> None:
    limits = ConnectionLimits(head_timeout=0.5)
    with listening(tmp_path, limits) as connected:
        assert cut(connected(), b"G", 1000, 0.05)
        # So has the one after an answer.
        alive = ASK.replace(b"close", b"keep-alive")
        assert cut(connected(sent=alive), b"G", 1000, 0.05)


@pytest.mark.slow
def test_a_request_that_is_answered_is_not_cut(tmp_path: Path) -> None:
    limits = ConnectionLimits(total=2, per_address=2, head_timeout=0.2)
    with listening(tmp_path, limits) as connected:
        body = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
        busy = [connected(sent=body) for _ in range(2)]
        time.sleep(0.5)
        # Nobody gives way, so whoever comes is told.
        assert b"503" in status(connected(sent=ASK))
        for one in busy:
            one.sendall(b"username=")
            assert one.recv(1 << 16).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.slow
def test_who_does_not_read_loses_the_connection(tmp_path: Path) -> None:
    with listening(tmp_path, ConnectionLimits(stall_timeout=0.5)) as connected:
        assets = files("gradio").joinpath("templates", "frontend", "assets").iterdir()
        largest = max(assets, key=lambda file: len(file.read_bytes()))
        # Enough of them to fill every buffer in between.
        ask = f"GET /assets/{largest.name} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        one = connected(sent=ask * 100)
        assert cut(one, b"G", 1000, 0.05)


@pytest.mark.slow
def test_requests_that_nobody_waits_for_do_not_pile_up(tmp_path: Path) -> None:
    with listening(tmp_path, LIMITS) as connected:
        assert cut(connected(), ASK.replace(b"close", b"keep-alive") * 100, 10_000)
        # A few sent ahead are answered in turn.
        some = connected(sent=ASK.replace(b"close", b"keep-alive") * 9 + ASK)
        assert answer(some).count(b"HTTP/1.1 200 OK") == 10


def test_a_trusted_proxy_may_have_all_connections() -> None:
    everyone = Connections(ConnectionLimits(total=6, per_address=2), ["127.0.0.1", "::1"])

    def arrives(host: str) -> bool:
        one = LimitedProtocol.__new__(LimitedProtocol)
        one.host = one.address = host
        return everyone.admit(one)

    assert [arrives("127.0.0.1") for _ in range(4)] == [True] * 4
    assert [arrives("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert [arrives("nobody") for _ in range(2)] == [False, False]


def test_there_are_no_more_connections_than_files() -> None:
    found = within_files(ConnectionLimits())
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert found.total + 256 <= soft
    assert within_files(ConnectionLimits(total=10)).total == 10
