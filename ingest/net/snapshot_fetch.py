"""Load a snapshot file, from this machine or from a server."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from tqdm import tqdm

from ingest.lock import refresh_lock
from ingest.net.connecting import addresses_of
from ingest.net.snapshot_download import (
    MAX_BYTES,
    TIMEOUT_S,
    Resolve,
    address_of,
    fetching,
    shown,
)
from kg.errors import cannot_write
from kg.settings import Settings
from kg.snapshot import file as snapshot_file


def load_from(
    source: str,
    settings: Settings,
    transport: httpx.BaseTransport | None = None,
    *,
    progress: bool = False,
    most_bytes: int = MAX_BYTES,
    timeout: float = TIMEOUT_S,
    resolve: Resolve = addresses_of,
) -> snapshot_file.Loaded:
    """Make a snapshot file the catalogue; see `kg.snapshot.file.load`.

    No refresh runs meanwhile.

    Parameters
    ----------
    source : str
        A file, or its http(s) address.
    transport : httpx.BaseTransport, optional
        Used in place of the network.
    progress : bool
        Show progress bars on standard error.
    most_bytes : int
        Length of the longest file that is fetched.
    timeout : float
        Seconds without a byte after which a server is given up.
    resolve : callable
        Finds the addresses of a host: a server on the open network may not redirect to one that
        only this machine or its network reaches.

    Raises
    ------
    BadRequest
        If it is an address of another kind.
    Busy
        If a refresh is running.
    DamagedSnapshot
        If what is there is not a snapshot, or not as it was written.
    AtlasError
        If it cannot be read or fetched, or the catalogue cannot be replaced.
    """
    url = address_of(source)
    with loading(settings):
        if url is None:
            return _load(Path(source), settings, source, progress)
        with (
            download_folder(settings.home) as folder,
            fetching(transport, resolve, most_bytes, timeout) as fetch,
        ):
            path = folder / "fetched"
            fetch.to(path, url, shown(url), progress=progress)
            return _load(path, settings, shown(url), progress)


@contextmanager
def loading(settings: Settings) -> Iterator[None]:
    """Hold the refresh lock within the block, without drafts that a killed process left."""
    with refresh_lock(settings.home):
        # The lock shows that no other process loads.
        for left in settings.catalogue.resolve().parent.glob(f"{snapshot_file.DRAFT_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


@contextmanager
def download_folder(home: Path) -> Iterator[Path]:
    """Make a temporary folder in an atlas's folder, for a file that is fetched."""
    try:
        with tempfile.TemporaryDirectory(dir=home, prefix=snapshot_file.DRAFT_PREFIX) as folder:
            yield Path(folder)
    except OSError as error:
        raise cannot_write(home, error) from error


def _load(path: Path, settings: Settings, name: str, progress: bool) -> snapshot_file.Loaded:
    with tqdm(desc="load", unit="page", leave=False, disable=not progress) as bar:

        def move(done: int, whole: int) -> None:
            bar.total = whole
            bar.update(done - bar.n)

        return snapshot_file.load(path, settings.catalogue, name=name, progress=move)
