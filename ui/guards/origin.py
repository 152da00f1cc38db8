"""Refuse requests for unknown host names, and requests by other sites' pages."""

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.guards.guard import Guard, Refused

_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_SAFE_METHODS = ("GET", "HEAD")


def is_loopback(host: str) -> bool:
    """Return whether a host is a loopback address or name, which only this machine reaches.

    >>> is_loopback("127.0.0.1"), is_loopback("[::1]"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    name = host.strip("[]").rstrip(".").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


class Origin(Guard):
    """Refuse host names that are not the server's, and writes by other sites' pages.

    Parameters
    ----------
    bound : str
        Host that the server listens on. On a loopback address only loopback names are answered:
        any other name that resolves to it is an attack (DNS rebinding).
    names : collection of str
        Other host names under which it is reached.
    """

    def __init__(self, app: ASGIApp, bound: str, names: Collection[str] = ()) -> None:
        super().__init__(app)
        self._names = frozenset(name.lower() for name in names)
        self._any = not names and not is_loopback(bound)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._is_ours(host):
            line = "this name is not served here; the server's --allow-host makes it so"
            raise Refused(421, line)
        if scope["method"] not in _SAFE_METHODS and not _same(headers, host):
            raise Refused(403, "another site's page cannot do this")
        await self.app(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        if not _HOST.fullmatch(host):
            return False
        name = re.sub(r":[0-9]+\Z", "", host)
        return self._any or is_loopback(name) or name.lower() in self._names


def _same(headers: Headers, host: str) -> bool:
    """Return whether a request comes from our own page, or from a program."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        return False
    # Browsers that do not send the first send the second; programs send neither.
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()
