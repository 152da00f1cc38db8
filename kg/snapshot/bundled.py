"""The bundled snapshot: facts of the literature, cards and vectors, without any abstract.

In `data`, `papers.jsonl.gz` has one paper a line with its placements, lists and links, and last the
citations (by lines, from 0) and conflicts; `vectors.npy` is (papers, dim) float16 and
`positions.npy`, the map, (papers, 2) float32 in the same order, NaN where a paper is not on it;
`stems.json.gz` has the words of abstracts by their counts (`kg.snapshot.stems`);
`entities.json.gz` has the entities and relations (`kg.snapshot.entities`);
`manifest.json` has counts, the name of the model and the SHA-256 of these, and of its own other
lines.

`cards.jsonl.gz` is kept by hand and has no checksum but gzip's; a card whose paper is missing is
left out.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from kg.errors import AtlasError, DamagedSnapshot, FullDisk, cannot_write
from kg.files.atomic import draft_folder, place_database
from kg.records import Paper
from kg.snapshot.data_files import digests, packed_array, packed_text, unpacked_array
from kg.snapshot.entities import load_entities, packed_entities
from kg.snapshot.stems import packed_stems, unpacked_stems
from kg.store.bulk import StoredPaper, insert_papers, insert_rows
from kg.store.catalogue import Catalogue
from kg.store.database import UPGRADE
from kg.store.positions import Position
from kg.store.vectors import text_hash
from kg.text.stop_words import STOP_WORDS

FORMAT = 4
"""Version of the files' format."""

CARDS = "cards.jsonl.gz"
"""File of the cards, which is kept by hand."""

ENTITIES = "entities.json.gz"
"""File of the entities and relations."""

CARD_SOURCE = "snapshot"
"""Source of the cards that came with the package."""

_MEND = "install lfm-atlas again"
_OMITTED = ("abstract", "comment")


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
                catalogue.database.write_as_draft()
                load(catalogue, folder or resources.files("kg.snapshot") / "data")
                catalogue.database.checkpoint()
            return place_database(draft, path)
    except OSError as error:
        raise cannot_write(path, error) from error
    except FullDisk as error:
        raise FullDisk(path) from error  # Name the catalogue: the draft is gone.


def load(catalogue: Catalogue, folder: Traversable) -> int:
    """Store a snapshot in an empty catalogue, and return how many cards are left out.

    They have no paper in it, or are the second of one paper.

    Raises
    ------
    DamagedSnapshot
        If a file is missing, does not match its checksum or holds no cards; nothing was stored.
    """
    from kg.entities.file import built_in_digest  # YAML: too slow for every question.

    manifest, lines, vectors, positions, words, entities = _read(folder)
    model, last = manifest["model"], lines.pop()
    database = catalogue.database
    papers = [StoredPaper(key, one, one["hash"]) for key, one in enumerate(lines, 1)]
    with catalogue.writing():
        insert_papers(database, papers)
        for table in ("placements", "links", "reports"):
            rows = ((p.key, *row) for p in papers for row in p.record.get(table, ()))
            insert_rows(database, table, rows)
        lists = ((name, p.key, star, None) for p in papers for name, star in p.record["lists"])
        insert_rows(database, "list_entries", lists)
        citations = ((a + 1, b + 1, source) for a, b, source in last["citations"])
        insert_rows(database, "citations", citations)
        insert_rows(database, "conflicts", map(tuple, last["conflicts"]))
        missing = load_cards(catalogue, folder)
        stems = ((p.key, text) for p, text in zip(papers, words, strict=True) if text)
        insert_rows(database, "abstract_stems", stems)
        load_entities(database, entities)
        # They were made from the same papers, cards and list: nothing of it is to be read again.
        state = {"digest": built_in_digest(), "lacking": []}
        catalogue.journal.set_cursor("entities", "list", json.dumps(state))
        catalogue.reads.mark(catalogue.reads.unread())
        catalogue.words.update([paper.key for paper in papers])
        catalogue.words.optimize()
        rows = ((p.key, p.text_hash, row.tobytes()) for p, row in zip(papers, vectors, strict=True))
        catalogue.vectors.fill(model, rows)
        places = zip((p.key for p in papers), positions.tolist(), strict=True)
        catalogue.positions.add(
            model,
            (Position(key, x, y, drawn=True) for key, (x, y) in places if x == x),
            since=catalogue.positions.revision,
        )
    return missing


def records(folder: Traversable) -> list[dict[str, Any]]:
    """Return the papers of a snapshot as its lines have them (`StoredPaper.record`).

    Raises
    ------
    DamagedSnapshot
        If a file is missing or does not match its checksum.
    """
    return _read(folder)[1][:-1]


def load_cards(catalogue: Catalogue, folder: Traversable) -> int:
    """Store the cards of a snapshot in a catalogue without any, and return how many are left out.

    Words are not indexed (`WordStore.update`).
    """
    cards = _read_cards(folder)
    return len(cards) - catalogue.cards.fill(cards, CARD_SOURCE)


