"""Put metadata of the view into the head of Gradio's HTML document."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search.library import Library
from ui.api.async_calls import in_thread
from ui.guards.guard import Guard
from ui.page.templating import rendered
from ui.web.previews import NAME, preview

PATH = "/"
"""Of the document."""

PICTURE = "atlas/share.png"
"""Picture that messengers show beside a link; `docs/pictures.py` draws it."""

_HEAD = re.compile(rb"<head[^>]*>.*?</head>", re.DOTALL)
# A script's text may quote any of these.
_UNTIL_SCRIPT = re.compile(rb".*?(?=<script|\Z)", re.DOTALL)
_GRADIO_METADATA = re.compile(
    rb"<title>.*?</title>\s*"
    rb"""|<meta\s[^>]*?(?:property|name)\s*=\s*["'](?:og:|twitter:|description["'])[^>]*>\s*""",
    re.DOTALL,
)
_HEAD_START = re.compile(rb"<head[^>]*>(?:\s*<meta\s+charset[^>]*>)?(?:\s*<base[^>]*>)?")


class HeadInjection(Guard):
    """Replace Gradio's metadata in the head of the page by a preview of the view."""

    def __init__(self, app: ASGIApp, library: Library) -> None:
        super().__init__(app)
        self._library = library

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != PATH or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        found = await in_thread(lambda: preview(self._library, request.url.query))
        base = str(request.base_url)
        head = rendered(
            "head.html",
            preview=found,
            name=NAME,
            here=base + (f"?{request.url.query}" if request.url.query else ""),
            picture=base + PICTURE,
        )
        held: Message = {}
        body = bytearray()

        async def changed(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_page(message):
                held = message
            elif held and message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    whole = with_head(bytes(body), head.encode())
                    MutableHeaders(scope=held)["Content-Length"] = str(len(whole))
                    await send(held)
                    await send({"type": "http.response.body", "body": whole})
            else:
                await send(message)

        # A HEAD has the headers of the GET; the server drops the body.
        await self.app({**scope, "method": "GET"}, receive, changed)


def with_head(html: bytes, head: bytes) -> bytes:
    """Return a document with `head` in place of Gradio's title and metadata.

    >>> with_head(b'<head><meta name="description" content="x"><b></head>', b"<title>T</title>")
    b'<head><title>T</title><b></head>'
    """

    def ours(found: "re.Match[bytes]") -> bytes:
        before = _UNTIL_SCRIPT.match(found[0])
        plain = before[0] if before else b""
        kept = _GRADIO_METADATA.sub(b"", plain)
        start = _HEAD_START.match(kept)
        at = start.end() if start else 0
        return kept[:at] + head + kept[at:] + found[0][len(plain) :]

    return _HEAD.sub(ours, html, count=1)


def _is_page(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    return message["status"] == 200 and headers.get("content-type", "").startswith("text/html")
