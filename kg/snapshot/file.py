"""A whole catalogue as one file: one machine harvests, others load.

It holds everything: abstracts, vectors, decisions and cursors. Its format is that of
`kg.snapshot.archive`.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kg.errors import (
    AtlasError,
    CatalogueError,
    DamagedCatalogue,
    DamagedSnapshot,
    NewerCatalogue,
    cannot_write,
)
from kg.files.atomic import draft_folder, place_database, remove_log
from kg.snapshot.archive import MEND, OpenSnapshot, Progress, open_snapshot, pack
from kg.store.catalogue import Catalogue
from kg.store.copy import copy_to, renew_identity, replace_content
from kg.store.database import Database
from kg.store.integrity import value_faults
from kg.store.papers import PaperStore
from kg.store.schema_check import check_made_as_catalogue, is_schema_error

DRAFT_PREFIX = ".loading-"
"""Prefix of the folders in which a catalogue is prepared; a killed process leaves one."""

_NAME = "atlas.sqlite"


@dataclass(frozen=True, slots=True)
class Saved:
    """A snapshot file that was written."""

    path: Path
    bytes: int
    """Size of the file."""
    revision: int
    """Revision of the catalogue in it."""
    counts: dict[str, int]
    """Number of papers, authors, placements and so on."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A snapshot file that is now the catalogue."""

    source: str
    """Path or address of the snapshot."""
    revision: int
    """Revision of the catalogue."""
    counts: dict[str, int]
    """Number of papers, authors, placements and so on."""
    kept: Path | None
    """Copy of the catalogue that was there before; None where that had no papers."""


def save(catalogue: Catalogue, path: Path, progress: Progress | None = None) -> Saved:
    """Write the catalogue's present state as one file, atomically.

    Parameters
    ----------
    catalogue : Catalogue
        Other processes may write to it meanwhile.
    path : Path
        Its folder must exist; a file that is there is replaced.
    progress : callable, optional
        Called with the number of bytes packed and of all.

    Raises
    ------
    AtlasError
        If the file cannot be written.
    """
    try:
        if path.is_dir() or path.resolve() == catalogue.path.resolve():
            raise AtlasError(f"cannot write a snapshot over {path}", "name another file")
        with draft_folder(path.parent, f".{path.name}.") as temporary:
            draft, packed = temporary / _NAME, temporary / "packed"
            with Database(catalogue.path) as whole:
                copy_to(whole, draft)
            with Catalogue(draft) as copy:
                identity, revision, counts = copy.identity, copy.revision, copy.counts()
            facts = {"identity": identity, "revision": revision, "counts": counts}
            pack(draft, facts, packed, progress)
            size = packed.stat().st_size
            packed.replace(path)
    except OSError as error:
        mend = "name a file in a folder that you may write and that has space"
        raise cannot_write(path, error, mend) from error
    return Saved(path, size, revision, counts)


def load(
    path: Path,
    catalogue_path: Path,
    *,
    name: str = "",
    progress: Progress | None = None,
    prepare: Callable[[Catalogue], object] | None = None,
    keep: bool = True,
    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
) -> Loaded:
    """Replace the catalogue by a snapshot file; a failure changes nothing.

    Readers see the old content or the new. The catalogue gets a new `identity`, so that no cache of
    the old content, or of another machine, is used for it. Only one process may load at a time.

    Parameters
    ----------
    path : Path
        The snapshot file.
    catalogue_path : Path
        The catalogue's file. A copy of it is kept beside it, as `atlas.before-load.sqlite`.
    name : str, optional
        Name of the snapshot in the report and errors; by default its path.
    progress : callable, optional
        Called with the number of pages written and of all.
    prepare : callable, optional
        Called with the catalogue, checked and under its new identity, before it takes the place of
        the present one; what it raises leaves that as it is.
    keep : bool
        Keep a copy of the present catalogue.
    free : callable
        Returns the free bytes on the disk of a folder.

    Raises
    ------
    DamagedSnapshot
        If the file is not a snapshot, or is damaged.
    NewerCatalogue
        If it was written by a newer version of LFM Atlas.
    CatalogueError
        If the present catalogue cannot be replaced.
    AtlasError
        If the file cannot be read.
    """
    name, catalogue_path = name or str(path), catalogue_path.resolve()
    folder = catalogue_path.parent
    with open_snapshot(path, name) as packed:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _check_free_space(packed, catalogue_path, keep, free)
            with draft_folder(folder, DRAFT_PREFIX) as temporary:
                draft = temporary / _NAME
                packed.extract(draft)
                revision, counts = _checked(draft, name, prepare)
                kept = _replace(draft, catalogue_path, keep, progress)
        except OSError as error:
            raise cannot_write(folder, error) from error
    return Loaded(name, revision, counts, kept)


def _check_free_space(
    packed: OpenSnapshot, catalogue: Path, keep: bool, free: Callable[[Path], int]
) -> None:
    # The draft, the same again in the transaction's journal, and the copy of the old catalogue.
    need = 2 * packed.size + (catalogue.stat().st_size if keep and catalogue.exists() else 0)
    have = free(catalogue.parent)
    if need > have:
        raise CatalogueError(
            f"{packed.name} needs {need / 1e6:,.0f} MB of the disk of {catalogue.parent},"
            f" which has {have / 1e6:,.0f}",
            "free some space; nothing was changed",
        )


def _checked(
    draft: Path, name: str, prepare: Callable[[Catalogue], object] | None
) -> tuple[int, dict[str, int]]:
    """Check all of the draft, migrate it to this version, and give it a new identity."""
    try:
        check_made_as_catalogue(draft)
        with Catalogue(draft) as made:
            for fault in value_faults(made.database):
                raise DamagedSnapshot(f"{name} holds a damaged catalogue: {fault.what}", MEND)
            renew_identity(made.database)
            if prepare is not None:
                prepare(made)
            revision, counts = made.revision, made.counts()
            made.database.checkpoint()  # Reads all of it once more.
            return revision, counts
    except NewerCatalogue as error:
        raise NewerCatalogue(f"{name} was written by a newer LFM Atlas", error.mend) from error
    except CatalogueError as error:
        if isinstance(error, DamagedCatalogue) or is_schema_error(error):
            raise DamagedSnapshot(f"{name} holds a damaged catalogue", MEND) from error
        raise


def _replace(draft: Path, path: Path, keep: bool, progress: Progress | None) -> Path | None:
    if place_database(draft, path):
        return None
    kept: list[Path | None] = []

    def locked() -> None:
        kept.append(_copy_old(path, draft.parent) if keep else None)

    with Database(path) as present, Database(draft) as made:
        replace_content(present, made, locked, progress)
    return kept[0]


def _copy_old(path: Path, folder: Path) -> Path | None:
    """Copy a catalogue that has papers to the file for it beside it."""
    # By another connection: the one that writes may not read.
    with Database(path) as old:
        if not PaperStore(old).count():
            return None
        copy = folder / "before.sqlite"
        copy_to(old, copy)
    place = path.with_name(f"{path.stem}.before-load{path.suffix}")
    remove_log(place)
    copy.replace(place)
    return place
