"""Processes that go on asking search codes first, and find what comparing all vectors finds."""

import sys
from typing import Any

import numpy as np
import pytest

from search.index.base import Vectors
from search.index.selection import Keys, Selection
from search.index.vectors import exact
from search.index.vectors.exact import ExactIndex
from search.index.vectors.kept_codes import KeptCodes

DIM, PAPERS = 48, 3_000


def rows(count: int, seed: int) -> Vectors:
    """Unit rows in groups, some of them equal."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(1).normal(size=(12, DIM))
    made = centres[rng.integers(12, size=count)] + rng.normal(size=(count, DIM))
    made[1::7] = made[0]
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made.astype(np.float32)


VECTORS = rows(PAPERS, 0)
KEYS = np.random.default_rng(2).permutation(np.arange(1, PAPERS + 1))


@pytest.fixture
def coded(monkeypatch: pytest.MonkeyPatch) -> ExactIndex:
    monkeypatch.setattr(exact, "MIN_CODED", 1_000)
    index = ExactIndex(KEYS, VECTORS)
    for query in rows(3, 9):
        index.search(query, 1)
    assert index._codes is not None
    return index


@pytest.mark.parametrize("passing", [None, 20, 900, 2_500])
@pytest.mark.parametrize("k", [1, 10, 200, 700, PAPERS, 2 * PAPERS])
def test_the_same_is_found_with_codes_as_without(
    coded: ExactIndex, k: int, passing: int | None
) -> None:
    allowed = None if passing is None else Selection.of_keys(np.sort(KEYS[:passing]))
    for query in (*rows(20, 5), VECTORS[0]):
        keys, scores = coded.search(query, k, allowed)
        wanted, exact_scores = ExactIndex(KEYS, VECTORS).search(query, k, allowed)
        assert keys.tolist() == wanted.tolist()
        np.testing.assert_array_equal(scores, exact_scores)
        assert passing is None or np.isin(keys, KEYS[:passing]).all()


def test_codes_are_asked_where_many_papers_pass_filters(
    coded: ExactIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    near = KeptCodes.near

    def counted(codes: KeptCodes, *given: Any) -> Keys:
        asked.append(len(given))
        return near(codes, *given)

    monkeypatch.setattr(KeptCodes, "near", counted)
    for passing, times in ((20, 0), (500, 0), (2_500, 1)):
        coded.search(VECTORS[5], 10, Selection.of_keys(KEYS[:passing]))
        assert len(asked) == times


def test_filters_and_changes_are_followed(coded: ExactIndex) -> None:
    query, some = rows(1, 5)[0], KEYS[:500]
    plain = ExactIndex(KEYS, VECTORS)
    allowed = Selection.of_keys(some)
    assert (
        coded.search(query, 9, allowed)[0].tolist() == plain.search(query, 9, allowed)[0].tolist()
    )
    for index in (coded, plain):
        index.remove(KEYS[100:200])
        index.add(np.arange(PAPERS + 1, PAPERS + 51), rows(50, 7))
    for _ in range(2):
        assert coded.search(query, 50)[0].tolist() == plain.search(query, 50)[0].tolist()


def test_the_first_questions_of_a_process_load_no_faiss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "MIN_CODED", 1_000)
    monkeypatch.delitem(sys.modules, "search.index.vectors.kept_codes")
    index = ExactIndex(KEYS, VECTORS)
    for query in rows(2, 9):
        index.search(query, 10)
    assert "search.index.vectors.kept_codes" not in sys.modules
    few = ExactIndex(KEYS[:900], VECTORS[:900])
    for query in rows(9, 9):
        few.search(query, 10)
    assert few._codes is None


def test_what_is_named_includes_all_that_codes_cannot_tell_apart() -> None:
    codes = KeptCodes(VECTORS)
    for query in rows(20, 6):
        scores = VECTORS @ query
        for k in (1, 30):
            best = np.flatnonzero(scores >= np.partition(scores, -k)[-k])
            assert np.isin(best, codes.near(query, k)).all()
    assert len(codes.near(VECTORS[0], 1)) >= len(VECTORS[1::7])
