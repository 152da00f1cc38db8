"""Maps are drawn and papers placed so that what is alike is near."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.embedding.base import unit_rows
from search.index.base import Vectors
from search.map.projection import densest_points, draw, place


def clusters(each: int, seed: int = 0, count: int = 3) -> tuple[Vectors, np.ndarray]:
    """Vectors around a few directions, and which of these each is around."""
    rng = np.random.default_rng(seed)
    of = np.repeat(np.arange(count), each)
    rows = 3 * np.eye(count, 16)[of] + rng.normal(scale=0.3, size=(len(of), 16))
    return unit_rows(rows.astype(np.float32)), of


def nearest(points: np.ndarray, places: np.ndarray) -> np.ndarray:
    return ((points[:, None] - places[None]) ** 2).sum(axis=2).argsort(axis=1)


@pytest.mark.slow
def test_what_is_alike_is_drawn_near() -> None:
    vectors, of = clusters(30)
    points = draw(vectors)
    near = nearest(points, points)[:, 1:11]
    assert (of[near] == of[:, None]).mean() > 0.99


@pytest.mark.slow
def test_a_map_fills_its_sheet_and_is_always_the_same() -> None:
    vectors, _ = clusters(10)
    points = draw(vectors)
    assert np.abs(points).max() == pytest.approx(1)
    assert points.max(axis=0) + points.min(axis=0) == pytest.approx(0, abs=1e-9)
    np.testing.assert_array_equal(points, draw(vectors))


@pytest.mark.slow
@pytest.mark.parametrize("count", [5, 6, 11])
def test_few_papers_and_equal_ones_are_drawn(count: int) -> None:
    equal = np.tile(unit_rows(np.ones((1, 8), np.float32)), (count, 1))
    for vectors in (equal, clusters(count, count=1)[0]):
        points = draw(vectors)
        assert np.isfinite(points).all()
        assert len(np.unique(points, axis=0)) == count


# -- placing -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_later_paper_goes_to_those_like_it() -> None:
    vectors, of = clusters(30)
    points = draw(vectors)
    later, belongs = clusters(5, seed=1)
    found = place(np.arange(len(later)), later, vectors, points)
    near = nearest(found, points)[:, :10]
    assert (of[near] == belongs[:, None]).all()


@given(st.integers(0, 99), st.integers(1, 40))
def test_a_place_hangs_on_the_map_and_the_paper_alone(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    others, vectors = (
        unit_rows(rng.standard_normal((size, 8), dtype=np.float32)) for size in (count, 9)
    )
    points, keys = rng.uniform(-1, 1, (count, 2)), rng.permutation(9)
    together = place(keys, vectors, others, points)
    assert np.abs(together).max() <= 1
    alone = [place(keys[at : at + 1], vectors[at : at + 1], others, points)[0] for at in range(9)]
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_equal_papers_are_placed_side_by_side() -> None:
    vectors, _ = clusters(10)
    points = draw(vectors)
    found = place(np.arange(20), np.tile(vectors[:1], (20, 1)), vectors, points)
    assert len(np.unique(found.round(6), axis=0)) == 20
    assert np.ptp(found, axis=0).max() < 0.041


def test_nothing_to_place_is_nowhere() -> None:
    vectors, _ = clusters(3)
    none = np.empty((0, 16), np.float32)
    assert place(np.empty(0, np.int64), none, vectors, draw(vectors)).shape == (0, 2)


# -- crowds ------------------------------------------------------------------------------------


def test_the_larger_crowd_counts_and_strangers_do_not() -> None:
    crowd, pair, stranger = [[0.5, 0.5]] * 3, [[-0.5, 0.0]] * 2, [[0.0, -0.9]]
    (found,) = densest_points(np.array([pair + stranger + crowd]), 0.04)
    assert found == pytest.approx([0.5, 0.5])


def test_of_strangers_the_first_counts() -> None:
    (found,) = densest_points(np.array([[[0.1, 0.2], [0.9, 0.9], [-0.9, 0.9]]]), 0.04)
    assert found == pytest.approx([0.1, 0.2])
