"""Refuse Gradio's routes except those of the page and of the API; no files, no proxy."""

import re
from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from ui.guards.guard import Guard, Refused

_GET_PATH = re.compile(
    r"/|/config/?|/(assets|static)/.*|/favicon\.ico|/manifest\.json|/robots\.txt|/theme\.css"
    r"|/gradio_api/(info/?|openapi\.json|app_id/?|theme\.css|startup-events"
    r"|queue/(data|status)|heartbeat/[\w-]+|call/[\w-]+/[\w-]+)"
)
_POST_PATH = re.compile(r"/gradio_api/(component_server/?|queue/join|cancel|reset/?)")
ENDPOINT_PATH = re.compile(r"/gradio_api/(?:run|call|call/v2)/([\w-]+)/?")
"""Paths by which programs call an endpoint; the group is its name."""
CALL_PATH = re.compile(r"/gradio_api/call/(?:v2/)?[\w-]+/?")
"""Paths of calls whose answer is collected by another request."""
COLLECT_PATH = re.compile(r"/gradio_api/call/(?:v2/)?[\w-]+/([\w-]+)")
"""Paths of these other requests; the group is the event that the call gave."""


class PageRoutes(Guard):
    """Pass on the routes of Gradio that the page and programs need; answer 404 for the rest.

    Gradio also takes uploads, serves local files, fetches from other hosts and collects analytics;
    none of that is needed here.

    Parameters
    ----------
    endpoints : collection of str
        Names that programs may call.
    """

    def __init__(self, app: ASGIApp, endpoints: Collection[str] = ()) -> None:
        super().__init__(app)
        self._endpoints = frozenset(endpoints)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.is_open(scope["method"], scope["path"]):
            raise Refused(404, "there is nothing here")
        if scope["path"] == "/":
            # The page is the same at every address; its script asks for the view. Gradio reads
            # some parameters itself, and fails on `?page=2`.
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
            return bool(_GET_PATH.fullmatch(path))
        if method != "POST":
            return False
        endpoint = ENDPOINT_PATH.fullmatch(path)
        return endpoint[1] in self._endpoints if endpoint else bool(_POST_PATH.fullmatch(path))
