"""Making inverted lists that was killed goes on, and ends in lists of the atlas as it is then."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kg.store.catalogue import Catalogue
from search.index.base import Vectors
from search.index.open import open_index
from search.index.selection import Keys
from search.index.vectors import faiss_ivf, ivf_build, ivf_parts
from search.index.vectors.faiss_ivf import IvfIndex
from tests.support.factories import paper, put_all

DIM = 32
MODEL = "owner/model"
PAPERS = 600


def rows(count: int, seed: int) -> Vectors:
    made = np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


def embed(catalogue: Catalogue, numbers: range, seed: int = 0) -> None:
    put_all(catalogue, *(paper(n) for n in numbers))
    vectors = zip(numbers, rows(len(numbers), seed), strict=True)
    keys = {n: catalogue.identifiers.key(paper(n).id) for n in numbers}
    catalogue.vectors.add(MODEL, [(keys[n], f"{seed} {n}", one.tobytes()) for n, one in vectors])


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        embed(opened, range(PAPERS))
        yield opened


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ivf_build, "MIN_PAPERS", 100)
    monkeypatch.setattr(ivf_parts, "MIN_PAPERS", 100)
    monkeypatch.setattr(ivf_build, "_PART", 100)
    monkeypatch.setattr(faiss_ivf, "_FEW", 10)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many vectors each part had that was made."""
    counts: list[int] = []
    own = ivf_build._Nearest.look_at

    def look_at(self: Any, keys: Keys, vectors: Vectors) -> None:
        counts.append(len(keys))
        own(self, keys, vectors)

    monkeypatch.setattr(ivf_build._Nearest, "look_at", look_at)
    return counts


def opened(catalogue: Catalogue, folder: Path) -> IvfIndex:
    index = open_index(catalogue, MODEL, DIM, "ivf", folder)
    assert isinstance(index, IvfIndex)
    return index


def kill(catalogue: Catalogue, folder: Path, part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make lists, but for the parts from this one on."""
    done: list[int] = []
    own = ivf_build._Nearest.look_at

    def killed(self: Any, keys: Keys, vectors: Vectors) -> None:
        if len(done) == part:
            raise KeyboardInterrupt
        done.append(0)
        own(self, keys, vectors)

    with monkeypatch.context() as patch:
        patch.setattr(ivf_build._Nearest, "look_at", killed)
        with pytest.raises(KeyboardInterrupt):
            opened(catalogue, folder)


def assert_whole(catalogue: Catalogue, index: IvfIndex) -> None:
    """Each vector of the catalogue is found by itself, and no other is there."""
    stored = dict(catalogue.vectors.all(MODEL))
    assert sorted(index.keys.tolist()) == sorted(stored)
    for key, vector in stored.items():
        found, scores = index.search(np.frombuffer(vector, "<f4"), 1)
        assert (found.tolist(), round(float(scores[0]), 4)) == ([key], 1)


@pytest.mark.parametrize("part", [0, 2, 5])
def test_what_was_killed_goes_on(
    catalogue: Catalogue,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    looked_at: list[int],
    part: int,
) -> None:
    kill(catalogue, tmp_path, part, monkeypatch)
    looked_at.clear()
    with monkeypatch.context() as patch:
        patch.setattr(ivf_build, "_trained", None)
        index = opened(catalogue, tmp_path)
    assert looked_at == [99, 100, 100, 100, 100, 100, 1][part:]
    assert_whole(catalogue, index)
    whole = opened(catalogue, tmp_path / "other")
    assert index.lists == whole.lists
    assert [one.name for one in tmp_path.glob("*ivf*")] == ["owner_model.ivf"]


def test_what_changed_meanwhile_is_followed(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_at: list[int]
) -> None:
    kill(catalogue, tmp_path, 3, monkeypatch)
    embed(catalogue, range(PAPERS, PAPERS + 50), seed=1)
    embed(catalogue, range(250, 260), seed=2)
    for number in (299, 5, 6, 450):
        catalogue.papers.remove(paper(number).id)
    looked_at.clear()
    index = opened(catalogue, tmp_path)
    assert looked_at == [99, 99, 100, 51]
    assert_whole(catalogue, index)
    assert_whole(catalogue, opened(catalogue, tmp_path))


@pytest.mark.parametrize("damage", ["cut", "empty", "gone"])
def test_a_damaged_part_is_made_again(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    kill(catalogue, tmp_path, 3, monkeypatch)
    for path in (tmp_path / "owner_model.ivf.parts").iterdir():
        data = path.read_bytes()
        path.unlink()
        if damage != "gone":
            path.write_bytes(data[: len(data) // 2] if damage == "cut" else b"")
    assert_whole(catalogue, opened(catalogue, tmp_path))


@pytest.mark.parametrize("suffix", ["index", "arrays"])
def test_parts_of_other_lists_are_not_taken(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    """Where the centres are lost, they are trained on the vectors of now."""
    kill(catalogue, tmp_path, 3, monkeypatch)
    (tmp_path / "owner_model.ivf.parts" / f"trained.{suffix}").unlink()
    embed(catalogue, range(PAPERS), seed=3)
    assert_whole(catalogue, opened(catalogue, tmp_path))


def test_an_older_copy_that_went_on_begins_anew(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_at: list[int]
) -> None:
    catalogue.close()
    shutil.copy(catalogue.path, tmp_path / "older")
    embed(catalogue, range(100, 200), seed=4)
    kill(catalogue, tmp_path, 3, monkeypatch)
    catalogue.close()
    (tmp_path / "older").replace(catalogue.path)
    embed(catalogue, range(300, 400), seed=5)
    looked_at.clear()
    assert_whole(catalogue, opened(catalogue, tmp_path))
    assert sum(looked_at) == PAPERS


def test_without_a_folder_to_write_it_is_made_at_once(catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert_whole(catalogue, opened(catalogue, tmp_path / "file"))
