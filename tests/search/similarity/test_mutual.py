import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.store.catalogue import Catalogue
from search.embedding.base import unit_rows
from search.index.base import Vectors
from search.similarity.mutual import FALLBACK_THRESHOLD, measured_threshold, mutual_neighbours
from search.similarity.refresh import refresh
from tests.support.factories import paper, put_all


def some(count: int, seed: int, dim: int = 8) -> Vectors:
    return unit_rows(np.random.default_rng(seed).standard_normal((count, dim), dtype=np.float32))


def simply(keys: list[int], vectors: Vectors, k: int, threshold: float) -> list[tuple[int, int]]:
    """The pairs by the definition, one by one."""
    cosines = (vectors.astype(np.float64) @ vectors.T.astype(np.float64)).round(5)
    near = {}
    for row, key in enumerate(keys):
        others = sorted(
            (other for other in range(len(keys)) if other != row),
            key=lambda other: (-cosines[row, other], keys[other]),
        )
        near[key] = {keys[o] for o in others[:k] if cosines[row, o] >= threshold}
    return sorted((a, b) for a in keys for b in near[a] if a < b and a in near[b])


@given(st.integers(0, 40), st.integers(1, 12), st.integers(1, 50), st.integers(0, 99))
def test_any_tiling_gives_the_pairs_of_the_definition(
    count: int, k: int, tile: int, seed: int
) -> None:
    vectors = some(count, seed)
    keys = np.random.default_rng(seed).permutation(count).astype(np.int64) * 3 + 5
    found = mutual_neighbours(keys, vectors, k, 0.2, tile)
    assert [pair[:2] for pair in found] == simply(keys.tolist(), vectors, k, 0.2)
    place = {key: row for row, key in enumerate(keys.tolist())}
    for one, other, cosine in found:
        assert cosine == pytest.approx(float(vectors[place[one]] @ vectors[place[other]]), abs=1e-4)


def test_equal_vectors_are_alike_by_the_order_of_their_keys() -> None:
    vectors = np.tile(some(1, 3), (5, 1))
    keys = np.array([50, 10, 30, 20, 40])
    assert mutual_neighbours(keys, vectors, 1, 0.9, 2) == [(10, 20, 1.0)]


@pytest.mark.slow
def test_the_threshold_is_rare_among_all_pairs() -> None:
    vectors = some(3_000, 1)
    cosines = (vectors @ vectors.T)[np.triu_indices(3_000, 1)]
    assert (cosines >= measured_threshold(vectors)).mean() == pytest.approx(0.01, abs=0.002)
    assert measured_threshold(vectors[:20]) == FALLBACK_THRESHOLD


# -- in the catalogue --------------------------------------------------------------------------


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        keys = put_all(catalogue, *(paper(n) for n in range(60)))
        put(catalogue, keys, some(60, 5))
        yield catalogue


def put(catalogue: Catalogue, keys: list[int], vectors: Vectors, model: str = "m") -> None:
    rows = zip(keys, vectors.astype("<f4"), strict=True)
    catalogue.vectors.add(model, [(key, "h", row.tobytes()) for key, row in rows])


def test_filling_moves_no_revision_and_a_second_time_changes_nothing(catalogue: Catalogue) -> None:
    before = catalogue.revision
    assert refresh(catalogue, "m", 8)
    assert refresh(catalogue, "m", 8) is None
    catalogue.journal.set_cursor("likeness", "m", "0")
    assert refresh(catalogue, "m", 8) == 0
    assert catalogue.revision == before
    keys = catalogue.papers.keys()
    assert list(catalogue.similarities.all()) == simply(sorted(keys), some(60, 5), 10, 0.6)


def test_a_changed_vector_and_a_removed_paper_change_what_is_alike(catalogue: Catalogue) -> None:
    refresh(catalogue, "m", 8)
    one, other = next(iter(catalogue.similarities.all()))
    put(catalogue, [one], -some(60, 5)[one - 1 :][:1])
    assert refresh(catalogue, "m", 8)
    assert (one, other) not in catalogue.similarities.all()
    one, other = next(iter(catalogue.similarities.all()))
    catalogue.papers.remove(catalogue.papers.get([one])[0].id)
    assert all(one not in pair for pair in catalogue.similarities.all())
    assert refresh(catalogue, "m", 8) is not None
    left = sorted(catalogue.papers.keys())
    vectors = np.stack([np.frombuffer(v, "<f4") for _, v in catalogue.vectors.all("m")])
    assert list(catalogue.similarities.all()) == simply(left, vectors, 10, 0.6)


def test_only_one_model_says_what_is_alike(catalogue: Catalogue) -> None:
    refresh(catalogue, "m", 8)
    put(catalogue, sorted(catalogue.papers.keys()), some(60, 9), "another")
    refresh(catalogue, "another", 8)
    assert {model for _, model in catalogue.similarities.all().values()} == {"another"}
    assert catalogue.journal.cursors("likeness").keys() == {"another"}
    assert refresh(catalogue, "m", 8)


def test_a_paper_that_goes_meanwhile_is_passed_over(catalogue: Catalogue) -> None:
    pairs = [(1, 2, 0.9), (3, 4, 0.8)]
    catalogue.papers.remove(catalogue.papers.get([2])[0].id)
    assert catalogue.similarities.replace(pairs, "m") == 1
    assert catalogue.similarities.replace(pairs, "m") == 0
    assert list(catalogue.similarities.all()) == [(3, 4)]


def test_papers_that_become_one_stay_consistent(catalogue: Catalogue) -> None:
    refresh(catalogue, "m", 8)
    one, other = next(iter(catalogue.similarities.all()))
    first, second = catalogue.papers.get([one, other])
    catalogue.papers.rename(first.id, second.id)
    assert all(one not in pair for pair in catalogue.similarities.all())
    catalogue.database.check()
    assert refresh(catalogue, "m", 8) is not None


def test_two_threads_fill_one_after_the_other(catalogue: Catalogue) -> None:
    def fill() -> None:
        with Catalogue(catalogue.path) as own:
            refresh(own, "m", 8)

    threads = [threading.Thread(target=fill) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(catalogue.similarities.all()) == simply(
        sorted(catalogue.papers.keys()), some(60, 5), 10, 0.6
    )


def test_without_vectors_nothing_is_alike(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "none.sqlite") as empty:
        assert refresh(empty, "m", 8) == 0
        assert empty.similarities.all() == {}
