"""Follow a snapshot: load it where it is another one than that which was loaded before.

One machine harvests and saves; any number of others follow its file, and answer meanwhile from
what they have. What cannot be loaded changes nothing.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx

from ingest.net.connecting import addresses_of
from ingest.net.snapshot_download import (
    MAX_BYTES,
    TIMEOUT_S,
    Resolve,
    address_of,
    fetching,
    shown,
)
from ingest.net.snapshot_fetch import download_folder, loading
from kg.errors import AtlasError, NewerCatalogue
from kg.settings import Settings
from kg.snapshot import file as snapshot_file
from kg.snapshot import following
from kg.snapshot.archive import OpenSnapshot, open_snapshot
from kg.snapshot.following import Following
from kg.store.catalogue import Catalogue
from search.embedding.base import Embedder
from search.embedding.open import open_embedder
from search.index.open import chosen_kind, open_index

NAME = "the snapshot"
"""What errors call it: the page and `/health` name no file or host."""

_PRIORITY = 10
"""Added to the process's niceness: questions come first."""


class _Refused(AtlasError):
    """A sound snapshot does not fit this atlas."""


def follow(
    source: str,
    settings: Settings,
    transport: httpx.BaseTransport | None = None,
    *,
    embedder: Embedder | None = None,
    most_bytes: int = MAX_BYTES,
    timeout: float = TIMEOUT_S,
    resolve: Resolve = addresses_of,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> snapshot_file.Loaded | None:
    """Look at a snapshot once, and load it unless it is the one that was loaded before.

    A server is asked by the file's ETag and date; a file of this machine is told by its size and
    time. The present catalogue is copied first where it did not come from a snapshot followed. The
    outcome is stored for `kg.snapshot.following.read`.

    Parameters
    ----------
    source : str
        A file, or its http(s) address; for the other parameters see `load_from`.
    embedder : Embedder, optional
        Used in place of the model that the settings name.

    Returns
    -------
    Loaded or None
        None where there is nothing new.

    Raises
    ------
    BadRequest
        If it is an address of another kind than http(s).
    AtlasError
        If it cannot be read, fetched or loaded, has no vectors of this atlas's model, or is older
        than what was loaded before.
    """
    url = address_of(source)
    name = shown(url) if url else str(Path(source).absolute())
    state = following.read(settings.home)
    if state is None or state.source != name:
        state = Following(name)
    state = replace(state, checked=clock().isoformat(timespec="seconds"))
    one = _Follower(settings, state, embedder)
    try:
        with loading(settings):
            if url is None:
                found = one.take_file(Path(source))
            else:
                with (
                    download_folder(settings.home) as folder,
                    fetching(transport, resolve, most_bytes, timeout) as fetch,
                ):
                    path = folder / "fetched"
                    sent = fetch.to(path, url, NAME, state.validators)
                    found = one.take(path, sent)
    except AtlasError as error:
        refused = isinstance(error, _Refused | NewerCatalogue)
        one.state = replace(one.state, problem=str(error), refused=refused)
        following.write(settings.home, one.state)
        message = f"{name}: {error.message}; the atlas stays as it is"
        raise AtlasError(message, error.mend) from error
    following.write(settings.home, one.state)
    return found


def begin(source: str, settings: Settings) -> None:
    """Let what was refused be looked at again: another version or model may run now.

    Raises
    ------
    BadRequest
        If it is an address of another kind than http(s).
    """
    address_of(source)
    state = following.read(settings.home)
    if state is not None and state.refused:
        following.write(settings.home, replace(state, refused=False, validators={}))


def lower_priority() -> None:
    """Let this process wait for those that answer questions."""
    if hasattr(os, "nice"):
        os.nice(_PRIORITY)


class _Follower:
    """Takes a snapshot into an atlas, and keeps what is known of it."""

    def __init__(self, settings: Settings, state: Following, embedder: Embedder | None) -> None:
        self._settings, self._embedder, self.state = settings, embedder, state

    def take_file(self, path: Path) -> snapshot_file.Loaded | None:
        """Load a file of this machine, unless it is the last one that was read."""
        try:
            about = path.stat()
        except OSError as error:
            raise AtlasError(f"cannot read {NAME}: {error.strerror}") from error
        facts = {"mtime_ns": about.st_mtime_ns, "size": about.st_size, "inode": about.st_ino}
        present = {fact: str(value) for fact, value in facts.items()}
        return self.take(path, None if present == self.state.validators else present)

    def take(self, path: Path, validators: dict[str, str] | None) -> snapshot_file.Loaded | None:
        """Load a snapshot that is told by these validators; None where it is the last one read."""
        if validators is None:
            if not self.state.refused:
                self.state = replace(self.state, problem=None)
            return None
        with open_snapshot(path, NAME) as packed:
            present = _present_identity(self._settings.catalogue)
            # Else the catalogue is another one than that which was loaded.
            ours = present is not None and present == self.state.identity
            if ours and packed.sha256 == self.state.sha256:
                self.state = replace(self.state, problem=None, refused=False, validators=validators)
                return None
            try:
                if ours:
                    self._refuse_older(packed)
                found = snapshot_file.load(
                    path,
                    self._settings.catalogue,
                    name=NAME,
                    prepare=self._prepare,
                    keep=not ours,
                )
            except (_Refused, NewerCatalogue):
                self.state = replace(self.state, validators=validators)
                raise
        self.state = replace(
            self.state,
            loaded=self.state.checked,
            problem=None,
            refused=False,
            validators=validators,
            sha256=packed.sha256,
            origin=packed.identity,
            revision=packed.revision,
            identity=_present_identity(self._settings.catalogue),
        )
        return replace(found, source=self.state.source)

    def _refuse_older(self, packed: OpenSnapshot) -> None:
        before, now = self.state.revision, packed.revision
        same = packed.identity is not None and packed.identity == self.state.origin
        if same and before is not None and now is not None and now < before:
            raise _Refused(
                f"{NAME} is older (revision {now:,}) than what was loaded before ({before:,})",
                "load it with `lfm snapshot load` if that is meant",
            )

    def _prepare(self, made: Catalogue) -> None:
        """Check a catalogue's vectors, and make the index that questions will need."""
        settings = self._settings
        embedder = self._embedder or open_embedder(settings.model, state=settings.cache)
        papers, models = made.size(), made.vectors.models()
        if papers and embedder.model not in models:
            held = f"vectors of {', '.join(models)}" if models else "no vectors"
            raise _Refused(
                f"{NAME} holds {held}, and questions are asked here by {embedder.model}",
                "set LFM_MODEL to the model of the atlas that saves it",
            )
        kind = chosen_kind(settings.index, papers)
        open_index(made, embedder.model, embedder.dim, kind, settings.cache)


def _present_identity(path: Path) -> str | None:
    if not path.exists() or not path.stat().st_size:
        return None
    with Catalogue(path) as present:
        return present.identity
