"""The guards between the network and the application, in their order.

A guard is an ASGI application around another: it passes a request on, perhaps changed, or refuses
it by one plain line. Every request passes these, the outermost first:

    headers      add security headers to the answer; turn an exception into a plain line
    forwarded    take the client's address from trusted proxies, and from nobody else
    origin       refuse unknown host names, and requests by other sites' pages
    identity     find out who it is; refuse who has no account
    rate_limit   refuse clients that send too many requests a minute
    size_limits  refuse large addresses and bodies; read the body whole
    concurrency  answer a limited number at a time; queue the others

What is meant for Gradio, and for none of the server's own routes, passes these as well
(`ui.web.content`; with workers, `pending_answers` is in the front, `ui.web.front`):

    page_routes      refuse what the page and programs do not need of Gradio
    call_checks      refuse calls whose arguments Gradio would fail over
    pending_answers  limit the answers that wait in memory to be collected
    calls            answer calls of the endpoints, without Gradio's queue

Before all of them, `connections` limits the open connections and how long one may be idle.
"""

from collections.abc import Collection, Sequence

from starlette.types import ASGIApp

from ui.auth.authenticator import Authenticator
from ui.guards.concurrency import ConcurrencyLimit
from ui.guards.forwarded import Forwarded
from ui.guards.headers import SecurityHeaders
from ui.guards.identity import Identity
from ui.guards.origin import Origin
from ui.guards.rate_limit import RateLimit
from ui.guards.size_limits import SizeLimits


def with_guards(
    app: ASGIApp,
    authenticator: Authenticator,
    *,
    bound: str,
    local_only: bool,
    names: Collection[str] = (),
    proxies: Sequence[str] = (),
    rate: int = 0,
) -> ASGIApp:
    """Return an application behind the guards that every request passes.

    Parameters
    ----------
    authenticator : Authenticator
        Checks who signs in.
    bound : str
        Host name or address that the server listens on.
    local_only : bool
        True where only this machine reaches the server.
    names : collection of str
        Other host names under which it is reached.
    proxies : sequence of str
        Addresses or networks of trusted proxies.
    rate : int
        Requests in a minute, for each user or address; 0 is no limit.
    """
    app = Identity(RateLimit(SizeLimits(ConcurrencyLimit(app)), rate), authenticator, local_only)
    return SecurityHeaders(Forwarded(Origin(app, bound, names), proxies))
