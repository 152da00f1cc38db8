"""Positions are kept by model, and go with their papers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.store.catalogue import Catalogue
from kg.store.positions import Position
from tests.support.factories import contents, paper, put_all


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        keys = put_all(catalogue, paper(1), paper(2, year=None), paper(3, year=1999))
        catalogue.vectors.add("m", [(key, "h", b"\0" * 8) for key in keys])
        yield catalogue


def rows(*keys: int) -> list[Position]:
    return [Position(key, key / 4, -key / 4, key == 1) for key in keys]


def test_what_is_kept_is_returned_and_moves_no_revision(catalogue: Catalogue) -> None:
    revision = catalogue.revision
    assert catalogue.positions.counts("m") == (0, 0, 3)
    assert catalogue.positions.add("m", rows(3, 1), since=0)
    assert catalogue.positions.all("m") == rows(1, 3)
    assert catalogue.positions.all("other") == []
    assert catalogue.positions.counts("m") == (2, 1, 1)
    assert catalogue.positions.years("m") == {1: 2020, 3: 1999}
    assert (catalogue.positions.revision, catalogue.revision) == (1, revision)


def test_a_position_stays_unless_all_are_made_anew(catalogue: Catalogue) -> None:
    catalogue.positions.add("m", rows(1, 2), since=0)
    catalogue.positions.add("other", rows(2), since=1)
    moved = [Position(1, 0.9, 0.9, True), Position(3, 0.5, 0.5, False)]
    assert catalogue.positions.add("m", moved, since=2)
    assert catalogue.positions.all("m") == [*rows(1, 2), moved[1]]
    assert catalogue.positions.add("m", moved, since=3, anew=True)
    assert catalogue.positions.all("m") == moved
    assert catalogue.positions.all("other") == rows(2)


def test_what_fits_to_an_older_state_is_not_kept(catalogue: Catalogue) -> None:
    catalogue.positions.add("m", rows(1), since=0)
    before = contents(catalogue.path)
    assert not catalogue.positions.add("m", rows(2), since=0)
    assert not catalogue.positions.add("m", rows(2), since=0, anew=True)
    assert contents(catalogue.path) == before


def test_positions_go_with_their_papers(catalogue: Catalogue) -> None:
    assert catalogue.positions.add("m", [*rows(1, 2, 3), Position(99, 0, 0, False)], since=0)
    one, two, three = catalogue.papers.get([1, 2, 3])
    catalogue.papers.remove(one.id)
    catalogue.papers.rename(two.id, three.id)
    assert catalogue.positions.all("m") == rows(3)
