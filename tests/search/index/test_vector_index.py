import json
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kg.errors import BadRequest
from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.base import VectorIndex, matrix
from search.index.open import index_path, open_index
from search.index.selection import Selection
from search.index.vectors import exact, faiss_flat
from search.index.vectors.whole import Dumped
from tests.support.factories import paper, put_all
from tests.support.indexes import EVERY_KIND, stop_milvus_lite

DIM = 8
MODEL = "owner/model"


def vector(number: int) -> np.ndarray:
    row = np.random.default_rng(number).normal(size=DIM).astype(np.float32)
    return row / np.linalg.norm(row)


def embed(catalogue: Catalogue, numbers: range, change: int = 0, model: str = MODEL) -> None:
    rows = [
        (
            catalogue.identifiers.key(paper(n).id),
            f"hash {change}",
            vector(n + 1000 * change).tobytes(),
        )
        for n in numbers
    ]
    catalogue.vectors.add(model, rows)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "home" / "atlas.sqlite") as opened:
        put_all(opened, *(paper(n) for n in range(10)))
        embed(opened, range(8))
        yield opened


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Path]:
    cache = tmp_path / "home" / "cache"
    yield cache
    if (lite := cache / "milvus.db").exists():
        stop_milvus_lite(lite)


@pytest.fixture(params=EVERY_KIND)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["exact", "faiss"])
def whole(request: pytest.FixtureRequest) -> str:
    """A kind that is read whole."""
    return str(request.param)


def nearest(index: VectorIndex, number: int) -> tuple[int, float]:
    keys, scores = index.search(vector(number), 1)
    return int(keys[0]), float(scores[0])


def plant(path: Path, index: Dumped) -> None:
    """Put another index into the file, as good as the one that is there."""
    payload = index.dump()
    header = json.loads(path.read_bytes().partition(b"\n")[0])
    header["crc32"] = zlib.crc32(payload)
    path.write_bytes(json.dumps(header).encode() + b"\n" + payload)


def test_an_index_is_built_from_the_catalogue(catalogue: Catalogue, cache: Path, kind: str) -> None:
    index = open_index(catalogue, MODEL, DIM, kind, cache)
    assert getattr(index, "note", None) is None  # Of a server: that it was not used.
    assert sorted(index.keys) == catalogue.vectors.keys(MODEL)
    for number in range(8):
        assert nearest(index, number) == (
            catalogue.identifiers.key(paper(number).id),
            pytest.approx(1),
        )


def test_a_fresh_index_is_read_from_its_file_which_stays_untouched(
    catalogue: Catalogue, cache: Path, whole: str
) -> None:
    open_index(catalogue, MODEL, DIM, whole, cache)
    path = index_path(cache, MODEL, whole)
    planted = exact.empty(DIM) if whole == "exact" else faiss_flat.empty(DIM)
    planted.add(np.array([1]), vector(99)[None, :])
    plant(path, planted)
    before = path.read_bytes(), path.stat().st_mtime_ns
    catalogue.papers.put(paper(1, venue="A venue"))  # No vector changes.
    index = open_index(catalogue, MODEL, DIM, whole, cache)
    assert len(index) == 1  # So it was not built again.
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_new_vectors_are_added_to_what_is_there(
    catalogue: Catalogue, cache: Path, whole: str
) -> None:
    index = open_index(catalogue, MODEL, DIM, whole, cache)
    key = catalogue.identifiers.key(paper(3).id)
    index.remove(np.array([key]))
    index.add(np.array([key]), vector(99)[None, :])
    plant(index_path(cache, MODEL, whole), index)
    embed(catalogue, range(8, 10))
    index = open_index(catalogue, MODEL, DIM, whole, cache)
    assert len(index) == 10
    assert nearest(index, 9)[0] == catalogue.identifiers.key(paper(9).id)
    assert nearest(index, 99) == (key, pytest.approx(1))  # The planted one was kept.
    assert len(open_index(catalogue, MODEL, DIM, whole, cache)) == 10


def test_changed_vectors_are_replaced(catalogue: Catalogue, cache: Path, kind: str) -> None:
    open_index(catalogue, MODEL, DIM, kind, cache)
    embed(catalogue, range(2, 4), change=1)
    for _ in range(2):
        index = open_index(catalogue, MODEL, DIM, kind, cache)
        assert len(index) == 8
        assert nearest(index, 1002) == (catalogue.identifiers.key(paper(2).id), pytest.approx(1))
        assert nearest(index, 2)[1] < 0.999


def test_papers_that_went_vanish(catalogue: Catalogue, cache: Path, kind: str) -> None:
    gone = catalogue.identifiers.key(paper(2).id)
    open_index(catalogue, MODEL, DIM, kind, cache)
    catalogue.papers.rename(paper(2).id, paper(9).id)
    for _ in range(2):
        index = open_index(catalogue, MODEL, DIM, kind, cache)
        assert gone not in index.keys
        assert len(index) == 7


