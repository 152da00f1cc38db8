"""Answers that are long, slow, packed or broken off."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.net.gate import Pace
from ingest.net.http import Http, RequestPolicy
from kg.errors import SourceError, TooLarge, Unreachable
from tests.support.clock import SimulatedClock
from tests.support.services.scripted import OK, URL, Parts, Reply, made, text

# Long, slow and packed answers


@pytest.mark.parametrize("told", [True, False])
def test_a_long_answer_is_not_read_to_its_end(clock: SimulatedClock, told: bool) -> None:
    body = Parts(b"x" * (1 << 20), 100, clock)
    headers = {"Content-Length": str(100 << 20)} if told else {}
    http, server = made(
        clock, lambda _: httpx.Response(200, headers=headers, stream=body), max_bytes=8 << 20
    )
    with pytest.raises(TooLarge, match="longer than 8,388,608 bytes"):
        http.get(URL, text)
    assert body.read == (0 if told else 9)
    assert body.closed
    assert len(server.seen) == 1


def test_an_answer_as_long_as_allowed_is_read(clock: SimulatedClock) -> None:
    http, _ = made(clock, OK, max_bytes=4)
    assert http.get(URL, text) == "fine"
    http, _ = made(clock, OK, max_bytes=3)
    with pytest.raises(TooLarge):
        http.get(URL, text)


def test_the_body_of_a_refusal_is_not_read(clock: SimulatedClock) -> None:
    body = Parts(b"x" * (1 << 20), 100, clock)
    http, _ = made(clock, lambda _: httpx.Response(404, stream=body))
    with pytest.raises(SourceError):
        http.get(URL, text)
    assert body.read == 0
    assert body.closed


def test_a_slow_drip_is_given_up(clock: SimulatedClock) -> None:
    body = Parts(b"x", 10_000, clock, seconds=50)
    http, _ = made(clock, lambda _: httpx.Response(200, stream=body), tries=1)
    with pytest.raises(SourceError, match="no answer in time"):
        http.get(URL, text)
    assert body.read == 13
    assert body.closed


def packed(*parts: bytes, encoding: str = "gzip") -> Callable[[httpx.Request], httpx.Response]:
    stream = httpx.ByteStream(b"".join(parts))
    return lambda _: httpx.Response(200, headers={"Content-Encoding": encoding}, stream=stream)


@given(st.binary(max_size=5000), st.integers(1, 100))
def test_a_packed_answer_is_unpacked(body: bytes, size: int) -> None:
    data = gzip.compress(body)
    whole = [data[i : i + size] for i in range(0, len(data), size)]
    http, server = made(
        clock := SimulatedClock(),
        lambda _: httpx.Response(
            200, headers={"Content-Encoding": "gzip"}, stream=Several(whole, clock)
        ),
    )
    assert http.get(URL, lambda answer: answer.body) == body
    assert server.seen[0].headers["accept-encoding"] == "gzip"


class Several(Parts):
    def __init__(self, parts: list[bytes], clock: SimulatedClock) -> None:
        super().__init__(b"", 0, clock)
        self.parts = parts

    def __iter__(self) -> Iterator[bytes]:
        yield from self.parts


def test_a_packed_answer_in_several_members_is_one(clock: SimulatedClock) -> None:
    http, _ = made(clock, packed(gzip.compress(b"fi"), gzip.compress(b"ne"), encoding="X-GZip"))
    assert http.get(URL, text) == "fine"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (packed(gzip.compress(b"fine" * 1000)[:-9]), "cut short"),
        (packed(gzip.compress(b"fine")[:5]), "cut short"),
        (packed(b"fine"), "not the gzip that it says it is"),
        (packed(gzip.compress(b"fine"), b"<html>"), "not the gzip that it says it is"),
        (packed(b"fine", encoding="br"), "packed in a way that was not asked for"),
        (packed(zlib.compress(b"fine"), encoding="gzip, deflate"), "packed in a way"),
    ],
)
def test_a_packed_answer_that_is_broken_is_asked_for_again(
    clock: SimulatedClock, reply: Reply, reason: str
) -> None:
    http, _ = made(clock, reply, OK)
    assert http.get(URL, text) == "fine"
    http, _ = made(clock, reply)
    with pytest.raises(SourceError, match=reason):
        http.get(URL, text)


@pytest.mark.slow
def test_what_unpacks_to_gigabytes_is_not_unpacked(clock: SimulatedClock) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 24)) for _ in range(16)) + packer.flush()
    assert len(bomb) < 1 << 19
    http, _ = made(clock, packed(bomb), max_bytes=1 << 21)
    with pytest.raises(TooLarge):
        http.get(URL, text)


# A real server


@contextmanager
def serving(*replies: bytes | Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers one request a connection with those bytes, the last ones for ever."""
    server, left, seen = socket.create_server(("127.0.0.1", 0)), list(replies), []
    open_lines: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
                seen.append(line.recv(65536))
            except OSError:
                return
            reply = left.pop(0) if len(left) > 1 else left[0]
            if callable(reply):
                open_lines.append(line)
                with suppress(OSError):  # Whoever asked may leave, and so may the test.
                    reply(line)
            else:
                with line:
                    line.sendall(reply)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/works", seen
    finally:
        for line in open_lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def reset(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfi")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    line.close()


GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfine"


def real(**options: float) -> tuple[Http, list[float]]:
    slept: list[float] = []
    policy = replace(RequestPolicy("example", tries=2, read_timeout_s=5.0), **options)
    # Not through a proxy of who runs the tests.
    return Http(policy, Pace(0.0), httpx.HTTPTransport(), sleep=slept.append), slept


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfi", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfi", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfi\r\n", "broke off"),
        (b"<html>hello</html>", "not HTTP"),
        (b"", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "not HTTP"),
        (reset, "connection was lost"),
    ],
)
def test_what_is_sent_in_part_is_no_answer(
    fault: bytes | Callable[[socket.socket], None], reason: str
) -> None:
    http, slept = real()
    with serving(fault, GOOD) as (url, seen):
        assert http.get(url, text) == "fine"
        assert len(seen) == 2
        assert len(slept) == 1
    with serving(fault) as (url, _), pytest.raises(SourceError, match=reason):
        http.get(url, text)
    http.close()


