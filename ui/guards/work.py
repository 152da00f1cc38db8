"""Which requests count as work: not those for files, and not open streams."""

from starlette.types import Scope

_FREE_PATHS = (
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

_STREAM_PATHS = ("/gradio_api/heartbeat/", "/gradio_api/queue/data", "/gradio_api/call/", "/mcp")
"""Paths of which a GET stays open until there is an event."""


def is_work(scope: Scope) -> bool:
    """Return whether answering takes the library's time."""
    path: str = scope["path"]
    if scope["type"] != "http" or path.startswith(_FREE_PATHS):
        return False
    return not (scope["method"] == "GET" and path.startswith(_STREAM_PATHS))
