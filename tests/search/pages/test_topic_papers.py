"""A topic's papers in the order and of the years that are asked for; what topics mean is kept."""

import gc
import weakref
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ingest.embedding import embed_missing
from kg.records import Citation, PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.reports import Report
from search.library import Library
from search.pages import topic as topic_page
from search.pages.topic import PaperOrder
from tests.support.embedders import HashedWords
from tests.support.factories import describe, paper, put_all

FUSION, EDITING = "model-reuse/model-fusion", "model-editing"
TITLES = ("The end", "an Abacus", "“Zebras”", "Middle", "a beginning")
YEARS = (2021, 2019, 2023, None, 2020)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Five papers of fusion; the second is cited by two of them, the first by one."""
    papers = [
        paper(n, id=f"test.{n}", arxiv_id=None, title=title, year=year, abstract=None)
        for n, (title, year) in enumerate(zip(TITLES, YEARS, strict=True))
    ]
    others = [paper(n, abstract=None) for n in range(10, 16)]
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, *papers, *others)
        for one in papers:
            catalogue.placements.add(one.id, [Placement(FUSION, PlacedBy.LIST, "a list")])
        for one in others:
            catalogue.placements.add(one.id, [Placement(EDITING, PlacedBy.LIST, "a list")])
        cites = ((0, 1), (2, 1), (2, 0))
        catalogue.citations.add(Citation(f"test.{a}", f"test.{b}", "test") for a, b in cites)
        embed_missing(catalogue, HashedWords())
    with Library(Settings(tmp_path), HashedWords()) as opened:
        yield opened


def titles(library: Library, order: PaperOrder, *years: int | None) -> list[str]:
    papers = library.topics(FUSION).papers
    assert papers is not None
    found = library.topic_papers(FUSION, papers, order, *years)
    return [one.paper.title for one in found]


def test_papers_come_in_the_order_that_is_asked_for(library: Library) -> None:
    end, abacus, zebras, middle, beginning = TITLES
    assert titles(library, PaperOrder.NEWEST) == [zebras, end, beginning, abacus, middle]
    assert titles(library, PaperOrder.OLDEST) == [abacus, beginning, end, zebras, middle]
    assert titles(library, PaperOrder.TITLE) == [beginning, abacus, middle, end, zebras]
    # The two that are cited, then the others, newest first.
    assert titles(library, PaperOrder.INFLUENTIAL) == [abacus, end, zebras, beginning, middle]


def test_the_most_cited_over_all_papers_come_first_and_the_unknown_last(library: Library) -> None:
    end, abacus, zebras, middle, beginning = TITLES
    for number, citations in ((0, 3), (3, 50)):
        report = Report("openalex", date(2026, 8, 1), citations)
        describe(library.catalogue, f"test.{number}", None, reports=[report])
    assert titles(library, PaperOrder.CITED) == [middle, end, zebras, beginning, abacus]


def test_papers_of_some_years_have_one(library: Library) -> None:
    end, abacus, _, _, beginning = TITLES
    assert titles(library, PaperOrder.NEWEST, 2020, 2021) == [end, beginning]
    assert titles(library, PaperOrder.NEWEST, None, 2020) == [beginning, abacus]
    assert titles(library, PaperOrder.NEWEST, 2024) == []


def test_vectors_are_read_once_for_each_state_of_the_catalogue(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def counted(*arguments: object) -> object:
        read.append(arguments)
        return stored(*arguments)

    stored = topic_page.stored_vectors
    monkeypatch.setattr(topic_page, "stored_vectors", counted)
    before = library.topics(FUSION).facts
    assert library.topics(FUSION).facts == before
    assert library.topics(EDITING).facts
    assert len(read) == 1
    library.catalogue.placements.add(
        "2001.00010", [Placement(FUSION, PlacedBy.MODEL, "placer", 0.9)]
    )
    after = library.topics(FUSION).facts
    assert len(read) == 2
    assert before
    assert after
    assert [one.shared for one in before.related] == [0]
    assert [one.shared for one in after.related] == [1]
    assert before.related[0].cosine != after.related[0].cosine


@pytest.mark.slow
def test_only_the_last_state_is_kept(library: Library) -> None:
    catalogue, model, dim = library.catalogue, HashedWords.model, HashedWords.dim
    placed = {FUSION: set(catalogue.papers.keys())}
    states = []
    for n in range(6):
        catalogue.placements.add("test.0", [Placement(EDITING, PlacedBy.MODEL, "m", 0.5 + n / 100)])
        found = topic_page.topic_centroids(catalogue, placed, model, dim)
        assert topic_page.topic_centroids(catalogue, placed, model, dim) is found
        states.append(weakref.ref(found[FUSION]))
    del found
    gc.collect()
    kept = [one() is not None for one in states]
    assert kept == [False] * 5 + [True]
