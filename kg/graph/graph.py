"""The catalogue as a typed NetworkX graph: the whole of it, or what is around a paper or entity.

`kg.graph.schema` defines its nodes and edges. It is not stored in a file: most of the time that
building it from SQLite takes is spent filling NetworkX's dictionaries, which reading a file would
have to do too (`benchmarks/graph_paths.md`). A neighbourhood is read without the rest.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kg.errors import BadRequest
from kg.graph.elements import (
    KeyedNodes,
    edges,
    empty_graph,
    entity_nodes,
    other_nodes,
    paper_nodes,
    topic_node,
)
from kg.graph.rows import (
    ENDS,
    citation_counts,
    citation_degrees,
    citation_pairs,
    edge_rows,
    entity_topics,
    last_linked,
    member_count,
    member_keys,
    related_count,
    related_keys,
    relation_counts,
    similar_pairs,
    with_citations,
)
from kg.graph.schema import EDGES, NODES, RELATIONS
from kg.store.catalogue import Catalogue
from kg.store.relations import EntityPair
from kg.taxonomy.taxonomy import Taxonomy

if TYPE_CHECKING:
    import networkx as nx

MAX_HUB_DEGREE = 200
"""Neighbours of a kind beyond which a node is a hub: a path through it says little, so it ends."""

MAX_NODES = 2_000
"""The most nodes of a neighbourhood, and the most neighbours of one paper that are ranked."""

MAX_EXPANSION = 20
"""The most neighbours that expanding a node adds."""

Node = tuple[str, Any]
"""Kind of node, and the key of a paper or entity or the name of another."""

_KEYED = ("paper", "entity")

_EDGES_WORTH = {"introduces": 2}
"""Edges as which one of a kind counts where there is no room for all neighbours."""


def build(catalogue: Catalogue, taxonomy: Taxonomy) -> "nx.MultiDiGraph":
    """Return the whole graph, with all topics of the taxonomy, also those without papers.

    Its attributes `identity` and `revision` are those of the catalogue.
    """
    with catalogue.reading():
        papers, entities = paper_nodes(catalogue, None), entity_nodes(catalogue, None)
        graph = empty_graph(catalogue)
        graph.add_nodes_from(papers.values())
        graph.add_nodes_from(topic_node(taxonomy, topic.id) for topic in taxonomy)
        graph.add_nodes_from(entities.values())
        keyed = KeyedNodes(_names(papers), _names(entities), whole=True)
        for kind in EDGES:
            found = list(edges(catalogue, taxonomy, kind, keyed))
            target = EDGES[kind].target
            if target == "topic":  # A topic that another taxonomy had.
                gone = {edge[1].partition(":")[2] for edge in found if edge[1] not in graph}
                graph.add_nodes_from(topic_node(taxonomy, topic) for topic in sorted(gone))
            elif target not in _KEYED:
                names = dict.fromkeys(edge[1].partition(":")[2] for edge in found)
                graph.add_nodes_from(other_nodes(catalogue, taxonomy, target, names, True))
            graph.add_edges_from(found)
    return graph


def neighbourhood(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    start: str,
    kinds: Collection[str] = tuple(EDGES),
    depth: int = 1,
    most: int = 200,
    expand: Sequence[str] = (),
) -> "nx.MultiDiGraph":
    """Return the neighbourhood of a paper or entity, read without the rest of the graph.

    It is the subgraph of its nodes and of these kinds of edges. Where there are too many nodes,
    those with the most edges to nearer nodes are shown, where an introduction counts as two; of
    those with as many, nodes other than papers and entities, then the papers that are cited most
    and the entities that most papers relate to.

    Parameters
    ----------
    start : str
        A paper's id, link or title; or the id or name of an entity with ``entity:`` before it.
    kinds : collection of str
        Kinds of edges, of `kg.graph.schema.EDGES`.
    depth : int
        How many edges away, 1 or 2.
    most : int
        The most nodes besides the first, at most `MAX_NODES`.
    expand : sequence of str
        Nodes to expand one after the other: up to `MAX_EXPANSION` more neighbours of each are
        shown. One that is not shown when its turn comes changes nothing.

    Returns
    -------
    networkx.MultiDiGraph
        Its attribute `centre` is the first node; `left_out` counts, by kind of node, the
        neighbours that were read and not shown; `hubs` lists the nodes with more than
        `MAX_HUB_DEGREE` neighbours, beyond which nothing was read. `papers` and
        `known_citations` are how many papers are shown, and of how many a citation is known.

    Raises
    ------
    NotFound
        If there is no such paper or entity.
    BadRequest
        If a kind, the depth or the number makes no sense.
    """
    for kind in kinds:
        if kind not in EDGES:
            raise BadRequest(f"unknown kind of edge {kind!r}", f"use {', '.join(EDGES)}")
    if depth not in (1, 2):
        raise BadRequest(f"cannot look {depth} edges far", "use 1 or 2")
    if not 1 <= most <= MAX_NODES:
        raise BadRequest(f"cannot show {most} nodes", f"ask for 1 or more, {MAX_NODES:,} at most")
    with catalogue.reading():
        named = start if start.startswith("entity:") else f"paper:{start}"
        walk = _Walk(catalogue, taxonomy, kinds, _node(catalogue, named))
        for _ in range(depth):
            walk.widen(most)
        for name in expand:
            walk.expand(name)
        return walk.graph()


def among(
    catalogue: Catalogue, taxonomy: Taxonomy, nodes: Iterable[str], kinds: Collection[str]
) -> "nx.MultiDiGraph":
    """Return the subgraph of some nodes, in their order, and of some kinds of edges.

    Raises
    ------
    NotFound
        If one is a paper or entity that the catalogue lacks.
    """
    with catalogue.reading():
        some = [_node(catalogue, one) for one in nodes]
        return _subgraph(catalogue, taxonomy, some, kinds)[0]


def _node(catalogue: Catalogue, name: str) -> Node:
    kind, _, rest = name.partition(":")
    if kind == "paper":
        return kind, catalogue.identifiers.key(rest)
    return (kind, catalogue.entities.key(rest)) if kind == "entity" else (kind, rest)


def _names(nodes: Mapping[int, tuple[str, Any]]) -> dict[int, str]:
    return {key: name for key, (name, _) in nodes.items()}


def _subgraph(
    catalogue: Catalogue, taxonomy: Taxonomy, nodes: Collection[Node], kinds: Collection[str]
) -> "tuple[nx.MultiDiGraph, KeyedNodes]":
    keys = [node[1] for node in nodes if node[0] == "paper"]
    papers = paper_nodes(catalogue, keys)
    entities = entity_nodes(catalogue, [node[1] for node in nodes if node[0] == "entity"])
    graph = empty_graph(catalogue)
    graph.add_nodes_from(papers[key] for key in keys)
    for kind in NODES:
        if kind not in _KEYED:
            names = [node[1] for node in nodes if node[0] == kind]
            graph.add_nodes_from(other_nodes(catalogue, taxonomy, kind, names, False))
    graph.add_nodes_from(entities.values())
    keyed = KeyedNodes(_names(papers), _names(entities), whole=False)
    for kind in EDGES:
        if kind in kinds:
            graph.add_edges_from(
                edge
                for edge in edges(catalogue, taxonomy, kind, keyed)
                if edge[0] in graph and edge[1] in graph
            )
    graph.graph["papers"] = len(keys)
    graph.graph["known_citations"] = len(with_citations(catalogue.database, keys))
    return graph, keyed


class _Walk:
    """A breadth-first walk from a paper or entity; `widen` takes one step."""

    def __init__(
        self, catalogue: Catalogue, taxonomy: Taxonomy, kinds: Collection[str], centre: Node
    ) -> None:
        self.catalogue, self.database = catalogue, catalogue.database
        self.taxonomy, self.kinds, self.centre = taxonomy, kinds, centre
        self.nodes: dict[Node, None] = {centre: None}
        self.start = centre
        self.frontier: list[Node] = [centre]
        self.left_out: set[Node] = set()
        self.unread: Counter[str] = Counter()
        self.hubs: list[Node] = []

    def expand(self, name: str) -> None:
        """Show more neighbours of a node that is shown."""
        node = _node(self.catalogue, name)
        if node in self.nodes:
            self.start, self.frontier = node, [node]
            self.widen(len(self.nodes) - 1 + MAX_EXPANSION)

    def widen(self, most: int) -> None:
        """Show neighbours of the nodes that were shown last, up to `most` nodes in all."""
        links: Counter[Node] = Counter()
        papers = [node[1] for node in self.frontier if node[0] == "paper"]
        for near, far in self._around(papers):
            if near != far and far not in self.nodes:
                links[far] += 1
        for node in self.frontier:
            if node[0] != "paper":
                links.update(far for far in self._beside(node) if far not in self.nodes)
        room = max(0, most + 1 - len(self.nodes))
        fewest = sorted(links.values(), reverse=True)[:room][-1:]
        # What else is known decides only among those with as many links as the last with room.
        tied = [node for node, n in links.items() if [n] == fewest]
        weights = self._weights(tied)

        def rank(node: Node) -> tuple[int, float, str]:
            known = weights.get(node, 0) if node[0] in _KEYED else math.inf
            return (-links[node], -known, f"{node[0]}:{node[1]}")

        ranked = sorted(links, key=rank)
        self.frontier = ranked[:room]
        self.nodes.update(dict.fromkeys(self.frontier))
        self.left_out.update(ranked[room:])

    def _weights(self, nodes: Iterable[Node]) -> dict[Node, int]:
        """Return the citations of papers, and how many papers relate to entities."""
        found: dict[str, dict[int, int]] = {}
        for kind in _KEYED:
            keys = sorted((node[1] for node in nodes if node[0] == kind), reverse=True)[:MAX_NODES]
            if kind == "paper":
                found[kind] = citation_counts(self.database, keys, MAX_HUB_DEGREE)
            else:
                found[kind] = relation_counts(self.database, keys, MAX_HUB_DEGREE)
        return {(kind, key): n for kind, some in found.items() for key, n in some.items()}

    def _around(self, papers: Sequence[int]) -> Iterator[tuple[Node, Node]]:
        """Yield (paper, neighbour) for all neighbours of papers."""
        for kind in self.kinds:
            if kind == "cites":
                yield from self._citations(papers)
            elif kind == "similar_to":
                for key, other, _ in similar_pairs(self.database, papers):
                    yield ("paper", key), ("paper", other)
            elif EDGES[kind].source == "paper":
                target = EDGES[kind].target
                for row in edge_rows(self.database, kind, papers):
                    yield from [(("paper", row[0]), (target, row[1]))] * _EDGES_WORTH.get(kind, 1)

    def _citations(self, papers: Sequence[int]) -> Iterator[tuple[Node, Node]]:
        """Yield (paper, neighbour) for the references of papers, then for what cites them."""
        key = self.start[1] if self.start[0] == "paper" else None
        most = MAX_NODES if papers == [key] else MAX_HUB_DEGREE
        for this, end in enumerate(ENDS):
            pairs, hubs = citation_pairs(self.database, end, papers, most)
            for pair in pairs:
                yield ("paper", pair[this]), ("paper", pair[1 - this])
            if key in hubs:  # Where a hub is the start, show its latest neighbours.
                hubs.remove(key)
                for other in last_linked(self.database, end, key, most):
                    yield ("paper", key), ("paper", other)
                self.unread["paper"] += citation_degrees(self.database, key)[this] - most
            self.hubs += [("paper", hub) for hub in hubs]

    def _beside(self, node: Node) -> Iterator[Node]:
        """Yield the neighbours of a node other than a paper."""
        kind, name = node
        if kind == "entity":
            yield from self._beside_entity(node)
            return
        count = 0
        if kind in {EDGES[one].target for one in self.kinds if EDGES[one].source == "paper"}:
            count = member_count(self.database, kind, name, MAX_NODES)
            members = member_keys(self.database, kind, name, MAX_HUB_DEGREE)
            yield from self._some(node, [("paper", key) for key in members], count)
        passed = count <= MAX_HUB_DEGREE or node == self.start
        if kind == "topic" and "belongs_to" in self.kinds and passed:
            there = [("entity", row[0]) for row in entity_topics(self.database, topic=name)]
            yield from self._some(node, there, len(there))
        if kind == "topic" and "subtopic_of" in self.kinds and name in self.taxonomy:
            topic = self.taxonomy[name]
            for other in (topic.parent, *topic.children):
                if other is not None:
                    yield ("topic", other)

    def _beside_entity(self, node: Node) -> Iterator[Node]:
        """Yield the papers of an entity, the closest related first, its topics and entities."""
        key, relations = node[1], [kind for kind in RELATIONS if kind in self.kinds]
        count = related_count(self.database, key, relations, MAX_NODES)
        if count > MAX_HUB_DEGREE and node != self.start:
            self.hubs.append(node)
            return
        members = related_keys(self.database, key, relations, MAX_HUB_DEGREE)
        papers: list[Node] = [("paper", paper) for paper, _ in members]
        yield from self._some(node, papers, count)
        # Of a hub too they are few: those that introduce it come first.
        yield from (("paper", paper) for paper, kind in members if kind == "introduces")
        if "belongs_to" in self.kinds:
            for row in entity_topics(self.database, [key]):
                yield ("topic", row[1])
        pairs: list[EntityPair] = []
        if "extends" in self.kinds:
            pairs += self.catalogue.relations.extensions([key])
        if "compared_with" in self.kinds:
            pairs += self.catalogue.relations.comparisons([key])
        edges = Counter((one.entity, one.other) for one in pairs)
        others: list[Node] = [("entity", b if a == key else a) for a, b in edges]
        yield from self._some(node, others, len(others))

    def _some(self, node: Node, near: Sequence[Node], count: int) -> Iterator[Node]:
        """Yield the neighbours of a node unless it is a hub; of a hub that is the start, some."""
        if count <= MAX_HUB_DEGREE:
            yield from near
        elif node != self.start:
            self.hubs.append(node)
        else:
            yield from near[:MAX_HUB_DEGREE]
            self.unread[near[0][0]] += count - MAX_HUB_DEGREE

    def graph(self) -> "nx.MultiDiGraph":
        """Return the subgraph of the nodes that are shown, with its attributes."""
        graph, keyed = _subgraph(self.catalogue, self.taxonomy, self.nodes, self.kinds)
        names = {"paper": keyed.papers, "entity": keyed.entities}
        left_out = Counter(node[0] for node in self.left_out - self.nodes.keys()) + self.unread
        graph.graph["centre"] = names[self.centre[0]][self.centre[1]]
        graph.graph["left_out"] = dict(sorted(left_out.items()))
        graph.graph["hubs"] = [
            names[kind][name] if kind in names else f"{kind}:{name}"
            for kind, name in dict.fromkeys(self.hubs)
        ]
        return graph
