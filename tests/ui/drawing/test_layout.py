from itertools import pairwise
from math import hypot, isfinite

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.drawing.layout import Layout, along_time, around, in_rows

EDGES = st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13)), max_size=40)
SIZES = st.tuples(st.integers(10, 90), st.integers(10, 40))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[nx.MultiDiGraph, dict[str, tuple[float, float]]]:
    """Any few nodes, joined in any way, with boxes of any size."""
    count = draw(st.integers(1, 14))
    nodes = [f"paper:{number}" for number in range(count)]
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(nodes)
    for one, other in draw(EDGES):
        if one != other and max(one, other) < count:
            graph.add_edge(nodes[one], nodes[other])
    return graph, {node: draw(SIZES) for node in nodes}


def overlap(layout: Layout, sizes: dict[str, tuple[float, float]]) -> list[tuple[str, str]]:
    """Return the pairs of nodes whose boxes overlap by more than a pixel."""
    nodes = list(layout.positions)
    found = []
    for at, one in enumerate(nodes):
        for other in nodes[:at]:
            (x, y), (u, v) = layout.positions[one], layout.positions[other]
            wide = (sizes[one][0] + sizes[other][0]) / 2 - abs(x - u)
            high = (sizes[one][1] + sizes[other][1]) / 2 - abs(y - v)
            if min(wide, high) > 1:
                found.append((one, other))
    return found


def check(layout: Layout, graph: nx.Graph, sizes: dict[str, tuple[float, float]]) -> None:
    """Every node has a place, alone, within the box of all."""
    assert set(layout.positions) == set(graph)
    left, top, wide, high = layout.box
    for node, (x, y) in layout.positions.items():
        assert isfinite(x)
        assert isfinite(y)
        assert left - 0.1 <= x - sizes[node][0] / 2 <= x + sizes[node][0] / 2 <= left + wide + 0.1
        assert top - 0.1 <= y - sizes[node][1] / 2 <= y + sizes[node][1] / 2 <= top + high + 0.1
    assert overlap(layout, sizes) == []


@given(graphs(), st.data())
def test_nodes_have_places_of_their_own_around_the_centre(
    drawn: tuple[nx.MultiDiGraph, dict[str, tuple[float, float]]], data: st.DataObject
) -> None:
    graph, sizes = drawn
    centre = data.draw(st.sampled_from(list(graph)))
    layout = around(graph, sizes, centre)
    check(layout, graph, sizes)
    assert layout.positions[centre] == (0, 0)
    assert around(graph, sizes, centre) == layout
    check(around(graph, sizes), graph, sizes)


@given(graphs(), st.data())
def test_time_runs_from_left_to_right(
    drawn: tuple[nx.MultiDiGraph, dict[str, tuple[float, float]]], data: st.DataObject
) -> None:
    graph, sizes = drawn
    some = data.draw(st.lists(st.sampled_from(list(graph)), unique=True))
    times = {node: data.draw(st.floats(2001, 2025.99)) for node in some}
    layout = along_time(graph, sizes, times)
    check(layout, graph, sizes)
    assert along_time(graph, sizes, times) == layout
    ticks = dict(layout.ticks)
    for node, time in times.items():
        x = layout.positions[node][0]
        assert ticks[int(time)] - 0.1 <= x <= ticks[int(time) + 1] + 0.1
    in_time = [layout.positions[node][0] for node in sorted(times, key=times.__getitem__)]
    assert in_time == sorted(in_time)


def test_what_is_linked_is_near() -> None:
    graph = nx.disjoint_union(nx.complete_graph(6), nx.complete_graph(6))
    graph.add_edge(0, 6)
    graph = nx.relabel_nodes(graph, str)
    places = around(graph, dict.fromkeys(graph, (20.0, 20.0)), "0").positions

    def far(pairs: list[tuple[int, int]]) -> float:
        gaps = [
            hypot(*(a - b for a, b in zip(places[str(i)], places[str(j)], strict=True)))
            for i, j in pairs
        ]
        return sum(gaps) / len(gaps)

    within = [(i, j) for i in range(6) for j in range(i)]
    across = [(i, j) for i in range(1, 6) for j in range(7, 12)]
    assert far(across) > 1.5 * far(within)


def test_the_leaves_of_a_star_surround_it() -> None:
    graph = nx.relabel_nodes(nx.star_graph(12), str)
    places = around(graph, dict.fromkeys(graph, (30.0, 20.0)), "0").positions
    quarters = {(x > 0, y > 0) for node, (x, y) in places.items() if node != "0"}
    assert len(quarters) == 4


def test_what_nothing_joins_stands_below() -> None:
    graph = nx.Graph([("a", "b"), ("b", "c"), ("c", "a"), ("d", "e")])
    graph.add_node("f")
    layout = around(graph, dict.fromkeys(graph, (20.0, 20.0)))
    lowest = max(layout.positions[node][1] for node in "abc")
    assert all(layout.positions[node][1] > lowest for node in "def")


def test_a_node_without_a_time_stands_by_its_neighbours_or_before_all() -> None:
    graph = nx.Graph([("a", "topic"), ("b", "topic")])
    graph.add_node("nobody")
    sizes = dict.fromkeys(graph, (20.0, 20.0))
    places = along_time(graph, sizes, {"a": 2020.0, "b": 2024.5}).positions
    assert places["a"][0] < places["topic"][0] < places["b"][0]
    assert places["nobody"][0] < places["a"][0]


def test_years_with_more_papers_are_wider_and_none_is_left_out() -> None:
    nodes = [str(number) for number in range(9)]
    graph = nx.Graph()
    graph.add_nodes_from(nodes)
    times = {node: 2020.0 if node == "0" else 2022 + int(node) / 20 for node in nodes}
    ticks = along_time(graph, dict.fromkeys(nodes, (40.0, 20.0)), times).ticks
    assert [year for year, _ in ticks] == [2020, 2021, 2022, 2023]
    widths = [b - a for (_, a), (_, b) in pairwise(ticks)]
    assert widths[2] > widths[0] >= widths[1] > 0


def test_ways_are_rows_between_the_same_ends() -> None:
    rows = [["a", "x", "b"], ["a", "y", "z", "b"]]
    places = in_rows(rows, dict.fromkeys("axyzb", (20.0, 20.0)), 100, 80).positions
    assert places["a"] == (0, 0)
    assert places["b"] == (300, 0)
    assert places["x"] == (150, -40)
    assert places["y"] == (100, 40)
    assert places["z"] == (200, 40)


def test_a_node_of_two_ways_stands_where_the_first_has_it() -> None:
    rows = [["a", "t", "x", "b"], ["a", "t", "y", "b"]]
    places = in_rows(rows, dict.fromkeys("atxyb", (20.0, 20.0)), 100, 80).positions
    assert places["t"] == (100, -40)


@pytest.mark.parametrize("graph", [nx.Graph(), nx.MultiDiGraph()])
def test_nothing_has_a_layout_as_well(graph: nx.Graph) -> None:
    assert around(graph, {}) == along_time(graph, {}, {}) == Layout({}, (0.0, 0.0, 0.0, 0.0))
