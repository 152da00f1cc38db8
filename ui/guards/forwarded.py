"""Who asks, where a proxy stands in between: its word is taken if it is one of ours."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ui.guards.guard import Guard

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_TOLD = (b"forwarded", b"via", b"x-forwarded-", b"x-real-ip", b"x-gradio-server")
"""Beginnings of the headers by which a proxy, or anybody, tells of someone else."""


class Forwarded(Guard):
    """Takes the visitor's address and scheme from the headers of trusted proxies only.

    Parameters
    ----------
    app : ASGIApp
    proxies : sequence of str
        Addresses or networks of the proxies; by default nobody is trusted.
    """

    def __init__(self, app: "ASGIApp", proxies: Sequence[str] = ()) -> None:
        super().__init__(app)
        # uvicorn and Starlette name the same types differently.
        self._reading = ProxyHeadersMiddleware(cast("Any", self._strip), list(proxies))

    async def _asked(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        await cast("Any", self._reading)(scope, receive, send)

    async def _strip(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        kept = [pair for pair in scope["headers"] if not pair[0].startswith(_TOLD)]
        # What came through a proxy came from afar, however near the proxy is.
        scope.setdefault("state", {})["forwarded"] = len(kept) < len(scope["headers"])
        # Gradio takes these at their word.
        scope["headers"] = kept
        await self.app(scope, receive, send)
