"""Limit the requests of one user or one address."""

import ipaddress
import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.guards.guard import Guard, Refused
from ui.guards.work import is_work


class RateLimit(Guard):
    """Refuse clients that send more than a number of requests within any minute.

    Parameters
    ----------
    max_per_minute : int
        Requests in a minute, files and streams not counted; 0 is no limit.
    """

    def __init__(self, app: ASGIApp, max_per_minute: int) -> None:
        super().__init__(app)
        self._max_per_minute = max_per_minute
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = self._max_per_minute
        if most and is_work(scope):
            item, client = RateLimitItemPerMinute(most), client_key(scope)
            if not await self._limiter.hit(item, client):
                stats = await self._limiter.get_window_stats(item, client)
                wait = max(1, math.ceil(stats.reset_time - time.time()))
                line = f"too many requests: {most} a minute are answered; try again in {wait} s"
                raise Refused(429, line, {"Retry-After": str(wait)})
        await self.app(scope, receive, send)


def client_key(scope: Scope) -> str:
    """Return the client that a request counts for: the user, or else the network address.

    >>> client_key({"client": ("2001:db8::7", 1)})
    '2001:db8::/64'
    """
    user = scope.get("state", {}).get("user")
    if user:
        return f"user {user}"
    client = scope.get("client")
    return network_of(client[0] if client else "")


def network_of(host: str) -> str:
    """Return the network of one client: the IPv4 address, or the /64 of an IPv6 address.

    >>> network_of("192.0.2.7"), network_of("2001:db8::7%eth0")
    ('192.0.2.7', '2001:db8::/64')
    """
    host = host.partition("%")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6 and not address.ipv4_mapped:
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)
