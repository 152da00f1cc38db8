"""The front of `lfm serve --workers N`: it keeps all guards, and answers what concerns itself.

Sessions, limits and queues are its own, so that they are the same whichever worker answers; so are
refreshes, of which it alone begins any.
"""

import json
from typing import Any, Final

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from kg.errors import BadRequest
from search.library import Library
from ui.api.async_calls import in_thread
from ui.auth.authenticator import Authenticator
from ui.background import BackgroundRefresh
from ui.forms import actions
from ui.guards.guard import Guard, replayed
from ui.guards.pending_answers import PendingAnswers
from ui.page.address import Address
from ui.web import app, health, sign_in
from ui.web.content import page_files
from ui.web.fleet import Fleet
from ui.web.relay import Relay

_COMPONENT: Final = "/gradio_api/component_server"

_ADMINISTRATION: Final = frozenset(
    name for name, action in actions.ACTIONS.items() if action.administrator_only
)


def fronting(
    fleet: Fleet, library: Library, background: BackgroundRefresh, authenticator: Authenticator
) -> Starlette:
    """Return the application of the front, to be put behind the guards."""
    relay = OwnAnswers(Relay(fleet), library, background)
    return Starlette(
        routes=[
            page_files(),
            *health.routes(background),
            *sign_in.routes(authenticator),
            Mount("/", PendingAnswers(relay)),
        ]
    )


class OwnAnswers(Guard):
    """Answer what is about refreshes: the status page, and what an administrator does there."""

    def __init__(self, app: ASGIApp, library: Library, background: BackgroundRefresh) -> None:
        super().__init__(app)
        self._library, self._background = library, background

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST" or scope["path"].rstrip("/") != _COMPONENT:
            await self.app(scope, receive, send)
            return
        message = await receive()  # The whole body: `size_limits` has read it.
        answer = _own(Headers(scope=scope), message.get("body", b""))
        if answer is None:
            await self.app(scope, replayed(message, receive), send)
            return
        respond, sent = answer
        state = Request(scope).state
        found = await in_thread(lambda: respond(self._library, sent, state, self._background))
        await JSONResponse(found)(scope, receive, send)


def _own(headers: Headers, body: bytes) -> tuple[Any, dict[str, Any]] | None:
    """Return the function that answers a call here, and what was sent; None for a worker's."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return None
    try:
        found = json.loads(body)
        sent = found["data"]
        if found["fn_name"] == "act" and sent["action"] in _ADMINISTRATION:
            return app.acted, sent
        if found["fn_name"] == "show" and Address.parse(str(sent["address"])).view == "status":
            return app.shown, sent
    except (ValueError, RecursionError, KeyError, TypeError, BadRequest):
        pass  # A worker says what is wrong with it.
    return None
