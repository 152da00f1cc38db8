"""The server: the Gradio app and the other routes on one port, behind the guards."""

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from dataclasses import dataclass, field
from importlib.resources import files
from ipaddress import ip_network
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from ingest.delivery import deliver
from ingest.refresh.schedule import Schedule, parse_every
from kg.errors import AtlasError, BadRequest
from search.library import Library
from ui.api.tools import signatures
from ui.auth.accounts import Accounts
from ui.auth.authenticator import Authenticator
from ui.background import (
    REFRESH_COMMAND,
    BackgroundRefresh,
    digest_arguments,
    follow_schedule,
)
from ui.feeds import feeds
from ui.guards import concurrency, stack
from ui.guards.call_checks import CallChecks
from ui.guards.compression import PageFiles
from ui.guards.connections import ConnectionLimits, limited, within_files
from ui.guards.origin import is_loopback
from ui.guards.page_routes import PageRoutes
from ui.guards.pending_answers import PendingAnswers
from ui.signals import stopped_by_sigterm
from ui.web import app, downloads, health, map_points, sign_in
from ui.web.document import HeadInjection

if TYPE_CHECKING:
    from fastapi import FastAPI
    from gradio import Blocks


MAX_PORT = 65_535

FOLLOW_EVERY = "10m"
"""How often a server looks at the snapshot that it follows, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Serving:
    """Options of the server."""

    host: str = "127.0.0.1"
    """Host that it listens on; anything but a loopback address lets others in."""
    port: int = 7860
    """0 chooses a free one."""
    refresh_every: str | None = None
    """Interval at which the atlas is refreshed meanwhile: ``24h``."""
    mcp: bool = False
    """Serve MCP clients under ``/mcp`` as well."""
    allow_hosts: tuple[str, ...] = ()
    """Other host names under which it is reached, such as a proxy's."""
    proxies: tuple[str, ...] = ()
    """Addresses or networks of trusted proxies."""
    rate: int = 600
    """Requests of one user or address in a minute; 0 is no limit."""
    digest: tuple[Sequence[str], str | None, str | None] = ((), None, None)
    """Where digests of refreshes go, the form for webhooks, and when empty ones go out."""
    follow: str | None = None
    """File or address of a snapshot that it answers from and loads again when it changes."""
    every: str | None = None
    """Interval at which it looks at that; by default `FOLLOW_EVERY`."""
    connections: ConnectionLimits = field(default_factory=ConnectionLimits)
    """Limits of open and idle connections."""

    @property
    def local_only(self) -> bool:
        """Whether only this machine reaches it, as far as the server can know."""
        return is_loopback(self.host) and not self.allow_hosts and not self.proxies


def serve(library: Library, serving: Serving) -> None:
    """Serve the page until it is interrupted.

    Raises
    ------
    AtlasError
        If it cannot listen on the address.
    BadRequest
        If `refresh_every` or `every` is no duration, a proxy no address, the rate negative, digests
        can go nowhere, or a server that follows a snapshot is to refresh.
    """
    _check(serving)
    deliver.chosen(library.settings, *serving.digest)  # Refuse what makes no sense at once.
    command = (*REFRESH_COMMAND, *digest_arguments(*serving.digest))
    schedule = None
    if serving.refresh_every:
        every = parse_every(serving.refresh_every)
        schedule = Schedule(every, command, library.last_refresh)
    following = None
    if serving.follow:
        following = follow_schedule(
            library, serving.follow, parse_every(serving.every or FOLLOW_EVERY)
        )
    # Loads the model and the indexes, so that the first question is answered quickly.
    library.ask("warm up", k=1)
    background = BackgroundRefresh(
        library, schedule, serving.local_only, command=command, following=following
    )
    schedules = [one for one in (schedule, following) if one]
    with listening(serving) as listener, stopped_by_sigterm():
        server = _server(application(library, serving, background), serving)
        try:
            for one in schedules:
                one.start()
            print(f"LFM Atlas is at {address(listener)} (stop it with Ctrl+C)", flush=True)
            if not serving.local_only and not authenticator_of(library).accounts.users():
                print(
                    "lfm: there are no accounts, so whoever reaches this address may read;"
                    " make one: lfm user add NAME --administrator",
                    file=sys.stderr,
                    flush=True,
                )
            server.run(sockets=[listener])
        finally:
            background.stop()
            for one in schedules:
                one.stop()


