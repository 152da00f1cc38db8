from collections import Counter
from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.analysis.lineage import Lineage, lineage
from kg.analysis.main_path import main_path
from kg.errors import BadRequest, NotFound
from tests.support.graphs.citations import catalogue_of, number

# Who cites whom: 1 <- 2 <- 3 <- 5 <- 6 <- 7, beside 4 between 2 and 5, and 8 on top of 5.
DIAMOND = [(2, 1), (3, 2), (4, 2), (5, 3), (5, 4), (6, 5), (7, 6), (8, 5)]
YEARS = {at: 2010 + at for at in range(1, 9)}

ARCS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30).map(
    lambda arcs: [arc for arc in arcs if arc[0] != arc[1]]
)


def numbers(found: Lineage) -> list[int]:
    return [number(one) for one in found.main_path]


def test_main_path_first_and_all_by_year(tmp_path: Path) -> None:
    with catalogue_of(tmp_path / "a.sqlite", DIAMOND, YEARS) as catalogue:
        found = lineage(catalogue, "test.5")
        # Of 3 and 4, which weigh the same, the younger is nearer; 6 leads further than 8.
        assert numbers(found) == [1, 2, 4, 5, 6, 7]
        assert found.shares == (1.0, 0.5, 0.5, 0.5, 0.5)
        assert [(number(one.paper), one.steps) for one in found.before] == [
            (1, 3),
            (2, 2),
            (3, 1),
            (4, 1),
        ]
        assert [one.share for one in found.before] == [1.0, 1.0, 0.5, 0.5]
        assert [one.on_main_path for one in found.before] == [True, True, False, True]
        assert [number(one.paper) for one in found.after] == [6, 7, 8]
        assert (found.found_before, found.found_after, found.complete) == (4, 3, True)
        assert found.coverage.words == "citations are known of 8 of 8 papers"
        assert "it builds on 4 papers of the atlas and 3 build on it" in found.words


def test_few_are_listed_but_the_whole_main_path(tmp_path: Path) -> None:
    with catalogue_of(tmp_path / "a.sqlite", DIAMOND, YEARS) as catalogue:
        found = lineage(catalogue, "test.8", most=1)
        assert [number(one.paper) for one in found.before] == [1, 2, 4, 5]
        assert found.after == ()
        assert found.found_before == 5


def test_a_paper_without_citations_says_so(tmp_path: Path) -> None:
    with catalogue_of(tmp_path / "a.sqlite", DIAMOND, {9: 2020}) as catalogue:
        found = lineage(catalogue, "Work 9")
        assert (numbers(found), found.shares, found.before, found.after) == ([9], (), (), ())
        assert found.coverage.known == 0
        assert found.words.startswith("no citation of this paper is known")


def test_withdrawn_papers_are_no_part_of_it(tmp_path: Path) -> None:
    with catalogue_of(tmp_path / "a.sqlite", DIAMOND, YEARS, withdrawn=[4, 6]) as catalogue:
        found = lineage(catalogue, "test.5")
        assert numbers(found) == [1, 2, 3, 5, 8]
        assert (found.found_before, found.found_after) == (3, 1)


def test_papers_that_cite_each_other_are_told_apart_by_age(tmp_path: Path) -> None:
    pairs = [*DIAMOND, (4, 5), (5, 6)]
    with catalogue_of(tmp_path / "a.sqlite", pairs, YEARS) as catalogue:
        found = lineage(catalogue, "test.5")
        assert numbers(found) == [1, 2, 4, 5, 6, 7]
        assert {number(one.paper) for one in found.before} == {1, 2, 3, 4}
        assert {number(one.paper) for one in found.after} == {6, 7, 8}


def test_what_is_too_much_is_left_out_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with catalogue_of(tmp_path / "a.sqlite", DIAMOND, YEARS) as catalogue:
        monkeypatch.setattr("kg.analysis.lineage.MAX_PAPERS", 3)
        found = lineage(catalogue, "test.5")
        assert (found.found_before, found.found_after, found.complete) == (2, 2, False)
        assert "at least 2 papers" in found.words


def test_bad_requests(tmp_path: Path) -> None:
    with catalogue_of(tmp_path / "a.sqlite", DIAMOND) as catalogue:
        with pytest.raises(NotFound) as caught:
            lineage(catalogue, "test.55")
        assert "test.5" in caught.value.nearest
        with pytest.raises(BadRequest):
            lineage(catalogue, "test.5", most=0)


