"""Kinds of indexes that are read whole, as bytes."""

from types import ModuleType

import numpy as np
import pytest

from search.index.base import Vectors
from search.index.vectors import exact, faiss_flat
from search.index.vectors.whole import Dumped

pytestmark = pytest.mark.parametrize("kind", [exact, faiss_flat])

DIM = 24
KEYS = np.random.default_rng(0).permutation(np.arange(1, 61))


def unit_rows(count: int, seed: int = 0, dim: int = DIM) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def filled(kind: ModuleType, count: int, dim: int = DIM) -> Dumped:
    index: Dumped = kind.empty(dim)
    index.add(KEYS[:count], unit_rows(count, dim=dim))
    return index


def test_a_dump_of_nothing_is_read_back(kind: ModuleType) -> None:
    assert len(kind.load(memoryview(kind.empty(DIM).dump()), DIM)) == 0


def test_a_dump_is_read_back(kind: ModuleType) -> None:
    index, query = filled(kind, 30), unit_rows(1, seed=3)[0]
    again = kind.load(memoryview(index.dump()), DIM)
    assert sorted(again.keys) == sorted(index.keys)
    for mine, other in zip(index.search(query, 30), again.search(query, 30), strict=True):
        np.testing.assert_array_equal(mine, other)
    again.remove(KEYS[:3])  # What was read back can be changed.
    again.add(np.array([777]), query[None, :])
    assert again.search(query, 1)[0].tolist() == [777]
    assert len(again) == 28
    assert again.dump() != index.dump()


def test_a_dump_of_another_width_is_refused(kind: ModuleType) -> None:
    data = memoryview(filled(kind, 31, dim=16).dump())
    with pytest.raises(ValueError, match="vectors"):
        kind.load(data, 15)
