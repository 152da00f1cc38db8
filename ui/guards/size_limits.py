"""Limit the size of addresses and bodies, the time to send a body, and the memory for all."""

import asyncio
from collections import Counter
from typing import Self

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.guards.guard import BUSY_RETRY_AFTER_S, Guard, Refused, replayed
from ui.guards.identity import PUBLIC_PATHS
from ui.guards.rate_limit import client_key

MAX_ADDRESS_BYTES = 24_000
"""Bytes of path and query; must be more than `ui.page.address.MAX_CHARS`."""

MAX_BODY_BYTES = 1_200_000
"""Bytes of a body: enough for a reading list of thousands of papers."""

MAX_PUBLIC_BODY_BYTES = 8_000
"""Bytes of a body at a public path: a name and a password."""

MAX_HELD_BYTES = 32_000_000
"""Bytes of all bodies in memory at a time, until their requests are answered."""

MAX_HELD_BYTES_PER_CLIENT = 8_000_000
"""Bytes of the bodies of one user or address."""

BODY_TIMEOUT_S = 30.0
"""Seconds within which a body must have arrived."""

_CLOSE = {"Connection": "close"}


class SizeLimits(Guard):
    """Refuse requests that are too large or too slow, and pass each body on whole.

    Parameters
    ----------
    timeout_s : float
        Seconds within which a body must have arrived.
    max_bytes, max_bytes_per_client : int
        Bytes of bodies in memory: of all clients, and of one user or address.
    """

    def __init__(
        self,
        app: ASGIApp,
        timeout_s: float = BODY_TIMEOUT_S,
        max_bytes: int = MAX_HELD_BYTES,
        max_bytes_per_client: int = MAX_HELD_BYTES_PER_CLIENT,
    ) -> None:
        super().__init__(app)
        self._timeout_s = timeout_s
        self._max_bytes, self._max_bytes_per_client = max_bytes, max_bytes_per_client
        self._held: Counter[str] = Counter()

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if len(scope["query_string"]) + len(scope["path"]) > MAX_ADDRESS_BYTES:
            raise Refused(414, f"the address is too long: {MAX_ADDRESS_BYTES:,} bytes at most")
        largest = MAX_PUBLIC_BODY_BYTES if scope["path"] in PUBLIC_PATHS else MAX_BODY_BYTES
        body = _Body(
            self._held, client_key(scope), largest, self._max_bytes, self._max_bytes_per_client
        )
        with body:
            try:
                whole = await asyncio.wait_for(body.read(scope, receive), self._timeout_s)
            except TimeoutError:
                line = "the request did not come to its end in time"
                raise Refused(408, line, _CLOSE) from None
            if whole is not None:  # Else the client has disconnected.
                message = {"type": "http.request", "body": whole, "more_body": False}
                await self.app(scope, replayed(message, receive), send)


class _Body:
    """One body, which is counted as held by its client for the length of the block."""

    def __init__(
        self, held: Counter[str], client: str, largest: int, most: int, most_of_client: int
    ) -> None:
        self._held, self._client, self._largest = held, client, largest
        self._most, self._most_of_client = most, most_of_client
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held[self._client] -= self._size
        if not self._held[self._client]:
            del self._held[self._client]

    async def read(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return the body; None where the client disconnects."""
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > self._largest:
            raise self._too_large()
        parts = []
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            self._count(len(parts[-1]))
            if not message.get("more_body"):
                return b"".join(parts)

    def _count(self, size: int) -> None:
        self._size += size
        self._held[self._client] += size
        if self._size > self._largest:
            raise self._too_large()
        if self._held[self._client] > self._most_of_client or self._held.total() > self._most:
            line = f"too many requests are on their way; try again in {BUSY_RETRY_AFTER_S} s"
            raise Refused(503, line, {"Retry-After": str(BUSY_RETRY_AFTER_S), **_CLOSE})

    def _too_large(self) -> Refused:
        line = f"the request is too large: {self._largest:,} bytes at most"
        return Refused(413, line, _CLOSE)
