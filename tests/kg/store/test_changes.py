"""What changed since a revision."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kg.records import Citation, PlacedBy, Placement
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


def test_a_paper_whose_references_change_is_told(catalogue: Catalogue) -> None:
    key, before = catalogue.identifiers.key(ONE.id), catalogue.revision
    catalogue.citations.add([Citation(ONE.id, TWO.id, "s")])
    assert catalogue.changes.papers(before) == [key]
    before = catalogue.revision
    assert catalogue.citations.add([Citation(ONE.id, TWO.id, "s")]) == 0
    assert catalogue.revision == before
    catalogue.papers.remove(TWO.id)
    assert key in catalogue.changes.papers(before)


def test_each_reader_has_a_revision_of_its_own(catalogue: Catalogue) -> None:
    revision = catalogue.revision
    assert catalogue.changes.read("one") is None
    catalogue.changes.set_read("one", 1)
    assert (catalogue.changes.read("one"), catalogue.changes.read("two")) == (1, None)
    catalogue.changes.set_read("one", None)
    assert catalogue.changes.read("one") is None
    assert catalogue.revision == revision
