from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.entities.entity import Relation, Source
from kg.errors import NotFound
from kg.graph import graph
from kg.graph.schema import EDGES, RELATIONS
from kg.records import PlacedBy, Placement
from kg.store.catalogue import Catalogue
from tests.support.graphs.facts import (
    ENTITIES,
    TAXONOMY,
    TOPICS,
    Facts,
    facts,
    fill,
    name,
    node,
    opened,
    relate,
)

LORA, DORA, QLORA, GLUE = (
    f"entity:{one}" for one in ("method/lora", "method/dora", "method/qlora", "benchmark/glue")
)
# 1 introduces LoRA; 2 introduces DoRA, which builds on it and is compared with QLoRA; 3 measures.
SMALL = Facts(
    papers=4,
    topics=[(1, TOPICS[1]), (2, TOPICS[1]), (3, TOPICS[0])],
    relations=[
        (1, "introduces", "method/lora"),
        (1, "evaluates_on", "benchmark/glue"),
        (2, "introduces", "method/dora"),
        (2, "builds_on", "method/lora"),
        (2, "builds_on", "benchmark/glue"),
        (2, "compares_with", "method/qlora"),
        (3, "mentions", "method/lora"),
    ],
    extends=[("method/qlora", "method/lora"), ("method/dora", "method/lora")],
)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        fill(catalogue, SMALL)
        yield catalogue


def edges_of(made: nx.MultiDiGraph) -> set[tuple[str, str, str]]:
    kinds = (*RELATIONS, "extends", "compared_with", "belongs_to")
    return {edge for edge in made.edges(keys=True) if edge[2] in kinds}


# -- the whole graph ---------------------------------------------------------------------------


def test_papers_and_entities_are_joined_by_what_cards_and_the_list_say(small: Catalogue) -> None:
    made = graph.build(small, TAXONOMY)
    topic = f"topic:{TOPICS[1]}"
    assert edges_of(made) == {
        (node(1), LORA, "introduces"),
        (node(1), GLUE, "evaluates_on"),
        (node(2), DORA, "introduces"),
        (node(2), LORA, "builds_on"),
        (node(2), GLUE, "builds_on"),
        (node(2), QLORA, "compares_with"),
        (node(3), LORA, "mentions"),
        # A benchmark that a method builds on is none that it extends.
        (DORA, LORA, "extends"),
        (QLORA, LORA, "extends"),
        (DORA, QLORA, "compared_with"),
        (LORA, topic, "belongs_to"),
        (DORA, topic, "belongs_to"),
    }
    assert made.nodes[LORA] == {
        "kind": "entity",
        "label": "LORA",
        "entity_type": "method",
        "about": "What lora is.",
    }


def test_an_edge_between_entities_names_its_papers_and_sources(small: Catalogue) -> None:
    made = graph.build(small, TAXONOMY)
    assert made.edges[DORA, LORA, "extends"] == {
        "kind": "extends",
        "sources": "list, card",
        "papers": name(2),
    }
    assert made.edges[QLORA, LORA, "extends"] == {
        "kind": "extends",
        "sources": "list",
        "papers": "",
    }
    assert made.edges[DORA, QLORA, "compared_with"]["papers"] == name(2)
    assert made.edges[DORA, f"topic:{TOPICS[1]}", "belongs_to"] == {
        "kind": "belongs_to",
        "papers": name(2),
        "confidence": 1.0,
    }


def test_an_edge_to_an_entity_has_all_its_sources(small: Catalogue) -> None:
    lora = small.entities.key("method/lora")
    rows = [(lora, Relation.BUILDS_ON, 4, Source.CARD), (lora, Relation.BUILDS_ON, 4, Source.MATCH)]
    small.relations.replace([4], rows)
    made = graph.build(small, TAXONOMY)
    assert made.edges[node(4), LORA, "builds_on"]["sources"] == "card, match"


def test_several_papers_and_placements_of_one_pair_are_one_edge(small: Catalogue) -> None:
    small.placements.add(name(2), [Placement(TOPICS[1], PlacedBy.MODEL, "m", 0.5)])
    keys = relate(
        small, [*SMALL.relations, (4, "introduces", "method/dora"), (4, "builds_on", "method/lora")]
    )
    small.placements.add(name(4), [Placement(TOPICS[1], PlacedBy.MODEL, "m", 0.5)])
    assert keys["method/dora"] == small.entities.key("DORA")
    made = graph.build(small, TAXONOMY)
    assert made.edges[DORA, LORA, "extends"]["papers"] == f"{name(2)}, {name(4)}"
    placed = made.edges[DORA, f"topic:{TOPICS[1]}", "belongs_to"]
    assert (placed["papers"], placed["confidence"]) == (f"{name(2)}, {name(4)}", 1.0)


