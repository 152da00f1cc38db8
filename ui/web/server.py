"""The server: the Gradio app and the other routes on one port, behind the guards."""

import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import (
    contextmanager,
)
from dataclasses import dataclass, field
from ipaddress import ip_network

import uvicorn
from starlette.types import ASGIApp

from ingest.delivery import deliver
from ingest.refresh.schedule import Schedule, parse_every
from kg.errors import AtlasError, BadRequest
from search.library import Library
from ui.auth.accounts import Accounts
from ui.auth.authenticator import Authenticator
from ui.background import (
    REFRESH_COMMAND,
    BackgroundRefresh,
    digest_arguments,
    follow_schedule,
)
from ui.guards import stack
from ui.guards.connections import ConnectionLimits, limited, within_files
from ui.guards.origin import is_loopback
from ui.signals import stopped_by_sigterm
from ui.web import health, sign_in
from ui.web.content import answering

MAX_PORT = 65_535

FOLLOW_EVERY = "10m"
"""How often a server looks at the snapshot that it follows, unless told otherwise."""

MAX_WORKERS = 64
"""More processes are refused: each holds the model and the index."""


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
    workers: int = 1
    """Processes that answer; with more than one, this one is their front."""
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
        If `refresh_every` or `every` is no duration, a proxy no address, the rate negative, the
        number of workers not possible, digests can go nowhere, or a server that follows a snapshot
        is to refresh.
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
    background = BackgroundRefresh(
        library, schedule, serving.local_only, command=command, following=following
    )
    schedules = [one for one in (schedule, following) if one]
    with (
        listening(serving) as listener,
        stopped_by_sigterm(),
        _application(library, serving, background) as served,
    ):
        server = _server(served, serving)
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


@contextmanager
def _application(
    library: Library, serving: Serving, background: BackgroundRefresh
) -> Iterator[ASGIApp]:
    """Open what answers: this process alone, or the workers behind it."""
    if serving.workers == 1:
        # Loads the model and the indexes, so that the first question is answered quickly.
        library.share_passes()
        library.ask("warm up", k=1)
        yield application(library, serving, background)
        return
    from ui.web.fleet import Fleet
    from ui.web.front import fronting

    with Fleet(library.settings, serving.workers, serving.mcp) as fleet:
        authenticator = authenticator_of(library)
        served = fronting(fleet, library, background, authenticator)
        yield _with_guards(served, authenticator, serving)


def application(
    library: Library, serving: Serving, background: BackgroundRefresh | None = None
) -> ASGIApp:
    """Return the ASGI application: all routes behind all guards."""
    background = background or BackgroundRefresh(library, None, serving.local_only)
    authenticator = authenticator_of(library)
    own = (*health.routes(background), *sign_in.routes(authenticator))
    served = answering(library, background, own, mcp=serving.mcp, alone=True)
    return _with_guards(served, authenticator, serving)


def _with_guards(served: ASGIApp, authenticator: Authenticator, serving: Serving) -> ASGIApp:
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
    if not 1 <= serving.workers <= MAX_WORKERS:
        mend = f"1 to {MAX_WORKERS}; one for each core is best"
        raise BadRequest(f"{serving.workers} workers cannot serve", mend)
    if serving.workers > 1 and not hasattr(socket, "AF_UNIX"):
        raise BadRequest("this system has no Unix sockets for workers", "leave --workers at 1")
    for proxy in serving.proxies:
        try:
            ip_network(proxy)
        except ValueError:
            mend = "write 127.0.0.1 or 10.0.0.0/8"
            raise BadRequest(f"{proxy!r} is no address of a proxy", mend) from None


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
