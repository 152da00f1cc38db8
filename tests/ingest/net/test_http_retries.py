import ssl
import threading
import time
from email.utils import formatdate

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.net.gate import Pace
from ingest.net.http import BadResponse, FlawedResponse, Http, HttpResponse, RequestPolicy
from kg.errors import Forbidden, Overloaded, SourceError, Unreachable
from tests.support.clock import SimulatedClock
from tests.support.services.scripted import (
    KEY,
    OK,
    URL,
    Reply,
    Server,
    made,
    status,
    text,
)


def certificate(message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = message
    return error


# Trying again


@pytest.mark.parametrize(
    "fault",
    [
        status(429),
        status(500),
        status(502),
        status(503),
        status(504),
        status(408),
        httpx.ReadError("reset"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("peer closed connection"),
        httpx.Response(200, content=b"bad"),
        status(302, Location="https://[::1"),
    ],
)
def test_what_may_mend_is_tried_again(clock: SimulatedClock, fault: Reply) -> None:
    def check(answer: HttpResponse) -> str:
        if answer.body == b"bad":
            raise BadResponse("bad")
        return text(answer)

    http, server = made(clock, fault, fault, OK)
    assert http.get(URL, check) == "fine"
    first, second = (b - a for a, b in zip(server.times, server.times[1:], strict=False))
    assert 1 <= first <= 2
    assert 2 <= second <= 4


@pytest.mark.parametrize(
    ("fault", "reason", "kind"),
    [
        (status(429), "HTTP 429, 8 times", Overloaded),
        (status(503), "HTTP 503, 8 times", Overloaded),
        (status(500), "HTTP 500, 8 times", SourceError),
        (httpx.ReadTimeout(KEY), "no answer in time, 8 times", SourceError),
        (httpx.ReadError(KEY), "the connection was lost, 8 times", SourceError),
        (httpx.RemoteProtocolError(KEY), "an answer that broke off or is not HTTP", SourceError),
        (httpx.Response(200, content=b"\xff"), "not text, 8 times", SourceError),
    ],
)
def test_what_does_not_mend_is_told(
    clock: SimulatedClock, fault: Reply, reason: str, kind: type[SourceError]
) -> None:
    def check(answer: HttpResponse) -> str:
        try:
            return text(answer)
        except UnicodeDecodeError:
            raise BadResponse("not text") from None

    http, server = made(clock, fault)
    with pytest.raises(SourceError) as told:
        http.get(URL, check)
    assert type(told.value) is kind
    assert told.value.reason.startswith(reason)
    assert KEY not in str(told.value)
    assert len(server.seen) == 8


@pytest.mark.parametrize(
    ("fault", "tries", "reason"),
    [
        (httpx.ConnectError(KEY), 2, "api.example.org cannot be reached, 2 times"),
        (httpx.ProxyError(KEY), 2, "api.example.org cannot be reached, 2 times"),
        (httpx.ConnectTimeout(KEY), 1, "api.example.org cannot be reached"),
    ],
)
def test_a_host_that_cannot_be_reached_is_soon_let_be(
    clock: SimulatedClock, fault: Exception, tries: int, reason: str
) -> None:
    http, server = made(clock, fault)
    other = Http(
        RequestPolicy("other"), Pace(0.0), server, {}, "", clock, clock.sleep, down=http.down
    )
    for client in (http, http, other):
        with pytest.raises(Unreachable) as told:
            client.get(URL, text)
        assert told.value.reason == reason
        assert KEY not in str(told.value)
    assert len(server.seen) == tries
    assert sum(clock.slept) <= 3
    # Another host is another matter.
    server.replies = [OK]
    assert http.get("https://mirror.example.org/works", text) == "fine"


def test_no_connection_gets_a_second_try_at_once(clock: SimulatedClock) -> None:
    http, server = made(clock, httpx.ConnectError("no"), OK)
    assert http.get(URL, text) == "fine"
    assert server.times[1] - server.times[0] <= 2
    assert http.down == {}


@pytest.mark.parametrize(
    ("cause", "reason", "tries"),
    [
        (
            certificate("certificate has expired"),
            r"certificate of api.example.org is bad \(cert",
            1,
        ),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] x"), "does not speak TLS", 1),
        (ssl.SSLEOFError(8, "EOF occurred"), "cannot be reached, 2 times", 2),
    ],
)
def test_an_error_of_tls_is_told_as_one(
    clock: SimulatedClock, cause: Exception, reason: str, tries: int
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no") from cause

    http, server = made(clock, fail)
    with pytest.raises(Unreachable, match=reason):
        http.get(URL, text)
    assert len(server.seen) == tries


def test_a_flawed_answer_is_asked_for_a_few_times(clock: SimulatedClock) -> None:
    def check(_: HttpResponse) -> str:
        raise FlawedResponse("one entry is bad", usable)

    http, server = made(clock, OK)
    usable: str | None = "the rest"
    assert http.get(URL, check) == "the rest"
    assert len(server.seen) == 3
    usable = None
    with pytest.raises(SourceError, match="one entry is bad, 3 times") as told:
        http.get(URL, check)
    assert told.value.status == 200
    assert len(server.seen) == 6


def test_a_caller_may_want_fewer_tries(clock: SimulatedClock) -> None:
    http, server = made(clock, status(500))
    with pytest.raises(SourceError, match="HTTP 500, 2 times"):
        http.get(URL, text, tries=2)
    assert len(server.seen) == 2


def test_the_waits_grow_to_two_minutes_and_are_never_all_the_same(clock: SimulatedClock) -> None:
    http, _ = made(clock, status(500), tries=12, max_retry_s=1e6)
    with pytest.raises(SourceError):
        http.get(URL, text)
    waits = [wait for wait in clock.slept if wait > 0]
    for number, wait in enumerate(waits):
        assert min(120, 2 ** (number + 1)) / 2 <= wait <= min(120, 2 ** (number + 1))
    assert len(waits) == 11
    assert len(set(waits)) == 11


def test_patience_ends_before_the_tries_do(clock: SimulatedClock) -> None:
    http, server = made(clock, status(500), tries=1000, max_retry_s=100.0)
    with pytest.raises(SourceError):
        http.get(URL, text)
    assert server.times[-1] - server.times[0] <= 100
    assert 5 <= len(server.seen) <= 12


def test_an_error_within_the_check_is_no_bad_answer(clock: SimulatedClock) -> None:
    http, server = made(clock, OK)
    for _ in range(2):  # The gate is left open.
        with pytest.raises(ZeroDivisionError):
            http.get(URL, lambda _: 1 / 0)
    assert len(server.seen) == 2


def test_a_check_may_ask_further(clock: SimulatedClock) -> None:
    http, _ = made(clock, OK)
    assert http.get(URL, lambda _: http.get(URL, text)) == "fine"


# Being refused


@pytest.mark.parametrize("code", [429, 503, 500])
@pytest.mark.parametrize("form", ["seconds", "date", "no zone", "its own date", "fraction"])
@pytest.mark.usefixtures("auckland")
def test_retry_after_is_waited_for(clock: SimulatedClock, code: int, form: str) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        skew = 5000 if form == "its own date" else 0
        headers = {"Retry-After": formatdate(clock.now + 200 + skew, usegmt=True)}
        if form == "no zone":
            headers = {"Retry-After": headers["Retry-After"].removesuffix(" GMT")}
        if form == "seconds":
            headers = {"Retry-After": "200"}
        if form == "fraction":
            headers = {"Retry-After": " 200.5 "}
        if skew:
            headers["Date"] = formatdate(clock.now + skew, usegmt=True)
        return httpx.Response(code, headers=headers)

    http, server = made(clock, refuse, OK)
    assert http.get(URL, text) == "fine"
    assert 200 <= server.times[1] - server.times[0] <= 202


@pytest.mark.parametrize(
    "value",
    "0|-5|soon||nan|inf|1e9|0x10|²|12 s|Thu, 01 Jan 1970 00:00:00 GMT|Thu, 99 Foo 1970"
    "|Mon, 01 Jan 0001 00:00:00 +2359|Fri, 31 Dec 9999 23:59:59 -9999".split("|"),
)
def test_a_retry_after_of_no_use_changes_nothing(clock: SimulatedClock, value: str) -> None:
    refuse = httpx.Response(429, headers=[(b"Retry-After", value.encode("latin-1"))])
    http, server = made(clock, refuse, OK)
    assert http.get(URL, text) == "fine"
    assert 1 <= server.times[1] - server.times[0] <= 2


@given(st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"])))
def test_any_retry_after_is_survived(value: str) -> None:
    headers = [(b"Retry-After", value.encode("latin-1"))]
    http, _ = made(SimulatedClock(), httpx.Response(503, headers=headers), OK)
    try:
        assert http.get(URL, text) == "fine"
    except Overloaded:
        assert any(letter.isdigit() for letter in value)


@pytest.mark.parametrize("seconds", ["901", "86400", "999999999999999"])
def test_who_wants_to_be_left_alone_for_long_is(clock: SimulatedClock, seconds: str) -> None:
    http, server = made(clock, status(429, Retry_After=seconds), OK)
    with pytest.raises(Overloaded, match="HTTP 429") as told:
        http.get(URL, text)
    assert told.value.status == 429
    with pytest.raises(Overloaded, match="left alone for"):
        http.get(URL, text)
    assert len(server.seen) == 1
    assert clock.slept == []
    clock.now += min(float(seconds), 86400)
    assert http.get(URL, text) == "fine"


def test_a_refusal_holds_off_all_who_share_the_gate(clock: SimulatedClock) -> None:
    http, server = made(clock, status(503, Retry_After="300"), tries=1)
    other = Http(RequestPolicy("other"), http.gate, Server(clock, OK), {}, "", clock, clock.sleep)
    with pytest.raises(Overloaded):
        http.get(URL, text)
    other.get(URL, text)
    assert clock.now - server.times[0] >= 300


def test_the_pace_slows_down_at_429_and_recovers(clock: SimulatedClock) -> None:
    http, _ = made(clock, status(429), status(429), OK)
    assert isinstance(http.gate, Pace)
    http.get(URL, text)
    assert http.gate.gap == pytest.approx(1 + 3 * 0.9)
    http.get(URL, text)
    assert http.gate.gap == pytest.approx(1 + 3 * 0.81)


def test_after_a_403_nothing_more_is_asked(clock: SimulatedClock) -> None:
    http, server = made(clock, status(403), OK)
    for _ in range(3):
        with pytest.raises(Forbidden) as told:
            http.get(URL, text)
        assert told.value.status == 403
    with pytest.raises(Forbidden):
        http.post(URL, text, json={})
    assert len(server.seen) == 1
    assert clock.slept == []


def test_a_403_stops_the_threads_that_wait_for_their_turn() -> None:
    release = threading.Event()

    def refuse(_: httpx.Request) -> httpx.Response:
        release.wait(10)
        return status(403)

    server = Server(SimulatedClock(), refuse)
    http = Http(RequestPolicy("example"), Pace(0.0), server)
    ends: list[BaseException] = []

    def ask() -> None:
        try:
            http.get(URL, text)
        except SourceError as error:
            ends.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    release.set()
    for thread in threads:
        thread.join()
    assert len(server.seen) == 1
    assert [type(end) for end in ends] == [Forbidden] * 4
