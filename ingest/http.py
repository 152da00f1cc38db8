"""Asking others' servers: politely, patiently, and never mistaking an error for an answer."""

import email.utils
import random
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Final, TypeVar

import httpx

from ingest.gate import Gate, Pace
from kg.errors import Forbidden, Overloaded, SourceError, TooLarge

T = TypeVar("T")

RETRIED: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Statuses that another try may mend."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class BadAnswer(Exception):
    """An answer that is broken or not what was asked for; it is asked for again.

    Parameters
    ----------
    reason : str
        What is wrong with it, such as ``"cut short"``.
    """


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, whole."""

    status: int
    url: str
    """The address that answered, after redirects."""
    headers: Mapping[str, str]
    """Names are compared without regard to case."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Manners:
    """How one service wants to be asked."""

    source: str
    """Name of the service in reports: ``arxiv``."""
    hosts: frozenset[str] = frozenset()
    """Hosts that a redirect may lead to, beside the one that was asked."""
    tries: int = 8
    """Most requests for one answer."""
    patience: float = 900.0
    """Most seconds of waiting for one answer."""
    timeout: float = 60.0
    """Seconds without a byte after which a request has failed."""
    deadline: float = 600.0
    """Seconds after which a request has failed, however many bytes came."""
    most_bytes: int = 64 << 20
    """Length of the longest answer that is read."""


