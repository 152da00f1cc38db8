"""The bundled snapshot: facts of the literature and its vectors, without any abstract.

Four files in `data`: `papers.jsonl.gz` has one paper a line with its placements and
lists, and last the citations and conflicts; `vectors.npy` is (papers, dim) float16 and
`positions.npy`, the map, (papers, 2) float32 in the same order, NaN where a paper is not on it;
`manifest.json` names the model and the SHA-256 of these, and of its own other lines.
"""

import gzip
import hashlib
import json
from dataclasses import astuple, fields
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np

from kg.entities import Citation, Paper, PlacedBy, Placement
from kg.errors import AtlasError, DamagedSnapshot, FullDisk, cannot_write
from kg.files.atomic import draft_folder, place_database
from kg.snapshot.data_files import digests, packed_array, packed_text, unpacked_array
from kg.store.catalogue import Catalogue
from kg.store.positions import Position

FORMAT = 2
"""Version of the files' format."""

_MEND = "install lfm-atlas again"
_OMITTED = ("abstract", "comment")
_DATES = ("published", "updated")


def unpack(path: Path, folder: Traversable | None = None) -> bool:
    """Create the catalogue from the bundled snapshot, or that of `folder`; return whether it did.

    A catalogue that exists and is not empty stays as it is.

    Raises
    ------
    CatalogueError
        If the folder cannot be written.
    DamagedSnapshot
        If the bundled files do not match their checksums.
    """
    try:
        path = path.resolve()
        if path.exists() and path.stat().st_size:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_folder(path.parent, ".unpacking-") as temporary:
            draft = temporary / path.name
            with Catalogue(draft) as catalogue:
                load(catalogue, folder or resources.files("kg.snapshot") / "data")
                catalogue.database.checkpoint()
            return place_database(draft, path)
    except OSError as error:
        raise cannot_write(path, error) from error
    except FullDisk as error:
        raise FullDisk(path) from error  # Name the catalogue: the draft is gone.


def load(catalogue: Catalogue, folder: Traversable) -> None:
    """Store a snapshot's papers, citations, vectors and map in an empty catalogue.

    Raises
    ------
    DamagedSnapshot
        If a file is missing or does not match its checksum; nothing was stored.
    """
    manifest, papers, vectors, positions = _read(folder)
    model = manifest["model"]
    with catalogue.writing():
        rows = []
        for row, line in enumerate(papers.splitlines()):
            record = json.loads(line)
            if "citations" in record:
                catalogue.citations.add(Citation(*edge) for edge in record["citations"])
                for conflict in record["conflicts"]:
                    catalogue.identifiers.add_conflict(*conflict)
                continue
            placements, lists = record.pop("placements"), record.pop("lists")
            hashed, other_names = record.pop("hash"), record.pop("names", ())
            catalogue.papers.put(_paper(record), hashed)
            key = catalogue.identifiers.key(record["id"])
            made = (Placement(topic, PlacedBy(by), *rest) for topic, by, *rest in placements)
            catalogue.placements.add(record["id"], made)
            for name, starred in lists:
                catalogue.lists.add(record["id"], name, bool(starred))
            for scheme, value in other_names:
                catalogue.identifiers.add(key, scheme, value)
            rows.append((key, hashed, vectors[row].astype("<f4").tobytes()))
        catalogue.vectors.add(model, rows)
        places = zip((key for key, _, _ in rows), positions.tolist(), strict=True)
        catalogue.positions.add(
            model,
            (Position(key, x, y, drawn=True) for key, (x, y) in places if x == x),
            since=catalogue.positions.revision,
        )


def _read(folder: Traversable) -> tuple[dict[str, Any], bytes, Any, Any]:
    try:
        manifest = json.loads(folder.joinpath("manifest.json").read_bytes())
        stated = manifest.pop("sha256", None)
        if manifest["format"] != FORMAT:
            raise DamagedSnapshot(
                f"the snapshot has form {manifest['format']}, this version reads {FORMAT}",
                "upgrade with `pip install --upgrade lfm-atlas`",
            )
        _check("manifest.json", _digest(manifest), stated)
        data = {name: folder.joinpath(name).read_bytes() for name in manifest["files"]}
        for name, digest in digests(data).items():
            _check(name, digest, manifest["files"][name])
        vectors = unpacked_array(data["vectors.npy"]).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        positions = unpacked_array(data["positions.npy"]).astype(np.float32)
        return manifest, gzip.decompress(data["papers.jsonl.gz"]), vectors, positions
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedSnapshot(f"the snapshot cannot be read ({error})", _MEND) from error


def _check(name: str, digest: str, stated: str | None) -> None:
    if digest != stated:
        raise DamagedSnapshot(f"the snapshot's {name} does not match its checksum", _MEND)


def _digest(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def save(catalogue: Catalogue, model: str, dim: int, folder: Path) -> int:
    """Write all papers that have a vector of `model`, of length `dim`; return their number."""
    hashes = catalogue.vectors.text_hashes(model)
    # In the order of keys, so that of two papers with one title the same one is found by it.
    keys = sorted(hashes)
    if not keys:
        raise AtlasError(f"no paper has a vector of {model}", "embed the papers first")
    stored = dict(catalogue.vectors.all(model))
    vectors = np.frombuffer(b"".join(stored[key] for key in keys), dtype="<f4").reshape(-1, dim)
    placements = catalogue.placements.get(keys)
    lists: dict[str, list[tuple[str, int]]] = {}
    for name, paper_id, starred in catalogue.lists.entries():
        lists.setdefault(paper_id, []).append((name, starred))
    names = catalogue.identifiers.additional()
    lines = []
    for key, paper in zip(keys, catalogue.papers.get(keys), strict=True):
        record = _record(paper)
        record["placements"] = [astuple(placed) for placed in placements.get(key, ())]
        record["lists"] = lists.get(paper.id, [])
        record["hash"] = hashes[key]
        if others := names.get(key):
            record["names"] = others
        lines.append(record)
    lines.append(
        {"citations": catalogue.citations.all(), "conflicts": catalogue.identifiers.conflicts()}
    )
    text = "".join(
        json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines
    )
    places = {place.key: (place.x, place.y) for place in catalogue.positions.all(model)}
    positions = np.array([places.get(key, (np.nan, np.nan)) for key in keys])
    files = {
        "papers.jsonl.gz": packed_text(text),
        "vectors.npy": packed_array(vectors.astype("<f2")),
        "positions.npy": packed_array(positions.astype("<f4")),
    }
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "model": model,
        "papers": len(keys),
        "files": digests(files),
    }
    manifest["sha256"] = _digest(manifest)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    return len(keys)


def _record(paper: Paper) -> dict[str, Any]:
    record = {field.name: getattr(paper, field.name) for field in fields(Paper)}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in record.items()
        if name not in _OMITTED and value not in (None, (), False)
    }


def _paper(record: dict[str, Any]) -> Paper:
    for name in _DATES:
        if name in record:
            record[name] = date.fromisoformat(record[name])
    for name in ("authors", "categories"):
        record[name] = tuple(record.get(name, ()))
    return Paper(**record)
