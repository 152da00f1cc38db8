"""Papers and entities side by side: which columns and rows there are, and what they say."""

from collections.abc import Iterator

import pytest

from ingest.embedding import embed_missing
from kg.entities.entity import Entity, EntityType, Name, Relation, Source
from kg.errors import BadRequest, NotFound, SeveralOwners
from kg.records import Filters, PlacedBy, Placement
from kg.settings import Settings
from search.library import Library
from search.pages.comparison.comparison import COLUMNS, MAX_ROWS
from search.pages.comparison.document import document
from tests.support.embedders import HashedWords
from tests.support.factories import card, code_link, describe, paper, predicted_card, put_all

ADD_UP, AVERAGING, OTHER_ADD = "method/addup", "method/weight-averaging", "method/add-up-search"
FUSION = "model-reuse/model-fusion"


def entity(ident: str, *names: str, about: str | None = None) -> Entity:
    return Entity(ident, EntityType(ident.split("/")[0]), tuple(map(Name, names)), about)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library(Settings(tmp_path_factory.mktemp("atlas")), HashedWords()) as made:
        catalogue = made.catalogue
        one, two, three, *_ = put_all(catalogue, *map(paper, (1, 2, 3, 4)))
        describe(catalogue, paper(1).id, card(compares_with=("Averaged Weights", "pruning")))
        describe(catalogue, paper(2).id, card(introduces=(), builds_on=("AddUp",)), code_link(2))
        describe(catalogue, paper(3).id, predicted_card())
        placed = [Placement(FUSION, PlacedBy.LIST, "a list")]
        catalogue.placements.add(paper(1).id, placed)
        about = "Adds what fine-tuning changed."
        add_up = catalogue.entities.put(entity(ADD_UP, "AddUp", "Twin", about=about))
        averaging = catalogue.entities.put(
            entity(AVERAGING, "weight averaging", "Averaged Weights")
        )
        catalogue.entities.put(entity(OTHER_ADD, "Twin", "AddUp Search"))
        catalogue.relations.replace(
            {one: "", two: "", three: ""},
            [
                (add_up, Relation.INTRODUCES, one, Source.LIST),
                (add_up, Relation.BUILDS_ON, two, Source.CARD),
                (add_up, Relation.MENTIONS, three, Source.MATCH),
                (averaging, Relation.COMPARES_WITH, one, Source.CARD),
                (averaging, Relation.INTRODUCES, two, Source.LIST),
            ],
        )
        catalogue.entities.set_extends([(add_up, averaging)])
        embed_missing(catalogue, HashedWords())
        yield made


def test_papers_stand_side_by_side_by_their_cards(library: Library) -> None:
    found = document(library.compare([paper(2).id, "Paper number 1"]))
    second, first = found["rows"]
    assert [second["id"], first["id"]] == [paper(2).id, paper(1).id]
    assert first["summary"] == card().summary
    assert (first["data"], first["access"], first["training"]) == ("none", "white-box", "none")
    assert first["modality"] == ["text", "vision"]
    assert first["topics"] == [FUSION]
    assert (first["code"], second["code"]) == (None, "https://github.com/ada/code2")
    assert second["builds_on"] == ["AddUp"]


def test_what_no_row_fills_is_no_column_and_the_order_is_fixed(library: Library) -> None:
    found = document(library.compare([paper(2).id, paper(1).id]))
    order = [column.name for column in COLUMNS]
    assert found["columns"] == sorted(found["columns"], key=order.index)
    assert {"name", "about", "used_by", "cited_by", "withdrawn", "confidence"}.isdisjoint(
        found["columns"]
    )
    for row in found["rows"]:
        assert list(row) == found["columns"]
    for column in found["columns"]:
        assert any(row[column] for row in found["rows"]), column


def test_an_entity_is_told_by_the_paper_that_introduced_it(library: Library) -> None:
    found = document(library.compare(["addup", paper(2).id]))
    row = found["rows"][0]
    assert (row["id"], row["name"], row["about"]) == (
        *(ADD_UP, "AddUp"),
        "Adds what fine-tuning changed.",
    )
    assert (row["title"], row["introduced_by"]) == (paper(1).title, [paper(1).id])
    assert row["summary"] == card().summary
    assert row["used_by"] == 2
    assert found["rows"][1]["name"] is None


