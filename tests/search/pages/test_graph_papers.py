"""Facts for pictures of the graph: topics, citations and numbers of links of its papers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.errors import NotFound
from kg.graph.citation_graph import Coverage
from kg.records import Citation, PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from search.pages.graph_papers import GraphPaper
from search.pages.topic import Placed
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all

EDITING = "model-editing"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Four papers: the second is cited by two, the fourth has no citation."""
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, *(paper(n) for n in range(4)))
        catalogue.placements.add(paper(1).id, [Placement(EDITING, PlacedBy.LIST, "a list")])
        cites = ((0, 1), (2, 1))
        catalogue.citations.add(Citation(paper(a).id, paper(b).id, "test") for a, b in cites)
    with Library(Settings(tmp_path), HashedWords()) as found:
        yield found


def test_papers_of_a_graph_have_their_topics_and_citations(library: Library) -> None:
    assert library.graph_papers([paper(1).id, paper(3).id, paper(0).id]) == [
        GraphPaper(paper(1), (EDITING,), 2, True),
        GraphPaper(paper(3), (), 0, False),
        GraphPaper(paper(0), (), 0, True),
    ]


def test_links_are_counted_by_kind(library: Library) -> None:
    counts = library.link_counts(f"paper:{paper(1).id}")
    some = {"cites": 2, "in_topic": 1, "written_by": 2, "in_category": 1}
    assert {kind: n for kind, n in counts.items() if n} == some
    assert counts["similar_to"] == 0


def test_citations_are_known_of_some_papers(library: Library) -> None:
    assert library.coverage() == Coverage(4, 3)


def test_the_most_linked_paper_comes_first(library: Library) -> None:
    assert library.most_linked(2) == [Placed(paper(1), (EDITING,)), Placed(paper(0), ())]


def test_papers_are_listed_by_id_link_or_title(library: Library) -> None:
    names = [paper(1).title, f"https://arxiv.org/abs/{paper(3).id}", paper(1).id]
    assert [(one.paper, one.topics) for one in library.listed(names)] == [
        (paper(1), (EDITING,)),
        (paper(3), ()),
    ]
    with pytest.raises(NotFound):
        library.listed([paper(1).id, "2401.99999"])
