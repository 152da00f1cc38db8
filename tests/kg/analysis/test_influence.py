import sqlite3
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.analysis import pagerank as pagerank_module
from kg.analysis.influence import influential, peers_among, rescaled
from kg.analysis.pagerank import pagerank
from kg.errors import BadRequest, NotFound
from kg.graph.arrays import PaperArrays, paper_arrays
from kg.graph.citation_graph import indices_in, load
from kg.graph.graph import build
from kg.taxonomy.taxonomy import Taxonomy
from tests.support.graphs.citations import catalogue_of, graph_of, number

TAXONOMY = Taxonomy.load()
EDITING, FUSION = "model-editing", "model-reuse/model-fusion"
PAIRS = st.integers(1, 12).flatmap(
    lambda n: st.tuples(
        st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=40)
    )
)


@given(PAIRS)
def test_pagerank_is_that_of_networkx_whatever_circles_there_are(
    made: tuple[int, list[tuple[int, int]]],
) -> None:
    size, pairs = made
    graph = graph_of(size, pairs)
    found = pagerank(graph)
    other = nx.DiGraph()
    other.add_nodes_from(range(size))
    other.add_edges_from((a, b) for a, b in pairs if a != b)
    expected = nx.pagerank(other, tol=1e-13, max_iter=1_000)
    assert found.sum() == pytest.approx(1)
    assert np.abs(found - [expected[at] for at in range(size)]).max() < 1e-8


def test_the_graph_of_networkx_goes_to_its_pagerank_and_its_backends(tmp_path: Path) -> None:
    pairs = [(1, 2), (2, 3), (3, 1), (4, 1), (5, 4)]
    with catalogue_of(tmp_path / "a.sqlite", pairs, {6: 2020}) as catalogue:
        arrays, whole = load(catalogue), build(catalogue, TAXONOMY)
        ids = [f"paper:{one.id}" for one in catalogue.papers.get(arrays.keys.tolist())]
    # As benchmarks/graph_analysis.md says; `backend="cugraph"` is dispatched in the same way.
    graph = nx.DiGraph((a, b) for a, b, kind in whole.edges(keys=True) if kind == "cites")
    graph.add_nodes_from(node for node, kind in whole.nodes(data="kind") if kind == "paper")
    found = nx.pagerank(graph, tol=1e-13, max_iter=1_000, backend="networkx")
    assert [found[node] for node in ids] == pytest.approx(pagerank(arrays).tolist(), abs=1e-8)


def test_scipy_and_numpy_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = np.random.default_rng(1).integers(0, 200, (2_000, 2)).tolist()
    graph = graph_of(200, [(a, b) for a, b in ends])
    alone = pagerank(graph)
    monkeypatch.setattr(pagerank_module, "MAX_NUMPY_CITATIONS", 0)
    assert np.abs(pagerank(graph) - alone).max() < 1e-12


def test_no_papers_no_pagerank() -> None:
    assert len(pagerank(graph_of(0, []))) == 0


def test_the_graph_has_each_citation_once_and_no_self_citation(tmp_path: Path) -> None:
    with catalogue_of(tmp_path / "a.sqlite", [(1, 2), (2, 3), (3, 1), (4, 1)], withdrawn=[4]) as c:
        db = sqlite3.connect(c.path)
        with db:  # No code of ours writes such rows; a foreign catalogue may have them.
            db.execute("INSERT INTO citations SELECT key, key, 'test' FROM papers")
            db.execute("INSERT INTO citations SELECT citing, cited, 'other' FROM citations")
        db.close()
        graph = load(c)
        assert len(graph.keys) == 3
        assert [number(p) for p in c.papers.get(graph.keys.tolist())] == [1, 2, 3]
        assert list(zip(graph.citing.tolist(), graph.cited.tolist(), strict=True)) == [
            (0, 1),
            (1, 2),
            (2, 0),
        ]
        assert (graph.coverage.papers, graph.coverage.known) == (3, 3)


