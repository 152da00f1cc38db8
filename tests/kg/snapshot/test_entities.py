"""Entities and relations as a file of a snapshot."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.entities.entity import Entity, EntityType, Name, Recognised, Relation, Source
from kg.snapshot.entities import load_entities, packed_entities
from kg.store.catalogue import Catalogue
from tests.support.entities import ENTITIES, relate
from tests.support.factories import paper, put_all

PAPERS = tuple(paper(number) for number in range(1, 6))
ASKED = Entity(
    "method/sum-2",
    EntityType.METHOD,
    (Name("∑", Recognised.ASKED), Name("Sum²", Recognised.EXACT)),
    None,
    Source.CARD,
)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "one.sqlite") as opened:
        put_all(opened, *PAPERS)
        # Not in the order of their ids, and one is gone: keys are not places.
        keys = opened.entities.put_all([*reversed(ENTITIES), ASKED])
        opened.entities.remove([keys["benchmark/cola"]])
        opened.entities.set_extends([(keys["method/addup"], keys["method/task-arithmetic"])])
        first = opened.identifiers.key(PAPERS[0].id)
        opened.relations.replace_introductions(
            Source.LIST, keys.values(), [(keys["method/addup"], first)]
        )
        relate(
            opened,
            ("method/addup", Relation.BUILDS_ON, (2, 3, 5)),
            ("model/t5", Relation.WORKS_ON, 4),
            source=Source.CARD,
        )
        yield opened


def stated(catalogue: Catalogue) -> list[tuple[str, str, str, frozenset[Source]]]:
    """Return the relations by ids, which do not depend on keys."""
    ids = {key: one.id for key, one in catalogue.entities.all().items()}
    papers = catalogue.papers.keys()
    names = {k: p.id for k, p in zip(papers, catalogue.papers.get(papers), strict=True)}
    return sorted(
        (ids[one.entity], str(one.relation), names[one.paper], one.sources)
        for one in catalogue.relations.all()
    )


def test_what_is_packed_is_loaded(catalogue: Catalogue, tmp_path: Path) -> None:
    rows = {catalogue.identifiers.key(one.id): row for row, one in enumerate(PAPERS)}
    data = packed_entities(catalogue, rows)
    with Catalogue(tmp_path / "two.sqlite") as other:
        put_all(other, *PAPERS)
        load_entities(other.database, data)
        by_id = {one.id: one for one in catalogue.entities.all().values()}
        assert {one.id: one for one in other.entities.all().values()} == by_id
        assert stated(other) == stated(catalogue)
        keys = other.entities.keys()
        assert other.entities.extends() == [(keys["method/addup"], keys["method/task-arithmetic"])]
        assert packed_entities(other, rows_of(other)) == data


def rows_of(catalogue: Catalogue) -> dict[int, int]:
    return {catalogue.identifiers.key(one.id): row for row, one in enumerate(PAPERS)}


def test_relations_of_papers_that_are_left_out_are_left_out(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    kept = PAPERS[:2]
    data = packed_entities(catalogue, dict(list(rows_of(catalogue).items())[:2]))
    with Catalogue(tmp_path / "two.sqlite") as other:
        put_all(other, *kept)
        load_entities(other.database, data)
        assert {paper for _, _, paper, _ in stated(other)} == {one.id for one in kept}


def test_nothing_is_packed_as_nothing(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "one.sqlite") as empty:
        data = packed_entities(empty, {})
        load_entities(empty.database, data)
        assert empty.entities.count() == 0
        assert empty.relations.all() == []


@pytest.mark.parametrize(
    "text", ["{}", "[]", '{"entities": [[1]], "extends": [], "relations": {}}', "no JSON"]
)
def test_other_data_are_refused(tmp_path: Path, text: str) -> None:
    with (
        Catalogue(tmp_path / "one.sqlite") as empty,
        pytest.raises((ValueError, KeyError, TypeError, IndexError)),
    ):
        load_entities(empty.database, gzip.compress(text.encode()))
