"""One topic's page: newest, most influential, and related topics with their reasons."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.embedding import embed_missing
from kg.errors import NotFound
from kg.records import Citation, PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from ui.api import documents
from ui.cli import render

FUSION, EDITING, TUNING = "model-reuse/model-fusion", "model-editing", "model-tuning"
DEEP = f"{FUSION}/weight-interpolation"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Eight papers of fusion and eight of editing, two in both, and six far away in tuning."""
    subjects = {0: "merging weights of networks", 1: "merging facts of networks", 2: "soft prompts"}
    papers = [
        paper(n, title=f"{subjects[n // 8]} {n}", abstract=None, year=2010 + n) for n in range(22)
    ]
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, *papers)
        for n, one in enumerate(papers):
            topic = (DEEP if n < 4 else FUSION, EDITING, TUNING)[n // 8 if n >= 4 else 0]
            catalogue.placements.add(one.id, [Placement(topic, PlacedBy.LIST, "a list")])
        for n in (6, 7):
            catalogue.placements.add(
                papers[n].id, [Placement(EDITING, PlacedBy.MODEL, "placer", 0.9)]
            )
        catalogue.citations.add(Citation(papers[n].id, papers[0].id, "test") for n in range(1, 5))
        embed_missing(catalogue, HashedWords())
    with Library(Settings(tmp_path), HashedWords()) as opened:
        yield opened


def test_a_topic_tells_its_newest_and_most_influential_papers(library: Library) -> None:
    found = library.topics(FUSION)
    assert found.facts
    assert found.facts.path == ("Model Reuse", "Model Fusion")
    assert found.facts.origin == "survey"
    assert [one.paper.year for one in found.facts.newest] == [2017, 2016, 2015, 2014, 2013]
    assert found.papers
    assert len(found.papers) == found.tree[0].papers == 8
    assert [one.paper.id for one in found.facts.influential] == ["2001.00000"]
    assert (found.facts.coverage.papers, found.facts.coverage.known) == (8, 5)


def test_related_topics_are_neither_above_nor_below_and_say_why(library: Library) -> None:
    found = library.topics(FUSION)
    assert found.facts
    assert [one.id for one in found.facts.related] == [EDITING, TUNING]
    near, far = found.facts.related
    assert (near.shared, near.of, near.papers) == (2, 8, 10)
    assert near.cosine
    assert far.cosine is not None
    assert near.cosine > far.cosine
    assert near.reason == (
        f"shares 2 of 8 papers; near in meaning: cosine {near.cosine:.2f},"
        " closer than 100% of the other topics"
    )
    assert far.shared == 0
    assert far.reason.startswith("near in meaning: ")


def test_a_topic_of_few_papers_has_no_meaning_of_its_own(library: Library) -> None:
    found = library.topics(DEEP)
    assert found.facts
    assert [(one.id, one.cosine) for one in found.facts.related] == []


def test_an_empty_topic_has_an_empty_page(library: Library) -> None:
    found = library.topics("meta-learning")
    assert found.papers == ()
    assert found.facts
    assert found.facts.newest == found.facts.influential == found.facts.related == ()
    render.topics(found)


def test_the_tree_has_no_facts_and_an_unknown_topic_is_told(library: Library) -> None:
    assert library.topics().facts is None
    assert "newest" not in documents.topics(library.topics())
    with pytest.raises(NotFound):
        library.topics("model-fusing")


def test_the_page_is_json_and_text(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    found = library.topics(FUSION)
    document = json.loads(json.dumps(documents.topics(found)))
    assert document["topics"][0]["id"] == FUSION
    assert document["origin"] == "survey"
    assert len(document["newest"]) == 5
    assert document["influential"][0]["citations"] == 4
    assert document["related"][0]["id"] == EDITING
    assert document["related"][0]["reason"]
    assert document["coverage"]["words"] == "citations are known of 5 of 8 papers"
    render.topics(found)
    told = capsys.readouterr().out
    for part in ("Model Reuse / Model Fusion", "newest", "most influential", "related topics"):
        assert part in told


def test_placements_of_unknown_topics_do_no_harm(library: Library) -> None:
    for topic in ("robots/arms", f"{FUSION}/of-my-own"):
        library.catalogue.placements.add("2001.00020", [Placement(topic, PlacedBy.LIST, "a list")])
    assert library.topics(FUSION).tree[0].papers == 9
    assert set(library.paper("2001.00020").placements) == {
        Placement(TUNING, PlacedBy.LIST, "a list"),
        Placement(FUSION, PlacedBy.LIST, "a list"),
    }
    hit = library.ask("soft prompts 20", k=1).hits[0]
    assert set(hit.topics) == {TUNING, FUSION}
