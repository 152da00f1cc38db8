"""Take the client's address and scheme from the headers of trusted proxies only."""

from collections.abc import Sequence
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ui.guards.guard import Guard

_PROXY_HEADERS = (b"forwarded", b"via", b"x-forwarded-", b"x-real-ip", b"x-gradio-server")
"""Prefixes of the headers in which a proxy, or anybody, names another client."""


class Forwarded(Guard):
    """Set the client of a request from trusted headers, and remove all such headers.

    Parameters
    ----------
    proxies : sequence of str
        Addresses or networks of the proxies; by default nobody is trusted.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[str] = ()) -> None:
        super().__init__(app)
        # uvicorn and Starlette name the same types differently.
        self._proxy_headers = ProxyHeadersMiddleware(cast("Any", self._strip), list(proxies))

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await cast("Any", self._proxy_headers)(scope, receive, send)

    async def _strip(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = [pair for pair in scope["headers"] if not pair[0].startswith(_PROXY_HEADERS)]
        # Behind a proxy the client is not this machine, even where the proxy is.
        scope.setdefault("state", {})["forwarded"] = len(kept) < len(scope["headers"])
        # Gradio trusts these headers.
        scope["headers"] = kept
        await self.app(scope, receive, send)