def test_an_entity_has_one_name_in_all_rows(library: Library) -> None:
    found = library.compare([paper(1).id, paper(2).id])
    # The card says "Averaged Weights"; what is no entity stays as it is written.
    assert found.rows[0].values["compares_with"] == ("weight averaging", "pruning")
    assert found.rows[0].entities == {"AddUp": ADD_UP, "weight averaging": AVERAGING}


def test_an_entity_extends_what_the_list_says(library: Library) -> None:
    found = library.compare([ADD_UP, AVERAGING])
    assert found.rows[0].values["builds_on"] == ("task arithmetic", "weight averaging")
    assert library.compare([paper(1).id, AVERAGING]).rows[0].values["builds_on"] == (
        "task arithmetic",
    )


def test_an_entity_without_a_paper_is_told_by_its_name(library: Library) -> None:
    found = document(library.compare([OTHER_ADD, ADD_UP]))
    row = found["rows"][0]
    assert (row["id"], row["title"], row["introduced_by"]) == (OTHER_ADD, None, [])
    assert (row["summary"], row["used_by"]) == (None, 0)


def test_what_is_predicted_says_so(library: Library) -> None:
    found = document(library.compare([paper(3).id, paper(1).id]))
    assert found["rows"][0]["confidence"] == {"kind": 0.91, "data": 0.83}
    assert found["rows"][1]["confidence"] is None


def test_the_same_one_is_told_once(library: Library) -> None:
    names = [paper(1).id, "AddUp", f"https://arxiv.org/abs/{paper(1).id}v2", ADD_UP]
    assert [row.id for row in library.compare(names).rows] == [paper(1).id, ADD_UP]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "there is nothing to compare"),
        (["AddUp"], "one alone cannot be compared"),
        (["AddUp", "addup"], "these are all the same"),
        ([f"2001.{n:05}" for n in (1, 2)] * MAX_ROWS, f"{2 * MAX_ROWS} are too many"),
    ],
)
def test_too_few_or_too_many_are_refused(library: Library, names: list[str], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        library.compare(names)


def test_an_unknown_name_tells_the_nearest_ones(library: Library) -> None:
    with pytest.raises(NotFound, match=r"'Add-Upp' .*: did you mean AddUp or") as caught:
        library.compare(["AddUp", "Add-Upp"])
    assert "\n" not in str(caught.value)
    with pytest.raises(NotFound, match=r"'2001.0001' .*: did you mean 2001.00001"):
        library.compare(["AddUp", "2001.0001"])


def test_an_ambiguous_name_tells_its_owners(library: Library) -> None:
    with pytest.raises(SeveralOwners) as caught:
        library.compare(["Twin", paper(1).id])
    assert set(caught.value.owners) == {ADD_UP, OTHER_ADD}


def test_an_answer_is_compared_in_its_order(library: Library) -> None:
    question = "We study subject 2"
    found = document(library.compare_answer(question, 3))
    hits = library.ask(question, 3).hits
    assert [row["id"] for row in found["rows"]] == [hit.paper.id for hit in hits]
    assert found["question"] == question
    assert found["strength"] == library.ask(question, 3).judgement.strength
    named = document(library.compare([hit.paper.id for hit in hits]))
    assert (found["columns"], found["rows"]) == (named["columns"], named["rows"])


def test_an_answer_without_papers_has_no_rows(library: Library) -> None:
    found = document(library.compare_answer("subject", 3, Filters(since=2100)))
    assert (found["columns"], found["rows"]) == ([], [])
    with pytest.raises(BadRequest, match="too many to compare"):
        library.compare_answer("subject", MAX_ROWS + 1)


def test_comparing_by_name_loads_no_model(library: Library) -> None:
    with Library(library.settings) as opened:
        opened.compare([paper(1).id, "weight averaging"])
        assert opened._embedder is None
