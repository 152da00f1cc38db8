"""Files of columns that are damaged, of something else, or cannot be written."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kg.records import Filters, PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.atlas import Atlas
from search.index.columns.open import opened
from search.index.columns.table import read
from tests.support.factories import paper
from tests.support.small_disk import fill, forbid_writing, small_disk

ASKED = [
    Filters(),
    Filters(topic="a"),
    Filters(categories=("cs.lg",)),
    Filters(since=2010, until=2020),
    Filters(excluded=(Filters(since=2010), Filters(topic="a"))),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    with Catalogue(folder / "atlas.sqlite") as catalogue:
        fill_with(catalogue, 300)
    return folder


def fill_with(catalogue: Catalogue, papers: int) -> None:
    with catalogue.writing():
        for number in range(1, papers + 1):
            known = {"year": 2000 + number % 30, "arxiv_id": None, "withdrawn": number == 7}
            catalogue.papers.put(paper(number, **known))
            topic = Placement("ab"[number % 2], PlacedBy.LIST, "a-list")
            catalogue.placements.add(f"2001.{number:05}", [topic])


@pytest.fixture
def atlas(home: Path) -> Iterator[Atlas]:
    with Atlas(Settings(home)) as made:
        made.min_column_papers = 0
        yield made


def assert_right(atlas: Atlas) -> None:
    for one in ASKED:
        selection, wanted = atlas.selection(one), atlas.catalogue.papers.select(one)
        assert (None if selection is None else selection.keys.tolist()) == wanted
        assert atlas.count_passing(one) == len(wanted or ())
        assert atlas.passing(one) == (
            sorted(atlas.catalogue.papers.keys()) if wanted is None else wanted
        )
        assert atlas.newest_passing(one, 3) == atlas.catalogue.papers.newest(one, 3)


def file_of(atlas: Atlas) -> Path:
    return atlas.settings.cache / "columns"


def fresh(atlas: Atlas) -> Atlas:
    """Return the atlas as another process opens it."""
    made = Atlas(atlas.settings)
    made.min_column_papers = 0
    return made


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut short": cut,
    "its last byte gone": lambda data: data[:-1],
    "of another format": lambda data: data[:-1] + b"0",
    "no table": lambda _: b"x" * 5_000,
    "a header that says something else": lambda data: data.replace(b'"rows"', b'"sows"'),
    "a header with other numbers": lambda data: data.replace(b'"revision": ', b'"revision": 9'),
    "a hole at the front": lambda data: bytes(2_000) + data[2_000:],
    "a byte changed in each place": lambda data: (
        bytes(byte ^ 1 for byte in data[:1_000]) + data[1_000:]
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_made_again(atlas: Atlas, damage: Callable[[bytes], bytes]) -> None:
    assert_right(atlas)
    whole = file_of(atlas).read_bytes()
    file_of(atlas).write_bytes(damage(whole))
    with fresh(atlas) as other:
        assert_right(other)
        assert len(file_of(atlas).read_bytes()) == len(whole)
        assert read(file_of(atlas), atlas.catalogue.identity) is not None


def test_a_damaged_file_is_found_when_changes_are_written_into_it(atlas: Atlas) -> None:
    assert_right(atlas)
    whole = file_of(atlas).read_bytes()
    file_of(atlas).write_bytes(DAMAGES["a hole at the front"](whole))
    atlas.catalogue.papers.put(paper(301))
    columns = opened(atlas.catalogue, file_of(atlas), max_changed=0)
    assert columns is not None
    for one in ASKED[1:]:
        mask = columns.mask(one)
        assert mask is not None
        assert np.flatnonzero(mask).tolist() == atlas.catalogue.papers.select(one)


def test_the_file_of_another_catalogue_is_made_again(atlas: Atlas, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with Catalogue(other / "atlas.sqlite") as catalogue:
        fill_with(catalogue, 40)
    with Atlas(Settings(other)) as another:
        another.min_column_papers = 0
        assert_right(another)
        file_of(atlas).parent.mkdir(parents=True)
        shutil.copy(file_of(another), file_of(atlas))
    assert_right(atlas)


def test_an_older_copy_of_the_catalogue_that_was_put_back(atlas: Atlas, home: Path) -> None:
    atlas.catalogue.database.checkpoint()
    shutil.copy(home / "atlas.sqlite", home / "copy")
    atlas.catalogue.papers.put(paper(301, year=2015))
    atlas.catalogue.papers.remove("2001.00003")
    assert_right(atlas)
    atlas.close()
    for suffix in ("-wal", "-shm"):
        home.joinpath(f"atlas.sqlite{suffix}").unlink(missing_ok=True)
    home.joinpath("copy").replace(home / "atlas.sqlite")
    with fresh(atlas) as older:
        assert older.size == 300
        assert_right(older)
        older.catalogue.papers.put(paper(302, year=2016))
        assert_right(older)


def test_without_a_folder_that_can_be_written_sql_answers(atlas: Atlas) -> None:
    atlas.settings.cache.parent.mkdir(parents=True, exist_ok=True)
    atlas.settings.cache.write_text("no folder")
    assert_right(atlas)
    assert atlas.open_columns() is None


def test_a_file_that_is_there_is_used_where_none_can_be_written(home: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8) as disk:
        file = disk / "columns"
        with Catalogue(home / "atlas.sqlite") as catalogue:
            opened(catalogue, file)
            forbid_writing(disk)
            before = file.read_bytes()
            catalogue.papers.put(paper(301))
            columns = opened(catalogue, file, max_changed=0)
            assert columns is not None
            found = columns.mask(ASKED[1])
            assert found is not None
            assert np.flatnonzero(found).tolist() == catalogue.papers.select(ASKED[1])
            assert file.read_bytes() == before


def test_a_full_disk_leaves_no_part_of_a_file(home: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk, Catalogue(home / "atlas.sqlite") as catalogue:
        fill(disk)
        assert opened(catalogue, disk / "columns") is None
        assert {path.name.rstrip("0123456789") for path in disk.iterdir()} == {"fill"}


def test_a_file_that_cannot_be_made_again_is_made_in_memory(home: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8) as disk:
        file = disk / "columns"
        with Catalogue(home / "atlas.sqlite") as catalogue:
            opened(catalogue, file)
            file.write_bytes(DAMAGES["a hole at the front"](file.read_bytes()))
            columns = opened(catalogue, file)
            forbid_writing(disk)
            assert columns is not None
            for one in ASKED[1:]:
                found = columns.mask(one)
                assert found is not None
                assert np.flatnonzero(found).tolist() == catalogue.papers.select(one)
            assert columns.in_order(ASKED[1], True, 5) == catalogue.papers.newest(ASKED[1], 5)


def test_a_small_atlas_has_no_columns(home: Path) -> None:
    with Atlas(Settings(home)) as atlas:
        assert_right(atlas)
        assert not file_of(atlas).exists()
