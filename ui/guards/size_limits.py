"""Addresses and bodies have an end, come within a time, and do not fill the memory together."""

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Self

from starlette.datastructures import Headers

from ui.guards.guard import Guard, first_then, refuse
from ui.guards.identity import OPEN
from ui.guards.rate import asker

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LONGEST_ADDRESS = 24_000
"""Bytes of path and query: more than `ui.page.address.MAX_CHARS`."""

LARGEST_BODY = 1_200_000
"""Bytes: a reading list of thousands of papers."""

LARGEST_OPEN_BODY = 8_000
"""Bytes where no account is needed: a name and a password."""

MOST_BODIES = 32_000_000
"""Bytes of all bodies together that are in memory at a time, until they are answered."""

MOST_BODIES_OF_ONE = 8_000_000
"""Of these, bytes of one user or address."""

PATIENCE = 30.0
"""Seconds in which a body must have come."""

_RETRY = 5


class Sizes(Guard):
    """Refuses what is too long, and gives on each body whole.

    Parameters
    ----------
    app : ASGIApp
    patience : float
        Seconds in which a body must have come.
    most, most_of_one : int
        Bytes of bodies in memory: of all, and of one user or address.
    """

    def __init__(
        self,
        app: "ASGIApp",
        patience: float = PATIENCE,
        most: int = MOST_BODIES,
        most_of_one: int = MOST_BODIES_OF_ONE,
    ) -> None:
        super().__init__(app)
        self._patience, self._most, self._most_of_one = patience, most, most_of_one
        self._held: Counter[str] = Counter()

    async def _asked(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if len(scope["query_string"]) + len(scope["path"]) > LONGEST_ADDRESS:
            line = f"the address is too long: {LONGEST_ADDRESS:,} bytes at most"
            await refuse(scope, receive, send, 414, line)
            return
        largest = LARGEST_OPEN_BODY if scope["path"] in OPEN else LARGEST_BODY
        body = _Body(self._held, asker(scope), largest, self._most, self._most_of_one)
        close = {"Connection": "close"}
        with body:
            try:
                whole = await asyncio.wait_for(body.read(scope, receive), self._patience)
            except TimeoutError:
                line = "the request did not come to its end in time"
                await refuse(scope, receive, send, 408, line, close)
            except _TooLarge:
                line = f"the request is too large: {largest:,} bytes at most"
                await refuse(scope, receive, send, 413, line, close)
            except _TooMany:
                line = f"too many requests are on their way; try again in {_RETRY} s"
                more = {"Retry-After": str(_RETRY), **close}
                await refuse(scope, receive, send, 503, line, more)
            else:
                if whole is not None:  # Else the visitor has gone.
                    message = {"type": "http.request", "body": whole, "more_body": False}
                    await self.app(scope, first_then(message, receive), send)


class _TooLarge(Exception):
    pass


class _TooMany(Exception):
    pass


class _Body:
    """One body, which counts for whom it comes from as long as the block lasts."""

    def __init__(
        self, held: Counter[str], who: str, largest: int, most: int, most_of_one: int
    ) -> None:
        self._held, self._who, self._largest = held, who, largest
        self._most, self._most_of_one = most, most_of_one
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held[self._who] -= self._size
        if not self._held[self._who]:
            del self._held[self._who]

    async def read(self, scope: "Scope", receive: "Receive") -> bytes | None:
        """Return the body; None where the visitor went away."""
        told = Headers(scope=scope).get("content-length", "")
        if told.isdecimal() and int(told[:20]) > self._largest:
            raise _TooLarge
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
        self._held[self._who] += size
        if self._size > self._largest:
            raise _TooLarge
        if self._held[self._who] > self._most_of_one or self._held.total() > self._most:
            raise _TooMany
