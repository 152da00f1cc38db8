"""Snapshot files: what is saved is what is loaded, whoever reads, writes or is killed."""

import ast
import hashlib
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kg.errors import AtlasError, CatalogueError
from kg.records import Filters
from kg.snapshot import file as snapshot_file
from kg.store.catalogue import Catalogue
from kg.store.copy import replace_content
from kg.store.database import Database, own_migrations
from search.index.open import open_index
from search.index.words.fts5 import Fts5Words
from tests.support.factories import contents, paper, put_all
from tests.support.snapshot_files import contents_but_identity, zipped

# -- saving ------------------------------------------------------------------------------------


def test_everything_travels(big: Path, saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "atlas.sqlite"
    with Catalogue(big) as catalogue:
        before = (catalogue.revision, catalogue.vectors.revision, catalogue.counts())
        identity = catalogue.identity
    found = snapshot_file.load(saved, path)
    assert found == snapshot_file.Loaded(str(saved), before[0], before[2], None)
    assert contents_but_identity(path) == contents_but_identity(big)
    with Catalogue(path) as catalogue:
        assert (catalogue.revision, catalogue.vectors.revision, catalogue.counts()) == before
        assert catalogue.identity != identity
        catalogue.database.check()
        assert catalogue.papers.put(paper(5000)) == "added"
        assert len(Fts5Words(catalogue).search("subject 5000", 300, Filters())) == 201
    assert [file.name for file in path.parent.iterdir()] == ["atlas.sqlite"]


def test_the_manifest_describes_the_catalogue(big: Path, tmp_path: Path) -> None:
    path, steps = tmp_path / "atlas.lfm", list[tuple[int, int]]()
    with Catalogue(big) as catalogue:
        report = snapshot_file.save(catalogue, path, lambda *step: steps.append(step))
        with zipfile.ZipFile(path) as archive:
            assert sorted(archive.namelist()) == ["atlas.sqlite", "manifest.json"]
            data, manifest = archive.read("atlas.sqlite"), json.loads(archive.read("manifest.json"))
        assert manifest == {
            "format": "lfm-atlas-snapshot",
            "version": 1,
            "migrations": len(own_migrations()),
            "identity": catalogue.identity,
            "revision": catalogue.revision,
            "counts": catalogue.counts(),
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        assert report == snapshot_file.Saved(
            path, path.stat().st_size, catalogue.revision, catalogue.counts()
        )
    assert steps[-1] == (len(data), len(data))
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_catalogue_gives_the_same_bytes(big: Path, saved: Path, tmp_path: Path) -> None:
    with Catalogue(big) as catalogue:
        snapshot_file.save(catalogue, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == saved.read_bytes()


@pytest.mark.slow
def test_what_is_saved_while_another_writes_is_whole(home: Path, tmp_path: Path) -> None:
    path, stop = home / "atlas.sqlite", threading.Event()
    failed: list[BaseException] = []

    def write() -> None:
        try:
            with Catalogue(path) as catalogue:
                for number in range(0, 100_000, 2):
                    if stop.is_set():
                        break
                    with catalogue.writing():  # Always two papers together.
                        catalogue.papers.put(paper(number % 900))
                        catalogue.papers.put(paper(number % 900 + 1, title=f"Title {number}"))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(4):
            with Catalogue(path) as catalogue:
                snapshot_file.save(catalogue, tmp_path / f"{number}.lfm")
            there = tmp_path / str(number) / "atlas.sqlite"
            snapshot_file.load(tmp_path / f"{number}.lfm", there)
            with Catalogue(there) as loaded:
                assert loaded.size() % 2 == 0
    finally:
        stop.set()
        thread.join(60)
    assert not failed


def test_a_save_that_fails_leaves_the_old_file(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "out" / "atlas.lfm"
    path.parent.mkdir()
    path.write_text("old")

    def fail(*_: int) -> None:
        raise ZeroDivisionError

    with Catalogue(home / "atlas.sqlite") as catalogue:
        with pytest.raises(ZeroDivisionError):
            snapshot_file.save(catalogue, path, fail)
        assert path.read_text() == "old"
        snapshot_file.save(catalogue, path)
    assert list(path.parent.iterdir()) == [path]
    assert zipfile.is_zipfile(path)


@pytest.mark.parametrize("name", ["none/atlas.lfm", "home", "home/atlas.sqlite", "file/atlas.lfm"])
def test_a_place_that_cannot_be_written_is_told(home: Path, name: str) -> None:
    (home.parent / "file").touch()
    before = contents_but_identity(home / "atlas.sqlite")
    with (
        Catalogue(home / "atlas.sqlite") as catalogue,
        pytest.raises(AtlasError, match="cannot write"),
    ):
        snapshot_file.save(catalogue, home.parent / name)
    assert contents_but_identity(home / "atlas.sqlite") == before


# -- loading over what is there ----------------------------------------------------------------


def test_what_was_there_is_kept_once(big: Path, saved: Path, home: Path) -> None:
    path, kept = home / "atlas.sqlite", home / "atlas.before-load.sqlite"
    old, identities = contents_but_identity(path), set()
    steps: list[tuple[int, int]] = []
    for expected in (old, contents_but_identity(big)):
        found = snapshot_file.load(saved, path, progress=lambda *step: steps.append(step))
        assert found.kept == kept
        assert steps[-1][0] == steps[-1][1] > 0
        assert contents_but_identity(kept) == expected
        assert contents_but_identity(path) == contents_but_identity(big)
        with Catalogue(path) as catalogue:
            identities.add(catalogue.identity)
        with Catalogue(kept) as catalogue:
            catalogue.database.check()
            identities.add(catalogue.identity)
    assert len(identities) == 3  # The second load kept the first one's.
    assert sorted(file.name for file in home.iterdir()) == [kept.name, path.name]


@pytest.mark.parametrize("make", [Path.touch, lambda path: Catalogue(path).close()])
def test_a_catalogue_without_papers_is_not_kept(
    big: Path, saved: Path, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "atlas.sqlite"
    make(path)
    assert snapshot_file.load(saved, path).kept is None
    assert contents_but_identity(path) == contents_but_identity(big)
    assert list(tmp_path.iterdir()) == [path]


def test_who_has_it_open_sees_the_old_and_then_the_new(saved: Path, home: Path) -> None:
    path = home / "atlas.sqlite"
    reader = sqlite3.connect(path, isolation_level=None)
    with Catalogue(path) as opened:
        assert opened.size() == 30
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM papers").fetchone() == (30,)
        snapshot_file.load(saved, path)
        assert opened.size() == 200
        assert opened.identifiers.find("arxiv", "2001.00003") == "2001.00003"
        assert reader.execute("SELECT count(*), min(id) FROM papers").fetchone() == (
            30,
            "2001.01000",
        )
        reader.execute("ROLLBACK")
        assert reader.execute("SELECT count(*) FROM papers").fetchone() == (200,)
        assert opened.papers.put(paper(7000)) == "added"
    reader.close()


def unit(place: int) -> bytes:
    return np.eye(16, dtype="<f4")[place].tobytes()


def test_an_index_of_the_old_catalogue_is_not_taken_for_the_new(home: Path, tmp_path: Path) -> None:
    """Two machines go on from one snapshot, change as often, and one loads the other's."""
    sent, path = tmp_path / "sent.lfm", home / "atlas.sqlite"
    with Catalogue(tmp_path / "source.sqlite") as source, Catalogue(path) as catalogue:
        (key,) = put_all(source, paper(1))
        source.vectors.add("m", [(key, "h", unit(0))])
        snapshot_file.save(source, sent)
        snapshot_file.load(sent, path)
        for one, number, place in ((catalogue, 2, 1), (source, 3, 2)):
            (key,) = put_all(one, paper(number))
            one.vectors.add("m", [(key, "h", unit(place))])
        assert len(open_index(catalogue, "m", 16, "exact", home / "cache")) == 2
        assert catalogue.vectors.revision == source.vectors.revision
        snapshot_file.save(source, sent)
        snapshot_file.load(sent, path)
        index = open_index(catalogue, "m", 16, "exact", home / "cache")
        found, (cosine,) = index.search(np.frombuffer(unit(2), "<f4"), 1)
        assert catalogue.papers.get(found.tolist())[0].id == paper(3).id
        assert cosine == pytest.approx(1)


READ = """
import sqlite3, sys
seen = set()
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
def look():
    connection.execute("BEGIN")
    papers = connection.execute("SELECT count(*), min(id), max(id) FROM papers").fetchone()
    vectors = connection.execute("SELECT count(*) FROM vectors").fetchone()
    words = connection.execute("SELECT count(*) FROM words WHERE words MATCH 'paper'").fetchone()
    connection.execute("COMMIT")
    return (*papers, *vectors, *words)
print(look(), flush=True)
import select
while not select.select([sys.stdin], [], [], 0)[0]:
    seen.add(look())
seen.add(look())
print(sorted(seen), flush=True)
"""


@pytest.mark.slow
def test_a_reader_in_another_process_sees_either_whole(
    saved: Path, home: Path, tmp_path: Path
) -> None:
    path = home / "atlas.sqlite"
    with Catalogue(path) as catalogue:
        snapshot_file.save(catalogue, tmp_path / "small.lfm")
    with subprocess.Popen(
        [sys.executable, "-c", READ, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            small = ast.literal_eval(process.stdout.readline())
            for source in [saved, tmp_path / "small.lfm"] * 5 + [saved]:
                snapshot_file.load(source, path)
            seen = ast.literal_eval(process.communicate("done\n", timeout=60)[0])
        finally:
            process.kill()
    large = (200, "2001.00000", "2001.00199", 200, 200)
    assert small == (30, "2001.01000", "2001.01029", 30, 30)
    assert large in seen
    assert set(seen) <= {small, large}


KILLED = """
import os, signal, sys
from pathlib import Path
from kg.snapshot import file as snapshot_file
left = int(sys.argv[3])
def step(done, pages):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
snapshot_file.load(Path(sys.argv[1]), Path(sys.argv[2]), progress=step)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("step", "new"), [(1, False), (2, False), (50, False), (-1, True)])
def test_a_load_that_is_killed_leaves_the_old_catalogue(
    big: Path, saved: Path, home: Path, step: int, new: bool
) -> None:
    path = home / "atlas.sqlite"
    old = contents_but_identity(path)
    # Held open, so that the first look at it is a reader's and not that of who opens it.
    with Catalogue(path) as reader:
        assert reader.size() == 30
        code = subprocess.run(
            [sys.executable, "-c", KILLED, str(saved), str(path), str(step)], timeout=60
        ).returncode
        assert code == (0 if new else -signal.SIGKILL)
        assert reader.size() == (200 if new else 30)
        reader.database.check()
    assert contents_but_identity(path) == (contents_but_identity(big) if new else old)
    snapshot_file.load(saved, path)
    assert contents_but_identity(path) == contents_but_identity(big)


def test_a_load_that_fails_halfway_changes_nothing(saved: Path, home: Path) -> None:
    path = home / "atlas.sqlite"
    old = contents(path)

    def fail(done: int, pages: int) -> None:
        if done > pages / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        snapshot_file.load(saved, path, progress=fail)
    assert contents(path) == old
    with Catalogue(path) as catalogue:
        catalogue.database.check()
        assert catalogue.papers.put(paper(1)) == "added"


def test_what_another_writes_last_is_kept(saved: Path, home: Path) -> None:
    """Nothing that is committed before the catalogue is replaced gets lost."""
    path = home / "atlas.sqlite"
    held = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    held.execute("BEGIN IMMEDIATE")
    held.execute("UPDATE papers SET title = 'Written last' WHERE id = '2001.01000'")
    committer = threading.Timer(0.5, lambda: held.execute("COMMIT"))
    committer.start()
    found = snapshot_file.load(saved, path)
    committer.join()
    held.close()
    assert found.kept
    with Catalogue(found.kept) as kept:
        assert kept.papers.get([kept.identifiers.key("2001.01000")])[0].title == "Written last"


def test_a_catalogue_that_another_goes_on_writing_is_told(big: Path, home: Path) -> None:
    path = home / "atlas.sqlite"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    called: list[int] = []
    with Catalogue(path) as present, Catalogue(big) as made:
        with pytest.raises(CatalogueError, match="another process"):
            replace_content(present.database, made.database, lambda: called.append(1), wait_s=0)
        assert present.size() == 30
        other.execute("ROLLBACK")
        replace_content(present.database, made.database, lambda: called.append(2), wait_s=0)
        assert present.size() == 200
    other.close()
    assert called == [2]


def test_a_disk_without_enough_space_is_told_first(saved: Path, home: Path) -> None:
    path = home / "atlas.sqlite"
    old = contents(path)
    with pytest.raises(CatalogueError, match="free some space"):
        snapshot_file.load(saved, path, free=lambda _: 100_000)
    assert contents(path) == old


def test_pages_of_another_size_and_another_journal_are_no_hindrance(
    big: Path, saved: Path, home: Path
) -> None:
    path = home / "atlas.sqlite"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA page_size = 8192")
    connection.execute("VACUUM")
    connection.close()
    snapshot_file.load(saved, path)
    assert contents_but_identity(path) == contents_but_identity(big)
    with Catalogue(path) as catalogue:
        catalogue.database.check()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA page_size").fetchone() == (8192,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


@pytest.mark.parametrize("name", ["a#b", "a?b", "100%41", "a b", "ä"])
def test_a_home_may_have_any_name(saved: Path, big: Path, tmp_path: Path, name: str) -> None:
    snapshot_file.load(saved, tmp_path / name / "atlas.sqlite")
    assert contents_but_identity(tmp_path / name / "atlas.sqlite") == contents_but_identity(big)


def test_a_catalogue_of_an_older_version_is_brought_up_to_date(home: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.sqlite"
    Database(old, own_migrations()[:1]).close()
    connection = sqlite3.connect(old)
    connection.execute(
        "INSERT INTO papers (key, id, title, text_hash) VALUES (7, 'title:x', 'Old', 'h')"
    )
    connection.commit()
    connection.close()
    path = zipped(tmp_path / "old.lfm", old.read_bytes(), migrations=1)
    snapshot_file.load(path, home / "atlas.sqlite")
    with Catalogue(home / "atlas.sqlite") as catalogue:
        assert [one.title for one in catalogue.papers.get(catalogue.papers.keys())] == ["Old"]
        assert catalogue.papers.put(paper(1)) == "added"


@pytest.mark.parametrize("place", ["", "/proc/atlas/atlas.sqlite"])
def test_a_home_that_cannot_be_used_is_told(saved: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    path = Path(place) if place else tmp_path / "file" / "atlas.sqlite"
    with pytest.raises(CatalogueError, match="LFM_HOME"):
        snapshot_file.load(saved, path)


@pytest.mark.parametrize("spoiled", [b"Dear diary, this is a text. " * 100, b"notes"])
def test_a_damaged_catalogue_is_left_as_it_is(saved: Path, tmp_path: Path, spoiled: bytes) -> None:
    path = tmp_path / "atlas.sqlite"
    path.write_bytes(spoiled)
    with pytest.raises(CatalogueError, match="move it away"):
        snapshot_file.load(saved, path)
    assert path.read_bytes() == spoiled
    assert list(tmp_path.iterdir()) == [path]
