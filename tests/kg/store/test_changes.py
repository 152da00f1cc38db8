"""What changed since a revision."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kg.records import PlacedBy, Placement
from kg.store.catalogue import Catalogue
from tests.support.factories import paper, put_all

ONE, TWO = paper(1), paper(2)


@pytest.fixture
def catalogue(tmp_path: Path):
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, ONE, TWO)
        yield opened


def place(catalogue: Catalogue) -> None:
    catalogue.placements.add(ONE.id, [Placement("model-editing", PlacedBy.LIST, "a-list", 1.0)])


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.papers.put(paper(1, venue="A venue")),
        lambda it: it.papers.put(paper(1, authors=("Bo Bee",))),
        lambda it: it.papers.put(paper(1, categories=("cs.CV",))),
        lambda it: it.papers.remove(ONE.id),
        place,
    ],
)
def test_a_paper_that_changed_is_told(catalogue: Catalogue, change: Callable) -> None:
    before, key = catalogue.revision, catalogue.identifiers.key(ONE.id)
    assert catalogue.changes.papers(before) == []
    change(catalogue)
    assert catalogue.changes.papers(before) == [key]
    assert catalogue.changes.papers(catalogue.revision) == []


def test_what_was_rolled_back_is_no_change(catalogue: Catalogue) -> None:
    before = catalogue.revision

    def fail() -> None:
        with catalogue.writing():
            catalogue.papers.put(paper(1, venue="A venue"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert catalogue.changes.papers(before) == []


def test_vectors_that_went_are_told(catalogue: Catalogue) -> None:
    key = catalogue.identifiers.key(ONE.id)
    catalogue.vectors.add("model", [(key, "hash", bytes(8))])
    before = catalogue.revision
    assert catalogue.changes.removed_vectors("model", before) == []
    catalogue.vectors.remove(key)
    assert catalogue.changes.removed_vectors("model", before) == [key]
    assert catalogue.changes.removed_vectors("another", before) == []
    assert catalogue.changes.removed_vectors("model", catalogue.revision) == []


def test_a_paper_that_became_part_of_another_is_told(catalogue: Catalogue) -> None:
    key, before = catalogue.identifiers.key(TWO.id), catalogue.revision
    catalogue.papers.rename(TWO.id, ONE.id)
    assert key in catalogue.changes.papers(before)