@dataclass(slots=True)
class Http:
    """A client of one service.

    Every try passes the gate. Statuses that may mend, lost connections and answers that `check`
    refuses are tried again, after what `Retry-After` says or else after a wait that doubles, with
    jitter. After a 403 nothing more is asked.

    Parameters
    ----------
    manners : Manners
    gate : Gate
        Spaces the requests.
    transport : httpx.BaseTransport, optional
        Used in place of the network.
    headers : mapping of str to str
        Sent with each request to the host that was asked, never to another; a key goes here.
    clock, sleep, chance
        Seconds, waiting for them, and a number in [0, 1).
    """

    manners: Manners
    gate: Gate = field(default_factory=lambda: Pace(1.0))
    transport: httpx.BaseTransport | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    contact: str = ""
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep
    chance: Callable[[], float] = random.random
    requests: int = 0
    """How many requests were made."""
    _client: httpx.Client | None = field(default=None, repr=False)
    _forbidden: Forbidden | None = field(default=None, repr=False)

    def get(
        self,
        url: str,
        check: Callable[[Answer], T],
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (200,),
    ) -> T:
        """Return what `check` makes of the answer.

        Parameters
        ----------
        url : str
        check : callable
            Turns a whole answer into a value, or raises `BadAnswer`, and it is asked for again.
        params : mapping of str to str, optional
            Added to the address.
        headers : mapping of str to str, optional
            Sent beside the usual ones.
        accept : collection of int
            Statuses that `check` understands.

        Raises
        ------
        Forbidden
            If the server answered 403 now or before.
        Overloaded
            If it said again and again that it is asked too much.
        TooLarge
            If the answer is longer than `Manners.most_bytes`.
        SourceError
            If there is no good answer.
        """
        return self._ask("GET", url, check, params, headers, accept, None)

    def post(
        self,
        url: str,
        check: Callable[[Answer], T],
        *,
        json: object,
        params: Mapping[str, str] | None = None,
        accept: Collection[int] = (200,),
    ) -> T:
        """Return what `check` makes of the answer to a JSON document; see `get`."""
        return self._ask("POST", url, check, params, None, accept, json)

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _ask(
        self,
        method: str,
        url: str,
        check: Callable[[Answer], T],
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        accept: Collection[int],
        json: object,
    ) -> T:
        if self._forbidden:
            raise self._forbidden
        try:
            own = {**self.headers, **(headers or {})}
            first = request = self._opened.build_request(
                method, url, params=params, headers=own, json=json
            )
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
            raise SourceError(self.manners.source, f"{url!r} is no address ({error})") from error
        started, reason, status = self.clock(), "", None
        for attempt in range(1, self.manners.tries + 1):
            with self.gate:
                wait = self._backoff(attempt)
                try:
                    answer = self._send(request, accept)
                except (httpx.TransportError, httpx.DecodingError) as error:
                    status, reason = None, _told(error)
                else:
                    status = answer.status
                    if status in accept:
                        self.gate.served()
                        try:
                            return check(answer)
                        except BadAnswer as error:
                            reason = str(error)
                    elif status in _REDIRECTS:
                        reason = f"HTTP {status}"
                        request = self._redirected(first, request, answer)
                        continue
                    else:
                        reason = f"HTTP {status}"
                        self._refuse(answer)
                        asked = _retry_after(answer.headers.get("retry-after"), self.clock())
                        wait = wait if asked is None else asked
                if self.clock() + wait - started > self.manners.patience:
                    break
                if attempt < self.manners.tries:
                    self.gate.postpone(wait)
        kind = Overloaded if status in (429, 503) else SourceError
        times = f", {attempt} times" if attempt > 1 else ""
        raise kind(self.manners.source, f"{reason}{times}", status)

    @property
    def _opened(self) -> httpx.Client:
        if self._client is None:
            about = f"; {self.contact}" if self.contact else ""
            self._client = httpx.Client(
                transport=self.transport,
                timeout=self.manners.timeout,
                limits=httpx.Limits(max_connections=1),
                headers={
                    "User-Agent": f"lfm-atlas/{version('lfm-atlas')} (literature atlas{about})"
                },
                # A proxy or a .netrc of the user is meant for the network, not for tests of it.
                trust_env=self.transport is None,
            )
        return self._client

    def _send(self, request: httpx.Request, accept: Collection[int]) -> Answer:
        self.requests += 1
        response = self._opened.send(request, stream=True)
        try:
            # What a server writes beside a refusal is of no use.
            body = self._read(response) if response.status_code in accept else b""
            return Answer(response.status_code, str(response.url), response.headers, body)
        finally:
            response.close()

    def _redirected(
        self, first: httpx.Request, request: httpx.Request, answer: Answer
    ) -> httpx.Request:
        """Return the request that a redirect asks for; a key stays with the first host."""
        target = request.url.join(answer.headers.get("location", ""))
        safe = target.scheme in (request.url.scheme, "https")
        same = target.netloc == first.url.netloc
        if not safe or request.method != "GET" or not (same or target.host in self.manners.hosts):
            raise SourceError(
                self.manners.source, f"redirected to {target.scheme}://{target.host}", answer.status
            )
        headers = {n: v for n, v in first.headers.items() if n != "host"}
        if not same:
            headers = {n: v for n, v in headers.items() if n not in _lower(self.headers)}
        return httpx.Request("GET", target, headers=headers, extensions=first.extensions)

    def _read(self, response: httpx.Response) -> bytes:
        """Return the body, or raise before it gets too long or takes too long."""
        until, length, parts = self.clock() + self.manners.deadline, 0, []
        for part in response.iter_bytes():
            length += len(part)
            if length > self.manners.most_bytes:
                raise TooLarge(
                    self.manners.source,
                    f"the answer is longer than {self.manners.most_bytes >> 20} MB",
                    response.status_code,
                )
            if self.clock() > until:
                raise httpx.ReadTimeout("too slow")
            parts.append(part)
        return b"".join(parts)

    def _refuse(self, answer: Answer) -> None:
        """Raise where another try is useless."""
        if answer.status == 429:
            self.gate.refused()
        if answer.status == 403:
            self._forbidden = Forbidden(self.manners.source, "HTTP 403", 403)
            raise self._forbidden
        if answer.status not in RETRIED:
            raise SourceError(self.manners.source, f"HTTP {answer.status}", answer.status)

    def _backoff(self, attempt: int) -> float:
        """Seconds: half to all of 2, 4, 8, ... up to two minutes."""
        return float(min(120.0, 2.0**attempt)) * (0.5 + self.chance() / 2)


def _lower(headers: Mapping[str, str]) -> set[str]:
    return {name.lower() for name in headers}


def _told(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.ConnectError):
        return "cannot be reached"
    return "the connection was lost"


def _retry_after(value: str | None, now: float) -> float | None:
    """Seconds that a server asks to wait: a number, or a date."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None
