"""The server: the Gradio app with what stands beside it on the same port, behind its guards."""

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from importlib.resources import files
from ipaddress import ip_network
from typing import TYPE_CHECKING

from kg.errors import AtlasError, BadRequest
from search.library import Library
from ui.background import REFRESH, Operations
from ui.guards.connections import ConnectionLimits, limited, within_files
from ui.signals import stopped_by_sigterm

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    import uvicorn
    from fastapi import FastAPI
    from gradio import Blocks
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp

    from ingest.refresh.schedule import Schedule
    from ui.auth.authenticator import Authenticator

MAX_PORT = 65_535


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
    allow_hosts: tuple[str, ...] = ()
    """Other names under which it is reached, such as a proxy's."""
    proxies: tuple[str, ...] = ()
    """Addresses or networks of proxies whose word is taken on who asks."""
    rate: int = 600
    """Requests that one user or address may make in a minute; 0 is no limit."""
    connections: ConnectionLimits = field(default_factory=ConnectionLimits)
    """How many connections there may be, and for how long without a request."""

    @property
    def alone(self) -> bool:
        """Whether only this machine reaches it, as far as the server can know."""
        from ui.guards.origin import is_loopback

        return is_loopback(self.host) and not self.allow_hosts and not self.proxies


def serve(library: Library, serving: Serving) -> None:
    """Serve the page until it is interrupted.

    Raises
    ------
    AtlasError
        If the address cannot be listened on.
    BadRequest
        If `refresh_every` is no length of time, a proxy no address, or the rate negative.
    """
    _check(serving)
    schedule = _schedule(library, serving.refresh_every) if serving.refresh_every else None
    # The model and the index are opened before the page is, so that the first question is quick.
    library.ask("warm up", k=1)
    operations = Operations(library, schedule, serving.alone)
    with listening(serving) as listener, stopped_by_sigterm():
        server = _server(application(library, serving, operations), serving)
        try:
            if schedule:
                schedule.start()
            print(f"LFM Atlas is at {address(listener)} (stop it with Ctrl+C)", flush=True)
            if not serving.alone and not authenticator_of(library).accounts.users():
                print(
                    "lfm: there are no accounts, so whoever reaches this address may read;"
                    " make one: lfm user add NAME --administrator",
                    file=sys.stderr,
                    flush=True,
                )
            server.run(sockets=[listener])
        finally:
            operations.stop()
            if schedule:
                schedule.stop()


def application(
    library: Library, serving: Serving, operations: Operations | None = None
) -> "ASGIApp":
    """Return all that is served on the port."""
    from starlette.applications import Starlette
    from starlette.routing import Mount

    from ui.feeds import feeds
    from ui.guards import stack
    from ui.guards.compression import PageFiles
    from ui.web import app, downloads, health, map_points, sign_in
    from ui.web.document import Document

    operations = operations or Operations(library, None, serving.alone)
    authenticator = authenticator_of(library)
    # Where no event loop runs, Gradio makes several, and closes none of them.
    # And where one runs already, as a browser's that tests drive, there can be no other.
    with ThreadPoolExecutor(1) as thread:
        made = thread.submit(asyncio.run, _page(library, operations))
        page, blocks = made.result()
    mcp_routes, mcp_open = _mcp(library) if serving.mcp else ([], nullcontext)

    @asynccontextmanager
    async def lifespan(served: Starlette) -> AsyncIterator[None]:
        # Gradio's own queue starts and ends with it.
        async with page.router.lifespan_context(served), mcp_open():
            yield

    served = Starlette(
        routes=[
            Mount(f"/{app.STATIC}", PageFiles(directory=str(files("ui").joinpath("static")))),
            *health.routes(operations),
            *sign_in.routes(authenticator),
            *feeds.routes(library),
            *downloads.routes(library),
            *map_points.routes(library),
            *mcp_routes,
            Mount("/", Document(_guarded(page, blocks), library)),
        ],
        lifespan=lifespan,
    )
    return stack.with_guards(
        served,
        authenticator,
        bound=serving.host,
        alone=serving.alone,
        names=serving.allow_hosts,
        proxies=serving.proxies,
        rate=serving.rate,
    )


