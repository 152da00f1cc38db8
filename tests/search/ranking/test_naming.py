"""Answers to questions that compare things, ask for the like of one, or exclude some."""

from collections.abc import Iterator

import pytest

from kg.records import Field, Filters, Term
from search.library import Library
from search.ranking.answers import Answer
from tests.support.factories import paper
from tests.support.named_things import named_library

LORA, QLORA, ROME, MEMIT = (paper(n).id for n in (1, 2, 3, 4))
BOTH, IMAGES, SURVEY = (paper(n).id for n in (13, 14, 15))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with named_library(tmp_path_factory.mktemp("named")) as opened:
        yield opened


def ids(found: Answer) -> list[str]:
    return [hit.paper.id for hit in found.hits]


def understood(found: Answer) -> list[str]:
    return [one.name for one in found.understood]


def test_what_is_compared_comes_in_its_order_then_papers_on_both(library: Library) -> None:
    found = library.ask("MEMIT vs ROME")
    assert ids(found)[:3] == [MEMIT, ROME, BOTH]
    assert understood(found) == ["compare:method/memit", "compare:method/rome"]
    assert found.compared == ("method/memit", "method/rome")
    summary = library.summary(found)
    assert [one.name for one in summary.definitions] == ["MEMIT", "ROME"]


def test_a_comparison_keeps_to_filters_and_compares_topics_too(library: Library) -> None:
    only = library.ask("MEMIT vs ROME", filters=Filters(about="method/memit"))
    assert set(ids(only)) == {MEMIT, BOTH}
    found = library.ask("ROME or model editing")
    assert ids(found)[0] == ROME
    assert BOTH in ids(found)
    assert found.compared == ()


def test_one_of_two_that_is_not_meant_leaves_no_comparison(library: Library) -> None:
    found = library.ask("MEMIT vs ROME", without=["compare:method/rome"])
    assert understood(found) == ["compare:method/memit"]
    assert found.compared == ()


def test_papers_are_compared_by_their_ids(library: Library) -> None:
    found = library.ask(f"{MEMIT} vs {LORA}")
    assert understood(found) == [f"compare:{MEMIT}", f"compare:{LORA}"]
    assert ids(found)[:2] == [MEMIT, LORA]
    assert found.compared == (MEMIT, LORA)


def test_what_is_like_a_method_is_what_is_like_its_paper(library: Library) -> None:
    found = library.ask("similar to LoRA")
    assert understood(found) == ["like:method/lora"]
    assert ids(found)[0] == LORA
    near = [hit.paper.id for hit in library.similar(LORA, k=3)]
    assert ids(found)[1:4] == near
    also = library.ask("similar to LoRA for lifelong editing")
    assert also.text == "LoRA for lifelong editing"
    assert ids(also)[0] == LORA


def test_the_like_of_what_no_paper_introduced_is_told(library: Library) -> None:
    found = library.ask("similar to GAN")
    assert found.notes == ("No paper of the atlas, or of these filters, introduced method/gan",)


def test_conditions_hold_beside_an_id(library: Library) -> None:
    found = library.ask(f"papers like {LORA} but not for vision, since 2000")
    assert understood(found) == ["not:vision", "since:2000", f"like:{LORA}"]
    assert IMAGES not in ids(found)


def test_what_is_excluded_is_no_answer_and_unknown_facts_pass(library: Library) -> None:
    assert {IMAGES, SURVEY} < set(ids(library.ask("editing", k=40)))
    assert IMAGES not in ids(library.ask("editing not for vision", k=40))
    assert SURVEY in ids(library.ask("editing not for vision", k=40))
    assert SURVEY not in ids(library.ask("editing except surveys", k=40))
    without = library.ask("editing other than ROME", k=40)
    assert {ROME, BOTH}.isdisjoint(ids(without))
    assert {MEMIT, IMAGES} < set(ids(without))


def test_excluded_filters_combine_in_the_catalogue(library: Library) -> None:
    papers = library.catalogue.papers
    everything = set(papers.keys())
    excluded = (Filters(modality="vision"), Filters(about="method/rome"))
    left = set(papers.select(Filters(excluded=excluded)) or ())
    gone = [set(papers.select(one) or ()) for one in excluded]
    assert left == everything - gone[0] - gone[1]
    unknown = Filters(excluded=(Filters(terms=(Term("1900..1901", Field.YEAR),), withdrawn=True),))
    assert set(papers.select(unknown) or ()) == everything


def test_what_remains_beside_conditions_may_be_a_name(library: Library) -> None:
    found = library.ask("papers on LoRA since 2000")
    assert understood(found) == ["since:2000", "about:method/lora"]
    assert ids(found)[0] == LORA


@pytest.mark.parametrize("word", ["merge", "what is merge"])
def test_an_ordinary_word_in_lower_case_is_no_name(library: Library, word: str) -> None:
    assert understood(library.ask(word)) == []


@pytest.mark.parametrize("name", ["MERGE", "rome", "grace", "what is rome"])
def test_other_names_are_asked_for_alone(library: Library, name: str) -> None:
    assert understood(library.ask(name)) == [f"about:method/{name.lower().split()[-1]}"]
