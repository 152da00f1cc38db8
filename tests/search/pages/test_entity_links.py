"""What the names in cards lead to."""

from pathlib import Path

import pytest

from kg.cards.card import Card
from search.library import Library
from tests.support.entities import entity_library
from tests.support.factories import card, paper, predicted_card

ONE, FOUR = paper(1).id, paper(4).id


def links(library: Library, known: Card | None, of: str = ONE, **more: object) -> dict[str, str]:
    found = library.entity_links({of: known}, **more)
    return {name: link for (owner, name), link in found.items() if owner == of}


@pytest.fixture
def library(tmp_path: Path, opened: object) -> Library:
    return opened(entity_library(tmp_path))


def test_a_name_in_any_spelling_leads_to_its_entity(library: Library) -> None:
    names = ("adding up", "GLUE", "nobody's")
    assert links(library, card(introduces=names[:1], evaluates_on=names[1:])) == {
        "adding up": "method/addup",
        "task arithmetic": "method/task-arithmetic",
        "weight averaging": "method/weight-averaging",
        "GLUE": "benchmark/glue",
        "T5": "model/t5",
    }


def test_of_several_owners_the_one_that_the_paper_relates_to_is_meant(library: Library) -> None:
    named = card(compares_with=("CoLA",))
    assert links(library, named, FOUR)["CoLA"] == "benchmark/cola"
    assert links(library, named)["CoLA"] == "CoLA"


def test_only_fields_that_are_shown_are_looked_up(library: Library) -> None:
    assert links(library, card(), fields=["models"]) == {"T5": "model/t5"}
    assert links(library, predicted_card()) == {}
    assert links(library, None) == {}
