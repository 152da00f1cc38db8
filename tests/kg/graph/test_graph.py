import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import BadRequest, NotFound
from kg.graph import graph
from kg.graph.rows import citations_among, most_linked, with_citations
from kg.graph.schema import COMMON, EDGES, NODES, Attribute, as_markdown
from kg.records import Citation, PlacedBy, Placement
from kg.store.catalogue import Catalogue
from tests.support.factories import card, code_link, describe, paper
from tests.support.folders import ROOT
from tests.support.graphs.facts import TAXONOMY, TOPICS, Facts, facts, fill, name, node, opened

SMALL = Facts(
    papers=5,
    cites=[(1, 2), (2, 1), (2, 3), (3, 4)],
    topics=[(1, TOPICS[1]), (2, TOPICS[0]), (3, TOPICS[4])],
    alike=[(1, 3, 0.75)],
    withdrawn=[4],
    same_authors=True,
)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        fill(catalogue, SMALL)
        catalogue.lists.add(name(1), "a-list", True)
        catalogue.lists.add(name(2), "a-list", False)
        yield catalogue


def check(attributes: dict[str, object], schema: tuple[Attribute, ...]) -> None:
    known = {one.name: one for one in schema}
    assert attributes.keys() <= known.keys()
    for one in schema:
        assert one.name in attributes or not one.always
    for key, value in attributes.items():
        assert type(value) is known[key].type


def check_schema(made: nx.MultiDiGraph) -> None:
    for one, attributes in made.nodes(data=True):
        kind = attributes["kind"]
        assert one.startswith(f"{kind}:")
        check(attributes, (*COMMON, *NODES[kind].attributes))
    for source, target, key, attributes in made.edges(keys=True, data=True):
        assert attributes["kind"] == key
        assert made.nodes[source]["kind"] == EDGES[key].source
        assert made.nodes[target]["kind"] == EDGES[key].target
        check(attributes, (Attribute("kind", str, ""), *EDGES[key].attributes))


# -- the whole graph ---------------------------------------------------------------------------


def test_the_graph_has_what_the_catalogue_has(small: Catalogue) -> None:
    made = graph.build(small, TAXONOMY)
    cites = {(a, b) for a, b, kind in made.edges(keys=True) if kind == "cites"}
    assert cites == {(node(a), node(b)) for a, b in SMALL.cites}
    assert made.edges[node(1), f"topic:{TOPICS[1]}", "in_topic"] == {
        "kind": "in_topic",
        "placed_by": "list",
        "sources": "l",
        "confidence": 1.0,
    }
    assert made.has_edge(f"topic:{TOPICS[1]}", f"topic:{TOPICS[0]}", "subtopic_of")
    assert made.edges[node(1), "author:bo writer", "written_by"]["position"] == 2
    assert made.nodes["author:bo writer"]["label"] == "Bo Writer"
    assert made.edges[node(1), "category:cs.LG", "in_category"]["primary"] is True
    assert made.edges[node(1), "list:a-list", "listed_in"]["starred"] is True
    assert made.edges[node(1), node(3), "similar_to"]["cosine"] == 0.75
    assert [one for one, yes in made.nodes(data="withdrawn") if yes] == [node(4)]
    assert node(5) in made
    assert made.graph == {"identity": small.identity, "revision": small.revision}
    check_schema(made)


def test_a_paper_has_its_card_and_code(small: Catalogue) -> None:
    describe(small, name(1), card(), code_link(1))
    made = graph.build(small, TAXONOMY)
    facts = ("summary", "card_kind", "data", "access", "training", "modality", "code")
    assert [made.nodes[node(1)][fact] for fact in facts] == [
        *(card().summary, "method", "none", "white-box", "none", "text, vision"),
        "https://github.com/ada/code1",
    ]
    assert not set(facts) & made.nodes[node(2)].keys()
    check_schema(made)


def test_an_empty_catalogue_is_a_tree_of_topics() -> None:
    with opened(Facts(papers=0)) as catalogue:
        made = graph.build(catalogue, TAXONOMY)
    assert len(made) == len(TAXONOMY)
    assert nx.is_forest(made)
    check_schema(made)


def test_a_topic_that_the_taxonomy_lacks_is_a_node_without_a_definition(small: Catalogue) -> None:
    made = graph.build(small, TAXONOMY)
    assert made.nodes[f"topic:{TOPICS[4]}"] == {
        "kind": "topic",
        "label": TOPICS[4],
        "origin": "",
        "definition": "",
    }


