from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.analysis.paths import bidirectional, neighbours
from kg.analysis.paths.connect import MAX_ALTERNATIVES, PathAnswer, connect
from kg.errors import BadRequest, NotFound
from kg.graph import graph
from kg.graph.schema import RELATIONS
from tests.support.graphs.facts import (
    ENTITIES,
    TAXONOMY,
    TOPICS,
    Facts,
    facts,
    name,
    node,
    opened,
)

FUSION, ARITHMETIC, EDITING, MEMORY, _ = TOPICS


def ask(made: Facts, a: str, b: str, alternatives: int = 3) -> PathAnswer:
    with opened(made) as catalogue:
        return connect(catalogue, TAXONOMY, a, b, alternatives)


def sentences(connection: PathAnswer) -> list[list[str]]:
    return [[step.sentence for step in route.steps] for route in connection.routes]


# -- known answers -----------------------------------------------------------------------------


def test_a_citation_in_either_direction() -> None:
    made = Facts(papers=3, cites=[(1, 2)])
    (there,), (back,) = ask(made, name(1), name(2)).routes, ask(made, name(2), name(1)).routes
    assert there.steps[0].sentence == "“Paper number 1” cites “Paper number 2”"
    assert back.steps[0].sentence == there.steps[0].sentence
    assert (there.steps[0].forward, back.steps[0].forward) == (True, False)
    assert (back.steps[0].source, back.steps[0].target) == (node(2), node(1))
    assert there.cost == 1


def test_a_cycle_reads_in_the_direction_of_the_path() -> None:
    made = Facts(papers=2, cites=[(1, 2), (2, 1)])
    for a, b in ((1, 2), (2, 1)):
        assert ask(made, name(a), name(b)).routes[0].steps[0].forward


def test_two_citations_are_preferred_to_a_huge_topic_and_a_small_topic_to_them() -> None:
    for size, best in ((2, "in_topic"), (40, "cites")):
        made = Facts(
            papers=max(size, 3),
            cites=[(1, 3), (3, 2)],
            topics=[(n + 1, FUSION) for n in range(size)],
        )
        routes = ask(made, name(1), name(2)).routes
        assert routes[0].steps[0].kind == best
        assert len(routes) >= 2


def test_a_shared_topic_is_one_step() -> None:
    made = Facts(papers=2, topics=[(1, FUSION), (2, FUSION)])
    (route,) = ask(made, name(1), name(2)).routes
    (step,) = route.steps
    assert step.sentence == (
        "“Paper number 1” and “Paper number 2” are both under Model Fusion (2 papers)"
    )
    assert step.via == (f"topic:{FUSION}",)


def test_topics_that_share_the_one_above_are_one_step() -> None:
    made = Facts(papers=2, topics=[(1, ARITHMETIC), (2, FUSION)])
    (route,) = ask(made, name(1), name(2)).routes
    assert route.steps[0].via == (f"topic:{ARITHMETIC}", f"topic:{FUSION}")
    assert route.steps[0].sentence.endswith(" are both under Model Fusion")


def test_being_alike_is_told_with_its_cosine() -> None:
    connection = ask(Facts(papers=2, alike=[(2, 1, 0.834)]), name(1), name(2))
    assert sentences(connection) == [
        ["“Paper number 1” and “Paper number 2” are alike (cosine 0.83)"]
    ]
    assert connection.known_citations == 0
    assert connection.papers == 2


def test_alternatives_share_nothing_in_between() -> None:
    made = Facts(papers=5, cites=[(1, 3), (2, 3), (1, 4), (4, 2), (1, 5), (5, 2)])
    connection = ask(made, name(1), name(2), alternatives=2)
    assert [route.cost for route in connection.routes] == [2, 2, 2]
    assert {route.steps[0].target for route in connection.routes} == {node(n) for n in (3, 4, 5)}
    assert (connection.papers, connection.known_citations) == (5, 5)
    assert len(ask(made, name(1), name(2), alternatives=0).routes) == 1


def test_a_direct_step_comes_once_among_alternatives() -> None:
    made = Facts(papers=3, cites=[(1, 2), (1, 3), (3, 2)])
    assert [len(route.steps) for route in ask(made, name(1), name(2)).routes] == [1, 2]


def test_a_topic_asked_about_is_all_that_is_below_it() -> None:
    made = Facts(papers=2, cites=[(1, 2)], topics=[(2, MEMORY)])
    (route,) = ask(made, name(1), "Model Editing").routes
    assert [step.kind for step in route.steps] == ["cites", "in_topic", "subtopic_of"]
    assert route.cost == 1.5
    assert route.steps[-1].sentence == "Memory-Based Editing is a part of Model Editing"


def test_two_topics_are_connected_by_papers() -> None:
    made = Facts(papers=3, cites=[(1, 2)], topics=[(1, ARITHMETIC), (2, MEMORY)])
    (route,) = ask(made, ARITHMETIC, EDITING).routes
    assert [step.kind for step in route.steps] == ["in_topic", "cites", "in_topic", "subtopic_of"]
    assert [step.forward for step in route.steps] == [False, True, True, True]


