"""Relations of papers to entities, and of entities to each other by them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.entities.entity import Relation, Source
from kg.store.catalogue import Catalogue
from kg.store.relations import EntityPair
from tests.support.entities import ENTITIES, relate
from tests.support.factories import paper, put_all

BUILDS, COMPARES, INTRODUCES = Relation.BUILDS_ON, Relation.COMPARES_WITH, Relation.INTRODUCES
EVALUATES, MENTIONS, WORKS = Relation.EVALUATES_ON, Relation.MENTIONS, Relation.WORKS_ON


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """The first paper introduces task arithmetic, the second AddUp, the third AddMore."""
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        years = {1: 2019, 2: 2020, 3: 2021, 4: 2021, 5: 2022}
        put_all(opened, *(paper(n, year=year) for n, year in years.items()))
        opened.entities.put_all(ENTITIES)
        introduce(opened, {"method/task-arithmetic": [1], "method/addup": [2]})
        introduce(opened, {"method/addmore": [3]})
        relate(
            opened,
            ("method/task-arithmetic", BUILDS, (2, 3)),
            ("method/weight-averaging", COMPARES, 2),
            ("method/addup", BUILDS, (3, 4)),
            ("method/addup", COMPARES, 5),
            ("model/t5", WORKS, (2, 3)),
            ("model/t5", BUILDS, 2),
            ("benchmark/glue", EVALUATES, (2, 3, 5)),
            source=Source.CARD,
        )
        yield opened


def introduce(catalogue: Catalogue, pairs: dict[str, list[int]]) -> None:
    keys = catalogue.entities.keys()
    catalogue.relations.replace_introductions(
        Source.LIST,
        [keys[one] for one in pairs],
        [(keys[one], key(catalogue, n)) for one, numbers in pairs.items() for n in numbers],
    )


def key(catalogue: Catalogue, number: int) -> int:
    return catalogue.identifiers.key(paper(number).id)


def names(catalogue: Catalogue, pairs: list[EntityPair]) -> set[tuple[str, str, int | None]]:
    """Return (name of what extends, name of what it extends, number of the paper)."""
    known = {k: one.name for k, one in catalogue.entities.all().items()}
    numbers = {key(catalogue, number): number for number in range(1, 6)}
    return {(known[a], known[b], numbers.get(one) if one else None) for a, b, one in pairs}


def test_one_extends_another_of_its_type_by_the_paper_that_introduces_it(
    catalogue: Catalogue,
) -> None:
    addup = [catalogue.entities.key("AddUp")]
    assert names(catalogue, catalogue.relations.parents(addup)) == {("AddUp", "task arithmetic", 2)}
    assert names(catalogue, catalogue.relations.children(addup)) == {("AddUp More", "AddUp", 3)}


def test_the_list_may_say_what_extends_what(catalogue: Catalogue) -> None:
    averaging, addup = (catalogue.entities.key(one) for one in ("weight averaging", "AddUp"))
    catalogue.entities.set_extends([(addup, averaging)])
    stated = EntityPair(addup, averaging, None)
    assert stated in catalogue.relations.parents([addup])
    assert stated in catalogue.relations.children([averaging])


def test_what_a_paper_introduces_together_does_not_extend_each_other(catalogue: Catalogue) -> None:
    introduce(catalogue, {"method/addup": [2], "method/task-arithmetic": [1, 2]})
    assert catalogue.relations.parents([catalogue.entities.key("AddUp")]) == []


def test_who_is_compared_by_a_paper_that_introduces_either(catalogue: Catalogue) -> None:
    addup, averaging = (catalogue.entities.key(one) for one in ("AddUp", "weight averaging"))
    two = key(catalogue, 2)
    assert catalogue.relations.compared([addup]) == [(addup, averaging, two)]
    assert catalogue.relations.compared([averaging]) == [(averaging, addup, two)]


def test_use_counts_other_papers_once(catalogue: Catalogue) -> None:
    addup, t5 = (catalogue.entities.key(one) for one in ("AddUp", "T5"))
    relate(catalogue, ("method/addup", MENTIONS, 1), source=Source.MATCH)
    assert catalogue.relations.use([addup, t5]) == {addup: 4, t5: 2}
    assert catalogue.relations.use()[t5] == 2
    catalogue.papers.put(paper(4, year=2021, withdrawn=True))
    assert catalogue.relations.use([addup]) == {addup: 3}


def test_introducing_papers_come_by_their_dates(catalogue: Catalogue) -> None:
    introduce(catalogue, {"method/addup": [5, 2, 3]})
    addup = catalogue.entities.key("AddUp")
    expected = [key(catalogue, n) for n in (2, 3, 5)]
    assert catalogue.relations.introducing([addup]) == {addup: expected}


def test_replacing_by_the_same_changes_nothing(catalogue: Catalogue) -> None:
    papers = [key(catalogue, n) for n in range(1, 6)]
    rows = [
        (one.entity, one.relation, one.paper, source)
        for one in catalogue.relations.all()
        for source in one.sources
        if one.relation is not INTRODUCES
    ]
    revision = catalogue.revision
    assert catalogue.relations.replace(papers, rows) == set()
    assert catalogue.revision == revision


def test_replacing_concerns_the_papers_that_are_named_and_no_introduction(
    catalogue: Catalogue,
) -> None:
    two, three = key(catalogue, 2), key(catalogue, 3)
    others = [one for one in catalogue.relations.all() if one.paper != two]
    assert catalogue.relations.replace([two], []) == {two}
    assert [one for one in catalogue.relations.all() if one.paper != two] == others
    assert [one.relation for one in catalogue.relations.of_papers([two])] == [INTRODUCES]
    assert {one.relation for one in catalogue.relations.of_papers([three])} > {INTRODUCES}


def test_a_relation_knows_all_its_sources(catalogue: Catalogue) -> None:
    addup, two = catalogue.entities.key("AddUp"), key(catalogue, 2)
    catalogue.relations.replace_introductions(Source.CARD, [addup], [(addup, two)])
    (one,) = catalogue.relations.of_entities([addup], [INTRODUCES])
    assert one.sources == {Source.LIST, Source.CARD}
    catalogue.relations.replace_introductions(Source.LIST, [addup], [])
    (one,) = catalogue.relations.of_entities([addup], [INTRODUCES])
    assert one.sources == {Source.CARD}


def test_a_paper_that_is_removed_takes_its_relations(catalogue: Catalogue) -> None:
    catalogue.papers.remove(paper(3).id)
    addup = catalogue.entities.key("AddUp")
    assert catalogue.relations.children([addup]) == []
    assert len({one.paper for one in catalogue.relations.all()}) == 4


def test_papers_that_become_one_have_the_relations_of_both(catalogue: Catalogue) -> None:
    addup, t5 = catalogue.entities.key("AddUp"), catalogue.entities.key("T5")
    catalogue.papers.rename(paper(2).id, paper(4).id)
    four = key(catalogue, 4)
    found = {(one.entity, one.relation) for one in catalogue.relations.of_papers([four])}
    assert {(addup, INTRODUCES), (t5, WORKS)} <= found
    assert catalogue.relations.use([addup]) == {addup: 2}
