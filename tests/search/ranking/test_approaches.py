"""Approaches: groups of papers that share a topic or a method, where an answer falls into any."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.embedding import embed_missing
from kg.records import PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from search.ranking.approaches import MAX_APPROACHES, MIN_PAPERS, approaches, partition
from search.ranking.summary import MAX_GROUP_STATEMENTS, MAX_STATEMENTS
from tests.support.embedders import HashedWords
from tests.support.factories import card, paper, put_all
from tests.support.graphs.facts import relate

NAMES = st.dictionaries(st.integers(1, 12), st.lists(st.sampled_from("abcde"), max_size=3))


@given(st.lists(st.integers(1, 12), unique=True, max_size=12), NAMES)
def test_each_group_shares_its_name_and_no_paper_is_in_two(
    papers: list[int], names: dict[int, list[str]]
) -> None:
    found = partition(papers, names)
    grouped = [one for some in found.values() for one in some]
    assert len(grouped) == len(set(grouped)) <= len(papers)
    assert all(name in names[one] for name, some in found.items() for one in some)
    assert all(len(some) >= MIN_PAPERS for some in found.values())
    assert not found or 2 <= len(found) <= MAX_APPROACHES
    assert list(found) == sorted(found, key=lambda name: papers.index(found[name][0]))


def test_what_few_of_many_papers_share_is_no_division() -> None:
    names = {1: ["a"], 2: ["a"], 3: ["b"], 4: ["b"]}
    assert partition([1, 2, 3, 4, 5, 6, 7, 8], names) == {"a": [1, 2], "b": [3, 4]}
    assert partition([1, 2, 3, 4, 5, 6, 7, 8, 9], names) == {}


FUSION = "model-reuse/model-fusion"
WEIGHTS, EXPERTS = f"{FUSION}/weight-interpolation", f"{FUSION}/mixture-of-experts"
SUMMARIES = (
    "Merges models by averaging weights of runs that share their start, as tests on trees show.",
    "Merges models by routers that pick an expert a token, with little cost on rivers and lakes.",
    "Merges models by geometric means along the Fisher metric, better on clouds and on mountains.",
    "Merges models by gating low-rank experts, trained for minutes, for birds as well as reptiles.",
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        made = [paper(n, title=f"Title {n}", abstract=None) for n in range(1, 5)]
        put_all(catalogue, *made, *(paper(n, title=f"of{n}", abstract=None) for n in range(9, 60)))
        for one, summary in zip(made, SUMMARIES, strict=True):
            catalogue.cards.put(one.id, card(summary=summary), "snapshot")
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords()) as opened:
            yield opened


def place(library: Library, *topics: str) -> None:
    for number, topic in enumerate(topics, 1):
        placement = Placement(topic, PlacedBy.LIST, "a list")
        library.catalogue.placements.add(paper(number).id, [placement])


def said(library: Library) -> dict[str | None, set[str]]:
    found = library.summary(library.ask("merges models"))
    return {name: {one.sentence for one in some} for name, some in found.by_approach()}


def test_sentences_are_grouped_by_the_topics_of_their_papers(library: Library) -> None:
    place(library, WEIGHTS, EXPERTS, WEIGHTS, EXPERTS)
    assert said(library) == {
        library.taxonomy[WEIGHTS].name: {SUMMARIES[0], SUMMARIES[2]},
        library.taxonomy[EXPERTS].name: {SUMMARIES[1], SUMMARIES[3]},
    }
    assert MAX_GROUP_STATEMENTS == 2


def test_within_one_topic_they_are_grouped_by_the_methods_of_their_papers(
    library: Library,
) -> None:
    place(library, WEIGHTS, WEIGHTS, WEIGHTS, WEIGHTS)
    one, two = (1, "builds_on", "method/one"), (2, "builds_on", "method/two")
    measured = [(n, "evaluates_on", "benchmark/one") for n in (1, 2, 3)]
    more = [(3, "introduces", "method/one"), (4, "builds_on", "method/two"), *measured]
    keys = relate(library.catalogue, [one, two, *more])
    assert said(library) == {
        "ONE": {SUMMARIES[0], SUMMARIES[2]},
        "TWO": {SUMMARIES[1], SUMMARIES[3]},
    }
    # What is asked for tells none of its followers apart.
    hits = [hit for hit in library.ask("merges models").hits if hit.details.summary]
    assert approaches(library, hits, [keys["method/one"]]) == {}


@pytest.mark.parametrize(
    "topics",
    [
        (WEIGHTS, WEIGHTS, WEIGHTS, EXPERTS),
        (FUSION, FUSION, EXPERTS, EXPERTS),
        (WEIGHTS, EXPERTS),
        (),
    ],
)
def test_what_falls_into_no_two_groups_is_not_grouped(
    library: Library, topics: tuple[str, ...]
) -> None:
    place(library, *topics)
    assert said(library) == {None: set(SUMMARIES[:MAX_STATEMENTS])}