def test_a_topic_and_what_is_below_it() -> None:
    connection = ask(Facts(papers=1), MEMORY, EDITING)
    assert connection.sentence == "Memory-Based Editing is a part of Model Editing"
    assert (connection.papers, connection.known_citations) == (0, 0)


def test_the_same_paper_by_two_names() -> None:
    connection = ask(Facts(papers=1), name(1), f"arXiv:{name(1)}v2")
    assert connection.routes[0].steps == ()
    assert connection.sentence == "“Paper number 1” is one and the same"
    assert connection.complete


def test_what_is_not_connected_says_so_with_the_nearest_approach() -> None:
    made = Facts(papers=4, cites=[(1, 2), (3, 4)], withdrawn=[4])
    with opened(made) as catalogue:
        rows = np.eye(4, dtype="<f4")
        rows[3] = (0, 0.8, 0, 0.6)
        catalogue.vectors.add("m", [(key, "h", rows[key - 1].tobytes()) for key in range(1, 5)])
        connection = connect(catalogue, TAXONOMY, name(1), name(3))
    assert connection.routes == ()
    assert connection.nearest is not None
    assert (connection.nearest.source, connection.nearest.target) == (node(2), node(4))
    assert connection.nearest.cosine == 0.8
    assert connection.sentence == (
        "“Paper number 1” and “Paper number 3” are not connected;"
        " “Paper number 2” and “Paper number 4” come nearest (cosine 0.80)"
    )
    assert (connection.papers, connection.known_citations) == (2, 2)


def test_a_paper_without_anything_is_not_connected() -> None:
    connection = ask(Facts(papers=2), name(1), name(2))
    assert connection.sentence == "“Paper number 1” and “Paper number 2” are not connected"
    assert connection.nearest is None
    assert connection.complete


# -- bad input ---------------------------------------------------------------------------------


def test_an_unknown_name_is_told_with_the_nearest_papers_and_topics() -> None:
    with pytest.raises(NotFound) as caught:
        ask(Facts(papers=3), name(1), "2001.00009")
    assert name(3) in caught.value.nearest
    with pytest.raises(NotFound) as caught:
        ask(Facts(papers=3), name(1), "Model Editting")
    assert EDITING in caught.value.nearest
    for wrong in ("topic:2001.00001", f"paper:{EDITING}", "", ":"):
        with pytest.raises(NotFound):
            ask(Facts(papers=3), name(1), wrong)


@pytest.mark.parametrize("alternatives", [-1, MAX_ALTERNATIVES + 1])
def test_a_number_of_alternatives_that_makes_no_sense_is_refused(alternatives: int) -> None:
    with pytest.raises(BadRequest):
        ask(Facts(papers=2), name(1), name(2), alternatives)


# -- any graph ---------------------------------------------------------------------------------


def weighted(whole: nx.MultiDiGraph, ends: tuple[str, str]) -> nx.Graph:
    """Return the undirected graph that paths are sought in, as the docstrings tell it."""
    made = nx.Graph()
    kinds = ("paper", "topic", "entity")
    made.add_nodes_from(one for one, kind in whole.nodes(data="kind") if kind in kinds)
    users: dict[str, set[str]] = {}
    for source, target, kind in whole.edges(keys=True):
        if kind in RELATIONS and kind != "mentions":
            users.setdefault(target, set()).add(source)
    for source, target, kind, cosine in whole.edges(keys=True, data="cosine"):
        if kind == "cites":
            weight = 1.0
        elif kind == "similar_to":
            weight = 3 - cosine
        elif kind == "in_topic":
            size = sum(1 for *_, k in whole.in_edges(target, keys=True) if k == "in_topic")
            weight = neighbours.topic_weight(size) / 2
        elif kind == "subtopic_of":
            below = any(f"{target}/".startswith(f"{end}/") for end in ends)
            weight = 0.0 if below else 1.5
        elif kind == "introduces":
            weight = 0.5
        elif kind in (*RELATIONS, "extends", "compared_with"):
            if kind == "mentions" and target not in ends:
                continue
            size = 1 if target in ends else len(users.get(target, ()))
            half = neighbours.topic_weight(size) / 2
            least = {"extends": 0.75, "compared_with": 0.9}.get(kind, 0)
            weight = max(least, half + neighbours.RELATION_WEIGHTS.get(kind, 0))
        else:
            continue
        old = made.get_edge_data(source, target, {"weight": 9})["weight"]
        made.add_edge(source, target, weight=min(old, weight))
    return made


NODES = (
    st.integers(1, 9).map(node)
    | st.sampled_from(TOPICS[:4]).map("topic:{}".format)
    | st.sampled_from(ENTITIES).map("entity:{}".format)
)


