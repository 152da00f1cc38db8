"""How often one user, or one address, may ask."""

import ipaddress
import math
import time
from typing import TYPE_CHECKING

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from ui.guards.guard import Guard, refuse
from ui.guards.work import is_work

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Rate(Guard):
    """Refuses who asks more than so often within any minute.

    Parameters
    ----------
    app : ASGIApp
    most : int
        Requests in a minute, files and streams not counted; 0 is no limit.
    """

    def __init__(self, app: "ASGIApp", most: int) -> None:
        super().__init__(app)
        self._most = most
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def _asked(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if not self._most or not is_work(scope):
            await self.app(scope, receive, send)
            return
        item, who = RateLimitItemPerMinute(self._most), asker(scope)
        if await self._limiter.hit(item, who):
            await self.app(scope, receive, send)
            return
        stats = await self._limiter.get_window_stats(item, who)
        wait = max(1, math.ceil(stats.reset_time - time.time()))
        line = f"too many requests: {self._most} a minute are answered; try again in {wait} s"
        await refuse(scope, receive, send, 429, line, {"Retry-After": str(wait)})


def asker(scope: "Scope") -> str:
    """Return whom a request counts for: the user, or else the address.

    Who has one address of version 6 has its whole /64.

    >>> asker({"client": ("2001:db8::7", 1)})
    '2001:db8::/64'
    """
    user = scope.get("state", {}).get("user")
    if user:
        return f"user {user}"
    client = scope.get("client")
    return network_of(client[0] if client else "")


def network_of(host: str) -> str:
    """Return for whom an address stands: itself, or the /64 that one user of version 6 has.

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