def test_a_server_that_hangs_is_not_waited_for() -> None:
    http, _ = real(read_timeout_s=0.1)
    for hang in (lambda _: None, lambda line: line.sendall(GOOD[:-2])):
        with serving(hang) as (url, _), pytest.raises(SourceError, match="no answer in time, 2"):
            http.get(url, text)
    http.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "drip"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"x"),
    ],
    ids=["headers", "1xx", "body"],
)
def test_the_deadline_of_a_request_holds_for_all_of_it(start: bytes, drip: bytes) -> None:
    drips, sent = 1000, 0

    def trickle(line: socket.socket) -> None:
        nonlocal sent
        line.sendall(start)
        with suppress(OSError):
            for _ in range(drips):
                line.sendall(drip)
                sent += 1
                time.sleep(0.02)

    http, _ = real(deadline_s=0.3, tries=1)
    with serving(trickle) as (url, _):
        with pytest.raises(SourceError, match="no answer in time"):
            http.get(url, text)
        http.close()
    # Less than was to come, however busy the machine is.
    assert 0 < sent < drips


def test_a_name_that_has_no_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: waiting.wait(10) and [])
    http, slept = real(connect_timeout_s=0.1)
    with pytest.raises(Unreachable, match=r"a-host\.example cannot be reached"):
        http.get("https://a-host.example/", text)
    waiting.set()
    assert slept == []
    http.close()


def test_a_host_without_tls_is_told() -> None:
    http, slept = real()
    with serving(b"HTTP/1.1 400 Bad Request\r\n\r\n") as (url, _):
        with pytest.raises(Unreachable, match="does not speak TLS"):
            http.get(url.replace("http:", "https:"), text)
        assert slept == []
    http.close()


@pytest.mark.slow
def test_every_address_of_a_host_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(0, 0, 0, "", (address, 0)) for address in ("127.0.0.9", "::2", "127.0.0.1")]
    true = socket.getaddrinfo

    def resolve(host: str, *more: Any, **options: Any) -> Any:
        return found if host == "a-host.example" else true(host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    http, slept = real()
    with serving(GOOD) as (url, seen):
        assert http.get(url.replace("127.0.0.1", "a-host.example"), text) == "fine"
    assert len(seen) == 1
    assert slept == []
    http.close()


def test_a_server_that_is_not_there_is_told() -> None:
    http, _ = real()
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
    with pytest.raises(SourceError, match="cannot be reached, 2 times"):
        http.get(url, text)
    http.close()


def test_one_connection_serves_all_requests_until_it_is_closed() -> None:
    kept = GOOD.replace(b"Connection: close\r\n", b"")

    def keep(line: socket.socket) -> None:
        line.sendall(kept)
        while line.recv(65536):
            line.sendall(kept)

    http, _ = real()
    with serving(keep) as (url, seen):
        for _ in range(5):
            assert http.get(url, text) == "fine"
        assert len(seen) == 1
        http.close()
    http.transport = httpx.HTTPTransport()
    with serving(keep) as (url, _):
        assert http.get(url, text) == "fine"
        http.close()


@pytest.mark.parametrize("key", ["schlüssel", "line\nline", "\N{SNOWMAN}", "end "])
def test_a_key_that_cannot_be_sent_is_told_at_once(clock: SimulatedClock, key: str) -> None:
    http, _ = made(clock)
    http.transport, http.headers = httpx.HTTPTransport(), {"x-api-key": key}
    with serving(b"") as (url, _), pytest.raises(SourceError, match="key") as told:
        http.get(url, text)
    http.close()
    assert key not in str(told.value)
    assert clock.slept == []


# Its life
