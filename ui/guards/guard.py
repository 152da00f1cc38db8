"""The base class of guards: they pass requests on, or refuse them by a status and one line."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUSY_RETRY_AFTER_S = 5
"""Seconds after which a client may try again that was refused because the server is busy."""


class Refused(Exception):
    """A request that a guard does not pass on; the client gets one line of plain text."""

    def __init__(self, status: int, line: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(line)
        self.response = PlainTextResponse(f"{line}\n", status, headers)


class Guard:
    """An ASGI application around another; subclasses override `_handle`, which may raise `Refused`.

    Parameters
    ----------
    app : ASGIApp
        Answers the requests that pass.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI defines it."""
        if scope["type"] == "http":
            try:
                await self._handle(scope, receive, send)
            except Refused as refused:
                await refused.response(scope, receive, send)
        elif scope["type"] == "websocket":
            # Nothing here uses WebSockets.
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self.app(scope, receive, send)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def replayed(message: Message, receive: Receive) -> Receive:
    """Return a `receive` that gives `message` first and then what `receive` gives."""
    given = False

    async def first() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return message

    return first
