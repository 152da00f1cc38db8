"""An HTTP client whose requests end in time, and what is wrong where there is no connection.

httpx bounds each read and each address of a host, and nothing as a whole: a server that sends a
byte of its headers a minute, a name with eight silent addresses, or a resolver that does not
answer, would hold a request without end.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from ipaddress import ip_address
from typing import Any, Final, Self

import httpcore
import httpx

CONNECT_TIMEOUT_S: Final = 4.0
"""Seconds to find a host and connect to it, over all of its addresses."""

TLS_TIMEOUT_S: Final = 10.0
"""Seconds to agree upon encryption."""

REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS: Final = 5

_LOST_CONNECTION: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
"""Errors of TLS that are the connection's, not the certificate's."""


class ConnectionFailed(Exception):
    """There is no connection to a host.

    Parameters
    ----------
    host : str
        The host, with its port where that is not the usual one.
    permanent : bool
        True where a second try at once would fail, too.
    """

    def __init__(self, host: str, reason: str, permanent: bool) -> None:
        super().__init__(reason)
        self.host, self.reason, self.permanent = host, reason, permanent

    @classmethod
    def from_error(cls, error: httpx.TransportError, request: httpx.Request) -> Self | None:
        """Return what an error means where no connection was made; None where one was lost."""
        host = host_of(request)
        if not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)):
            return None
        tls = _tls_error(error)
        if isinstance(tls, ssl.SSLCertVerificationError):
            return cls(host, f"the certificate of {host} is bad ({tls.verify_message})", True)
        if tls is not None and not isinstance(tls, _LOST_CONNECTION):
            reason = (getattr(tls, "reason", None) or "no reason").replace("_", " ").lower()
            return cls(host, f"{host} does not speak TLS as it should ({reason})", True)
        return cls(host, f"{host} cannot be reached", isinstance(error, httpx.ConnectTimeout))


class TimedClient:
    """An HTTP client of one connection, whose requests have a deadline each.

    Parameters
    ----------
    transport : httpx.BaseTransport or None
        Used in place of the network.
    read_timeout_s, connect_timeout_s : float
        Seconds without a byte, and to find a host and connect to it.
    headers : mapping of str to str, optional
        Sent with what `get` asks.
    trust_env : bool
        Use the environment's proxies.
    public_only : bool
        Connect to no address within a network, whatever name leads to it. A proxy decides itself.
    """

    def __init__(
        self,
        transport: httpx.BaseTransport | None,
        read_timeout_s: float,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        headers: Mapping[str, str] | None = None,
        trust_env: bool = True,
        public_only: bool = False,
    ) -> None:
        self._client = httpx.Client(
            transport=transport,
            timeout=httpx.Timeout(read_timeout_s, connect=connect_timeout_s),
            limits=httpx.Limits(max_connections=1),
            headers=headers,
            trust_env=trust_env,
        )
        direct, proxied = _TimedNetwork(public_only), _TimedNetwork()
        self._networks = direct, proxied
        # httpx has no way to name the network of its pools; a transport of our own would have to
        # find the environment's proxies and to translate httpcore's errors, both private to httpx.
        for one in (self._client._transport, *self._client._mounts.values()):
            pool = getattr(one, "_pool", None)
            if isinstance(pool, httpcore.ConnectionPool):
                pool._network_backend = direct if one is self._client._transport else proxied

    def get(
        self, url: httpx.URL, deadline_s: float, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Ask for an address; see `send`."""
        return self.send(self._client.build_request("GET", url, headers=headers), deadline_s)

    def send(self, request: httpx.Request, deadline_s: float) -> httpx.Response:
        """Send a request; whoever calls reads the answer's body and closes it."""
        self.allow(deadline_s)
        return self._client.send(request, stream=True)

    def allow(self, deadline_s: float) -> None:
        """Give the request that is under way so many seconds from now."""
        for network in self._networks:
            network.until = time.monotonic() + deadline_s

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


class _TimedNetwork(httpcore.NetworkBackend):
    """The network, with a bound on each wait; on request, without addresses within networks."""

    def __init__(self, public_only: bool = False) -> None:
        self._public_only = public_only
        self.until = float("inf")
        """When the request that is under way fails, by `time.monotonic`."""
        self._sockets = httpcore.SyncBackend()

    def left(self, timeout: float | None) -> float:
        """Return for how many seconds the next read or write may last."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("too slow")
        return left if timeout is None else min(left, timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that answers."""
        until = time.monotonic() + (CONNECT_TIMEOUT_S if timeout is None else timeout)
        addresses = _addresses(host, port, until - time.monotonic())
        if self._public_only and not all(map(_is_public, addresses)):
            raise httpcore.ConnectError(f"{host} is within a network")
        failed: Exception = httpcore.ConnectError("no address")
        for number, address in enumerate(addresses):
            # Each gets its share of what is left: the last one may be the one that answers.
            share = max(0.1, until - time.monotonic()) / (len(addresses) - number)
            try:
                made = self._sockets.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _TimedStream(made, self)
        raise failed


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, network: _TimedNetwork) -> None:
        self._stream, self._network = stream, network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._network.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        del timeout  # That of connecting, which is shorter than a busy server may take.
        left = self._network.left(TLS_TIMEOUT_S)
        made = self._stream.start_tls(ssl_context, server_hostname, left)
        return _TimedStream(made, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def host_of(request: httpx.Request) -> str:
    """Return the host of a request, with its port where that is not the usual one."""
    return request.url.netloc.decode("ascii")


def addresses_of(host: str, port: int | None = None) -> list[str]:
    """Return the addresses of a host; raise OSError or UnicodeError where there is no such host."""
    every = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in every))


def user_agent(about: str = "literature atlas") -> str:
    """Return what a request says of its sender."""
    return f"lfm-atlas/{version('lfm-atlas')} ({about})"


def sender(contact: str) -> str:
    """Return what a request says of its sender, with a contact where there is one."""
    about = " ".join(contact.encode("ascii", "replace").decode().split())
    return user_agent(f"literature atlas; {about}" if about else "literature atlas")


def _addresses(host: str, port: int, timeout: float) -> list[str]:
    """Return the addresses of a host; the system's resolver alone may take minutes to say no."""
    found: list[str] = []
    failed: list[Exception] = []

    def resolve() -> None:
        try:
            found.extend(addresses_of(host, port))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = threading.Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(timeout)
    if failed:
        raise httpcore.ConnectError("no such name") from failed[0]
    if thread.is_alive():
        raise httpcore.ConnectTimeout("no answer to the name")
    return found


def _is_public(address: str) -> bool:
    return ip_address(address.partition("%")[0]).is_global


def _tls_error(error: BaseException) -> ssl.SSLError | None:
    """Return the error of TLS among an error and its causes."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, ssl.SSLError):
            return at
        at = at.__cause__ or at.__context__
    return None
