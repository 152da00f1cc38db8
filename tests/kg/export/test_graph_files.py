import io
from datetime import date
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.export.graph_files import gexf, graphml, part
from kg.records import PlacedBy
from tests.support.factories import TEXT


def read(text: str, form: str) -> nx.MultiDiGraph:
    file = io.BytesIO(text.encode())
    if form == "graphml":
        return nx.read_graphml(file, force_multigraph=True)
    return nx.MultiDiGraph(nx.read_gexf(file))


WRITERS = {"graphml": graphml, "gexf": gexf}


def small() -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_node(
        "2001.00001",
        kind="paper",
        label="Über",
        title="Über $\\ell_2$ & <中文>\x00",
        year=2020,
        venue=None,
        doi="",
        categories=("cs.LG", "a; b"),
        published=date(2020, 1, 2),
        withdrawn=False,
        score=np.float32(0.5),
    )
    graph.add_node("2001.00002", kind="paper", title="Two\nlines\r\nof", year=2021, score=1)
    graph.add_node("topic:a/b", kind="topic", name="A/B")
    graph.add_edge("2001.00001", "2001.00002", key="cites", source="s2", kind="cites")
    graph.add_edge("2001.00001", "2001.00002", key="similar_to", cosine=0.75, weight=0.75)
    graph.add_edge("2001.00002", "2001.00001", key="cites", kind="cites")
    graph.add_edge(
        *("2001.00001", "topic:a/b", "in_topic"),
        kind="in_topic",
        placed_by=PlacedBy.LIST,
        confidence=1.0,
        start=3,
    )
    return graph


@pytest.mark.parametrize("form", WRITERS)
def test_a_graph_comes_back(form: str) -> None:
    found = read(WRITERS[form](small()), form)
    assert set(found) == {"2001.00001", "2001.00002", "topic:a/b"}
    facts = dict(found.nodes["2001.00001"])
    label = facts.pop("label")
    assert label == "Über"
    assert facts == {
        "kind": "paper",
        "title": "Über $\\ell_2$ & <中文>",
        "year": 2020,
        "categories": "cs.LG; a\\; b",
        "published": "2020-01-02",
        "withdrawn": False,
        "score": 0.5,
    }
    assert found.nodes["2001.00002"]["title"] == "Two\nlines\nof"
    assert found.nodes["2001.00002"]["score"] == 1.0
    edges = sorted((u, v, data["kind"]) for u, v, data in found.edges(data=True))
    assert edges == [
        ("2001.00001", "2001.00002", "cites"),
        ("2001.00001", "2001.00002", "similar_to"),
        ("2001.00001", "topic:a/b", "in_topic"),
        ("2001.00002", "2001.00001", "cites"),
    ]
    (placed,) = found.get_edge_data("2001.00001", "topic:a/b").values()
    assert (placed["placed_by"], placed["confidence"]) == ("list", 1.0)
    assert placed["start" if form == "graphml" else "start_"] == 3
    near = [d for _, _, d in found.edges(data=True) if d["kind"] == "similar_to"]
    assert (near[0]["cosine"], near[0]["weight"]) == (0.75, 0.75)


@pytest.mark.parametrize("form", WRITERS)
def test_an_empty_graph_is_a_document(form: str) -> None:
    assert len(read(WRITERS[form](nx.MultiDiGraph()), form)) == 0


@pytest.mark.parametrize("form", WRITERS)
def test_the_same_graph_is_the_same_text_on_any_day(form: str) -> None:
    assert WRITERS[form](small()) == WRITERS[form](small())
    assert str(date.today().year) not in WRITERS[form](small())


@pytest.mark.parametrize("form", WRITERS)
def test_the_graph_itself_is_left_as_it_was(form: str) -> None:
    graph = small()
    WRITERS[form](graph)
    assert nx.utils.graphs_equal(graph, small())


def test_a_part_has_what_belongs_to_its_papers() -> None:
    graph = nx.MultiDiGraph()
    for source, target in (
        ("paper:1", "paper:2"),
        ("paper:2", "paper:3"),
        ("paper:1", "topic:a/b"),
        ("topic:a/b", "topic:a"),
        ("paper:3", "topic:c"),
    ):
        graph.add_edge(source, target, kind="x")
    found = part(graph, ["1", "2", "missing"])
    assert set(found) == {"paper:1", "paper:2", "topic:a/b", "topic:a"}
    assert list(found) == [node for node in graph if node in found]  # Not that of a set.
    assert found.number_of_edges() == 3
    assert len(read(gexf(found), "gexf")) == 4
    assert len(part(graph, [])) == 0


def test_a_part_has_the_entities_of_its_papers_and_the_edges_among_them() -> None:
    graph = nx.MultiDiGraph()
    for source, target, kind in (
        ("paper:1", "entity:method/b", "introduces"),
        ("paper:1", "entity:method/a", "builds_on"),
        ("entity:method/b", "entity:method/a", "extends"),
        ("entity:method/a", "entity:method/old", "extends"),
        ("entity:method/a", "topic:x", "belongs_to"),
        ("paper:2", "entity:method/old", "introduces"),
    ):
        graph.add_edge(source, target, kind, kind=kind)
    found = part(graph, ["1"])
    assert set(found) == {"paper:1", "entity:method/a", "entity:method/b"}
    assert found.has_edge("entity:method/b", "entity:method/a", "extends")


VALUES = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXT | st.tuples(TEXT, TEXT)


@pytest.mark.slow
@given(
    st.dictionaries(TEXT, st.dictionaries(st.sampled_from("abc"), VALUES), max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), TEXT), max_size=4),
)
@settings(max_examples=60)
@pytest.mark.parametrize("form", WRITERS)
def test_any_graph_keeps_its_nodes_and_edges(
    form: str, nodes: dict[str, dict[str, Any]], edges: list[tuple[int, int, str]]
) -> None:
    graph = nx.MultiDiGraph()
    for name, facts in nodes.items():
        graph.add_node(name, **facts)
    names = list(nodes)
    for source, target, note in edges:
        if max(source, target) < len(names):
            graph.add_edge(names[source], names[target], kind="cites", note=note)
    found = read(WRITERS[form](graph), form)
    assert found.number_of_nodes() == graph.number_of_nodes()
    assert found.number_of_edges() == graph.number_of_edges()
    assert all(data["kind"] == "cites" for _, _, data in found.edges(data=True))


@pytest.mark.parametrize("form", WRITERS)
def test_what_steers_a_reader_is_left_out(form: str) -> None:
    steering = "a\x1b\x9b\u202e\u2066\ufeff\U000e0041b"
    graph = nx.MultiDiGraph()
    graph.add_node(steering, **{f"k{steering}": steering, "authors": (steering, steering)})
    graph.add_node("c")
    graph.add_edge(steering, "c", key=steering, reason=steering)
    text = WRITERS[form](graph)
    assert not set(text) & set(steering[1:-1])
    (facts,) = (facts for node, facts in read(text, form).nodes(data=True) if node != "c")
    assert {"kab": "ab", "authors": "ab; ab"}.items() <= facts.items()
