"""Security headers: the page may load nothing from, and send nothing to, any other host.

This is the outermost guard: an exception in any other becomes a plain line here.
"""

import base64
import hashlib
import logging
import re
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from ui.guards.compression import accepts_gzip, gzipped
from ui.guards.guard import Guard

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

POLICY = (
    "default-src 'self'; script-src 'self'{scripts}; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none';"
    " base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)

PAGE = "/"
"""The path of Gradio's HTML, which has scripts in it."""

_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)

_log = logging.getLogger("uvicorn.error")


class SecurityHeaders(Guard):
    """Add the headers to every response, and respond where the application failed."""

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = scope["path"] == PAGE
        packs = page and accepts_gzip(Headers(scope=scope))
        state = scope.setdefault("state", {})
        if page:
            # Its scripts are read below, so it must not come compressed.
            scope = {**scope, "headers": _without(scope, b"accept-encoding")}
        # `identity`, behind this guard, sets the user.
        response = _Response(send, scope["path"], page, lambda: packs and not state.get("user"))
        try:
            await self.app(scope, receive, response.send)
        except Exception as error:
            if response.streams and not response.done:
                # Gradio's, for a session or event that does not exist.
                _log.error("the stream %r ended: %s", scope["path"], error)
                await response.send({"type": "http.response.body", "body": b""})
                return
            if response.begun and not response.done:
                raise  # The server logs it, and ends the connection.
            _log.exception("answering %r failed", scope["path"])
            if not response.begun:
                failed = PlainTextResponse("this failed; the server's log says how\n", 500)
                await failed(scope, receive, response.send)


class _Response:
    """One response on its way to the client."""

    def __init__(self, send: Send, path: str, page: bool, is_packed: Callable[[], bool]) -> None:
        self._send, self._path, self._page, self._is_packed = send, path, page, is_packed
        self._held: Message | None = None
        self._body = bytearray()
        self.begun = self.streams = self.done = False

    async def send(self, message: Message) -> None:
        self.done = message["type"] == "http.response.body" and not message.get("more_body")
        if message["type"] == "http.response.start":
            kind = Headers(raw=message["headers"]).get("content-type", "")
            self.streams = kind.startswith("text/event-stream")
            self._held = message if self._page and kind.startswith("text/html") else None
            if self._held is None:
                await self._begin(message, "")
        elif self._held and message["type"] == "http.response.body":
            # The policy names the page's scripts, so the headers wait for the whole page.
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                body, policy = bytes(self._body), allowed(self._body)
                headers = MutableHeaders(scope=self._held)
                headers.add_vary_header("Accept-Encoding")
                if body and self._is_packed():
                    body = gzipped(body)
                    headers["Content-Encoding"] = "gzip"
                    headers["Content-Length"] = str(len(body))
                await self._begin(self._held, policy)
                await self._send({"type": "http.response.body", "body": body})
        else:
            await self._send(message)

    async def _begin(self, message: Message, scripts: str) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in FIXED.items():
            headers[name] = value
        headers["Content-Security-Policy"] = POLICY.format(scripts=scripts)
        # Gradio lets other sites' scripts read its responses.
        for name in [name for name in headers if name.startswith("access-control-")]:
            del headers[name]
        if "cache-control" not in headers and not self._path.startswith(("/assets/", "/static/")):
            headers["Cache-Control"] = "no-store"
        self.begun = True
        await self._send(message)


def allowed(html: bytes | bytearray) -> str:
    """Return the part of the policy that allows the scripts within a page, and no others.

    ``unsafe-eval`` is there because Gradio compiles its components' templates and their
    ``js_on_load``. Injected markup still runs nothing.

    >>> allowed(b"<script src='a.js'></script>")
    " 'unsafe-eval'"
    """
    hashes = (base64.b64encode(hashlib.sha256(one).digest()) for one in _SCRIPT.findall(html))
    return " 'unsafe-eval'" + "".join(f" 'sha256-{one.decode()}'" for one in hashes)


def _without(scope: Scope, name: bytes) -> list[tuple[bytes, bytes]]:
    return [pair for pair in scope["headers"] if pair[0] != name]
