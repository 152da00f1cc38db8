"""A question reads one state of the catalogue, whatever another process writes meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ingest.embedding import embed_missing
from kg.records import Citation, Paper, PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from ui.api.tools import Tools
from ui.page.address import Address
from ui.page.visit import Visit
from ui.views import registry

SOUPS = Paper(
    id="2203.05482",
    title="Model soups: averaging weights",
    arxiv_id="2203.05482",
    authors=("Mitchell Wortsman",),
    abstract="We average the weights of many models.",
    year=2022,
)
LATER = Paper(id="2301.00001", title="Averaging weights again", arxiv_id="2301.00001", year=2023)
FUSION = "model-reuse/model-fusion"


class Meddler(HashedWords):
    """Embeds a question after another process has removed a paper."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def encode_query(self, text: str) -> np.ndarray:
        with Catalogue(self._settings.catalogue) as other:
            if other.papers.existing([other.identifiers.look_up(SOUPS.id) or 0]):
                other.papers.remove(SOUPS.id)
        return super().encode_query(text)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        for paper in (SOUPS, LATER):
            catalogue.papers.put(paper)
            catalogue.placements.add(paper.id, [Placement(FUSION, PlacedBy.LIST, "a list")])
        catalogue.citations.add([Citation(LATER.id, SOUPS.id, "test")])
        embed_missing(catalogue, HashedWords())
    return settings


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    with Library(settings, HashedWords()) as opened:
        opened.update_similar_edges()
        yield opened


@pytest.mark.parametrize("question", ["model soups", f"like {SOUPS.id} but smaller", "averaging"])
def test_a_paper_that_goes_during_a_question_is_still_in_its_answer(
    settings: Settings, question: str
) -> None:
    with Library(settings, Meddler(settings)) as library:
        assert SOUPS.id in [hit.paper.id for hit in library.ask(question).hits]
        assert [hit.paper.id for hit in library.ask(question).hits] == [LATER.id]


def test_a_page_is_of_the_state_before_a_paper_went(settings: Settings) -> None:
    with Library(settings, Meddler(settings)) as library:
        shown = registry.show(Visit(library, Address.parse("?q=model+soups")))
        assert SOUPS.title in shown.body
        assert "of 2" in shown.body or "2 papers" in shown.body


@contextmanager
def states(library: Library) -> Iterator[list[str]]:
    """Note each statement that may read another state of the catalogue than the one before."""
    read: list[str] = []
    connection = library.catalogue.database.connection

    def note(statement: str) -> None:
        # A revision, and how far the edges of similar papers are, are looked at by themselves.
        alone = " FROM meta" in statement or statement.startswith("SELECT name, value FROM cursors")
        if not connection.in_transaction and not alone:
            read.append(statement)

    connection.set_trace_callback(note)
    try:
        yield read
    finally:
        connection.set_trace_callback(None)


QUESTIONS: dict[str, Callable[[Library], object]] = {
    "ask": lambda library: library.ask("averaging weights"),
    "ask of a name": lambda library: library.ask("model soups"),
    "similar": lambda library: library.similar(SOUPS.id),
    "similar to a text": lambda library: library.similar(text="averaging"),
    "count": lambda library: library.count(words="averaging"),
    "select": lambda library: library.select(),
    "export": lambda library: library.export("bibtex"),
    "export of a graph": lambda library: library.export("graphml"),
    "export of papers": lambda library: library.export_papers("bibtex", [SOUPS.id]),
    "paper": lambda library: library.paper(SOUPS.id),
    "listed": lambda library: library.listed([SOUPS.id]),
    "compare": lambda library: library.compare([SOUPS.id, LATER.id]),
    "compare an answer": lambda library: library.compare_answer("averaging weights"),
    "author": lambda library: library.author("Mitchell Wortsman"),
    "methods": lambda library: library.methods(),
    "topics": lambda library: library.topics(),
    "topic": lambda library: library.topics(FUSION),
    "belonging": lambda library: library.belonging(library.reading_list([SOUPS.id]), 5),
    "news": lambda library: library.news(
        library.reading_list([SOUPS.id]), datetime(2020, 1, 1, tzinfo=UTC)
    ),
    "digest": lambda library: library.digest(questions=["averaging weights"]),
    "last digest": lambda library: library.last_digest(),
    "path": lambda library: library.path(SOUPS.id, LATER.id),
    "related": lambda library: library.related([SOUPS.id]),
    "influential": lambda library: library.influential(),
    "influential methods": lambda library: library.influential_methods(),
    "lineage": lambda library: library.lineage(SOUPS.id),
    "bridges": lambda library: library.bridges("model-reuse", "model-editing"),
    "timeline": lambda library: library.timeline(),
    "gaps": lambda library: library.gaps(),
    "neighbourhood": lambda library: library.neighbourhood(SOUPS.id, ["cites"]),
    "topic graph": lambda library: library.topic_graph(FUSION, ["cites"], 5),
    "graph papers": lambda library: library.graph_papers([SOUPS.id]),
    "link counts": lambda library: library.link_counts(f"paper:{SOUPS.id}"),
    "named entities": lambda library: library.named_entities("LoRA"),
    "coverage": lambda library: library.coverage(),
    "most linked": lambda library: library.most_linked(5),
    "waiting": lambda library: library.waiting(),
    "overview": lambda library: library.overview(),
    "health": lambda library: library.health(),
    "status": lambda library: library.status(),
}

OF_A_LIST = ("belonging", "news")


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_reads_one_state(library: Library, question: str) -> None:
    QUESTIONS[question](library)  # Opens the indexes.
    before = library.catalogue.revision
    library.catalogue.papers.put(replace(SOUPS, venue="ICML"))
    assert library.catalogue.revision > before  # Nothing that was computed is kept.
    with states(library) as read:
        QUESTIONS[question](library)
    # The list is a question of its own.
    assert read in ([], ["BEGIN DEFERRED"], ["BEGIN DEFERRED"] * (1 + (question in OF_A_LIST)))


def test_an_answer_of_the_api_with_its_summary_is_of_one_state(library: Library) -> None:
    with states(library) as read:
        Tools(library).ask("averaging weights", summary=True)
    assert read == ["BEGIN DEFERRED"]


@pytest.mark.parametrize("address", [f"view={name}" for name in registry.VIEWS if name != "map"])
def test_a_page_is_of_one_state(library: Library, address: str) -> None:
    visit = Visit(library, Address.parse(f"?{address}"))
    with states(library) as read:
        registry.show(visit)
    assert read == ["BEGIN DEFERRED"]
