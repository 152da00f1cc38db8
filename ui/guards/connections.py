"""Limit open connections, and how long one may be idle: below HTTP, before any guard.

A connection without a whole request head holds nothing but its slot. So idle connections lock
nobody out: they end after a timeout, or as soon as another client needs the slot.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from ui.guards.rate_limit import network_of

_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Retry-After: 15\r\nConnection: close\r\nContent-Length: 44\r\n\r\n"
    b"there are too many connections; try in 15 s\n"
)


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of connections."""

    total: int = 2_000
    """Connections that are open at a time."""
    per_address: int = 256
    """Of these, from one address; a proxy that is trusted may have all."""
    head_timeout: float = 15.0
    """Seconds within which the head of the next request must have arrived."""
    stall_timeout: float = 60.0
    """Seconds within which a client must have read something of what is written to it."""
    pipelined_bytes: int = 65_536
    """Bytes of further requests that may arrive while one is answered."""


class Connections:
    """The connections of one server, by address.

    Parameters
    ----------
    proxies : sequence of str
        Addresses or networks to which the limit of one address does not apply.
    """

    def __init__(self, limits: ConnectionLimits, proxies: Sequence[str] = ()) -> None:
        self.limits = limits
        self._proxies = [ip_network(proxy) for proxy in proxies]
        self._open: dict[str, set[LimitedProtocol]] = {}
        # Idle connections by address, oldest first: a dictionary keeps order.
        self._idle: dict[str, dict[LimitedProtocol, None]] = {}
        self._count = 0

    def admit(self, one: "LimitedProtocol") -> bool:
        """Count a connection, or return False where no idle one can be ended for it."""
        here = self._open.setdefault(one.address, set())
        full = len(here) >= self.limits.per_address and not self._is_proxy(one.host)
        if full and not self._end_idle(one.address):
            return False
        if self._count >= self.limits.total:
            # The address with the most connections gives way first.
            crowded = max(self._idle, key=lambda a: len(self._open[a]), default="")
            if not self._end_idle(crowded):
                return False
        self._open.setdefault(one.address, here).add(one)
        self._count += 1
        return True

    def mark_idle(self, one: "LimitedProtocol") -> None:
        """Record that a connection waits for a request."""
        self._idle.setdefault(one.address, {})[one] = None

    def mark_busy(self, one: "LimitedProtocol") -> None:
        """Record that a connection has a request."""
        waiting = self._idle.get(one.address, {})
        waiting.pop(one, None)
        if not waiting:
            self._idle.pop(one.address, None)

    def leave(self, one: "LimitedProtocol") -> None:
        """Remove a connection that has ended."""
        self.mark_busy(one)
        there = self._open.get(one.address, set())
        if one in there:
            there.remove(one)
            self._count -= 1
            if not there:
                del self._open[one.address]

    def _end_idle(self, address: str) -> bool:
        """End the longest idle connection of an address; return whether there was one."""
        oldest = next(iter(self._idle.get(address, ())), None)
        if oldest is None:
            return False
        self.leave(oldest)
        oldest.transport.abort()
        return True

    def _is_proxy(self, host: str) -> bool:
        try:
            address = ip_address(host.partition("%")[0])
        except ValueError:
            return False
        return any(address in proxy for proxy in self._proxies)


class LimitedProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, on connections that are limited; see `limited`."""

    all_connections: ClassVar[Connections]
    """All connections of the server."""

    host = address = ""
    """Client's host, and the network that it counts for."""
    _late: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _admitted = False
    _ahead = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection, or refuse it by one line."""
        super().connection_made(transport)
        self.host = self.client[0] if self.client else ""
        self.address = network_of(self.host)
        self._admitted = self.all_connections.admit(self)
        if self._admitted:
            self._watch()
        else:
            transport.write(_FULL)
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Pass data on, and note whether the head of a request is complete."""
        if not self._admitted:
            return
        if self._answering and not self.cycle.more_body:
            # uvicorn buffers further requests without limit while it answers one.
            self._ahead += len(data)
            if self._ahead > self.all_connections.limits.pipelined_bytes:
                self.transport.abort()
                return
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the slot."""
        self.all_connections.leave(self)
        self._late = _cancelled(self._late)
        self._stalled = _cancelled(self._stalled)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait for the client to read, until the timeout."""
        super().pause_writing()
        timeout = self.all_connections.limits.stall_timeout
        self._stalled = self._stalled or self.loop.call_later(timeout, self.transport.abort)

    def resume_writing(self) -> None:
        """Cancel the timeout: the client reads again."""
        super().resume_writing()
        self._stalled = _cancelled(self._stalled)

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _watch(self) -> None:
        if self.transport.is_closing():
            return
        if self._answering:
            self._late = _cancelled(self._late)
            self.all_connections.mark_busy(self)
        elif self._late is None:
            self._ahead = 0
            timeout = self.all_connections.limits.head_timeout
            self._late = self.loop.call_later(timeout, self.transport.abort)
            self.all_connections.mark_idle(self)


def within_files(limits: ConnectionLimits) -> ConnectionLimits:
    """Return the limits with no more connections than this process may open files.

    The limit of files is raised as far as the system lets a process do it by itself. 256 files are
    left for the catalogue, the index and the page's own.
    """
    if sys.platform == "win32":
        return limits
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.total + 256
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    most = limits.total if soft == resource.RLIM_INFINITY else max(64, soft - 256)
    return replace(limits, total=min(limits.total, most))


def limited(limits: ConnectionLimits, proxies: Sequence[str] = ()) -> type[LimitedProtocol]:
    """Return the protocol of one server, whose connections share the limits."""
    members: dict[str, Any] = {"all_connections": Connections(limits, proxies)}
    return type("LimitedProtocol", (LimitedProtocol,), members)


def _cancelled(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Cancel a timer, if there is one, and return None."""
    if timer is not None:
        timer.cancel()
    return None
