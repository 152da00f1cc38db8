"""A catalogue on a full or forbidden disk, and one that is replaced while it is open."""

import fcntl
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kg.errors import CatalogueError, FullDisk
from kg.files.atomic import replace_file
from kg.snapshot.bundled import unpack
from kg.store.catalogue import Catalogue
from tests.support.bundled_counts import COUNTS
from tests.support.factories import paper, put_all
from tests.support.small_disk import empty, fill, forbid_writing, resize, small_disk


def made(path: Path, *numbers: int) -> None:
    with Catalogue(path) as catalogue:
        put_all(catalogue, *map(paper, numbers))


def ids(catalogue: Catalogue) -> list[str]:
    with catalogue.reading():
        return [one.id for one in catalogue.papers.get(catalogue.papers.keys())]


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.02, 0.5, 1.5], ids=["nothing", "half", "all but the last"])
def test_a_disk_too_small_for_the_first_use_harms_nothing(
    tmp_path: Path, unpacked_snapshot: Path, share: float
) -> None:
    whole = unpacked_snapshot.stat().st_size / 2**20  # MiB
    with small_disk(tmp_path / "disk", int(share * whole)) as disk:
        path = disk / "home" / "atlas.sqlite"
        with pytest.raises(FullDisk, match=r"home/atlas\.sqlite is full: free some space"):
            unpack(path)
        assert not list(path.parent.iterdir())
        resize(disk, int(3 * whole))  # The log needs as much as the catalogue.
        assert unpack(path)
        with Catalogue(path) as catalogue:
            catalogue.database.check()
            assert catalogue.size() == COUNTS["papers"]


@pytest.mark.slow
def test_a_full_disk_can_be_read(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4) as disk:
        path = disk / "atlas.sqlite"
        made(path, 1, 2)
        fill(disk)
        with Catalogue(path) as catalogue:
            assert catalogue.database.is_read_only
            assert len(ids(catalogue)) == 2
            with pytest.raises(FullDisk):
                catalogue.papers.put(paper(3))
            assert len(ids(catalogue)) == 2
            # Another process frees some space and writes: what it wrote is seen.
            empty(disk)
            made(path, 3)
            assert len(ids(catalogue)) == 3
            catalogue.papers.put(paper(4))
            assert len(ids(catalogue)) == 4
            assert not catalogue.database.is_read_only


@pytest.mark.slow
def test_what_a_crash_left_in_the_log_is_read_on_a_full_disk(tmp_path: Path) -> None:
    made(tmp_path / "atlas.sqlite", 1)
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        catalogue.papers.put(paper(2))
        log = tmp_path / "atlas.sqlite-wal"
        assert log.stat().st_size
        with small_disk(tmp_path / "disk", 4) as disk:
            for file in (catalogue.path, log):
                shutil.copy(file, disk)
            fill(disk)
            with Catalogue(disk / "atlas.sqlite") as crashed:
                assert len(ids(crashed)) == 2


@pytest.mark.slow
def test_a_forbidden_disk_can_be_read(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4) as disk:
        path = disk / "atlas.sqlite"
        made(path, 1, 2)
        forbid_writing(disk)
        with Catalogue(path) as catalogue:
            assert len(ids(catalogue)) == 2
            with pytest.raises(CatalogueError, match="cannot write"):
                catalogue.papers.put(paper(3))


def test_a_file_put_in_its_place_is_seen_by_every_thread(tmp_path: Path) -> None:
    path = tmp_path / "atlas.sqlite"
    made(path, 1)
    made(tmp_path / "other.sqlite", 2, 3)
    seen: list[list[str]] = []
    with Catalogue(path) as catalogue:
        go, done = threading.Event(), threading.Event()

        def look() -> None:
            with catalogue:
                seen.append(ids(catalogue))
                done.set()
                go.wait()
                seen.append(ids(catalogue))

        thread = threading.Thread(target=look)
        thread.start()
        done.wait()
        assert len(ids(catalogue)) == 1
        with catalogue.reading():
            (tmp_path / "other.sqlite").replace(path)
            # One question sees one state.
            assert catalogue.size() == 1
        go.set()
        thread.join()
        assert len(ids(catalogue)) == 2
        assert [len(one) for one in seen] == [1, 2]
        catalogue.papers.put(paper(4))
    with Catalogue(path) as catalogue:
        assert catalogue.size() == 3


def test_a_file_of_before_put_in_its_place_is_brought_up_to_date(tmp_path: Path) -> None:
    from kg.store.database import Database, own_migrations

    path = tmp_path / "atlas.sqlite"
    made(path, 1)
    Database(tmp_path / "old.sqlite", own_migrations()[:1]).close()
    with Catalogue(path) as catalogue:
        (tmp_path / "old.sqlite").replace(path)
        assert catalogue.size() == 0
        catalogue.papers.put(paper(2))
        assert catalogue.size() == 1


@pytest.mark.slow
def test_what_a_killed_process_left_is_removed_when_nobody_can_need_it(tmp_path: Path) -> None:
    killed, young, drafting = (tmp_path / f".unpacking-{n}" for n in ("killed", "young", "busy"))
    for folder in (killed, young, drafting):
        folder.mkdir()
        (folder / "atlas.sqlite").write_bytes(b"half")
    before = young.stat().st_mtime - 10
    for folder in (killed, drafting):
        os.utime(folder, (before, before))
    entry = os.open(drafting, os.O_RDONLY)
    fcntl.flock(entry, fcntl.LOCK_EX)
    assert unpack(tmp_path / "atlas.sqlite")
    os.close(entry)
    assert not killed.exists()
    assert young.exists()
    assert drafting.exists()


def test_a_draft_of_a_file_is_removed_by_the_next_one(tmp_path: Path) -> None:
    left, other = tmp_path / ".users.json.abc.draft", tmp_path / ".users.json.bak"
    for file in (left, other):
        file.write_bytes(b"half")
        os.utime(file, (1, 1))
    replace_file(tmp_path / "users.json", b"whole")
    assert sorted(tmp_path.iterdir()) == [other, tmp_path / "users.json"]


@pytest.mark.slow
def test_a_process_that_is_killed_while_it_unpacks_leaves_nothing_for_good(tmp_path: Path) -> None:
    code = "import pathlib, sys, kg.snapshot.bundled as s; s.unpack(pathlib.Path(sys.argv[1]))"
    path = tmp_path / "atlas.sqlite"
    child = subprocess.Popen([sys.executable, "-c", code, str(path)])
    while not list(tmp_path.glob(".unpacking-*/atlas.sqlite")):
        assert child.poll() is None
        time.sleep(0.005)
    child.kill()
    child.wait()
    (left,) = tmp_path.glob(".unpacking-*")
    os.utime(left, (1, 1))  # Some time has passed.
    assert unpack(path)
    assert [file.name for file in tmp_path.iterdir()] == ["atlas.sqlite"]
