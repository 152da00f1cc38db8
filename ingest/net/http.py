"""Asking a service: paced, with retries, and never mistaking an error for an answer."""

import logging
import random
import re
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import httpx

from ingest.net.connecting import (
    CONNECT_TIMEOUT_S,
    MAX_REDIRECTS,
    REDIRECT_STATUSES,
    ConnectionFailed,
    TimedClient,
    host_of,
    sender,
)
from ingest.net.gate import Gate, Pace
from ingest.net.http_date import http_date
from kg.errors import Forbidden, Overloaded, SourceError, TooLarge, Unreachable

T = TypeVar("T")

RETRIED_STATUSES: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Statuses that another try may mend."""

MAX_FLAWED_TRIES: Final = 3
"""Most requests for an answer that is whole and flawed each time."""

_MAX_CONNECT_TRIES = 2
"""Tries to connect to a host before it counts as unreachable."""

_OVERLOAD_STATUSES = frozenset({429, 503})
"""Statuses by which a server says that it is asked too much."""

_HEADERS_FOR_ANY_HOST = frozenset(
    {"accept", "accept-encoding", "user-agent", "if-none-match", "if-modified-since"}
)
"""Headers that a redirect may take to another host; any other may hold a key."""

_MAX_PAUSE_S = 86400.0
"""Seconds for which no more is asked of a server at most, whatever `Retry-After` says."""


class BadResponse(Exception):
    """An answer that is broken or not what was asked for, and why; it is asked for again."""


class FlawedResponse(BadResponse):
    """An answer that came to its end, with something in it that cannot be right.

    Asking again seldom mends that, so it is asked for `MAX_FLAWED_TRIES` times at most.

    Parameters
    ----------
    usable : object, optional
        What `check` makes of the rest; returned where the answer stays as it is.
    """

    def __init__(self, reason: str, usable: Any = None) -> None:
        super().__init__(reason)
        self.usable = usable


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What a server answered, whole."""

    status: int
    # Not shown: a key may be a part of the address.
    url: str = field(repr=False)
    """The address that answered, after redirects."""
    headers: Mapping[str, str] = field(repr=False)
    """Names are compared without regard to case."""
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """How one service is asked: its bounds on tries, time and size."""

    source: str
    """Name of the service in reports: ``arxiv``."""
    hosts: frozenset[str] = frozenset()
    """Hosts that a redirect may lead to, beside the one that was asked."""
    tries: int = 8
    """Most requests for one answer, redirects aside."""
    max_retry_s: float = 900.0
    """Most seconds from the first try to the start of the last."""
    connect_timeout_s: float = CONNECT_TIMEOUT_S
    """Seconds to find a host and connect to it, after which it counts as unreachable."""
    read_timeout_s: float = 60.0
    """Seconds without a byte after which a request has failed."""
    deadline_s: float = 600.0
    """Seconds after which a request has failed, however many bytes came."""
    max_bytes: int = 64 << 20
    """Length of the longest answer that is read, unpacked."""


