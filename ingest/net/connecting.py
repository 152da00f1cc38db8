"""Connecting to others' servers: within bounds of time, and saying what is wrong where it fails.

httpx bounds each read and each address that a name has, and nothing as a whole: a server that sends
a byte of its headers a minute, a name with eight silent addresses, or a resolver that does not
answer, would hold a request for as long as it likes.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any, Final, Self

import httpcore
import httpx

CONNECT_TIMEOUT: Final = 4.0
"""Seconds to find a host and connect to it, over all of its addresses."""

TLS_TIMEOUT: Final = 10.0
"""Seconds to agree upon encryption."""

_LOST: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
"""Errors of TLS that are the connection's, not the certificate's."""


class Unconnected(Exception):
    """There is no connection to a host.

    Parameters
    ----------
    host : str
        The host, with its port where that is not the usual one.
    reason : str
        What is wrong.
    lasting : bool
        True where a second try at once would not mend it.
    """

    def __init__(self, host: str, reason: str, lasting: bool) -> None:
        super().__init__(reason)
        self.host, self.reason, self.lasting = host, reason, lasting

    @classmethod
    def of(cls, error: httpx.TransportError, request: httpx.Request) -> Self | None:
        """Return what an error says of the connection; None where it was lost later."""
        host = host_of(request)
        if not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)):
            return None
        refused = _cause(error)
        if isinstance(refused, ssl.SSLCertVerificationError):
            return cls(host, f"the certificate of {host} is bad ({refused.verify_message})", True)
        if refused is not None and not isinstance(refused, _LOST):
            reason = (getattr(refused, "reason", None) or "no reason").replace("_", " ").lower()
            return cls(host, f"{host} does not speak TLS as it should ({reason})", True)
        return cls(host, f"{host} cannot be reached", isinstance(error, httpx.ConnectTimeout))


class TimedNetwork(httpcore.NetworkBackend):
    """The network, with an end to everything.

    Attributes
    ----------
    until : float
        When the request that is under way has failed, whatever came; by `time.monotonic`.
    """

    def __init__(self) -> None:
        self.until = float("inf")
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
        until = time.monotonic() + (CONNECT_TIMEOUT if timeout is None else timeout)
        addresses = _addresses(host, port, until - time.monotonic())
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

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._sockets.sleep(seconds)


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, network: TimedNetwork) -> None:
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
        left = self._network.left(TLS_TIMEOUT)
        made = self._stream.start_tls(ssl_context, server_hostname, left)
        return _TimedStream(made, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def timed(client: httpx.Client) -> TimedNetwork:
    """Let all connections of a client, by proxy too, go by a network that has an end."""
    network = TimedNetwork()
    # httpx has no way to name the network of its pools; a transport of our own would know no proxy.
    for transport in (client._transport, *client._mounts.values()):
        pool = getattr(transport, "_pool", None)
        if isinstance(pool, httpcore.ConnectionPool):
            pool._network_backend = network
    return network


def host_of(request: httpx.Request) -> str:
    """Return the host of a request, with its port where that is not the usual one."""
    return request.url.netloc.decode("ascii")


def addresses_of(host: str, port: int | None = None) -> list[str]:
    """Return the addresses of a host, as the system knows them.

    Raises
    ------
    OSError, UnicodeError
        If there is no such host.
    """
    every = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in every))


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


def _cause(error: BaseException) -> ssl.SSLError | None:
    """Return the error of TLS that led to an error."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, ssl.SSLError):
            return at
        at = at.__cause__ or at.__context__
    return None
