"""One entity's page: what it is, by whom, and who uses it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kg.entities.entity import Entity, EntityType, Name, Relation, Source
from kg.errors import NotFound, SeveralOwners
from kg.records import PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import card, code_link, describe, paper, put_all
from tests.support.graphs.facts import relate


def fill(catalogue: Catalogue) -> None:
    put_all(
        catalogue,
        paper(1, year=2019, arxiv_id=None),
        paper(2, year=2021, arxiv_id=None),
        paper(3, year=2021, published=date(2021, 5, 1)),
        paper(4, year=2022, withdrawn=True),
        paper(5, year=2023, arxiv_id=None),
        paper(6, year=2018, arxiv_id=None),
    )
    relate(
        catalogue,
        [
            *[(6, "introduces", "method/base"), (1, "introduces", "method/root")],
            *[(1, "builds_on", "method/base"), (1, "evaluates_on", "benchmark/glue")],
            *[(2, "builds_on", "method/root"), (2, "introduces", "method/child")],
            *[(3, "compares_with", "method/root"), (3, "introduces", "method/rival")],
            *[(4, "builds_on", "method/root"), (5, "mentions", "method/root")],
            *[(5, "introduces", "benchmark/glue"), (5, "introduces", "model/large")],
            *[(2, "evaluates_on", "benchmark/glue"), (3, "works_on", "model/large")],
        ],
    )
    topic, leaf = "model-editing", "model-editing/memory-based"
    placements = [Placement(one, PlacedBy.LIST, "a list") for one in (topic, leaf)]
    with catalogue.writing():
        catalogue.placements.add("2001.00001", placements)
        catalogue.entities.put(
            Entity("method/derived", EntityType.METHOD, (Name("Derived"), Name("RO-OT")))
        )
    describe(catalogue, "2001.00001", card(), code_link(1))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        fill(catalogue)
    with Library(settings, HashedWords()) as opened:
        yield opened


def test_a_page_says_what_it_is_and_whence(library: Library) -> None:
    page = library.about("method/root")
    assert (page.entity.name, page.about, page.about_by) == ("ROOT", "What root is.", None)
    (own,) = page.introduced_by
    assert (own.paper.id, own.topics) == ("2001.00001", ("model-editing/memory-based",))
    assert page.topics == ("model-editing/memory-based",)
    assert page.code == "https://github.com/ada/code1"
    assert page.years == {2019: 1, 2021: 2, 2023: 1}


def test_a_page_says_what_is_beside_it(library: Library) -> None:
    page = library.about("method/root")
    assert [(one.entity.id, one.year, one.papers) for one in page.builds_on] == [
        ("method/base", 2018, 1)
    ]
    assert [one.entity.id for one in page.built_on_by] == ["method/child"]
    assert [(one.entity.id, one.compared_by) for one in page.compared_with] == [
        ("method/rival", ("2001.00003",))
    ]
    assert [one.entity.id for one in page.measured_on] == ["benchmark/glue"]


def test_papers_stand_by_relation_without_withdrawn_ones(library: Library) -> None:
    page = library.about("method/root")
    assert {kind: [one.id for one in papers] for kind, papers in page.papers.items()} == {
        Relation.INTRODUCES: ["2001.00001"],
        Relation.BUILDS_ON: ["2001.00002"],
        Relation.COMPARES_WITH: ["2001.00003"],
        Relation.MENTIONS: ["2001.00005"],
    }
    assert [one.id for one in page.used_by] == ["2001.00002", "2001.00003", "2001.00005"]
    assert page.papers[Relation.MENTIONS][0].sources == {Source.CARD}
    glue = library.about("GLUE")
    assert [one.id for one in glue.papers[Relation.EVALUATES_ON]] == ["2001.00002", "2001.00001"]


def test_the_summary_of_the_paper_stands_in_for_what_the_list_does_not_say(
    library: Library,
) -> None:
    with library.catalogue.writing():
        key = library.catalogue.entities.put(
            Entity("method/unlisted", EntityType.METHOD, (Name("Unlisted"),))
        )
        rows = [(key, Relation.INTRODUCES, 1, Source.CARD)]
        library.catalogue.relations.replace({1: ""}, rows)
    page = library.about("unlisted")
    assert (page.about, page.about_by) == (card().summary, "2001.00001")


@pytest.mark.parametrize("name", ["child", "CHILD", " Chi-ld ", "method/CHILD", "2001.00002"])
def test_an_entity_is_found_by_any_name_and_by_the_paper_that_introduced_it(
    library: Library, name: str
) -> None:
    assert library.about(name).entity.id == "method/child"
    assert library.about(name).family.root == "method/child"


def test_a_name_of_several_tells_its_owners(library: Library) -> None:
    with pytest.raises(SeveralOwners) as caught:
        library.about("root")
    assert caught.value.owners == {"method/root": "What root is.", "method/derived": ""}
    assert "method/root (What root is.)" in str(caught.value)
    assert "such as method/root" in str(caught.value)
    assert [one.id for one in library.about("method/root").others] == ["method/derived"]


def test_a_paper_that_introduces_several_or_nothing_is_no_name(library: Library) -> None:
    with pytest.raises(SeveralOwners) as several:
        library.about("2001.00005")
    assert set(several.value.owners) == {"benchmark/glue", "model/large"}
    with pytest.raises(NotFound, match=r"introduced by '2001\.00004'"):
        library.about("2001.00004")


def test_an_unknown_name_tells_the_nearest(library: Library) -> None:
    with pytest.raises(NotFound) as caught:
        library.about("chil")
    assert caught.value.nearest == ("CHILD",)


@pytest.mark.parametrize("name", ["", " ", "\x00", "?!", "a" * 5_000, "χ²"])
def test_what_is_no_name_is_not_found(library: Library, name: str) -> None:
    with pytest.raises(NotFound):
        library.about(name)