def test_several_sources_of_one_fact_are_one_edge(small: Catalogue) -> None:
    small.citations.add([Citation(name(1), name(2), "another")])
    small.placements.add(
        name(1),
        [
            Placement(TOPICS[1], PlacedBy.MODEL, "a-model", 0.5),
            Placement(TOPICS[1], PlacedBy.PERSON, "me", 0.75),
        ],
    )
    made = graph.build(small, TAXONOMY)
    assert made.edges[node(1), node(2), "cites"]["sources"] == "another, s"
    placed = made.edges[node(1), f"topic:{TOPICS[1]}", "in_topic"]
    assert (placed["placed_by"], placed["confidence"]) == ("person", 1.0)
    assert placed["sources"] == "l, a-model, me"


def test_a_self_citation_row_is_no_edge(small: Catalogue) -> None:
    with closing(sqlite3.connect(small.path)) as db, db:
        db.execute("INSERT INTO citations VALUES (5, 5, 's')")
    assert not graph.build(small, TAXONOMY).has_edge(node(5), node(5))
    near = graph.neighbourhood(small, TAXONOMY, name(5), ["cites"])
    assert list(near) == [node(5)]
    assert with_citations(small.database, [5]) == set()
    assert citations_among(small.database, [4, 5]) == []


def test_a_paper_that_left_a_list_is_not_joined_to_it(small: Catalogue) -> None:
    small.lists.mark_gone("a-list", [1], date(2024, 1, 1))
    assert not graph.build(small, TAXONOMY).has_edge(node(1), "list:a-list")


def test_names_that_fold_to_one_are_one_author(small: Catalogue) -> None:
    small.papers.put(paper(6, authors=("BO WRITER", "Bó Writer", "…")))
    made = graph.build(small, TAXONOMY)
    assert made.nodes["author:bo writer"]["label"] == "Bó Writer"
    assert made.edges[node(6), "author:bo writer", "written_by"]["position"] == 1
    assert made.out_degree(node(6)) == 2  # The author and the category; a dot is nobody.


@given(facts())
def test_any_graph_keeps_to_the_schema(any_facts: Facts) -> None:
    with opened(any_facts) as catalogue:
        check_schema(graph.build(catalogue, TAXONOMY))


# -- neighbourhoods ----------------------------------------------------------------------------


@given(facts(), st.integers(1, 2), st.integers(1, 12), st.data())
def test_a_neighbourhood_is_a_part_of_the_graph(
    any_facts: Facts, depth: int, most: int, data: st.DataObject
) -> None:
    kinds = data.draw(st.sets(st.sampled_from(sorted(EDGES)), min_size=1))
    with opened(any_facts) as catalogue:
        whole = graph.build(catalogue, TAXONOMY)
        near = graph.neighbourhood(catalogue, TAXONOMY, name(1), kinds, depth, most)
    some = nx.MultiDiGraph(edge for edge in whole.edges(keys=True, data=True) if edge[2] in kinds)
    some.add_nodes_from(whole.nodes(data=True))
    distances = nx.single_source_shortest_path_length(some.to_undirected(), node(1), depth)
    part = some.subgraph(near)
    assert dict(near.nodes(data=True)) == dict(part.nodes(data=True))
    assert {e[:3]: e[3] for e in near.edges(keys=True, data=True)} == {
        e[:3]: e[3] for e in part.edges(keys=True, data=True)
    }
    assert near.graph["centre"] == node(1)
    assert len(near) <= most + 1
    left_out = sum(near.graph["left_out"].values())
    if most >= len(distances) - 1:
        assert set(near) == set(distances)
        assert not left_out
    else:
        assert set(near) <= set(distances)
        assert len(near) == most + 1
        assert len(near) + left_out <= len(distances)
        assert left_out
    assert near.graph["papers"] == sum(1 for one in near if one.startswith("paper:"))


def test_what_is_linked_most_comes_first() -> None:
    # 2 and 3 are neighbours; 4 is joined to both, 5 and 6 to one each, and 6 is cited more.
    made = Facts(papers=8, cites=[(1, 2), (1, 3), (2, 4), (3, 4), (2, 5), (2, 6), (7, 6), (8, 6)])
    with opened(made) as catalogue:
        near = graph.neighbourhood(catalogue, TAXONOMY, name(1), ["cites"], 2, 4)
        assert set(near) == {node(n) for n in (1, 2, 3, 4, 6)}
        assert near.graph["left_out"] == {"paper": 1}
        assert (near.graph["papers"], near.graph["known_citations"]) == (5, 5)