def damage(path: Path, how: str) -> None:
    data = path.read_bytes()
    if how == "gone":
        path.unlink()
    elif how == "folder":
        path.unlink()
        path.mkdir()
    elif how == "no header":
        path.write_bytes(data.partition(b"\n")[2])
    elif how.startswith("flip"):
        place = int(len(data) * float(how[5:]))
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    else:
        path.write_bytes(data[: int(len(data) * float(how))])


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    ["gone", "folder", "no header", "0", "0.1", "0.3", "0.9", "0.999"]
    + [f"flip {part}" for part in (0, 0.05, 0.1, 0.2, 0.25, 0.5, 0.9, 0.999)],
)
def test_a_damaged_file_is_built_again(
    catalogue: Catalogue, cache: Path, whole: str, how: str
) -> None:
    open_index(catalogue, MODEL, DIM, whole, cache)
    path = index_path(cache, MODEL, whole)
    good = path.read_bytes()
    damage(path, how)
    index = open_index(catalogue, MODEL, DIM, whole, cache)
    assert len(index) == 8
    assert nearest(index, 5) == (catalogue.identifiers.key(paper(5).id), pytest.approx(1))
    if how != "folder":
        assert path.read_bytes() == good


def test_each_model_has_its_own_index(catalogue: Catalogue, cache: Path, whole: str) -> None:
    embed(catalogue, range(2), model="owner_model")  # Another name, the same file.
    assert index_path(cache, MODEL, whole) == index_path(cache, "owner_model", whole)
    assert len(open_index(catalogue, MODEL, DIM, whole, cache)) == 8
    assert len(open_index(catalogue, "owner_model", DIM, whole, cache)) == 2
    assert len(open_index(catalogue, MODEL, DIM, whole, cache)) == 8


def test_an_index_of_another_width_is_built_again(
    catalogue: Catalogue, cache: Path, kind: str
) -> None:
    if kind == "milvus":
        pytest.skip("a collection is never dropped: it is refused")
    open_index(catalogue, MODEL, DIM, kind, cache)
    row = np.ones(4, dtype=np.float32) / 2
    keys = catalogue.vectors.keys(MODEL)
    catalogue.vectors.add(MODEL, [(key, "h", row.tobytes()) for key in keys])
    index = open_index(catalogue, MODEL, 4, kind, cache)
    assert index.search(row, 1)[1][0] == pytest.approx(1)


def test_the_index_of_another_catalogue_is_built_again(
    catalogue: Catalogue, cache: Path, kind: str, tmp_path: Path
) -> None:
    open_index(catalogue, MODEL, DIM, kind, cache)
    with Catalogue(tmp_path / "other.sqlite") as other:
        put_all(other, *(paper(n) for n in range(3)))
        embed(other, range(3), change=1)
        assert other.vectors.revision == catalogue.vectors.revision
        index = open_index(other, MODEL, DIM, kind, cache)
        assert sorted(index.keys) == other.vectors.keys(MODEL)
        assert nearest(index, 1002)[1] == pytest.approx(1)


def test_an_older_copy_of_the_catalogue_gets_its_own_vectors(
    catalogue: Catalogue, cache: Path, kind: str
) -> None:
    catalogue.close()
    older = shutil.copy(catalogue.path, catalogue.path.with_name("older.sqlite"))
    embed(catalogue, range(8, 10))
    embed(catalogue, range(3), change=1)
    open_index(catalogue, MODEL, DIM, kind, cache)
    with Catalogue(older) as copy:
        index = open_index(copy, MODEL, DIM, kind, cache)
        assert sorted(index.keys) == copy.vectors.keys(MODEL)
        assert nearest(index, 2)[1] == pytest.approx(1)


@pytest.mark.parametrize("folder", ["file/cache", "file", "/proc/cache", "/dev/null/cache"])
def test_a_cache_that_cannot_be_written_is_done_without(
    catalogue: Catalogue, tmp_path: Path, kind: str, folder: str
) -> None:
    (tmp_path / "file").touch()
    index = open_index(catalogue, MODEL, DIM, kind, tmp_path / folder)
    assert nearest(index, 5)[0] == catalogue.identifiers.key(paper(5).id)


@pytest.mark.parametrize("letters", range(1, 9))
def test_vectors_from_a_file_are_aligned(catalogue: Catalogue, cache: Path, letters: int) -> None:
    model = "m" * letters  # It stands in the line before the vectors.
    embed(catalogue, range(8), model=model)
    written, read = (open_index(catalogue, model, DIM, "exact", cache) for _ in range(2))
    assert isinstance(read, exact.ExactIndex)
    assert read.vectors.flags.aligned
    assert nearest(read, 3) == nearest(written, 3)


def test_an_empty_catalogue_has_an_empty_index(tmp_path: Path, kind: str) -> None:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        for _ in range(2):
            index = open_index(catalogue, MODEL, DIM, kind, tmp_path)
            assert len(index) == 0
        put_all(catalogue, paper(1))
        embed(catalogue, range(1, 2))
        assert len(open_index(catalogue, MODEL, DIM, kind, tmp_path)) == 1


def test_filters_reach_the_index(catalogue: Catalogue, cache: Path, kind: str) -> None:
    catalogue.papers.put(paper(4, year=1999))
    allowed = catalogue.papers.select(Filters(until=2000))
    index = open_index(catalogue, MODEL, DIM, kind, cache)
    keys, _ = index.search(vector(1), 10, Selection.of_keys(allowed or ()))
    assert keys.tolist() == [catalogue.identifiers.key(paper(4).id)]


def test_an_unknown_kind_is_refused(catalogue: Catalogue, cache: Path) -> None:
    with pytest.raises(BadRequest, match="unknown index 'annoy'"):
        open_index(catalogue, MODEL, DIM, "annoy", cache)


def test_stored_rows_become_one_matrix() -> None:
    rows = [vector(n).astype("<f4").tobytes() for n in range(3)]
    np.testing.assert_array_equal(matrix(rows, DIM), np.stack([vector(n) for n in range(3)]))
    assert matrix([], DIM).shape == (0, DIM)
