"""Asking hosts whether addresses exist, without asking for what is there."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import httpx

from ingest.net.connecting import MAX_REDIRECTS, REDIRECT_STATUSES, TimedClient, sender
from ingest.net.gate import Pace
from kg.errors import SourceError, Unreachable
from kg.links import is_public_name

GAP_S: Final = 1.0
"""Least seconds from the end of one request to a host to the start of the next."""

DEADLINE_S: Final = 15.0
"""Seconds in which an answer must come."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a host answered, after redirects."""

    status: int
    url: str
    """The address that answered."""


class HeadClient:
    """Sends HEAD requests to public hosts, one at a time over one connection to each.

    Parameters
    ----------
    transport : httpx.BaseTransport or None
        Used in place of the network.
    contact : str
        How the sender can be reached.
    clock, sleep : callable
        Seconds, and waiting for them.
    """

    def __init__(
        self,
        transport: httpx.BaseTransport | None = None,
        contact: str = "",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.requests = 0
        """How many requests were made."""
        self._transport, self._sender = transport, sender(contact)
        self._clock, self._sleep = clock, sleep
        self._hosts: dict[str, tuple[TimedClient, Pace]] = {}

    def head(self, url: str) -> Head:
        """Return what answers at an address, after redirects.

        Raises
        ------
        Unreachable
            If there is no connection to a host, or it is within a network.
        SourceError
            If there is no answer in time, or redirects do not end.
        """
        for _ in range(MAX_REDIRECTS + 1):
            target = httpx.URL(url)
            public = is_public_name(target.host) and target.port is None
            if target.scheme not in ("http", "https") or not public:
                raise SourceError("links", f"redirected to {target.scheme}://{target.host}")
            answer = self._send(target)
            if answer.status_code not in REDIRECT_STATUSES:
                return Head(answer.status_code, url)
            try:
                url = str(target.join(answer.headers["location"]))
            except (httpx.InvalidURL, UnicodeError, KeyError):
                raise SourceError("links", "redirected to no address") from None
        raise SourceError("links", "redirected again and again")

    def close(self) -> None:
        """Close all connections."""
        for client, _ in self._hosts.values():
            client.close()
        self._hosts.clear()

    def _send(self, url: httpx.URL) -> httpx.Response:
        host = url.netloc.decode("ascii")
        if host not in self._hosts:
            client = TimedClient(self._transport, DEADLINE_S, public_only=True)
            self._hosts[host] = client, Pace(GAP_S, self._clock, self._sleep)
        client, pace = self._hosts[host]
        headers = {"User-Agent": self._sender, "Accept": "*/*"}
        with pace:
            self.requests += 1
            try:
                answer = client.send(httpx.Request("HEAD", url, headers=headers), DEADLINE_S)
                answer.close()
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
                raise Unreachable("links", f"{host} cannot be reached") from error
            except (httpx.TransportError, UnicodeError) as error:
                raise SourceError("links", f"{host} gives no answer") from error
        return answer