def test_beyond_a_hub_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MAX_HUB_DEGREE", 2)
    made = Facts(papers=6, cites=[(1, 2), (3, 2), (4, 2), (2, 5)])
    with opened(made) as catalogue:
        near = graph.neighbourhood(catalogue, TAXONOMY, name(1), depth=2)
        assert set(near) == {node(n) for n in (1, 2, 5)}
        assert near.graph["hubs"] == [node(2)]
        for number in range(1, 5):
            catalogue.placements.add(name(number), [Placement(TOPICS[3], PlacedBy.LIST, "l")])
        near = graph.neighbourhood(catalogue, TAXONOMY, name(1), ["in_topic"], 2)
        assert near.graph["hubs"] == [f"topic:{TOPICS[3]}"]


def test_some_neighbours_of_a_hub_in_the_centre_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MAX_NODES", 3)
    made = Facts(papers=7, cites=[(n, 1) for n in range(2, 8)])
    with opened(made) as catalogue:
        near = graph.neighbourhood(catalogue, TAXONOMY, name(1), ["cites"], 1, 2)
        assert set(near) == {node(n) for n in (1, 5, 6)}
        assert near.graph["left_out"] == {"paper": 4}


def test_an_expanded_node_shows_more_of_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "MAX_EXPANSION", 2)
    made = Facts(papers=9, cites=[(1, 2), (2, 3), (2, 4), (2, 5), (9, 4), (3, 6), (7, 8)])
    with opened(made) as catalogue:

        def around(*expand: str) -> set[str]:
            return set(graph.neighbourhood(catalogue, TAXONOMY, name(1), ["cites"], 1, 40, expand))

        assert around() == {node(1), node(2)}
        # Of three neighbours there is room for two: 4 is cited more, and 3 joined before 5.
        assert around(node(2)) == {node(n) for n in (1, 2, 3, 4)}
        assert around(node(2), node(3)) == {node(n) for n in (1, 2, 3, 4, 6)}
        # What is not shown when its turn comes is not expanded.
        assert around(node(3), node(7)) == {node(1), node(2)}
        near = graph.neighbourhood(catalogue, TAXONOMY, name(1), ["cites"], expand=[node(2)])
        assert near.graph["left_out"] == {"paper": 1}
        assert near.graph["centre"] == node(1)


def test_an_expanded_topic_shows_papers_even_if_it_has_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(graph, "MAX_HUB_DEGREE", 2)
    made = Facts(papers=5, topics=[(n, TOPICS[3]) for n in range(1, 6)])
    with opened(made) as catalogue:
        topic = f"topic:{TOPICS[3]}"
        near = graph.neighbourhood(catalogue, TAXONOMY, name(1), ["in_topic"], 1, 40, [topic])
        assert set(near) == {node(1), node(2), topic}
        assert near.graph["left_out"] == {"paper": 3}


def test_some_nodes_with_the_edges_among_them(small: Catalogue) -> None:
    topic = f"topic:{TOPICS[1]}"
    made = graph.among(small, TAXONOMY, [node(3), node(1), topic], ["cites", "in_topic"])
    assert list(made) == [node(3), node(1), topic]
    assert set(made.edges(keys=True)) == {(node(1), topic, "in_topic")}
    assert (made.graph["papers"], made.graph["known_citations"]) == (2, 2)
    check_schema(made)
    with pytest.raises(NotFound):
        graph.among(small, TAXONOMY, [node(9)], ["cites"])


def test_the_papers_with_the_most_links_come_first() -> None:
    made = Facts(
        papers=6,
        cites=[(1, 2), (3, 2), (2, 1), (5, 4), (1, 4), (3, 4), (6, 4)],
        alike=[(2, 3, 0.9)],
        withdrawn=[4],
    )
    with opened(made) as catalogue:
        assert most_linked(catalogue.database, 3) == [2, 1, 3]


@pytest.mark.parametrize(
    "options", [{"kinds": ["likes"]}, {"depth": 0}, {"depth": 3}, {"most": 0}, {"most": 10**9}]
)
def test_what_makes_no_sense_is_refused(small: Catalogue, options: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        graph.neighbourhood(small, TAXONOMY, name(1), **options)


def test_an_unknown_paper_is_told_with_the_nearest(small: Catalogue) -> None:
    with pytest.raises(NotFound) as caught:
        graph.neighbourhood(small, TAXONOMY, "2001.00009")
    assert caught.value.nearest


def test_who_cites_whom_among_some(small: Catalogue) -> None:
    assert citations_among(small.database, [1, 2, 4]) == [(1, 2), (2, 1)]
    assert citations_among(small.database, []) == []
    assert with_citations(small.database, [1, 4, 5, 99]) == {1, 4}


# -- the documentation -------------------------------------------------------------------------


def test_the_documentation_holds_the_schema() -> None:
    text = ROOT.joinpath("docs", "graph.md").read_text("utf-8")
    assert as_markdown() in text
