"""In a large atlas, similar papers are found as papers come, by the index."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kg.store.catalogue import Catalogue
from search.embedding.base import unit_rows
from search.index.base import VectorIndex, Vectors
from search.index.open import open_index
from search.similarity import refresh as module
from search.similarity.mutual import mutual_neighbours
from search.similarity.refresh import refresh
from tests.support.factories import paper, put_all

MODEL, DIM = "m", 8


def rows(count: int, seed: int) -> Vectors:
    return unit_rows(np.random.default_rng(seed).standard_normal((count, DIM), dtype=np.float32))


def embed(catalogue: Catalogue, keys: list[int], vectors: Vectors) -> None:
    some = zip(keys, vectors.astype("<f4"), strict=True)
    catalogue.vectors.add(MODEL, [(key, f"{row[0]}", row.tobytes()) for key, row in some])


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalogue]:
    monkeypatch.setattr(module, "MIN_LARGE", 10)
    monkeypatch.setattr(module, "_AT_ONCE", 7)
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        embed(opened, put_all(opened, *(paper(n) for n in range(120))), rows(120, 1))
        yield opened


def compare(catalogue: Catalogue, most: int | None = None) -> int | None:
    def index() -> VectorIndex:
        return open_index(catalogue, MODEL, DIM, "exact", catalogue.path.parent)

    return refresh(catalogue, MODEL, DIM, index, most)


def whole(catalogue: Catalogue) -> dict[tuple[int, int], float]:
    """All pairs, by comparing all papers."""
    found = catalogue.vectors.all(MODEL)
    vectors = np.stack([np.frombuffer(row, "<f4") for _, row in found])
    pairs = mutual_neighbours(np.array([key for key, _ in found]), vectors)
    return {(one, other): cosine for one, other, cosine in pairs}


def kept(catalogue: Catalogue) -> dict[tuple[int, int], float]:
    return {pair: cosine for pair, (cosine, _) in catalogue.similarities.all().items()}


def test_all_pairs_are_found_at_first(catalogue: Catalogue) -> None:
    before = catalogue.revision
    assert compare(catalogue)
    assert kept(catalogue) == pytest.approx(whole(catalogue), abs=2e-4)
    assert compare(catalogue) is None
    assert catalogue.revision == before


def test_new_and_changed_papers_are_compared_alone(catalogue: Catalogue) -> None:
    compare(catalogue)
    keys = put_all(catalogue, *(paper(n) for n in range(120, 135)))
    embed(catalogue, keys, rows(15, 2))
    embed(catalogue, [3, 4], rows(2, 3))
    assert compare(catalogue)
    found, wanted = kept(catalogue), whole(catalogue)
    assert found.keys() <= wanted.keys()
    # What came near because a changed one went may be missed.
    assert len(found) >= 0.95 * len(wanted)
    changed = {3, 4, *keys}
    assert {p for p in wanted if changed & {*p}} == {p for p in found if changed & {*p}}


def test_a_page_waits_for_a_few_papers_only(catalogue: Catalogue) -> None:
    assert compare(catalogue, most=20) is None
    assert kept(catalogue) == {}
    compare(catalogue)
    embed(catalogue, put_all(catalogue, *(paper(n) for n in range(120, 125))), rows(5, 2))
    assert compare(catalogue, most=20)


def test_a_small_atlas_is_compared_whole(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MIN_LARGE", 10**6)
    assert compare(catalogue, most=0)
    assert kept(catalogue) == pytest.approx(whole(catalogue))


def test_pairs_of_another_model_are_replaced(catalogue: Catalogue) -> None:
    catalogue.similarities.replace([(1, 2, 0.99)], "another")
    catalogue.journal.set_cursor("likeness", "another", "1")
    compare(catalogue)
    assert {model for _, model in catalogue.similarities.all().values()} == {MODEL}
    assert catalogue.journal.cursors("likeness").keys() == {MODEL}