@dataclass(slots=True)
class Http:
    """A client of one service.

    Every request passes the gate. Statuses that may mend, lost connections and answers that `check`
    refuses are tried again, after a wait that doubles, with jitter, and that is never shorter than
    what `Retry-After` asks. Where it asks for more than `max_retry_s`, nothing is asked before that
    time; after a 403 nothing more is asked at all.

    Parameters
    ----------
    transport : httpx.BaseTransport, optional
        Used in place of the network.
    headers : mapping of str to str
        Sent with each request to the host that was asked, never to another; a key goes here.
    contact : str
        Where the server's keeper can reach the user; a part of the `User-Agent`.
    clock, sleep, chance
        Seconds, waiting for them, and a number in [0, 1).
    wall : callable, optional
        Seconds since the epoch; by default `clock`. It may be set, so nothing is waited for by it.
    down : dict of str to str
        Hosts that could not be reached, and why; clients that share it ask none of them again.
    """

    policy: RequestPolicy
    gate: Gate = field(default_factory=lambda: Pace(1.0))
    transport: httpx.BaseTransport | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    contact: str = ""
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep
    chance: Callable[[], float] = random.random
    wall: Callable[[], float] | None = None
    down: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    """How many requests were made."""
    _client: TimedClient | None = field(default=None, init=False, repr=False)
    _forbidden: bool = field(default=False, init=False, repr=False)
    _paused_until: float = field(default=float("-inf"), init=False, repr=False)

    def get(
        self,
        url: str,
        check: Callable[[HttpResponse], T],
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (200,),
        tries: int | None = None,
    ) -> T:
        """Return what `check` makes of the answer.

        Parameters
        ----------
        check : callable
            Turns a whole answer into a value, or raises `BadResponse`, and it is asked for again; a
            `FlawedResponse` a few times only.
        params : mapping of str to str, optional
            Added to the address.
        headers : mapping of str to str, optional
            Sent beside the usual ones.
        accept : collection of int
            Statuses that `check` understands.
        tries : int, optional
            Most requests, where that is fewer than `RequestPolicy.tries`.

        Raises
        ------
        Forbidden
            If the server answered 403 now or before.
        Unreachable
            If there was no connection to the host, now or before.
        Overloaded
            If it said again and again that it is asked too much, or asks for a pause that is
            longer than `RequestPolicy.max_retry_s`.
        TooLarge
            If the answer is longer than `RequestPolicy.max_bytes`.
        SourceError
            If there is no good answer.
        AtlasError
            If the gate cannot be used.
        """
        request = self._request("GET", url, params, headers, None)
        return self._ask(request, check, accept, min(tries or self.policy.tries, self.policy.tries))

    def post(
        self,
        url: str,
        check: Callable[[HttpResponse], T],
        *,
        json: object,
        params: Mapping[str, str] | None = None,
        accept: Collection[int] = (200,),
    ) -> T:
        """Return what `check` makes of the answer to a JSON document; see `get`."""
        request = self._request("POST", url, params, None, json)
        return self._ask(request, check, accept, self.policy.tries)

    def stop(self) -> None:
        """Ask nothing more, as after a 403."""
        self._forbidden = True

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _request(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        json: object,
    ) -> httpx.Request:
        usual = {"User-Agent": sender(self.contact), "Accept": "*/*", "Accept-Encoding": "gzip"}
        every = {**usual, **self.headers, **(headers or {})}
        # What is wrong is not shown: it may be a part of a key.
        if not all(re.fullmatch("[ -~]*", value) for value in every.values()):
            raise self._error("a key or another header has letters that cannot be sent")
        try:
            target = httpx.URL(url).copy_merge_params(params or {})
            named = target.scheme in ("http", "https") and bool(target.host)
        except (httpx.InvalidURL, UnicodeError):
            named = False
        if not named:
            raise self._error(f"{_without_secrets(url)!r} is no address")
        return httpx.Request(method, target, headers=every, json=json)

    def _ask(
        self,
        request: httpx.Request,
        check: Callable[[HttpResponse], T],
        accept: Collection[int],
        tries: int,
    ) -> T:
        started = self.clock()
        flawed = unconnected = 0
        usable: T | None = None
        for attempt in range(1, tries + 1):
            # Half to all of 2, 4, 8, ... seconds, up to two minutes.
            wait = min(120.0, 2.0**attempt) * (0.5 + self.chance() / 2)
            status = None
            try:
                answer, wait = self._follow(request, accept, wait)
            except ConnectionFailed as error:
                reason, unconnected = error.reason, unconnected + 1
                if error.permanent or unconnected == _MAX_CONNECT_TRIES:
                    reason += f", {attempt} times" if attempt > 1 else ""
                    self.down[error.host] = reason
                    raise self._error(reason, None, Unreachable) from error
            except httpx.TransportError as error:
                reason = _reason_of(error)
            except BadResponse as error:
                reason = str(error)
            else:
                status, reason = answer.status, f"HTTP {answer.status}"
                if status in accept:
                    try:
                        return check(answer)
                    except FlawedResponse as error:
                        reason, flawed = str(error), flawed + 1
                        usable = usable if error.usable is None else error.usable
                    except BadResponse as error:
                        reason = str(error)
                elif status not in RETRIED_STATUSES:
                    raise self._error(reason, status)
            late = self.clock() + wait - started > self.policy.max_retry_s
            if late or flawed == MAX_FLAWED_TRIES:
                break
            if attempt < tries:
                self.sleep(wait)
        if usable is not None:
            return usable
        kind = Overloaded if status in _OVERLOAD_STATUSES else SourceError
        times = f", {attempt} times" if attempt > 1 else ""
        raise self._error(f"{reason}{times}", status, kind)

    def _follow(
        self, first: httpx.Request, accept: Collection[int], wait: float
    ) -> tuple[HttpResponse, float]:
        """Send a request, follow redirects; return the answer and the wait until a retry."""
        request = first
        for _ in range(MAX_REDIRECTS + 1):
            self._raise_if_stopped(request)
            with self.gate:
                # Again: another thread may have been refused while this one waited.
                self._raise_if_stopped(request)
                answer = self._send(request, accept)
                wait = max(wait, self._note(request, answer, wait, accept))
            if answer.status in accept or answer.status not in REDIRECT_STATUSES:
                return answer, wait
            request = self._redirected(first, request, answer)
        raise self._error("redirected again and again", answer.status)

    def _raise_if_stopped(self, request: httpx.Request) -> None:
        """Raise if no request may be sent any more, or not yet."""
        if reason := self.down.get(host_of(request)):
            raise self._error(reason, None, Unreachable)
        if self._forbidden:
            raise self._error("HTTP 403", 403, Forbidden)
        if (left := self._paused_until - self.clock()) > 0:
            raise self._error(f"asks to be left alone for {left:.0f} s more", None, Overloaded)

    def _note(
        self, request: httpx.Request, answer: HttpResponse, wait: float, accept: Collection[int]
    ) -> float:
        """Note what an answer asks of us, within the gate; return the wait until the next try."""
        if answer.status in accept:
            self.gate.served()
            return 0.0
        if answer.status == 403:
            self._forbidden = True
            self._raise_if_stopped(request)
        if answer.status == 429:
            self.gate.refused()
        asked = 0.0
        if answer.status in RETRIED_STATUSES:
            asked = _retry_after(answer.headers, (self.wall or self.clock)())
        if asked > self.policy.max_retry_s:
            self._paused_until = self.clock() + min(asked, _MAX_PAUSE_S)
        elif answer.status in _OVERLOAD_STATUSES:
            # All who share the gate wait.
            self.gate.postpone(max(wait, asked))
        return asked

    def _send(self, request: httpx.Request, accept: Collection[int]) -> HttpResponse:
        if self._client is None:
            timeouts = self.policy.read_timeout_s, self.policy.connect_timeout_s
            self._client = TimedClient(self.transport, *timeouts)
        self.requests += 1
        until = self.clock() + self.policy.deadline_s
        try:
            response = self._client.send(request, self.policy.deadline_s)
        except httpx.LocalProtocolError:
            raise self._error("a key or another header cannot be sent") from None
        except httpx.TransportError as error:
            raise ConnectionFailed.from_error(error, request) or error from error
        except UnicodeError:  # httpx looks at where a redirect leads, though it follows none.
            raise self._error("redirected to no address") from None
        with closing(response):
            # What a server writes beside a refusal is of no use.
            body = self._read(response, until) if response.status_code in accept else b""
        return HttpResponse(response.status_code, str(request.url), response.headers, body)

    def _read(self, response: httpx.Response, until: float) -> bytes:
        """Return the body, or raise before it gets too long or takes too long."""
        most, length, parts = self.policy.max_bytes, 0, []
        if (_number(response.headers.get("content-length", "")) or 0) <= most:
            for part in _decoded(self._in_time(response, until), response.headers):
                length += len(part)
                if length > most:
                    break
                parts.append(part)
            else:
                return b"".join(parts)
        reason = f"the answer is longer than {most:,} bytes"
        raise self._error(reason, response.status_code, TooLarge)

    def _in_time(self, response: httpx.Response, until: float) -> Iterator[bytes]:
        # As it was sent: httpx would unpack it without limit, and miss that its end is missing.
        assert isinstance(response.stream, httpx.SyncByteStream)
        for part in response.stream:
            if self.clock() > until:
                raise httpx.ReadTimeout("too slow")
            yield part

    def _redirected(
        self, first: httpx.Request, request: httpx.Request, answer: HttpResponse
    ) -> httpx.Request:
        """Return the request that a redirect asks for; a key stays with the first host."""
        try:
            target = request.url.join(answer.headers["location"])
            host = target.host  # What is no name is noticed only when it is asked for.
        except (httpx.InvalidURL, UnicodeError, KeyError):
            raise self._error("redirected to no address", answer.status) from None
        safe = target.scheme in (request.url.scheme, "https")
        same = target.netloc == first.url.netloc
        if not safe or request.method != "GET" or not (same or host in self.policy.hosts):
            raise self._error(f"redirected to {target.scheme}://{host}", answer.status)
        kept = {
            name: value
            for name, value in first.headers.items()
            if name != "host" and (same or name in _HEADERS_FOR_ANY_HOST)
        }
        return httpx.Request("GET", target, headers=kept)

    def _error(
        self, reason: str, status: int | None = None, kind: type[SourceError] = SourceError
    ) -> SourceError:
        return kind(self.policy.source, reason, status)


