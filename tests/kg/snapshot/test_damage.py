"""What is no snapshot, or is damaged, changes nothing and is told in one line."""

import errno
import io
import os
import random
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.errors import AtlasError, DamagedSnapshot, NewerCatalogue
from kg.snapshot import file as snapshot_file
from kg.store.copy import copy_to
from kg.store.database import Database
from tests.support.factories import contents, spoil
from tests.support.snapshot_files import altered, contents_but_identity, zipped


def no_tables(beside: Path) -> bytes:
    """Return a database with nothing in it."""
    path = beside.with_name("none.sqlite")
    connection = sqlite3.connect(path)
    connection.execute("VACUUM")
    connection.close()
    return path.read_bytes()


def other_zip(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return made.getvalue()


HOSTILE = {
    "trigger": "CREATE TRIGGER t AFTER INSERT ON papers BEGIN DELETE FROM vectors; END",
    "view": "CREATE VIEW v AS SELECT randomblob(400000000)",
    "index that allocates": "CREATE INDEX i ON papers (length(hex(zeroblob(100000000))))",
    "constraint that allocates": (
        "DROP TABLE cursors; CREATE TABLE cursors (source TEXT NOT NULL, name TEXT NOT NULL,"
        " value TEXT NOT NULL CHECK (length(zeroblob(400000000)) > 0),"
        " PRIMARY KEY (source, name)) WITHOUT ROWID"
    ),
    "constraint missing": (
        "DROP TABLE reviews; CREATE TABLE reviews (paper TEXT PRIMARY KEY, record TEXT NOT NULL,"
        " suggestions TEXT NOT NULL, belongs REAL NOT NULL, queued TEXT NOT NULL) WITHOUT ROWID"
    ),
    "column that is computed": "ALTER TABLE papers ADD COLUMN more AS (hex(zeroblob(1000000)))",
    "words of another table": (
        "DROP TABLE words; CREATE VIRTUAL TABLE words USING fts5 (title, abstract, authors,"
        " content = 'papers', content_rowid = 'key', tokenize = 'porter unicode61')"
    ),
    "index missing": "DROP INDEX papers_by_year",
}
"""Schemas that are not a catalogue's, though their tables have its names."""

WRONG_VALUES = {
    "vector of one byte": "UPDATE vectors SET vector = x'00'",
    "vector of text": "UPDATE vectors SET vector = 'abc'",
    "vector of zeros": "UPDATE vectors SET vector = zeroblob(length(vector)), checksum = NULL",
    "title of bytes": "UPDATE papers SET title = x'ff00'",
    "year of text": "UPDATE papers SET year = 'x'",
    "revision of letters": "UPDATE meta SET value = 'abc' WHERE name = 'revision'",
    "day that cannot be": "UPDATE papers SET published = '2024-02-31'",
    "time that cannot be": "INSERT INTO fetch_log VALUES (9, 's', '2024-13-01T00:00:00', '{}')",
    "report that is no JSON": "INSERT INTO fetch_log VALUES (9, 's', '2024-01-01T00:00:00', '[')",
    "citation of nobody": (
        "PRAGMA foreign_keys = OFF; INSERT INTO citations VALUES (99999, 99998, 's')"
    ),
    "placed by nobody": (
        "PRAGMA ignore_check_constraints = ON; INSERT INTO placements"
        " SELECT key, 'model-editing', 'lisp', 's', 1.0 FROM papers LIMIT 1"
    ),
}
"""Values that would be errors, or worse, when they are read."""


def spoiled(catalogue: Path, name: str, beside: Path) -> bytes:
    """Return the bytes of a catalogue in which a table or index is damaged."""
    copy = beside.with_name("spoiled.sqlite")
    copy.write_bytes(altered(catalogue, ""))
    spoil(copy, name)
    return copy.read_bytes()


BAD: dict[str, Callable[[bytes, Path, Path], object]] = {
    "empty": lambda _, __, p: p.write_bytes(b""),
    "text": lambda _, __, p: p.write_text("Dear diary"),
    "page": lambda _, __, p: p.write_text("<!doctype html><title>Sign in</title>" * 50),
    "catalogue itself": lambda d, _, p: p.write_bytes(d),
    "empty zip": lambda _, __, p: p.write_bytes(other_zip({})),
    "other zip": lambda _, __, p: p.write_bytes(other_zip({"photo.jpg": b"x" * 5000})),
    "no catalogue": lambda _, __, p: p.write_bytes(
        other_zip({"manifest.json": b'{"format": "lfm-atlas-snapshot", "version": 1}'})
    ),
    "manifest of nonsense": lambda d, _, p: p.write_bytes(
        other_zip({"manifest.json": b"\xff{", "atlas.sqlite": d})
    ),
    "manifest nested": lambda d, _, p: p.write_bytes(
        other_zip({"manifest.json": b"[" * 60_000, "atlas.sqlite": d})
    ),
    "manifest huge": lambda d, _, p: p.write_bytes(
        other_zip({"manifest.json": b" " * 10_000_000 + b"{}", "atlas.sqlite": d})
    ),
    "manifest a list": lambda d, _, p: p.write_bytes(
        other_zip({"manifest.json": b"[]", "atlas.sqlite": d})
    ),
    "other format": lambda d, _, p: zipped(p, d, format="photos"),
    "no version": lambda d, _, p: zipped(p, d, version=None),
    "version of text": lambda d, _, p: zipped(p, d, version="one"),
    "migrations null": lambda d, _, p: zipped(p, d, migrations=[1]),
    "size infinite": lambda d, _, p: zipped(p, d, size=float("inf")),
    "no size": lambda d, _, p: zipped(p, d, size=None),
    "larger than it says": lambda d, _, p: zipped(p, d, size=4096),
    "smaller than it says": lambda d, _, p: zipped(p, d, size=1 << 50),
    "other checksum": lambda d, _, p: zipped(p, d, sha256="0" * 64),
    "packed by lzma": lambda d, _, p: p.write_bytes(
        other_zip({"manifest.json": b"{}", "atlas.sqlite": d}, zipfile.ZIP_LZMA)
    ),
    "good but packed by lzma": lambda d, _, p: zipped(p, d, zipfile.ZIP_LZMA),
    "good but packed by bzip2": lambda d, _, p: zipped(p, d, zipfile.ZIP_BZIP2),
    "no database": lambda _, __, p: zipped(p, b"Dear diary, this is a text. " * 1000),
    "no bytes": lambda _, __, p: zipped(p, b""),
    "no tables": lambda _, __, p: zipped(p, no_tables(p)),
    "half a catalogue": lambda d, _, p: zipped(p, d[: len(d) // 2]),
    "pages of zeros": lambda d, _, p: zipped(p, d[:8192] + bytes(len(d) - 8192)),
    # Nothing that is read of it tells, until someone asks by year, or for a word.
    "index of nonsense": lambda _, c, p: zipped(p, spoiled(c, "papers_by_year", p)),
    "words of nonsense": lambda _, c, p: zipped(p, spoiled(c, "words_data", p)),
    "other application": lambda _, c, p: zipped(p, altered(c, "PRAGMA application_id = 7")),
    "table missing": lambda _, c, p: zipped(p, altered(c, "DROP TABLE conflicts")),
    "table more": lambda _, c, p: zipped(p, altered(c, "CREATE TABLE photos (name)")),
    "no meta": lambda _, c, p: zipped(p, altered(c, "DROP TABLE meta")),
    "no identity": lambda _, c, p: zipped(
        p, altered(c, "DELETE FROM meta WHERE name = 'identity'")
    ),
    "old and without tables": lambda _, c, p: zipped(
        p, altered(c, "DROP TABLE papers; PRAGMA user_version = 1")
    ),
    **{
        kind: lambda _, c, p, sql=sql: zipped(p, altered(c, sql))
        for kind, sql in {**HOSTILE, **WRONG_VALUES}.items()
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_snapshot_changes_nothing(
    big: Path, home: Path, tmp_path: Path, kind: str
) -> None:
    bad = tmp_path / "bad.lfm"
    with Database(big) as whole:
        copy_to(whole, tmp_path / "copy.sqlite")
    BAD[kind]((tmp_path / "copy.sqlite").read_bytes(), big, bad)
    before, files = contents(home / "atlas.sqlite"), sorted(home.iterdir())
    with pytest.raises(DamagedSnapshot) as found:
        snapshot_file.load(bad, home / "atlas.sqlite")
    assert str(found.value).startswith(str(bad))
    assert ".loading-" not in str(found.value)
    assert "\n" not in str(found.value)
    assert contents(home / "atlas.sqlite") == before
    assert sorted(home.iterdir()) == files


def test_what_is_not_on_the_disk_is_not_put_in_place(
    saved: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = contents(home / "atlas.sqlite")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(AtlasError, match=r"disk of .* is full"):
            snapshot_file.load(saved, home / "atlas.sqlite")
    assert contents(home / "atlas.sqlite") == before


@pytest.mark.parametrize("changes", [{"version": 2}, {"migrations": 99}, {}])
def test_what_a_newer_version_wrote_changes_nothing(
    big: Path, home: Path, tmp_path: Path, changes: dict[str, int]
) -> None:
    data = altered(big, "PRAGMA user_version = 99")
    bad = zipped(tmp_path / "bad.lfm", data, **changes)
    before = contents(home / "atlas.sqlite")
    with pytest.raises(NewerCatalogue, match="pip install --upgrade lfm-atlas") as found:
        snapshot_file.load(bad, home / "atlas.sqlite")
    assert str(found.value).startswith(f"{bad} was written by a newer LFM Atlas")
    assert contents(home / "atlas.sqlite") == before


@pytest.mark.parametrize("part", [0.01, 0.3, 0.9, 0.999])
def test_a_snapshot_that_is_cut_short_is_told(saved: Path, tmp_path: Path, part: float) -> None:
    data = saved.read_bytes()
    (tmp_path / "cut").write_bytes(data[: int(len(data) * part)])
    with pytest.raises(DamagedSnapshot, match="fetch it again"):
        snapshot_file.load(tmp_path / "cut", tmp_path / "home" / "atlas.sqlite")
    assert not (tmp_path / "home" / "atlas.sqlite").exists()


@pytest.mark.slow
def test_flipped_bytes_never_give_another_error_or_content(
    big: Path, saved: Path, tmp_path: Path
) -> None:
    source, whole = random.Random(0), saved.read_bytes()
    expected = contents_but_identity(big)
    for number in range(120):
        data = bytearray(whole)
        # The ends of a zip say where everything is, and what the manifest says.
        first, last = source.choice(((0, 200), (-600, 0), (-600, 0), (0, 0)))
        places = range(len(data))[first or None : last or None]
        for _ in range(source.choice((1, 3, 20))):
            data[source.choice(places)] ^= source.randrange(1, 256)
        path, made = tmp_path / "bad.lfm", tmp_path / f"{number}.sqlite"
        path.write_bytes(data)
        try:
            snapshot_file.load(path, made)
        except (DamagedSnapshot, NewerCatalogue):
            assert not made.exists()
        else:  # A name or a date in the zip means nothing.
            assert contents_but_identity(made) == expected


def test_only_the_two_members_are_ever_written(big: Path, saved: Path, tmp_path: Path) -> None:
    bad, folder = tmp_path / "bad.lfm", tmp_path / "a" / "home"
    bad.write_bytes(saved.read_bytes())
    with zipfile.ZipFile(bad, "a") as archive:
        for name in ("../evil", "/tmp/evil-of-lfm-atlas", "..\\evil", "atlas.sqlite-wal"):
            archive.writestr(name, b"evil")
    snapshot_file.load(bad, folder / "atlas.sqlite")
    assert contents_but_identity(folder / "atlas.sqlite") == contents_but_identity(big)
    found = sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*"))
    assert found == ["a", "a/home", "a/home/atlas.sqlite", "bad.lfm"]


@pytest.mark.parametrize("name", ["none.lfm", "home", "home/atlas.sqlite/x"])
def test_a_file_that_cannot_be_read_is_told(home: Path, name: str) -> None:
    with pytest.raises(AtlasError, match="cannot read"):
        snapshot_file.load(home.parent / name, home / "atlas.sqlite")