def authenticator_of(library: Library) -> "Authenticator":
    """Return what checks the passwords of an atlas."""
    from ui.auth.accounts import Accounts
    from ui.auth.authenticator import Authenticator

    return Authenticator(Accounts(library.settings.users))


@contextmanager
def listening(serving: Serving) -> Iterator[socket.socket]:
    """Listen on the address, or say why that cannot be."""
    try:
        if not 0 <= serving.port <= MAX_PORT:
            # Python would leave a socket open.
            raise OSError("there is no such port")
        listener = socket.create_server((serving.host, serving.port))
    except (OSError, ValueError) as error:  # A host may be no name at all.
        raise AtlasError(
            f"cannot listen on {serving.host}:{serving.port}",
            "choose another with --port or --host",
        ) from error
    with listener:
        # Else an answer's second packet waits for word of its first: 40 ms. asyncio sees to that
        # for its own sockets only.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def address(listener: socket.socket) -> str:
    """Return the address that a browser opens."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


@contextmanager
def in_background(
    library: Library, serving: Serving, operations: Operations | None = None
) -> Iterator[str]:
    """Serve in a thread for the length of the block, and give the address."""
    with listening(serving) as listener:
        server = _server(application(library, serving, operations), serving)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        try:
            yield address(listener)
        finally:
            server.should_exit = True
            thread.join(10)


def _check(serving: Serving) -> None:
    if serving.rate < 0:
        raise BadRequest(f"nobody asks {serving.rate} times a minute", "0 is no limit")
    for proxy in serving.proxies:
        try:
            ip_network(proxy)
        except ValueError:
            mend = "write 127.0.0.1 or 10.0.0.0/8"
            raise BadRequest(f"{proxy!r} is no address of a proxy", mend) from None


def _guarded(page: "FastAPI", blocks: "Blocks") -> "ASGIApp":
    """Return the Gradio app behind what knows of its functions."""
    from ui.api.tools import signatures
    from ui.guards.call_checks import CallChecks
    from ui.guards.page_routes import PageRoutes
    from ui.guards.pending_answers import PendingAnswers

    functions = {key: str(one.api_name) for key, one in blocks.fns.items() if one.api_name}
    calls = CallChecks(PendingAnswers(page), signatures(), functions, blocks.blocks)
    return PageRoutes(calls, functions.values())


async def _page(library: Library, operations: Operations) -> "tuple[FastAPI, Blocks]":
    """Return the Gradio app, and what it was made of."""
    import gradio
    from fastapi import FastAPI

    from ui.guards import concurrency
    from ui.web import app

    blocks = app.build(library, operations)
    # As many of the page's questions at a time as of any other, and a line that has an end.
    blocks.max_threads = concurrency.MAX_CONCURRENT
    # After each call Gradio makes a table of the last 10,000, for a page that is closed here.
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")
    blocks.queue(
        # Else each answer is news for all who wait.
        status_update_rate=5,
        default_concurrency_limit=concurrency.MAX_CONCURRENT,
        max_size=concurrency.MAX_QUEUED,
    )
    bare = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    icon = str(files("ui").joinpath("static", "icon.svg"))
    page = gradio.mount_gradio_app(bare, blocks, path="/", favicon_path=icon, **app.look())
    return page, blocks


def _mcp(
    library: Library,
) -> "tuple[list[BaseRoute], Callable[[], AbstractAsyncContextManager[None]]]":
    from ui.api import mcp

    return mcp.mounted(library)


def _server(app: "ASGIApp", serving: Serving) -> "uvicorn.Server":
    import uvicorn

    return uvicorn.Server(
        uvicorn.Config(
            app,
            # The limits of connections are its own, for uvicorn's count all that are silent too.
            http=limited(within_files(serving.connections), serving.proxies),
            log_level="error",
            # What keeps a connection open for news must not keep the server from ending.
            timeout_graceful_shutdown=2,
            server_header=False,
            # Else anybody on this machine is believed who says for whom they ask.
            proxy_headers=False,
            ws="none",
        )
    )


def _schedule(library: Library, every: str) -> "Schedule":
    from ingest.refresh.schedule import Schedule, parse_every

    return Schedule(parse_every(every), REFRESH, library.catalogue.last_refresh)
