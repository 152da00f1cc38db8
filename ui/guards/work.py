"""Which requests are work: what is only read from disk, or waits for news, is none."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope

_FREE = (
    "/assets/",
    "/static/",
    "/atlas/",
    "/favicon.ico",
    "/health",
    "/login",
    "/logout",
    "/manifest.json",
    "/robots.txt",
    "/theme.css",
    "/gradio_api/theme.css",
)

_STREAMS = ("/gradio_api/heartbeat/", "/gradio_api/queue/data", "/gradio_api/call/", "/mcp")
"""Paths of which a GET stays open until there is news."""


def is_work(scope: "Scope") -> bool:
    """Return whether answering takes the library's time."""
    path: str = scope["path"]
    if scope["type"] != "http" or path.startswith(_FREE):
        return False
    return not (scope["method"] == "GET" and path.startswith(_STREAMS))