@given(ARCS)
def test_main_path_weighs_most_of_all_ways(arcs: list[tuple[int, int]]) -> None:
    graph = nx.DiGraph((min(arc), max(arc)) for arc in arcs)
    graph.add_node(0)
    graph = graph.subgraph({0, *nx.descendants(graph, 0)})
    ends = [node for node in graph if not graph.out_degree(node)]
    ways = [way for end in ends if end for way in nx.all_simple_paths(graph, 0, end)] or [[0]]
    counts: dict[tuple[int, int], int] = {}
    for way in ways:
        for arc in pairwise(way):
            counts[arc] = counts.get(arc, 0) + 1

    def weight(way: list[int]) -> int:
        return sum(counts[arc] for arc in pairwise(way))

    found = main_path(graph.edges, 0, {node: node for node in graph})
    assert list(found.path) in ways
    assert weight(list(found.path)) == max(map(weight, ways))
    assert found.shares == tuple(counts[arc] / len(ways) for arc in pairwise(found.path))
    for node in graph:
        assert found.through[node] == sum(node in way for way in ways) / len(ways)


@given(ARCS)
def test_main_path_follows_arcs_and_meets_no_paper_twice(arcs: list[tuple[int, int]]) -> None:
    graph = nx.DiGraph(arcs)
    graph.add_node(0)
    graph = graph.subgraph({0, *nx.descendants(graph, 0)})
    order = {node: node for node in graph}
    found = main_path(graph.edges, 0, order)
    assert found.path[0] == 0
    assert len(set(found.path)) == len(found.path)
    circles = {
        node: at for at, part in enumerate(nx.strongly_connected_components(graph)) for node in part
    }
    for one, two in pairwise(found.path):
        assert graph.has_edge(one, two)
        assert one < two or circles[one] != circles[two]


@given(ARCS, st.permutations(range(10)))
def test_main_path_of_any_citations_by_its_definition(
    arcs: list[tuple[int, int]], order: list[int]
) -> None:
    graph = nx.DiGraph(arcs)
    graph.add_node(0)
    graph = graph.subgraph({0, *nx.descendants(graph, 0)})
    beyond = {node: nx.descendants(graph, node) for node in graph}
    # Within a cycle an arc counts where it goes up in the order.
    acyclic = nx.DiGraph(
        (one, two) for one, two in graph.edges if one not in beyond[two] or order[one] < order[two]
    )
    acyclic.add_node(0)
    ends = [node for node in acyclic if not acyclic.out_degree(node)]
    paths = [path for end in ends if end for path in nx.all_simple_paths(acyclic, 0, end)] or [[0]]
    counts = Counter(arc for path in paths for arc in pairwise(path))
    weights = [sum(counts[arc] for arc in pairwise(path)) for path in paths]
    # Of equal weight, the one that goes to the least in the order wherever they part.
    best = [path for path, weight in zip(paths, weights, strict=True) if weight == max(weights)]
    found = main_path(graph.edges, 0, dict(enumerate(order)))
    assert list(found.path) == min(best, key=lambda path: [order[node] for node in path])
    for node, share in found.through.items():
        assert share == sum(node in path for path in paths) / len(paths)


@pytest.mark.slow
@settings(max_examples=30)  # Each makes a catalogue.
@given(arcs=ARCS, asked=st.integers(0, 9))
def test_main_path_goes_by_year(
    tmp_path_factory: pytest.TempPathFactory, arcs: list[tuple[int, int]], asked: int
) -> None:
    # Nobody cites a younger paper; several papers share a year.
    pairs = {(max(arc), min(arc)) for arc in arcs}
    years = {at: 2000 + at // 3 for at in range(10)}
    path = tmp_path_factory.mktemp("lineage") / "a.sqlite"
    with catalogue_of(path, pairs, years) as catalogue:
        found = lineage(catalogue, f"test.{asked}")
    path_numbers = numbers(found)
    assert asked in path_numbers
    assert all(pair in pairs for pair in zip(path_numbers[1:], path_numbers, strict=False))
    for papers in (
        found.main_path,
        *([r.paper for r in side] for side in (found.before, found.after)),
    ):
        in_years = [one.year or 0 for one in papers]
        assert in_years == sorted(in_years)
    older = nx.descendants(nx.DiGraph([*pairs, (asked, asked)]), asked)
    assert {number(one.paper) for one in found.before} == older