def _decoded(raw: Iterable[bytes], headers: Mapping[str, str]) -> Iterator[bytes]:
    """Yield the body of an answer, without gzip, in bounded pieces; a missing end is noticed."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        yield from raw
    elif encoding not in ("gzip", "x-gzip"):
        raise BadResponse("packed in a way that was not asked for")
    else:
        decoder = None
        try:
            for part in raw:
                while part:
                    if decoder is None or decoder.eof:
                        decoder = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
                    yield decoder.decompress(part, 1 << 20)
                    part = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            if decoder is not None:
                yield decoder.flush()
        except zlib.error:
            raise BadResponse("not the gzip that it says it is") from None
        if decoder is not None and not decoder.eof:
            raise BadResponse("cut short")


def _retry_after(headers: Mapping[str, str], now: float) -> float:
    """Seconds that a server asks to wait, as a number or a date; 0 where it does not say."""
    text = headers.get("retry-after", "")
    if (seconds := _number(text)) is not None:
        return seconds
    until = http_date(text)
    # By the server's own clock, if it sends it: ours may be wrong.
    its = http_date(headers.get("date", ""))
    return 0.0 if until is None else until.timestamp() - (its.timestamp() if its else now)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\s*[0-9]{1,15}(\.[0-9]*)?\s*", text) else None


def _reason_of(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.RemoteProtocolError):
        return "an answer that broke off or is not HTTP"
    return "the connection was lost"


def _without_secrets(url: str) -> str:
    """Return an address without the parts that may hold a key."""
    return re.sub(r"//[^/]*@", "//", re.split(r"[?#]", url)[0])


def _with_host_alone(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            httpx.URL(scheme=one.scheme, host=one.host, port=one.port)
            if isinstance(one, httpx.URL)
            else one
            for one in record.args
        )
    return True


# httpx logs the address of each request. A key may be a part of it, and a webhook's is one.
logging.getLogger("httpx").addFilter(_with_host_alone)
