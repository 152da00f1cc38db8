"""The page's HTML document: Gradio's, with a head that tells of the view at its address."""

import re
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request

from search.library import Library
from ui.api.responses import in_thread
from ui.guards.guard import Guard
from ui.page.templating import rendered
from ui.web.previews import NAME, preview

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATH = "/"
"""Where the document is."""

PICTURE = "atlas/share.png"
"""What messengers show beside a link; `docs/pictures.py` draws it."""

_HEAD = re.compile(rb"<head[^>]*>.*?</head>", re.DOTALL)
# A script's text may quote any of these.
_UNTIL_SCRIPT = re.compile(rb".*?(?=<script|\Z)", re.DOTALL)
_THEIRS = re.compile(
    rb"<title>.*?</title>\s*"
    rb"""|<meta\s[^>]*?(?:property|name)\s*=\s*["'](?:og:|twitter:|description["'])[^>]*>\s*""",
    re.DOTALL,
)
_BEGINS = re.compile(rb"<head[^>]*>(?:\s*<meta\s+charset[^>]*>)?(?:\s*<base[^>]*>)?")


class Document(Guard):
    """Puts our head into the document that the application behind it answers.

    Parameters
    ----------
    app : ASGIApp
    library : Library
    """

    def __init__(self, app: "ASGIApp", library: Library) -> None:
        super().__init__(app)
        self._library = library

    async def _handle(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["path"] != PATH or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        told = await in_thread(lambda: preview(self._library, request.url.query))
        base = str(request.base_url)
        head = rendered(
            "head.html",
            preview=told,
            name=NAME,
            here=base + (f"?{request.url.query}" if request.url.query else ""),
            picture=base + PICTURE,
        )
        held: Message = {}
        body = bytearray()

        async def changed(message: "Message") -> None:
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

        # What is asked for by HEAD is as long as what is asked for by GET; the server cuts it.
        await self.app({**scope, "method": "GET"}, receive, changed)


def with_head(html: bytes, head: bytes) -> bytes:
    """Return a document with our head in place of what Gradio tells of itself.

    >>> with_head(b'<head><meta name="description" content="x"><b></head>', b"<title>T</title>")
    b'<head><title>T</title><b></head>'
    """

    def ours(found: "re.Match[bytes]") -> bytes:
        told = _UNTIL_SCRIPT.match(found[0])
        plain = told[0] if told else b""
        mine = _THEIRS.sub(b"", plain)
        begins = _BEGINS.match(mine)
        at = begins.end() if begins else 0
        return mine[:at] + head + mine[at:] + found[0][len(plain) :]

    return _HEAD.sub(ours, html, count=1)


def _is_page(message: "Message") -> bool:
    headers = Headers(raw=message["headers"])
    return message["status"] == 200 and headers.get("content-type", "").startswith("text/html")
