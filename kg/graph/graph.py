"""The catalogue as a typed NetworkX graph: the whole of it, or the neighbourhood of one paper.

`kg.graph.schema` defines its nodes and edges. It is not stored in a file: most of the time that
building it from SQLite takes is spent filling NetworkX's dictionaries, which reading a file would
have to do too (`benchmarks/graph_paths.md`). A neighbourhood is read without the rest.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kg.errors import BadRequest
from kg.graph.elements import edges, empty_graph, other_nodes, paper_nodes, topic_node
from kg.graph.rows import (
    ENDS,
    citation_counts,
    citation_degrees,
    citation_pairs,
    edge_rows,
    last_linked,
    member_count,
    member_keys,
    similar_pairs,
    with_citations,
)
from kg.graph.schema import EDGES, NODES
from kg.store.catalogue import Catalogue
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
"""Kind of node, and a paper's key or another's name."""


def build(catalogue: Catalogue, taxonomy: Taxonomy) -> "nx.MultiDiGraph":
    """Return the whole graph, with all topics of the taxonomy, also those without papers.

    Its attributes `identity` and `revision` are those of the catalogue.
    """
    with catalogue.reading():
        papers = paper_nodes(catalogue, None)
        graph = empty_graph(catalogue)
        graph.add_nodes_from(papers.values())
        graph.add_nodes_from(topic_node(taxonomy, topic.id) for topic in taxonomy)
        ids = {key: node for key, (node, _) in papers.items()}
        for kind in EDGES:
            found = list(edges(catalogue, taxonomy, kind, ids, None))
            if EDGES[kind].target not in ("paper", "topic"):
                names = dict.fromkeys(edge[1].partition(":")[2] for edge in found)
                graph.add_nodes_from(
                    other_nodes(catalogue, taxonomy, EDGES[kind].target, names, True)
                )
            elif kind == "in_topic":  # A topic that another taxonomy had.
                gone = {edge[1].partition(":")[2] for edge in found if edge[1] not in graph}
                graph.add_nodes_from(topic_node(taxonomy, topic) for topic in sorted(gone))
            graph.add_edges_from(found)
    return graph


def neighbourhood(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    paper_id: str,
    kinds: Collection[str] = tuple(EDGES),
    depth: int = 1,
    most: int = 200,
    expand: Sequence[str] = (),
) -> "nx.MultiDiGraph":
    """Return the neighbourhood of a paper, read without the rest of the graph.

    It is the subgraph of its nodes and of these kinds of edges. Where there are too many nodes,
    those with the most edges to nearer nodes are shown; of those with as many, nodes other than
    papers, then the papers that are cited most.

    Parameters
    ----------
    paper_id : str
        The paper's id, link or title.
    kinds : collection of str
        Kinds of edges, of `kg.graph.schema.EDGES`.
    depth : int
        How many edges away, 1 or 2.
    most : int
        The most nodes besides the paper, at most `MAX_NODES`.
    expand : sequence of str
        Nodes to expand one after the other: up to `MAX_EXPANSION` more neighbours of each are
        shown. One that is not shown when its turn comes changes nothing.

    Returns
    -------
    networkx.MultiDiGraph
        Its attribute `centre` is the paper's node; `left_out` counts, by kind of node, the
        neighbours that were read and not shown; `hubs` lists the nodes with more than
        `MAX_HUB_DEGREE` neighbours, beyond which nothing was read. `papers` and
        `known_citations` are how many papers are shown, and of how many a citation is known.

    Raises
    ------
    NotFound
        If there is no such paper.
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
        centre: Node = ("paper", catalogue.identifiers.key(paper_id))
        walk = _Walk(catalogue, taxonomy, kinds, centre)
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
        If one is a paper that the catalogue lacks.
    """
    with catalogue.reading():
        return _subgraph(catalogue, taxonomy, [_node(catalogue, one) for one in nodes], kinds)


def _node(catalogue: Catalogue, name: str) -> Node:
    kind, _, rest = name.partition(":")
    return (kind, catalogue.identifiers.key(rest)) if kind == "paper" else (kind, rest)


def _subgraph(
    catalogue: Catalogue, taxonomy: Taxonomy, nodes: Collection[Node], kinds: Collection[str]
) -> "nx.MultiDiGraph":
    keys = [node[1] for node in nodes if node[0] == "paper"]
    papers = paper_nodes(catalogue, keys)
    ids = {key: node for key, (node, _) in papers.items()}
    graph = empty_graph(catalogue)
    graph.add_nodes_from(papers[key] for key in keys)
    for kind in NODES:
        if kind != "paper":
            names = [node[1] for node in nodes if node[0] == kind]
            graph.add_nodes_from(other_nodes(catalogue, taxonomy, kind, names, False))
    for kind in EDGES:
        if kind in kinds:
            graph.add_edges_from(
                edge
                for edge in edges(catalogue, taxonomy, kind, ids, keys)
                if edge[0] in graph and edge[1] in graph
            )
    graph.graph["papers"] = len(keys)
    graph.graph["known_citations"] = len(with_citations(catalogue.database, keys))
    return graph


class _Walk:
    """A breadth-first walk from a paper; `widen` takes one step."""

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
        # Citations decide only among those with as many links as the last that has room.
        tied = [node[1] for node, n in links.items() if node[0] == "paper" and [n] == fewest]
        cited = citation_counts(
            self.database, sorted(tied, reverse=True)[:MAX_NODES], MAX_HUB_DEGREE
        )

        def rank(node: Node) -> tuple[int, float, str]:
            known = cited.get(node[1], 0) if node[0] == "paper" else math.inf
            return (-links[node], -known, f"{node[0]}:{node[1]}")

        ranked = sorted(links, key=rank)
        self.frontier = ranked[:room]
        self.nodes.update(dict.fromkeys(self.frontier))
        self.left_out.update(ranked[room:])

    def _around(self, papers: Sequence[int]) -> Iterator[tuple[Node, Node]]:
        """Yield (paper, neighbour) for all neighbours of papers."""
        for kind in self.kinds:
            if kind == "cites":
                yield from self._citations(papers)
            elif kind == "similar_to":
                for key, other, _ in similar_pairs(self.database, papers):
                    yield ("paper", key), ("paper", other)
            elif kind != "subtopic_of":
                target = EDGES[kind].target
                for row in edge_rows(self.database, kind, papers):
                    yield ("paper", row[0]), (target, row[1])

    def _citations(self, papers: Sequence[int]) -> Iterator[tuple[Node, Node]]:
        """Yield (paper, neighbour) for the references of papers, then for what cites them."""
        key = self.start[1]
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
        (kind, name), most = node, MAX_HUB_DEGREE
        if kind in {EDGES[one].target for one in self.kinds if EDGES[one].source == "paper"}:
            count = member_count(self.database, kind, name, most + 1)
            if count > most and node != self.start:
                self.hubs.append(node)
            else:
                for key in member_keys(self.database, kind, name, most):
                    yield ("paper", key)
                if count > most:
                    count = member_count(self.database, kind, name, MAX_NODES)
                    self.unread["paper"] += count - most
        if kind == "topic" and "subtopic_of" in self.kinds and name in self.taxonomy:
            topic = self.taxonomy[name]
            for other in (topic.parent, *topic.children):
                if other is not None:
                    yield ("topic", other)

    def graph(self) -> "nx.MultiDiGraph":
        """Return the subgraph of the nodes that are shown, with its attributes."""
        graph = _subgraph(self.catalogue, self.taxonomy, self.nodes, self.kinds)
        # Papers come first in it, in the order in which they were met.
        ids = dict(zip((key for kind, key in self.nodes if kind == "paper"), graph, strict=False))
        left_out = Counter(node[0] for node in self.left_out - self.nodes.keys()) + self.unread
        graph.graph["centre"] = ids[self.centre[1]]
        graph.graph["left_out"] = dict(sorted(left_out.items()))
        hubs = dict.fromkeys(self.hubs)
        graph.graph["hubs"] = [
            ids[name] if kind == "paper" else f"{kind}:{name}" for kind, name in hubs
        ]
        return graph
