"""What all guards share: they pass requests on, or refuse them by a status and one plain line."""

from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Guard:
    """An ASGI application around another; each kind says what becomes of a request.

    Parameters
    ----------
    app : ASGIApp
        What answers the requests that pass.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer as ASGI wants it."""
        if scope["type"] == "http":
            await self._asked(scope, receive, send)
        elif scope["type"] == "websocket":
            # Nothing here speaks it.
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self.app(scope, receive, send)

    async def _asked(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        await self.app(scope, receive, send)


async def refuse(
    scope: "Scope",
    receive: "Receive",
    send: "Send",
    status: int,
    line: str,
    headers: dict[str, str] | None = None,
) -> None:
    """Answer with one line in place of what was asked for."""
    response = PlainTextResponse(f"{line}\n", status, headers)
    await response(scope, receive, send)


def first_then(message: "Message", receive: "Receive") -> "Receive":
    """Return what gives a message that was received already, and then what comes after it."""
    given = False

    async def first() -> "Message":
        nonlocal given
        if given:
            return await receive()
        given = True
        return message

    return first
