"""Authenticate requests; sets `user` and `administrator` in the state of a request."""

import base64
import binascii
from urllib.parse import urlencode

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kg.errors import AtlasError
from ui.auth.accounts import User
from ui.auth.authenticator import Authenticator, TooManyTries
from ui.auth.sessions import COOKIE
from ui.guards.guard import Guard, Refused
from ui.guards.origin import is_loopback
from ui.guards.rate_limit import client_key

PUBLIC_PATHS = frozenset(
    ("/health", "/login", "/atlas/atlas.css", "/atlas/sign_in.css", "/favicon.ico", "/robots.txt")
)
"""Paths that need no account: those of the sign-in page, and harmless ones."""


class Identity(Guard):
    """Let through users who are signed in, or everyone where there are no accounts.

    Parameters
    ----------
    local_only : bool
        True where only this machine reaches the server. Without accounts, its users are then
        administrators; otherwise nobody is.
    """

    def __init__(self, app: ASGIApp, authenticator: Authenticator, local_only: bool) -> None:
        super().__init__(app)
        self._authenticator, self._local_only = authenticator, local_only

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})
        state.update(user=None, administrator=False)
        try:
            accounts = self._authenticator.accounts.users()
            user = await self._user(scope) if accounts else None
        except TooManyTries as error:
            raise Refused(429, str(error), {"Retry-After": str(error.wait)}) from error
        except AtlasError as error:
            if scope["path"] != "/health":
                line = "the accounts cannot be read; run `lfm user list` on the server to see why"
                raise Refused(503, line) from error
            user, accounts = None, {}
        if user:
            state.update(user=user.name, administrator=user.administrator)
        elif not accounts:
            here = scope.get("client") and is_loopback(scope["client"][0])
            state["administrator"] = bool(self._local_only and here and not state.get("forwarded"))
        elif scope["path"] not in PUBLIC_PATHS:
            await _sign_in_first(scope)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _user(self, scope: Scope) -> User | None:
        headers = Headers(scope=scope)
        token = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        if token and (user := self._authenticator.sessions.user(token)):
            return user
        credentials = _basic(headers.get("authorization", ""))
        if credentials is None:
            return None
        return await self._authenticator.authenticate(*credentials, client_key(scope))


def _basic(header: str) -> tuple[str, str] | None:
    """Return name and password of HTTP basic authentication (RFC 7617), or None."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None


def _sign_in_first(scope: Scope) -> Response:
    headers = Headers(scope=scope)
    if scope["path"] == "/" and "text/html" in headers.get("accept", ""):
        query = scope["query_string"].decode("latin-1")
        target = "login?" + urlencode({"next": f"?{query}"}) if query else "login"
        return RedirectResponse(target, 303)
    # For a script's request the browser would open its own dialog.
    by_script = headers.get("sec-fetch-mode", "navigate") != "navigate"
    challenge = {} if by_script else {"WWW-Authenticate": 'Basic realm="LFM Atlas"'}
    line = "sign in first: open the page and sign in, or send name and password (HTTP Basic)"
    return PlainTextResponse(f"{line}\n", 401, challenge)
