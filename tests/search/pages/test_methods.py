"""The methods of a topic as a table, and facts about them in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.cards.card import Access, Data, Training
from kg.errors import BadRequest, NotFound
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from search.pages.methods import (
    MAX_METHODS,
    FilteredCount,
    MethodOrder,
    NamedCount,
    method_facts,
)
from tests.support.embedders import HashedWords
from tests.support.factories import card, code_link, describe, predicted_card
from tests.support.graphs.facts import Facts, fill

TOPIC, LEAF = "model-editing", "model-editing/memory-based"
FACTS = Facts(
    papers=6,
    topics=[(1, LEAF), (2, TOPIC), (3, "model-reuse"), (4, TOPIC)],
    relations=[
        *[(1, "introduces", "method/a"), (1, "introduces", "benchmark/b")],
        *[(2, "introduces", "method/c"), (3, "introduces", "method/d")],
        *[(4, "introduces", "method/a"), (5, "builds_on", "method/c")],
        *[(6, "builds_on", "method/c"), (2, "builds_on", "method/a")],
        *[(1, "evaluates_on", "benchmark/b"), (2, "evaluates_on", "benchmark/e")],
        *[(4, "evaluates_on", "benchmark/e"), (2, "works_on", "model/f")],
    ],
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        fill(catalogue, FACTS)
        describe(catalogue, "2001.00001", card(data=None, access=None))
        few = card(data=Data.FEW, access=Access.BLACK_BOX, training=Training.FULL)
        describe(catalogue, "2001.00004", few, code_link(4))
        describe(catalogue, "2001.00002", predicted_card())
    with Library(settings, HashedWords()) as opened:
        yield opened


def test_a_table_has_the_methods_of_a_topic_the_most_used_first(library: Library) -> None:
    made = library.methods(TOPIC)
    assert (made.topic, made.total) == (TOPIC, 2)
    assert [(one.entity.id, one.used_by) for one in made.methods] == [
        *[("method/c", 2), ("method/a", 1)]
    ]
    assert [one.entity.id for one in library.methods(TOPIC, 1).methods] == ["method/c"]
    assert library.methods(TOPIC, 1).total == 2
    assert [one.entity.id for one in library.methods(f" {LEAF}/").methods] == ["method/a"]


def test_what_a_method_needs_is_what_the_first_card_says(library: Library) -> None:
    predicted, read = library.methods(TOPIC).methods
    assert {field: one.value for field, one in read.needs.items()} == {
        **{"data": "few", "access": "black-box", "training": "none"}
    }
    assert not any(one.predicted for one in read.needs.values())
    assert predicted.needs["data"] == ("labeled", True)
    assert read.code == "https://github.com/ada/code4"
    assert read.introduced_by == ("2001.00001", "2001.00004")
    assert (read.year, read.about) == (2020, "What a is.")


def test_all_methods_without_a_topic(library: Library) -> None:
    made = library.methods()
    assert [one.entity.id for one in made.methods] == ["method/c", "method/a", "method/d"]
    assert (made.topic, made.total) == (None, 3)


@pytest.mark.parametrize(
    ("order", "wanted"),
    [(MethodOrder.NEWEST, ["c", "a", "d"]), (MethodOrder.NAME, ["a", "c", "d"])],
)
def test_a_table_has_other_orders(library: Library, order: MethodOrder, wanted: list[str]) -> None:
    found = library.methods(None, None, order).methods
    assert [one.entity.id for one in found] == [f"method/{name}" for name in wanted]


def test_numbers_of_a_paragraph_know_what_finds_their_papers(library: Library) -> None:
    facts = method_facts(library.catalogue, [1, 2, 4])
    found = {
        part.words: dict(part.filters)
        for sentence in facts.sentences
        for part in sentence
        if isinstance(part, FilteredCount)
    }
    assert found == {
        "1 of 1 needs no training": {"training": "none"},
        "1 of 1 needs no access to the weights of a model": {"access": "black-box"},
        "2 papers": {"about": "benchmark/e"},
        "1": {"about": "benchmark/b"},
        "1 paper": {"about": "model/f"},
    }


def test_a_topic_is_found_by_its_name(library: Library) -> None:
    assert library.methods("Model Editing").topic == TOPIC
    # A topic without papers is a topic.
    assert library.methods("meta-learning").methods == ()


def test_what_makes_no_sense_is_refused(library: Library) -> None:
    with pytest.raises(NotFound):
        library.methods("no such topic")
    for k in (0, MAX_METHODS + 1):
        with pytest.raises(BadRequest):
            library.methods(None, k)


def test_facts_count_what_cards_say(library: Library) -> None:
    facts = method_facts(library.catalogue, [1, 2, 4])
    assert (facts.methods, facts.papers, facts.years) == (2, 3, (2020, 2020))
    assert facts.most_used == (*(NamedCount("method/c", "C", 2), NamedCount("method/a", "A", 1)),)
    # What is predicted does not count.
    assert (facts.no_data.methods, facts.no_data.known) == (0, 1)
    assert (facts.no_training.methods, facts.no_training.known) == (1, 1)
    assert facts.black_box.examples == (NamedCount("method/a", "A", 1),)
    assert facts.benchmarks == (
        *(NamedCount("benchmark/e", "E", 2), NamedCount("benchmark/b", "B", 1)),
    )
    assert facts.evaluated == 3


def test_facts_are_a_paragraph(library: Library) -> None:
    assert method_facts(library.catalogue, [1, 2, 4]).text == (
        "3 papers of this topic introduce 2 methods in 2020; most used: C (2 papers) and A (1)."
        " Of those whose cards tell, 1 of 1 needs no training (A), and 1 of 1 needs no"
        " access to the weights of a model (A)."
        " 3 papers name a benchmark, most often E (2 papers) and B (1)."
        " The model that they work on most often is F (1 paper)."
    )
    assert method_facts(library.catalogue, [5]).text == ""
    assert library.topics(LEAF).facts.methods.methods == 1  # type: ignore[union-attr]
