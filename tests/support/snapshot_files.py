"""Catalogues, and valid and invalid snapshot files of them."""

import hashlib
import json
import os
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from kg.records import Citation, PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.store.copy import copy_to
from kg.store.database import Database, own_migrations
from tests.support.factories import contents, paper, put_all


def fill(path: Path, numbers: range, seed: int = 0) -> None:
    """Make a catalogue with something of everything."""
    rows = np.random.default_rng(seed).normal(size=(len(numbers), 16)).astype("<f4")
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    with Catalogue(path) as catalogue:
        keys = put_all(catalogue, *(paper(number) for number in numbers))
        catalogue.vectors.add("m", [(k, "h", r.tobytes()) for k, r in zip(keys, rows, strict=True)])
        one, two = (paper(number).id for number in numbers[:2])
        catalogue.placements.add(one, [Placement("a/b", PlacedBy.LIST, "l")])
        catalogue.citations.add([Citation(one, two, "s")])
        catalogue.lists.add(one, "l", starred=True)
        catalogue.identifiers.add_conflict("arxiv", one, "A title", "l")
        catalogue.journal.log_fetch("l", {"added": 3})


def contents_but_identity(path: Path) -> list[str]:
    """Return all rows of a catalogue but its identity."""
    return [row for row in contents(path) if "'identity'" not in row]


def zipped(path: Path, data: bytes, method: int = zipfile.ZIP_DEFLATED, **changes: Any) -> Path:
    """Write a snapshot file of these bytes whose manifest has some changes."""
    manifest = {
        "format": "lfm-atlas-snapshot",
        "version": 1,
        "migrations": len(own_migrations()),
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        **changes,
    }
    manifest = {name: value for name, value in manifest.items() if value is not None}
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("atlas.sqlite", data)
    return path


def altered(catalogue: Path, sql: str) -> bytes:
    """Return the bytes of a catalogue on which some SQL was run."""
    copy = catalogue.with_name(f"altered-{os.getpid()}.sqlite")
    with Database(catalogue) as whole:
        copy_to(whole, copy)
    connection = sqlite3.connect(copy)
    connection.executescript(sql)
    connection.close()
    try:
        return copy.read_bytes()
    finally:
        copy.unlink()
