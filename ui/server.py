"""The server: the Gradio app with what stands beside it on the same port."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kg.errors import AtlasError
from search.library import Library
from ui.stopping import stopped_by_sigterm

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from ingest.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Serving:
    """How the page is served."""

    host: str = "127.0.0.1"
    """Where it listens; anything but this machine's own address lets others in."""
    port: int = 7860
    """0 takes a free one."""
    refresh_every: str | None = None
    """Refresh the atlas meanwhile, so often: ``24h``."""
    mcp: bool = False
    """Answer MCP clients under ``/mcp`` as well."""


def serve(library: Library, serving: Serving) -> None:
    """Serve the page until it is interrupted.

    Raises
    ------
    AtlasError
        If the address cannot be listened on.
    BadRequest
        If `refresh_every` is no length of time.
    """
    schedule = _schedule(library, serving.refresh_every) if serving.refresh_every else None
    # The model and the index are opened before the page is, so that the first question is quick.
    library.ask("warm up", k=1)
    with listening(serving) as listener, stopped_by_sigterm():
        server = _server(application(library, serving, schedule))
        try:
            if schedule:
                schedule.start()
            print(f"LFM Atlas is at {address(listener)} (stop it with Ctrl+C)", flush=True)
            server.run(sockets=[listener])
        finally:
            if schedule:
                schedule.stop()


def application(
    library: Library, serving: Serving, schedule: "Schedule | None" = None
) -> "FastAPI":
    """Return all that is served on the port."""
    import gradio
    from fastapi import FastAPI
    from fastapi.staticfiles import StaticFiles
    from starlette.responses import Response

    from ui import app, downloads, feeds

    served = FastAPI(title="LFM Atlas", docs_url=None, redoc_url=None, openapi_url=None)

    class Revalidated(StaticFiles):
        """Files that a browser may keep, and asks about each time: a new release is seen at once."""

        def file_response(self, *arguments: Any, **more: Any) -> Response:
            response = super().file_response(*arguments, **more)
            response.headers["Cache-Control"] = "no-cache"
            return response

    served.mount(f"/{app.STATIC}", Revalidated(directory=str(files("ui").joinpath("static"))))
    served.routes.extend([*feeds.routes(library), *downloads.routes(library)])
    return gradio.mount_gradio_app(served, app.build(library), path="/", **app.look())


@contextmanager
def listening(serving: Serving) -> Iterator[socket.socket]:
    """Listen on the address, or say why that cannot be."""
    try:
        listener = socket.create_server((serving.host, serving.port))
    except (OSError, OverflowError) as error:
        raise AtlasError(
            f"cannot listen on {serving.host}:{serving.port}",
            "choose another with --port or --host",
        ) from error
    with listener:
        yield listener


def address(listener: socket.socket) -> str:
    """Return the address that a browser opens."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


@contextmanager
def in_background(
    library: Library, serving: Serving, schedule: "Schedule | None" = None
) -> Iterator[str]:
    """Serve in a thread for the length of the block, and give the address."""
    with listening(serving) as listener:
        server = _server(application(library, serving, schedule))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        try:
            yield address(listener)
        finally:
            server.should_exit = True
            thread.join(10)


def _server(app: "FastAPI") -> "uvicorn.Server":
    import uvicorn

    # What keeps a connection open for news must not keep the server from ending.
    return uvicorn.Server(
        uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=2, server_header=False)
    )


def _schedule(library: Library, every: str) -> "Schedule":
    from ingest.schedule import Schedule, parse_every

    # A process of its own: answers do not wait for it, and its memory is given back.
    command = [sys.executable, "-m", "ui.cli", "refresh"]
    return Schedule(parse_every(every), command, library.catalogue.last_refresh)
