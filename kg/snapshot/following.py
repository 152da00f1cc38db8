"""What a follower of a snapshot knows of its source: a small file beside the catalogue.

It is written after each look at the source, and read by `lfm status`, the page and `/health`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import cannot_write
from kg.files.atomic import replace_file


@dataclass(frozen=True, slots=True)
class Following:
    """The source of an atlas that follows a snapshot, and how the last look at it ended."""

    source: str
    """File or address of the snapshot, without what may be secret in it."""
    checked: str | None = None
    """When it was looked at last, ISO 8601 in UTC."""
    loaded: str | None = None
    """When a snapshot of it was loaded last, likewise."""
    problem: str | None = None
    """Why the snapshot that is there was not loaded, in one line; None where it was."""
    refused: bool = False
    """Whether that is for its content: it is not read again until another one is there."""
    validators: Mapping[str, str] = field(default_factory=dict)
    """What tells the last snapshot that was read whole from another one."""
    sha256: str | None = None
    """Of the catalogue in the snapshot that was loaded."""
    origin: str | None = None
    """Identity of the catalogue that was saved there."""
    revision: int | None = None
    """Its revision."""
    identity: str | None = None
    """Identity that the catalogue got when it was loaded here."""


def read(home: Path) -> Following | None:
    """Return what is known of the snapshot that an atlas follows, or None where it follows none."""
    try:
        record = json.loads(_file(home).read_bytes())
        return Following(**record) if _is_sound(record) else None
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def write(home: Path, state: Following) -> None:
    """Store what is known of the snapshot that an atlas follows.

    Raises
    ------
    CatalogueError
        If the folder cannot be written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        replace_file(_file(home), json.dumps(asdict(state), indent=2).encode() + b"\n")
    except OSError as error:
        raise cannot_write(home, error) from error


def _file(home: Path) -> Path:
    return home / "following.json"


def _is_sound(record: Any) -> bool:
    texts = ("checked", "loaded", "problem", "sha256", "origin", "identity")
    return (
        isinstance(record, dict)
        and isinstance(record.get("source"), str)
        and all(isinstance(record.get(name), str | None) for name in texts)
        and isinstance(record.get("revision"), int | None)
        and isinstance(known := record.get("validators", {}), dict)
        and all(isinstance(value, str) for value in known.values())
    )