# -- neighbourhoods ----------------------------------------------------------------------------


@given(facts(), st.sampled_from(ENTITIES), st.integers(1, 2), st.integers(1, 12), st.data())
def test_what_is_around_an_entity_is_a_part_of_the_graph(
    any_facts: Facts, start: str, depth: int, most: int, data: st.DataObject
) -> None:
    kinds = data.draw(st.sets(st.sampled_from(sorted(EDGES)), min_size=1))
    made = any_facts._replace(relations=[*any_facts.relations, (1, "builds_on", start)])
    with opened(made._replace(relations=list(dict.fromkeys(made.relations)))) as catalogue:
        whole = graph.build(catalogue, TAXONOMY)
        near = graph.neighbourhood(catalogue, TAXONOMY, f"entity:{start}", kinds, depth, most)
    some = nx.MultiDiGraph(edge for edge in whole.edges(keys=True, data=True) if edge[2] in kinds)
    some.add_nodes_from(whole.nodes(data=True))
    reached = nx.single_source_shortest_path_length(some.to_undirected(), f"entity:{start}", depth)
    part = some.subgraph(near)
    assert dict(near.nodes(data=True)) == dict(part.nodes(data=True))
    assert {e[:3]: e[3] for e in near.edges(keys=True, data=True)} == {
        e[:3]: e[3] for e in part.edges(keys=True, data=True)
    }
    assert near.graph["centre"] == f"entity:{start}"
    assert set(near) <= set(reached)
    assert len(near) == min(most + 1, len(reached))


def test_an_entity_is_named_by_id_or_name_or_unknown(small: Catalogue) -> None:
    by_name = graph.neighbourhood(small, TAXONOMY, "entity:LoRA", ["introduces"])
    assert set(by_name) == {LORA, node(1)}
    with pytest.raises(NotFound, match="LORAX"):
        graph.neighbourhood(small, TAXONOMY, "entity:LORAX")
    with pytest.raises(NotFound):
        graph.among(small, TAXONOMY, ["entity:method/none"], ["extends"])


def test_what_introduces_an_entity_comes_before_what_is_cited_more() -> None:
    made = Facts(
        papers=6,
        cites=[(5, 2), (6, 2), (5, 3)],
        relations=[(4, "introduces", "method/lora")]
        + [(n, "builds_on", "method/lora") for n in (1, 2, 3)],
    )
    with opened(made) as catalogue:
        near = graph.neighbourhood(catalogue, TAXONOMY, LORA, RELATIONS, 1, 2)
        assert set(near) == {LORA, node(4), node(2)}
        assert near.graph["left_out"] == {"paper": 2}


def test_an_entity_of_many_papers_is_a_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MAX_HUB_DEGREE", 2)
    made = Facts(
        papers=5,
        cites=[(1, 5)],
        relations=[
            *((n, "mentions", "model/gpt") for n in (1, 2, 3)),
            (4, "introduces", "model/gpt"),
            (4, "introduces", "model/gpt-2"),
        ],
        extends=[("model/gpt-2", "model/gpt")],
    )
    with opened(made) as catalogue:
        gpt = "entity:model/gpt"
        near = graph.neighbourhood(catalogue, TAXONOMY, name(1), depth=2)
        assert set(near) == {node(1), node(5), gpt}
        assert near.graph["hubs"] == [gpt]
        # As the start it shows those that are related the closest.
        near = graph.neighbourhood(catalogue, TAXONOMY, gpt)
        assert set(near) == {gpt, node(4), node(1), "entity:model/gpt-2"}
        assert near.graph["left_out"] == {"paper": 2}
        near = graph.neighbourhood(catalogue, TAXONOMY, name(1), ["mentions"], expand=[gpt])
        assert set(near) == {node(1), gpt, node(2)}


def test_the_entities_of_a_topic_are_beside_it(small: Catalogue) -> None:
    near = graph.neighbourhood(small, TAXONOMY, name(1), ["in_topic", "belongs_to"], 2)
    assert set(near) == {node(1), f"topic:{TOPICS[1]}", node(2), LORA, DORA}