@given(facts(), NODES, NODES)
def test_any_path_is_real_and_the_shortest(any_facts: Facts, a: str, b: str) -> None:
    with opened(any_facts) as catalogue:
        whole = graph.build(catalogue, TAXONOMY)
        if a not in whole or b not in whole:
            return
        connection = connect(catalogue, TAXONOMY, a, b)
    made = weighted(whole, (a, b))
    assert (connection.a, connection.b) == (a, b)
    assert connection.complete
    assert bool(connection.routes) == nx.has_path(made, a, b)
    if connection.routes:
        length = nx.dijkstra_path_length(made, a, b)
        assert connection.routes[0].cost == pytest.approx(length, abs=1e-3)
    costs = [route.cost for route in connection.routes]
    assert costs == sorted(costs)
    between: set[str] = set()
    for route in connection.routes:
        ends = [a, *(step.target for step in route.steps)]
        assert [step.source for step in route.steps] == ends[:-1]
        assert ends[-1] == b
        cost, nodes = 0.0, []
        for step in route.steps:
            way = [step.source, *step.via, step.target]
            cost += sum(made.edges[pair]["weight"] for pair in pairwise(way))
            nodes += way[1:]
            if not step.via:
                edge = (step.source, step.target) if step.forward else (step.target, step.source)
                assert whole.has_edge(*edge, step.kind) or (
                    step.kind == "similar_to" and whole.has_edge(*edge[::-1], step.kind)
                )
            assert step.sentence
        assert route.cost == pytest.approx(cost, abs=1e-3)
        inner = {one for one in nodes[:-1] if not one.startswith((f"{a}/", f"{b}/"))}
        assert not inner & between
        between |= inner
    assert connection.known_citations <= connection.papers


# -- hubs --------------------------------------------------------------------------------------


def test_two_papers_meet_at_a_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MAX_DEGREE", 2)
    made = Facts(papers=6, cites=[(n, 6) for n in range(1, 6)])
    assert ask(made, name(1), name(2)).routes[0].cost == 2


def test_of_a_hub_at_an_end_no_neighbour_of_the_other_end_is_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "MAX_DEGREE", 2)
    monkeypatch.setattr(neighbours, "MAX_END_NEIGHBOURS", 2)
    # 7 cites 1, as others that joined later do, and 6; a longer way is found first.
    made = Facts(papers=9, cites=[(2, 1), (3, 1), (4, 1), (5, 1), (7, 1), (8, 1), (9, 1), (7, 6)])
    (route, *_) = ask(made, name(1), name(6)).routes
    assert route.cost == 2


def through(connection: PathAnswer) -> list[str]:
    """Return the nodes of the best route, after the first."""
    return [one for step in connection.routes[0].steps for one in (*step.via, step.target)]


def test_a_hub_is_passed_where_the_way_around_it_is_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "MAX_DEGREE", 2)
    # 1 and 7 cite the hub 2, and 7 cites 6; by 5, which is found first, it is longer.
    made = Facts(
        papers=9,
        cites=[(1, 2), (3, 2), (4, 2), (7, 2), (8, 2), (7, 6), (5, 6)],
        alike=[(1, 5, 0.9)],
    )
    connection = ask(made, name(1), name(6), alternatives=0)
    assert through(connection) == [node(2), node(7), node(6)]
    assert connection.routes[0].cost == 3


def test_of_a_hub_at_an_end_what_was_not_read_may_be_nearer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "MAX_DEGREE", 2)
    monkeypatch.setattr(neighbours, "MAX_END_NEIGHBOURS", 2)
    # Of those that cite 1, only the last to join are read; the way by 8 and 5 is found first.
    made = Facts(papers=9, cites=[(7, 1), (8, 1), (9, 1), (8, 5), (7, 6), (6, 5), (6, 4), (3, 6)])
    connection = ask(made, name(1), name(6), alternatives=0)
    assert through(connection) == [node(7), node(6)]


def test_a_large_topic_is_passed_where_the_way_around_it_is_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "MAX_TOPIC_PAPERS", 2)
    made = Facts(
        papers=7,
        topics=[(n, FUSION) for n in (1, 2, 3, 7)],
        cites=[(7, 6), (5, 6)],
        alike=[(1, 5, 0.5)],
    )
    connection = ask(made, name(1), name(6), alternatives=0)
    assert through(connection) == [f"topic:{FUSION}", node(7), node(6)]


def test_a_search_that_reads_too_much_is_given_up_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "MAX_EDGES_READ", 2)
    monkeypatch.setattr(bidirectional, "_BATCH", 0)
    made = Facts(papers=9, cites=[(n, n + 1) for n in range(1, 9)])
    connection = ask(made, name(1), name(9))
    assert not connection.complete
    assert not connection.routes
    assert "given up" in connection.sentence


def test_a_topic_that_is_too_large_is_a_place_to_meet_and_not_to_go_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "MAX_TOPIC_PAPERS", 2)
    made = Facts(papers=4, topics=[(n, FUSION) for n in (1, 2, 3)], cites=[(3, 4)])
    (route, *_) = ask(made, name(1), name(2)).routes
    assert route.steps[0].sentence.endswith("both under Model Fusion (2 or more papers)")
    # What the topic hides, the other search finds within one citation of its end.
    (route,) = ask(made, name(1), name(4)).routes
    assert [step.kind for step in route.steps] == ["in_topic", "cites"]
    assert ask(made, FUSION, name(4)).routes