def application(
    library: Library, serving: Serving, background: BackgroundRefresh | None = None
) -> ASGIApp:
    """Return the ASGI application: all routes behind all guards."""
    background = background or BackgroundRefresh(library, None, serving.local_only)
    authenticator = authenticator_of(library)
    # Without a running event loop Gradio makes several and closes none, so it is given one; in a
    # thread of its own, because this one may have a loop already, as in the browser tests.
    with ThreadPoolExecutor(1) as thread:
        made = thread.submit(asyncio.run, _page(library, background))
        page, blocks = made.result()
    mcp_routes: list[BaseRoute] = []
    mcp_open: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
    if serving.mcp:
        from ui.api import mcp

        mcp_routes, mcp_open = mcp.mounted(library)

    @asynccontextmanager
    async def lifespan(served: Starlette) -> AsyncIterator[None]:
        # Starts and stops Gradio's own queue.
        async with page.router.lifespan_context(served), mcp_open():
            yield

    served = Starlette(
        routes=[
            Mount(f"/{app.STATIC}", PageFiles(directory=str(files("ui").joinpath("static")))),
            *health.routes(background),
            *sign_in.routes(authenticator),
            *feeds.routes(library),
            *downloads.routes(library),
            *map_points.routes(library),
            *mcp_routes,
            Mount("/", HeadInjection(_guarded(page, blocks), library)),
        ],
        lifespan=lifespan,
    )
    return stack.with_guards(
        served,
        authenticator,
        bound=serving.host,
        local_only=serving.local_only,
        names=serving.allow_hosts,
        proxies=serving.proxies,
        rate=serving.rate,
    )


def authenticator_of(library: Library) -> Authenticator:
    """Return what checks the passwords of an atlas."""
    return Authenticator(Accounts(library.settings.users))


@contextmanager
def listening(serving: Serving) -> Iterator[socket.socket]:
    """Open the listening socket, or raise an `AtlasError` that says why not."""
    try:
        if not 0 <= serving.port <= MAX_PORT:
            # Python would leave a socket open.
            raise OSError("there is no such port")
        listener = socket.create_server((serving.host, serving.port))
    except (OSError, ValueError) as error:  # The host may be no valid name.
        raise AtlasError(
            f"cannot listen on {serving.host}:{serving.port}",
            "choose another with --port or --host",
        ) from error
    with listener:
        # Else a response's second packet waits 40 ms for the first one's acknowledgement. asyncio
        # sets this on sockets that it opens itself only.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def address(listener: socket.socket) -> str:
    """Return the URL that a browser opens."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


@contextmanager
def in_background(
    library: Library, serving: Serving, background: BackgroundRefresh | None = None
) -> Iterator[str]:
    """Serve in a thread for the length of the block; yields the URL."""
    with listening(serving) as listener:
        server = _server(application(library, serving, background), serving)
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
    if serving.every and not serving.follow:
        raise BadRequest("--every is of use with --follow only", "refresh with --refresh-every")
    if serving.follow and (serving.refresh_every or serving.digest[0]):
        raise BadRequest(
            "a server that follows a snapshot only reads",
            "leave out --refresh-every and --digest, and refresh where the snapshot is saved",
        )
    for proxy in serving.proxies:
        try:
            ip_network(proxy)
        except ValueError:
            mend = "write 127.0.0.1 or 10.0.0.0/8"
            raise BadRequest(f"{proxy!r} is no address of a proxy", mend) from None


def _guarded(page: "FastAPI", blocks: "Blocks") -> ASGIApp:
    """Return the Gradio app behind the guards that only it needs."""
    functions = {key: str(one.api_name) for key, one in blocks.fns.items() if one.api_name}
    calls = CallChecks(PendingAnswers(page), signatures(), functions, blocks.blocks)
    return PageRoutes(calls, functions.values())


async def _page(library: Library, background: BackgroundRefresh) -> "tuple[FastAPI, Blocks]":
    """Return the Gradio app, and its blocks."""
    import gradio
    from fastapi import FastAPI

    blocks = app.build(library, background)
    # The same limits as `ui.guards.concurrency` sets for all requests.
    blocks.max_threads = concurrency.MAX_CONCURRENT
    # After each call Gradio tabulates the last 10,000 calls, for a route that is closed here.
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")
    blocks.queue(
        # Else each answer sends an event to every client in the queue.
        status_update_rate=5,
        default_concurrency_limit=concurrency.MAX_CONCURRENT,
        max_size=concurrency.MAX_QUEUED,
    )
    bare = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    icon = str(files("ui").joinpath("static", "icon.svg"))
    page = gradio.mount_gradio_app(bare, blocks, path="/", favicon_path=icon, **app.appearance())
    return page, blocks


def _server(app: ASGIApp, serving: Serving) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            # With limits of its own: uvicorn's `limit_concurrency` counts idle connections too.
            http=limited(within_files(serving.connections), serving.proxies),
            log_level="error",
            # Open event streams must not keep the server from stopping.
            timeout_graceful_shutdown=2,
            server_header=False,
            # Else uvicorn trusts X-Forwarded-For from any process of this machine.
            proxy_headers=False,
            ws="none",
        )
    )
