"""Inverted lists in a file: built, tuned, followed up, and found out when damaged."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kg.store.catalogue import Catalogue
from search.index.base import Vectors
from search.index.open import chosen_kind, index_path, open_index
from search.index.selection import Selection
from search.index.vectors import faiss_ivf, ivf_build
from search.index.vectors.exact import ExactIndex
from search.index.vectors.faiss_ivf import IvfIndex
from tests.support.factories import paper, put_all

DIM = 32
MODEL = "owner/model"
PAPERS = 600


def rows(count: int, seed: int = 0) -> Vectors:
    """Unit rows in groups, as papers have subjects."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(20, DIM))
    made = (centres[rng.integers(20, size=count)] + 0.6 * rng.normal(size=(count, DIM))).astype(
        np.float32
    )
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


VECTORS = rows(PAPERS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of `PAPERS` papers with vectors."""
    path = tmp_path_factory.mktemp("ivf") / "atlas.sqlite"
    with Catalogue(path) as catalogue:
        put_all(catalogue, *(paper(n) for n in range(PAPERS)))
        embed(catalogue, range(PAPERS), VECTORS)
    return path


@pytest.fixture
def catalogue(made: Path, tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(Path(shutil.copy(made, tmp_path / "atlas.sqlite"))) as opened:
        yield opened


@pytest.fixture(autouse=True)
def small_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ivf_build, "MIN_PAPERS", 100)
    monkeypatch.setattr(faiss_ivf, "_FEW", 10)


def key_of(catalogue: Catalogue, number: int) -> int:
    return catalogue.identifiers.key(paper(number).id)


def embed(catalogue: Catalogue, numbers: range, vectors: Vectors) -> None:
    catalogue.vectors.add(
        MODEL,
        [
            (key_of(catalogue, n), f"hash {vector[0]}", vector.tobytes())
            for n, vector in zip(numbers, vectors, strict=True)
        ],
    )


def opened(catalogue: Catalogue, folder: Path) -> IvfIndex:
    index = open_index(catalogue, MODEL, DIM, "ivf", folder)
    assert isinstance(index, IvfIndex)
    return index


def exact(catalogue: Catalogue) -> ExactIndex:
    index = open_index(catalogue, MODEL, DIM, "exact", catalogue.path.parent / "exact")
    assert isinstance(index, ExactIndex)
    return index


def recall(index: IvfIndex, truth: ExactIndex, allowed: Selection | None = None) -> float:
    found = []
    for query in rows(50, seed=7):
        best, scores = truth.search(query, 10, allowed)
        keys, own = index.search(query, 10, allowed)
        assert len(keys) == len(best)
        assert np.all(np.diff(own) <= 0)
        if keys.tolist() == best.tolist():
            np.testing.assert_allclose(own, scores, atol=1e-6)
        found.append(np.isin(best, keys).mean())
    return float(np.mean(found))


def test_many_papers_have_lists() -> None:
    assert chosen_kind("auto", 1_000_000) == "ivf"


def test_the_lists_are_tuned_and_scores_are_exact(catalogue: Catalogue, tmp_path: Path) -> None:
    index = opened(catalogue, tmp_path)
    header = index.header
    assert header is not None
    assert header.recall >= ivf_build.RECALL
    assert 1 <= header.probed <= header.lists
    assert 0 < header.reach < 1
    assert index.lists == (
        f"{header.lists} lists, {header.probed} probed at most: recall@10 {header.recall:.3f}"
    )
    assert recall(index, exact(catalogue)) >= 0.97
    assert sorted(index.keys) == catalogue.vectors.keys(MODEL)
    assert len(index) == PAPERS


def test_a_question_between_subjects_looks_into_more_lists(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    index = opened(catalogue, tmp_path)
    file = index._file
    assert file is not None
    clear, unclear = VECTORS[0], VECTORS[:40].sum(axis=0)
    unclear /= np.linalg.norm(unclear)
    few, many = (file.lists_for(query, 1, PAPERS) for query in (clear, unclear))
    assert 1 <= few < many <= file.header.probed
    assert file.lists_for(clear, PAPERS, PAPERS) == file.header.lists  # All that pass are wanted.


def test_further_down_the_scores_by_codes_are_near_enough(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    index, truth = opened(catalogue, tmp_path), exact(catalogue)
    query = VECTORS[3]
    keys, scores = index.search(query, PAPERS)
    exact_scores = dict(zip(*(one.tolist() for one in truth.search(query, PAPERS)), strict=True))
    wanted = np.array([exact_scores[key] for key in keys.tolist()])
    np.testing.assert_allclose(scores, wanted, atol=0.01)
    np.testing.assert_allclose(scores[:30], wanted[:30], atol=1e-6)
    assert np.all(np.diff(scores) <= 0)


def test_a_good_file_is_only_opened(catalogue: Catalogue, tmp_path: Path, monkeypatch) -> None:
    opened(catalogue, tmp_path)
    for name in ("build", "updated"):
        monkeypatch.setattr(ivf_build, name, None)
    monkeypatch.setattr(type(catalogue.vectors), "keys", None)  # Nothing lists all papers.
    index = opened(catalogue, tmp_path)
    assert index.search(VECTORS[3], 1)[1][0] == pytest.approx(1)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
def test_papers_that_pass_a_filter_are_found_however_few(
    catalogue: Catalogue, tmp_path: Path, share: float
) -> None:
    index = opened(catalogue, tmp_path)
    keys = np.array(catalogue.vectors.keys(MODEL))
    some = np.random.default_rng(5).choice(keys, int(share * PAPERS), replace=False)
    allowed = Selection.of_keys(some)
    assert recall(index, exact(catalogue), allowed) >= 0.97
    found, _ = index.search(VECTORS[0], PAPERS, allowed)
    assert sorted(found) == sorted(some)
    nothing = Selection.of_keys([10**6])
    assert len(index.search(VECTORS[0], 5, nothing)[0]) == 0


def test_what_changed_is_followed(catalogue: Catalogue, tmp_path: Path) -> None:
    opened(catalogue, tmp_path)
    before = index_path(tmp_path, MODEL, "ivf").read_bytes()
    catalogue.papers.put(paper(PAPERS))
    embed(catalogue, range(PAPERS, PAPERS + 1), rows(1, seed=1))
    embed(catalogue, range(5, 6), rows(1, seed=2))
    catalogue.papers.remove(paper(7).id)
    for _ in range(2):
        index = opened(catalogue, tmp_path)
        assert index_path(tmp_path, MODEL, "ivf").read_bytes() == before
        assert len(index) == PAPERS
        assert sorted(index.keys) == catalogue.vectors.keys(MODEL)
        for vector, number in ((rows(1, seed=1)[0], PAPERS), (rows(1, seed=2)[0], 5)):
            keys, scores = index.search(vector, 1)
            assert keys.tolist() == [key_of(catalogue, number)]
            assert scores[0] == pytest.approx(1)
        assert index.search(VECTORS[5], 1)[1][0] < 0.999
        assert recall(index, exact(catalogue)) >= 0.97


def test_much_that_changed_goes_into_the_file(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(catalogue, tmp_path)
    monkeypatch.setattr(faiss_ivf, "MAX_BESIDE", 20)
    monkeypatch.setattr(ivf_build, "build", None)  # The lists stay.
    put_all(catalogue, *(paper(n) for n in range(PAPERS, PAPERS + 30)))
    embed(catalogue, range(PAPERS, PAPERS + 30), rows(30, seed=3))
    embed(catalogue, range(10), rows(10, seed=4))
    catalogue.papers.remove(paper(20).id)
    for _ in range(2):
        index = opened(catalogue, tmp_path)
        assert index.header is not None
        assert index.header.papers == len(index) == PAPERS + 29
        assert index.header.revision == catalogue.vectors.revision
        assert recall(index, exact(catalogue)) >= 0.97


def test_twice_the_papers_get_new_lists(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened(catalogue, tmp_path).header
    monkeypatch.setattr(faiss_ivf, "MAX_BESIDE", 20)
    put_all(catalogue, *(paper(n) for n in range(PAPERS, 2 * PAPERS)))
    embed(catalogue, range(PAPERS, 2 * PAPERS), rows(PAPERS, seed=3))
    second = opened(catalogue, tmp_path).header
    assert first is not None
    assert second is not None
    assert second.lists > first.lists
    assert second.trained_for == 2 * PAPERS


def test_an_older_copy_of_the_catalogue_has_its_own_lists(
    catalogue: Catalogue, tmp_path: Path, made: Path
) -> None:
    embed(catalogue, range(3), rows(3, seed=5))
    opened(catalogue, tmp_path)
    with Catalogue(made) as older:
        index = opened(older, tmp_path)
        assert index.search(VECTORS[1], 1)[1][0] == pytest.approx(1)


@pytest.mark.parametrize("how", ["0", "0.3", "0.99", "mark", "another", "folder", "gone"])
def test_a_damaged_file_is_made_again(catalogue: Catalogue, tmp_path: Path, how: str) -> None:
    folder = tmp_path / "cache"
    opened(catalogue, folder)
    path = index_path(folder, MODEL, "ivf")
    good = path.read_bytes()
    if how == "mark":
        path.write_bytes(good[:-1] + b"9")
    elif how == "another":
        path.write_bytes(good.replace(catalogue.identity.encode(), b"x" * 32))
    elif how in ("folder", "gone"):
        path.unlink()
        if how == "folder":
            path.mkdir()
    else:
        path.write_bytes(good[: int(len(good) * float(how))])
    index = opened(catalogue, folder)
    assert recall(index, exact(catalogue)) >= 0.97
    if how != "folder":
        assert path.read_bytes() == good


def test_codes_of_other_vectors_are_noticed_by_whom_they_would_mislead(
    catalogue: Catalogue, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opened(catalogue, tmp_path)
    path = index_path(tmp_path, MODEL, "ivf")
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 4000] = np.random.default_rng(0).bytes(4000)
    path.write_bytes(whole)
    truth = exact(catalogue)
    with caplog.at_level(logging.WARNING):
        index = opened(catalogue, tmp_path)
        for query in VECTORS[:200]:
            keys, _ = index.search(query, 10)
            assert set(keys.tolist()) <= set(truth.keys.tolist())
    assert "it is made again" in caplog.text
    assert not path.exists()
    assert recall(opened(catalogue, tmp_path), truth) >= 0.97


def test_a_folder_that_cannot_be_written_is_done_without(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    index = opened(catalogue, tmp_path / "file" / "cache")
    assert recall(index, exact(catalogue)) >= 0.97