def _read(
    folder: Traversable,
) -> tuple[dict[str, Any], list[dict[str, Any]], Any, Any, list[str], bytes]:
    try:
        manifest = json.loads(folder.joinpath("manifest.json").read_bytes())
        stated = manifest.pop("sha256", None)
        if (form := manifest["format"]) != FORMAT:
            raise DamagedSnapshot(
                f"the snapshot has form {form}, this version reads {FORMAT}",
                UPGRADE if form > FORMAT else _MEND,
            )
        _check("manifest.json", _digest(manifest), stated)
        data = {name: folder.joinpath(name).read_bytes() for name in manifest["files"]}
        for name, digest in digests(data).items():
            _check(name, digest, manifest["files"][name])
        vectors = unpacked_array(data["vectors.npy"]).astype("<f4")
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        positions = unpacked_array(data["positions.npy"]).astype(np.float32)
        lines = gzip.decompress(data["papers.jsonl.gz"]).splitlines()
        words = unpacked_stems(data["stems.json.gz"])
        parts = vectors, positions, words, data[ENTITIES]
        return manifest, list(map(orjson.loads, lines)), *parts
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedSnapshot(f"the snapshot cannot be read ({error})", _MEND) from error


def _read_cards(folder: Traversable) -> dict[str, dict[str, Any]]:
    """Return the records of the cards by the ids of their papers."""
    file = folder.joinpath(CARDS)
    if not file.is_file():
        return {}
    try:
        records = list(map(orjson.loads, gzip.decompress(file.read_bytes()).splitlines()))
        return {record.pop("id"): record for record in records}
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise DamagedSnapshot(f"the snapshot's {CARDS} cannot be read ({error})", _MEND) from error


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
    links: dict[str, list[list[Any]]] = {}
    for paper_id, *link in catalogue.links.all():
        links.setdefault(paper_id, []).append(link)
    reports, names = catalogue.reports.get(keys), catalogue.identifiers.additional()
    lines, rows = [], {}
    papers = catalogue.papers.get(keys)
    for row, (key, paper) in enumerate(zip(keys, papers, strict=True)):
        rows[paper.id] = row
        record = _record(paper)
        record["placements"] = [astuple(placed) for placed in placements.get(key, ())]
        record["lists"] = lists.get(paper.id, [])
        record["hash"] = hashes[key]
        told = [
            (r.source, r.citations, r.open_access, r.venue, r.reported.isoformat())
            for r in reports.get(key, ())
        ]
        parts = {"links": links.get(paper.id), "reports": told, "names": names.get(key)}
        lines.append(record | {name: part for name, part in parts.items() if part})
    counts = _counts(papers, lines)
    edges = [
        (rows[citing], rows[cited], source)
        for citing, cited, source in catalogue.citations.all()
        if citing in rows and cited in rows
    ]
    counts["citations"] = len({edge[:2] for edge in edges})
    lines.append({"citations": edges, "conflicts": catalogue.identifiers.conflicts()})
    text = "".join(
        json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines
    )
    places = {place.key: (place.x, place.y) for place in catalogue.positions.all(model)}
    positions = np.array([places.get(key, (np.nan, np.nan)) for key in keys])
    files = {
        "papers.jsonl.gz": packed_text(text),
        "vectors.npy": packed_array(vectors.astype("<f2")),
        "positions.npy": packed_array(positions.astype("<f4")),
        "stems.json.gz": packed_stems([paper.abstract for paper in papers], STOP_WORDS),
        ENTITIES: packed_entities(catalogue, {key: row for row, key in enumerate(keys)}),
    }
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "model": model,
        "counts": counts,
        "files": digests(files),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    _write_manifest(folder, manifest)
    return len(keys)


def save_entities(catalogue: Catalogue, folder: Path) -> None:
    """Write the entities and relations alone, of a catalogue that was loaded from `folder`."""
    keys = catalogue.papers.keys()
    data = packed_entities(catalogue, {key: key - 1 for key in keys})
    (folder / ENTITIES).write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["sha256"]
    manifest["files"] |= digests({ENTITIES: data})
    _write_manifest(folder, manifest)


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    stated = manifest | {"sha256": _digest(manifest)}
    (folder / "manifest.json").write_text(json.dumps(stated, indent=2) + "\n")


def _record(paper: Paper) -> dict[str, Any]:
    record = {field.name: getattr(paper, field.name) for field in fields(Paper)}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in record.items()
        if name not in _OMITTED and value not in (None, (), False)
    }


def _counts(papers: Sequence[Paper], lines: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Count the papers, and those of them that have each fact or a vector of an abstract."""
    dates = [paper.appeared for paper in papers]
    whole = [one["hash"] != text_hash(p.title) for one, p in zip(lines, papers, strict=True)]
    return {
        "papers": len(papers),
        "abstracts": sum(whole),
        "arxiv_ids": sum(bool(paper.arxiv_id) for paper in papers),
        "authors": sum(bool(paper.authors) for paper in papers),
        "categories": sum(bool(paper.categories) for paper in papers),
        "months": sum(bool(one and one.month) for one in dates),
        "links": sum("links" in one for one in lines),
    }
