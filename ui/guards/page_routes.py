"""What of Gradio is open: the page, and calling what the atlas offers; no files, no proxy."""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from ui.guards.guard import Guard, refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_READ = re.compile(
    r"/|/config/?|/(assets|static)/.*|/favicon\.ico|/manifest\.json|/robots\.txt|/theme\.css"
    r"|/gradio_api/(info/?|openapi\.json|app_id/?|theme\.css|startup-events"
    r"|queue/(data|status)|heartbeat/[\w-]+|call/[\w-]+/[\w-]+)"
)
_SENT = re.compile(r"/gradio_api/(component_server/?|queue/join|cancel|reset/?)")
NAMED = re.compile(r"/gradio_api/(?:run|call|call/v2)/([\w-]+)/?")
"""Paths by which programs call an endpoint; the group is its name."""


class PageRoutes(Guard):
    """Lets through what the page and programs need of Gradio, and hides the rest.

    Gradio also takes uploads, gives files of this machine, fetches from other hosts and watches
    its users; none of that is of use here.

    Parameters
    ----------
    app : ASGIApp
    endpoints : collection of str
        Names that programs may call.
    """

    def __init__(self, app: "ASGIApp", endpoints: Collection[str] = ()) -> None:
        super().__init__(app)
        self._endpoints = frozenset(endpoints)

    async def _asked(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if not self.is_open(scope["method"], scope["path"]):
            await refuse(scope, receive, send, 404, "there is nothing here")
            return
        if scope["path"] == "/":
            # The page is the same at every address, whose view its script asks for. Gradio takes
            # some of an address for itself, and fails over `?page=2`.
            scope = {**scope, "query_string": b""}
        await self.app(scope, receive, send)

    def is_open(self, method: str, path: str) -> bool:
        """Return whether a route of Gradio may be used.

        >>> routes = PageRoutes(None, ["ask"])
        >>> routes.is_open("POST", "/gradio_api/call/ask")
        True
        >>> routes.is_open("POST", "/gradio_api/upload")
        False
        """
        if method in ("GET", "HEAD"):
            return bool(_READ.fullmatch(path))
        if method != "POST":
            return False
        named = NAMED.fullmatch(path)
        return named[1] in self._endpoints if named else bool(_SENT.fullmatch(path))
