"""Fetching a snapshot file from a server: whole, in time, and only where it is another one."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from ipaddress import ip_address
from pathlib import Path

import httpx
from tqdm import tqdm

from ingest.net.connecting import (
    MAX_REDIRECTS,
    REDIRECT_STATUSES,
    TimedClient,
    addresses_of,
    user_agent,
)
from kg.errors import AtlasError, BadRequest, DamagedSnapshot

MAX_BYTES = 16 << 30
"""Length of the longest file that is fetched."""

TIMEOUT_S = 60.0
"""Seconds without a byte after which fetching fails, and in which the answer must begin."""

MIN_BYTES_PER_S = 10_000.0
"""Bytes a second that a server must send on average."""

Resolve = Callable[[str], Sequence[str]]
"""Returns the addresses of a host's name."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_START = b"PK\x03\x04"
_LATER = "nothing was changed; check the address, or try again later"
_VALIDATORS = {"etag": "if-none-match", "last-modified": "if-modified-since"}
"""Header of an answer that tells which file it was -> header that asks for another one."""


def address_of(source: str) -> httpx.URL | None:
    """Return the address that a source is, or None where it is a file of this machine.

    Raises
    ------
    BadRequest
        If it is an address of another kind than http(s).
    """
    if not _SCHEME.match(source):
        return None
    # What is wrong with an address may be its password, so it is not repeated.
    try:
        url = httpx.URL(source)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise BadRequest("that is no address", "write https://HOST/FILE") from error
    if url.scheme not in ("http", "https"):
        raise BadRequest(
            f"a snapshot cannot be fetched by {url.scheme}", "give a file, or an http(s) address"
        )
    if not url.host:
        raise BadRequest("that address has no host", "write https://HOST/FILE")
    return url


def shown(url: httpx.URL) -> str:
    """Return an address without what may be secret in it: password and query."""
    return str(url.copy_with(userinfo=b"", query=None, fragment=None))


@contextmanager
def fetching(
    transport: httpx.BaseTransport | None,
    resolve: Resolve = addresses_of,
    most_bytes: int = MAX_BYTES,
    timeout: float = TIMEOUT_S,
) -> Iterator["SnapshotFetch"]:
    """Open a client for the length of the block; for the parameters see `load_from`."""
    client = TimedClient(
        transport,
        timeout,
        timeout,
        # A snapshot is packed already.
        {"User-Agent": user_agent(), "Accept-Encoding": "identity"},
        # A proxy or a .netrc of the user is meant for the network, not for tests of it.
        trust_env=transport is None,
    )
    with closing(client):
        yield SnapshotFetch(client, resolve, most_bytes, timeout)


class SnapshotFetch:
    """Fetches one file, through redirects."""

    def __init__(
        self, client: TimedClient, resolve: Resolve, most_bytes: int, timeout: float
    ) -> None:
        self._client, self._resolve = client, resolve
        self._most_bytes, self._timeout = most_bytes, timeout

    def to(
        self,
        path: Path,
        url: httpx.URL,
        name: str,
        known: Mapping[str, str] | None = None,
        progress: bool = False,
    ) -> dict[str, str] | None:
        """Write what is at an address to a file.

        Parameters
        ----------
        name : str
            What errors call it.
        known : mapping of str to str, optional
            The validators of a file that need not be sent again.

        Returns
        -------
        dict or None
            The validators by which a server tells the file: ``etag`` and ``last-modified``, where
            it sent them. None where the file is the known one.

        Raises
        ------
        DamagedSnapshot
            If what is there is not a snapshot.
        AtlasError
            If it cannot be fetched whole.
        """
        first = url
        asked = {_VALIDATORS[one]: value for one, value in (known or {}).items()}
        for _ in range(MAX_REDIRECTS + 1):
            try:
                with closing(self._client.get(url, self._timeout, asked)) as response:
                    if response.status_code not in REDIRECT_STATUSES:
                        if response.status_code == 304 and asked:
                            return None
                        self._store(response, path, name, progress)
                        sent = response.headers
                        return {one: sent[one] for one in _VALIDATORS if one in sent}
                    url = self._redirected(first, url, response, name)
            except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
                reason = str(error) or type(error).__name__
                raise AtlasError(f"cannot fetch {name}: {reason}", _LATER) from error
        raise AtlasError(f"cannot fetch {name}: more than {MAX_REDIRECTS} redirects", _LATER)

    def _redirected(
        self, first: httpx.URL, url: httpx.URL, response: httpx.Response, name: str
    ) -> httpx.URL:
        target = url.join(response.headers.get("location", ""))
        away = None
        if target.scheme not in (url.scheme, "https") or not target.host:
            away = f"{target.scheme}://{target.host}"
        elif self._is_private(target.host) and not self._is_private(first.host):
            away = f"{target.host}, which is in a private network"
        if away:
            raise AtlasError(
                f"cannot fetch {name}: it redirects to {away}",
                "nothing was changed; if you trust that address, give it",
            )
        same = (target.scheme, target.host, target.port) == (url.scheme, url.host, url.port)
        return target.copy_with(userinfo=url.userinfo) if same else target

    def _is_private(self, host: str) -> bool:
        """Return whether a host, by any of its addresses, is not on the open network."""
        try:
            return not all(ip_address(one).is_global for one in self._resolve(host))
        except (OSError, UnicodeError, ValueError):
            return False  # Nothing is there, which connecting will say.

    def _store(self, response: httpx.Response, path: Path, name: str, progress: bool) -> None:
        if response.status_code != 200:
            raise AtlasError(f"cannot fetch {name}: HTTP {response.status_code}", _LATER)
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            # A snapshot is packed already; what unpacks to gigabytes could hide in another packing.
            raise AtlasError(f"cannot fetch {name}: it is packed once more, unasked", _LATER)
        stated = response.headers.get("content-length", "")
        length = int(stated) if re.fullmatch("[0-9]{1,18}", stated) else None
        too_long = AtlasError(
            f"{name} is longer than the {self._most_bytes:,} bytes that are fetched",
            "fetch it by other means and load the file",
        )
        if length is not None and length > self._most_bytes:
            raise too_long
        start, done, begun = b"", 0, time.monotonic()
        with (
            path.open("wb") as file,
            tqdm(
                desc="fetch",
                total=length,
                unit="B",
                unit_scale=True,
                leave=False,
                disable=not progress,
            ) as bar,
        ):
            for chunk in response.iter_bytes():
                if len(start) < len(_START):
                    start += chunk[: len(_START) - len(start)]
                    # A page that asks to sign in, say, also comes with status 200.
                    if not _START.startswith(start):
                        break
                done += len(chunk)
                if done > self._most_bytes:
                    raise too_long
                left = begun + self._timeout + done / MIN_BYTES_PER_S - time.monotonic()
                self._client.allow(left)
                file.write(chunk)
                bar.update(len(chunk))
        if start != _START:
            raise DamagedSnapshot(
                f"{name} is not a snapshot of LFM Atlas", "give the address of the file itself"
            )
        if length is not None and done != length:
            raise AtlasError(f"cannot fetch {name}: the answer was cut short", _LATER)
