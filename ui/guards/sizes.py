"""Addresses and bodies have an end, and come within a time."""

import asyncio
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from ui.guards.guard import Guard, refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_ADDRESS = 24_000
"""Bytes of path and query: more than `ui.address.LONGEST`."""

LARGEST_BODY = 1_200_000
"""Bytes: a reading list of thousands of papers."""

PATIENCE = 30.0
"""Seconds in which a body must have come."""


class Sizes(Guard):
    """Refuses what is too long, and gives on each body whole."""

    def __init__(self, app: "ASGIApp", patience: float = PATIENCE) -> None:
        super().__init__(app)
        self._patience = patience

    async def _asked(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if len(scope["query_string"]) + len(scope["path"]) > LONGEST_ADDRESS:
            line = f"the address is too long: {LONGEST_ADDRESS:,} bytes at most"
            await refuse(scope, receive, send, 414, line)
            return
        try:
            body = await asyncio.wait_for(_body(scope, receive), self._patience)
        except TimeoutError:
            await refuse(scope, receive, send, 408, "the request did not come to its end in time")
        except _TooLarge:
            line = f"the request is too large: {LARGEST_BODY:,} bytes at most"
            await refuse(scope, receive, send, 413, line, {"Connection": "close"})
        else:
            if body is not None:  # Else the visitor has gone.
                await self.app(scope, _again(body, receive), send)


class _TooLarge(Exception):
    pass


async def _body(scope: "Scope", receive: "Receive") -> bytes | None:
    told = Headers(scope=scope).get("content-length", "")
    if told.isdecimal() and int(told) > LARGEST_BODY:
        raise _TooLarge
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            raise _TooLarge
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: "Receive") -> "Receive":
    """Return what gives the body, and then only what comes after it."""
    given = False

    async def again() -> "Message":
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
