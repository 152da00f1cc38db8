"""What stands between the network and the page: each guard is one file, and one ASGI application.

A request passes them in this order, and any of them may refuse it by a plain line:

    headers      what the answer tells the browser it may do; no traceback leaves
    forwarded    who asks, where a proxy says so that is trusted
    origin       other sites' pages may not act here
    identity     who it is, and what they may
    rate         how often they ask
    sizes        addresses and bodies that are too long, or too many at a time
    crowd        how many are answered at a time
    page_routes  what of Gradio is open at all
    calls        what is sent to it is what it expects
    collected    answers that wait for whoever asked

Below all of them, `connections` says how many may be open, and for how long without a request.
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from ui.auth.authenticator import Authenticator


def around(
    app: "ASGIApp",
    authenticator: "Authenticator",
    *,
    bound: str,
    alone: bool,
    names: Collection[str] = (),
    proxies: Sequence[str] = (),
    rate: int = 0,
) -> "ASGIApp":
    """Return an application behind all guards.

    Parameters
    ----------
    app : ASGIApp
    authenticator : Authenticator
        Who has an account.
    bound : str
        Where the server listens.
    alone : bool
        True where only this machine reaches it.
    names : collection of str
        Other names under which it is reached.
    proxies : sequence of str
        Whose word is taken on who asks.
    rate : int
        Requests in a minute, for each user or address; 0 is no limit.
    """
    from ui.guards.concurrency import Crowd
    from ui.guards.forwarded import Forwarded
    from ui.guards.headers import SecurityHeaders
    from ui.guards.identity import Identity
    from ui.guards.origin import Origin
    from ui.guards.rate import Rate
    from ui.guards.sizes import Sizes

    app = Identity(Rate(Sizes(Crowd(app)), rate), authenticator, alone)
    return SecurityHeaders(Forwarded(Origin(app, bound, names), proxies))