def test_an_empty_catalogue_has_an_answer(tmp_path: Path) -> None:
    with catalogue_of(tmp_path / "a.sqlite") as catalogue:
        found = influential(catalogue, TAXONOMY)
        assert (found.papers, found.linked, found.coverage.papers) == ((), 0, 0)
        assert paper_arrays(catalogue.database)._fields == PaperArrays._fields


def test_most_cited_of_its_age_comes_first(tmp_path: Path) -> None:
    # Old papers 0 to 24 are cited three times each, new ones not at all; 45 is cited twice.
    old, new = range(25), range(25, 50)
    pairs = [(at, (at + step) % 25) for at in new for step in range(3)] + [(40, 45), (41, 45)]
    years = dict.fromkeys(old, 2015) | dict.fromkeys(new, 2022)
    with catalogue_of(tmp_path / "a.sqlite", pairs, years) as catalogue:
        found = influential(catalogue, TAXONOMY, k=50)
        assert number(found.papers[0].paper) == 45
        assert found.papers[0].citations == 2
        assert found.papers[0].pagerank_rank > 1
        assert [one.rank for one in found.papers] == list(range(1, 27))
        assert [one.score for one in found.papers] == sorted(
            (one.score for one in found.papers), reverse=True
        )
        assert (found.linked, found.citations, found.peers) == (50, 77, 20)
        since = influential(catalogue, TAXONOMY, since=2016)
        assert [number(one.paper) for one in since.papers] == [45]
        assert since.papers[0].score == found.papers[0].score


def test_a_topic_is_its_descendants_and_their_citations(tmp_path: Path) -> None:
    below = "model-editing/memory-based"
    placed = {1: [EDITING], 2: [below], 3: [FUSION], 4: [below], 5: [EDITING], 6: [EDITING]}
    pairs = [(1, 2), (3, 2), (4, 2), (2, 3), (5, 3)]
    with catalogue_of(tmp_path / "a.sqlite", pairs, placed=placed, withdrawn=[4]) as catalogue:
        found = influential(catalogue, TAXONOMY, "Model Editing")
        assert found.topic == EDITING
        assert [(number(one.paper), one.citations) for one in found.papers] == [(2, 1)]
        assert (found.linked, found.citations) == (2, 1)
        assert found.coverage.words == "citations are known of 3 of 4 papers"
        assert influential(catalogue, TAXONOMY, FUSION).papers == ()


def test_bad_requests(tmp_path: Path) -> None:
    with catalogue_of(tmp_path / "a.sqlite") as catalogue:
        with pytest.raises(BadRequest):
            influential(catalogue, TAXONOMY, k=0)
        with pytest.raises(NotFound) as caught:
            influential(catalogue, TAXONOMY, "model-editin")
        assert EDITING in caught.value.nearest


@given(
    st.lists(st.tuples(st.floats(1e-7, 1), st.integers(1990, 2030)), min_size=1, max_size=60),
    st.integers(1, 80),
)
def test_rescaling_compares_with_the_nearest_in_age(
    papers: list[tuple[float, int]], wanted: int
) -> None:
    values, born = np.array([p[0] for p in papers]), np.array([float(p[1]) for p in papers])
    peers = min(wanted, len(papers))
    found = rescaled(values, born, peers)
    order = np.argsort(born, kind="stable")
    for place, at in enumerate(order):
        start = min(max(place - peers // 2, 0), len(papers) - peers)
        window = values[order[start : start + peers]]
        if window.std() > 1e-4 * values.mean():
            assert found[at] == pytest.approx(
                (values[at] - window.mean()) / window.std(), 1e-3, 1e-3
            )
    assert np.isfinite(found).all()


@given(st.integers(0, 10**7))
def test_there_are_never_more_peers_than_papers(papers: int) -> None:
    assert peers_among(papers) <= papers
    assert peers_among(papers) <= 1_000


def test_positions_of_what_is_not_there() -> None:
    keys = np.array([2, 5, 9])
    assert indices_in(keys, np.array([9, 1, 5, 12])).tolist() == [2, -1, 1, -1]
    assert indices_in(np.array([], dtype=np.int64), np.array([1])).tolist() == [-1]
