from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kg.analysis.gaps import gaps
from kg.analysis.gravity import citation_counts, closeness, deviance_residuals, gravity
from kg.errors import BadRequest
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from tests.support.graphs.citations import catalogue_of

TAXONOMY = Taxonomy.load()
TOPICS = (
    "model-editing/memory-based",
    "model-editing/surveys",
    "model-reuse/model-fusion/surveys",
    "model-reuse/model-fusion/benchmarks",
    "meta-learning/bayesian",
    "meta-learning/few-shot-learning",
)
EACH = 30
APART = ~np.eye(len(TOPICS), dtype=bool)


def made(path: Path, silent: tuple[int, int]) -> tuple[Catalogue, np.ndarray, np.ndarray]:
    """Topics on a circle: neighbours are near and cite each other, but for one silent pair."""
    rng = np.random.default_rng(0)
    pairs, placed = set(), {}
    angles = np.repeat(np.arange(len(TOPICS)) * 2 * np.pi / len(TOPICS), EACH)
    for at in range(len(angles)):
        placed[at] = [TOPICS[at // EACH]]
    for one in range(len(TOPICS)):
        for two in range(len(TOPICS)):
            near = (one - two) % len(TOPICS) in (1, len(TOPICS) - 1)
            if one != two and {one, two} != set(silent):
                for _ in range(40 if near else 3):
                    a, b = rng.integers(0, EACH, 2).tolist()
                    pairs.add((one * EACH + a, two * EACH + b))
    catalogue = catalogue_of(path, pairs, placed=placed)
    spread = angles + rng.normal(0, 0.5, len(angles))
    vectors = np.stack([np.cos(spread), np.sin(spread)], axis=1).astype(np.float32)
    keys = np.array([catalogue.identifiers.key(f"test.{at}") for at in placed])
    shuffled = rng.permutation(len(keys))
    return catalogue, keys[shuffled], vectors[shuffled]


def test_the_silent_neighbours_are_the_widest_gap(tmp_path: Path) -> None:
    catalogue, keys, vectors = made(tmp_path / "a.sqlite", (2, 3))
    with catalogue:
        found = gaps(catalogue, TAXONOMY, keys, vectors)
    first = found.gaps[0]
    assert {side.topic for side in first.sides} == {TOPICS[2], TOPICS[3]}
    assert (first.rank, first.citations) == (1, 0)
    assert first.expected > 20
    assert first.closeness > 1
    assert found.pull > 1
    assert found.pairs == 15
    assert found.unknown == 0
    assert "0 citations between them" in first.reason
    assert "of 30 and" in first.reason
    assert all(one.citations < one.expected and one.closer_than >= 0.5 for one in found.gaps)
    assert found.coverage.papers == len(TOPICS) * EACH


def test_no_citations_no_gaps(tmp_path: Path) -> None:
    placed = {at: [TOPICS[at % 3]] for at in range(30)}
    with catalogue_of(tmp_path / "a.sqlite", placed=placed) as catalogue:
        keys = np.array(sorted(catalogue.papers.keys()))
        vectors = np.eye(30, dtype=np.float32)
        found = gaps(catalogue, TAXONOMY, keys, vectors)
        assert (found.gaps, found.pairs, found.unknown) == ((), 0, 3)
        assert found.coverage.words == "citations are known of 0 of 30 papers"
        with pytest.raises(BadRequest):
            gaps(catalogue, TAXONOMY, keys, vectors, k=0)


def test_an_empty_catalogue_has_none(tmp_path: Path) -> None:
    with catalogue_of(tmp_path / "a.sqlite") as catalogue:
        nothing = np.empty((0, 4), dtype=np.float32)
        found = gaps(catalogue, TAXONOMY, np.empty(0, dtype=np.int64), nothing)
        assert (found.gaps, found.pairs, found.unknown) == ((), 0, 0)


def test_topics_that_share_papers_or_are_above_each_other_are_no_pair(tmp_path: Path) -> None:
    placed = {at: ["model-editing"] for at in range(6)}
    placed |= {at: [TOPICS[0]] for at in range(6, 12)}
    placed |= {at: [TOPICS[4]] for at in range(12, 18)}
    placed |= {18: [TOPICS[0], TOPICS[4]]}
    with catalogue_of(tmp_path / "a.sqlite", [(0, 12), (13, 1)], placed=placed) as catalogue:
        keys = np.array(sorted(catalogue.papers.keys()))
        found = gaps(catalogue, TAXONOMY, keys, np.eye(19, dtype=np.float32))
        assert found.pairs + found.unknown == 1


def test_links_are_counted_for_each_topic_of_either_paper() -> None:
    members = [np.array([0, 1]), np.array([1, 2]), np.array([3])]
    found = citation_counts(members, np.array([0, 1, 3]), np.array([2, 3, 0]), 4)
    assert found.tolist() == [[0, 1, 1], [0, 0, 1], [1, 0, 0]]


def test_closeness_is_how_often_papers_are_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.analysis.gravity.NEIGHBOURS", 2)
    # Papers of the first two topics stand in pairs; those of the third are near to each other.
    angles = np.radians([0, 40, 80, 1, 41, 81, 180, 181, 182])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    members = [np.array([0, 1, 2]), np.array([3, 4, 5]), np.array([6, 7, 8])]
    apart = ~np.eye(3, dtype=bool)
    found = closeness(members, vectors, apart)
    assert np.allclose(found, found.T)
    assert found[0, 1] > 2
    assert found[0, 2] < 1
    monkeypatch.setattr("kg.analysis.gravity._TILE_ROWS", 2)
    assert np.allclose(closeness(members, vectors, apart), found)


@given(
    arrays.arrays(np.float64, (6, 6), elements=st.integers(0, 1_000).map(float)),
    arrays.arrays(np.float64, (6, 6), elements=st.floats(0.01, 100)),
)
def test_as_many_are_expected_as_there_are(counts: np.ndarray, close: np.ndarray) -> None:
    close = (close + close.T) / 2
    found = gravity(counts, close, APART)
    assert np.isfinite(found.expected).all()
    assert np.allclose(found.expected, found.expected.T)
    pairs = np.triu(found.popularity > 0, 1)
    if pairs.sum() >= 3:
        # What is linked is popular, so no citation is outside the pairs that are compared.
        assert found.expected[pairs].sum() == pytest.approx((counts * APART).sum(), rel=1e-6)


@given(st.integers(0, 10**6), st.floats(1e-3, 1e6))
def test_surprise_is_positive_where_there_are_too_few(observed: int, expected: float) -> None:
    found = float(deviance_residuals(np.array([float(observed)]), np.array([expected]))[0])
    assert found >= 0 if observed <= expected else found <= 0
