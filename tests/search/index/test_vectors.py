from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.errors import BadRequest
from search.index.base import Keys, VectorIndex, Vectors
from search.index.open import kind_named
from search.index.selection import Selection
from tests.support.indexes import EVERY_KIND, empty_index

pytestmark = pytest.mark.parametrize("kind", EVERY_KIND)

Fill = Callable[[int], VectorIndex]
DIM = 24


def unit_rows(count: int, seed: int = 0, dim: int = DIM) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def some_keys(count: int, seed: int = 0) -> Keys:
    """Keys in no order, as merging leaves them."""
    return np.random.default_rng(seed).permutation(np.arange(1, 2 * count + 1))[:count]


def filled(kind: str, count: int, seed: int = 0, dim: int = DIM) -> VectorIndex:
    index = empty_index(kind, dim)
    index.add(some_keys(count, seed), unit_rows(count, seed, dim))
    return index


def exact(keys: Keys, vectors: Vectors, query: Vectors) -> dict[int, float]:
    """The score of each key by definition, in double precision."""
    scores = vectors.astype(float) @ query.astype(float)
    return dict(zip(keys.tolist(), scores.tolist(), strict=True))


def agree(found: tuple[Keys, Vectors], wanted: dict[int, float], k: int) -> None:
    """The best `k`, best first; what single precision cannot tell apart is in any order."""
    keys, scores = found
    own = [wanted[key] for key in keys.tolist()]
    best = sorted(wanted.values(), reverse=True)[:k]
    assert len(set(keys.tolist())) == len(keys) == len(best)
    np.testing.assert_allclose(own, best, rtol=0, atol=1e-6)
    np.testing.assert_allclose(scores, own, rtol=0, atol=1e-5)


def test_each_paper_is_nearest_to_itself(kind: str) -> None:
    index, vectors = filled(kind, 50), unit_rows(50)
    for key, vector in zip(some_keys(50), vectors, strict=True):
        keys, scores = index.search(vector, 3)
        assert keys[0] == key
        assert scores[0] == pytest.approx(1, abs=1e-5)
        assert scores[0] >= scores[1] >= scores[2]


@given(st.integers(1, 80), st.integers(1, 100), st.integers(1, 130), st.integers(0, 1000))
@example(38, 34, 80, 564)  # Two scores differ by less than single precision tells.
@settings(max_examples=40, deadline=None)
def test_scores_are_those_of_exact_arithmetic(
    kind: str, count: int, k: int, dim: int, seed: int
) -> None:
    if dim < 3:
        dim += 2  # In fewer dimensions many vectors are equal.
    index = filled(kind, count, seed, dim)
    query = unit_rows(1, seed + 1, dim)[0]
    wanted = exact(some_keys(count, seed), unit_rows(count, seed, dim), query)
    agree(index.search(query, k), wanted, k)


@given(st.sets(st.integers(1, 60)), st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_only_allowed_keys_are_found_and_all_that_are_wanted(
    kind: str, allowed: set[int], k: int
) -> None:
    index, keys, vectors = filled(kind, 30), some_keys(30), unit_rows(30)
    query = unit_rows(1, seed=5)[0]
    chosen = np.isin(keys, list(allowed))
    wanted = exact(keys[chosen], vectors[chosen], query)
    agree(index.search(query, k, Selection.of_keys(sorted(allowed))), wanted, k)


def test_nothing_allowed_finds_nothing(kind: str) -> None:
    nothing = Selection.of_keys([])
    keys, scores = filled(kind, 5).search(unit_rows(1)[0], 3, nothing)
    assert len(keys) == len(scores) == 0
    keys, _ = filled(kind, 5).search(unit_rows(1)[0], 3, Selection.of_keys([998, 999]))
    assert len(keys) == 0


def test_an_empty_index(kind: str) -> None:
    index = empty_index(kind, DIM)
    assert len(index) == len(index.keys) == 0
    for allowed in (None, Selection.of_keys([1, 2])):
        keys, scores = index.search(unit_rows(1)[0], 3, allowed)
        assert keys.dtype == np.int64
        assert scores.dtype == np.float32
        assert len(keys) == len(scores) == 0
    index.remove(np.array([1]))
    assert len(index) == 0


def test_more_than_there_are(kind: str) -> None:
    keys, _ = filled(kind, 7).search(unit_rows(1)[0], 10**6)
    assert sorted(keys) == sorted(some_keys(7))


def test_adding_removing_and_adding_again(kind: str) -> None:
    index, keys, vectors = filled(kind, 20), some_keys(20), unit_rows(20)
    gone = np.concatenate([keys[:5], [10_000]])  # One that was never there.
    index.remove(gone)
    assert sorted(index.keys) == sorted(keys[5:])
    assert len(index) == 15
    query = vectors[0]
    agree(index.search(query, 15), exact(keys[5:], vectors[5:], query), 15)
    changed = unit_rows(5, seed=9)
    index.add(keys[:5], changed)
    now = np.concatenate([vectors[5:], changed])
    agree(index.search(query, 20), exact(np.roll(keys, -5), now, query), 20)
    index.add(np.empty(0, dtype=np.int64), np.empty((0, DIM), dtype=np.float32))
    assert len(index) == 20


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_equal_papers_come_in_the_order_of_their_keys(
    kind: str, count: int, k: int, seed: int
) -> None:
    if kind == "milvus":
        pytest.skip("a server's scores of equal vectors differ by rounding")
    source = np.random.default_rng(seed)
    few = unit_rows(3, seed)
    vectors, keys = few[source.integers(0, 3, count)], some_keys(count, seed)
    index = empty_index(kind, DIM)
    index.add(keys, vectors)
    about = np.round(vectors.astype(float) @ few[0].astype(float), 9)
    wanted = keys[np.lexsort((keys, -about))][:k]
    assert index.search(few[0], k)[0].tolist() == wanted.tolist()


def test_an_unknown_kind_is_refused(kind: str) -> None:
    with pytest.raises(BadRequest, match="ivf or milvus"):
        kind_named(kind + "s")
