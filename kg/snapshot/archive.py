"""Format of a snapshot file: a zip of a catalogue and a manifest with its size and checksum."""

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import AtlasError, DamagedSnapshot, NewerCatalogue
from kg.store.database import own_migrations

FORMAT = "lfm-atlas-snapshot"
"""Name of the format in the manifest."""

VERSION = 1
"""Version of the format; the catalogue within has its own."""

_CATALOGUE, _MANIFEST = "atlas.sqlite", "manifest.json"
_MAX_MANIFEST_BYTES = 1 << 16
_CHUNK_BYTES = 1 << 20

MEND = "fetch it again, or save it again"
"""What to do about a damaged snapshot."""

Progress = Callable[[int, int], object]
"""Takes the number of bytes done and of all."""


def pack(
    catalogue: Path, facts: Mapping[str, Any], path: Path, progress: Progress | None = None
) -> None:
    """Write a snapshot file of a catalogue that nobody has open.

    `facts` are further entries of the manifest, beside format, size and checksum.
    """
    digest, done, size = hashlib.sha256(), 0, catalogue.stat().st_size
    with zipfile.ZipFile(path, "w") as archive:
        with (
            catalogue.open("rb") as source,
            archive.open(_info(_CATALOGUE), "w", force_zip64=True) as member,
        ):
            while chunk := source.read(_CHUNK_BYTES):
                digest.update(chunk)
                member.write(chunk)
                done += len(chunk)
                if progress is not None:
                    progress(done, size)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "migrations": len(own_migrations()),
            **facts,
            "size": done,
            "sha256": digest.hexdigest(),
        }
        with archive.open(_info(_MANIFEST), "w") as member:
            member.write(json.dumps(manifest, indent=2).encode() + b"\n")


def _info(name: str) -> zipfile.ZipInfo:
    # Without a time stamp, the same catalogue gives the same bytes.
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


@dataclass(frozen=True, slots=True)
class OpenSnapshot:
    """An open snapshot file with a valid manifest."""

    name: str
    """Name of the file in errors."""
    size: int
    """Size of the catalogue in it, in bytes."""
    sha256: str
    """SHA-256 of the catalogue, in hexadecimal."""
    identity: str | None
    """Identity of the catalogue that was saved; None where the manifest does not say."""
    revision: int | None
    """Its revision, likewise."""
    archive: zipfile.ZipFile

    def extract(self, path: Path) -> None:
        """Write the catalogue to `path`.

        Raises
        ------
        DamagedSnapshot
            If it is not the one that the manifest describes.
        OSError
            If it cannot be written.
        """
        digest = hashlib.sha256()
        with _reading(self.name):
            member = self.archive.open(_CATALOGUE)
        with member, path.open("wb") as file:
            while True:
                with _reading(self.name):
                    chunk = member.read(_CHUNK_BYTES)
                if not chunk:
                    break
                digest.update(chunk)
                file.write(chunk)
        # The size is checked by now, and `zipfile` never gives more.
        if digest.hexdigest() != self.sha256:
            raise DamagedSnapshot(f"{self.name} does not match its checksum", MEND)


@contextmanager
def open_snapshot(path: Path, name: str) -> Iterator[OpenSnapshot]:
    """Open a snapshot file and read its manifest; errors call it `name`.

    Raises
    ------
    DamagedSnapshot
        If it is not a snapshot.
    NewerCatalogue
        If it was written by a newer version of LFM Atlas.
    AtlasError
        If it cannot be read.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise AtlasError(f"cannot read {name}: {error.strerror}") from error
    with file:
        with _reading(name):
            archive = zipfile.ZipFile(file)
            found = _open(archive, name)
        yield found


def _open(archive: zipfile.ZipFile, name: str) -> OpenSnapshot:
    with archive.open(_member(archive, _MANIFEST, name)) as member:
        data = member.read(_MAX_MANIFEST_BYTES + 1)
    manifest = json.loads(data) if len(data) <= _MAX_MANIFEST_BYTES else None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise DamagedSnapshot(f"{name} is not a snapshot of LFM Atlas", MEND)
    version, migrations = int(manifest["version"]), int(manifest["migrations"])
    if version > VERSION or migrations > len(own_migrations()):
        raise NewerCatalogue(
            f"{name} was written by a newer LFM Atlas (form {version}, catalogue version"
            f" {migrations}; this one knows {VERSION} and {len(own_migrations())})",
            "upgrade with `pip install --upgrade lfm-atlas`",
        )
    if version < VERSION:
        mend = "save it again with this version"
        raise DamagedSnapshot(f"{name} has form {version}, this version reads {VERSION}", mend)
    size, revision = int(manifest["size"]), manifest.get("revision")
    # Refuse a file that would unpack to more than it claims.
    if _member(archive, _CATALOGUE, name).file_size != size:
        raise DamagedSnapshot(f"{name} does not hold as much as it says", MEND)
    return OpenSnapshot(
        name,
        size,
        str(manifest["sha256"]),
        str(manifest["identity"]) if "identity" in manifest else None,
        None if revision is None else int(revision),
        archive,
    )


def _member(archive: zipfile.ZipFile, member: str, name: str) -> zipfile.ZipInfo:
    # Members are read by name, so that none can choose where it is written.
    info = archive.getinfo(member)
    if info.compress_type not in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED) or info.flag_bits & 1:
        raise DamagedSnapshot(f"{name} is packed in another way than snapshots are", MEND)
    return info


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Translate the errors that a damaged zip or manifest makes the standard library raise."""
    try:
        yield
    except KeyError as error:
        raise DamagedSnapshot(f"{name} is not a snapshot of LFM Atlas", MEND) from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        OSError,
        OverflowError,
        RuntimeError,  # Also NotImplementedError and RecursionError.
        TypeError,
        ValueError,
    ) as error:
        raise DamagedSnapshot(f"{name} cannot be read as a snapshot ({error})", MEND) from error
