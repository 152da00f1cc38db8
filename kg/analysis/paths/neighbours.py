"""The weighted graph in which paths are searched, read from SQLite node by node.

It is undirected: papers and topics, joined by citations, similarity, placements and the tree of
topics.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from kg.graph.rows import (
    citation_pairs,
    last_linked,
    member_count,
    member_keys,
    similar_pairs,
    topic_pairs,
)
from kg.ids.topic_ids import is_under
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

Node = int | str
"""A paper's key, or a topic's id."""

CITATION_WEIGHT = 1.0
"""Weight of a citation, in either direction."""

SUBTOPIC_WEIGHT = 1.5
"""Weight of the edge from a topic to the one right above. Below a topic that is an end of the path
it is 0: a question about a topic is about its subtopics too."""

MAX_DEGREE = 200
"""A paper with more references, or more papers that cite it, is a hub: neither these nor those are
read, unless it is an end of the path."""

MAX_END_NEIGHBOURS = 500
"""References, and as many citing papers, that are read of a hub that is an end of the path."""

MAX_EDGES_READ = 12_000
"""The search gives up when it has read so many edges, which takes about 0.1 s."""

MAX_TOPIC_PAPERS = 1_000
"""The papers of a larger topic are not read, unless it is an end of the path; its weight grows no
further."""


@dataclass(frozen=True, slots=True)
class PathEdge:
    """An edge between two neighbours."""

    kind: str
    """Kind of edge, of `kg.graph.schema.EDGES`."""
    forward: bool
    """Whether it runs from the first node to the second."""
    weight: float
    cosine: float | None = None
    """Cosine similarity of the vectors of two papers, for kind ``similar_to``."""


def topic_weight(papers: int) -> float:
    """Return the weight of the two edges between papers of one topic, by the topic's size.

    Examples
    --------
    >>> [round(topic_weight(n), 2) for n in (2, 20, 500)]
    [1.23, 1.98, 3.02]
    """
    return 1 + 0.75 * math.log10(min(max(papers, 1), MAX_TOPIC_PAPERS))


_CITING = PathEdge("cites", True, CITATION_WEIGHT)
_CITED = PathEdge("cites", False, CITATION_WEIGHT)


class Neighbours:
    """The neighbours of nodes, each read when it is first asked for.

    Some neighbours of `ends`, the two ends of the path, are read even where those are hubs.
    """

    def __init__(self, catalogue: Catalogue, taxonomy: Taxonomy, ends: Collection[Node]) -> None:
        self._database, self._taxonomy, self.ends = catalogue.database, taxonomy, set(ends)
        self.hubs: set[Node] = set()
        """Nodes some of whose neighbours were not read."""
        self.edges: dict[Node, dict[Node, PathEdge]] = {}
        """Edges of the nodes whose neighbours were read."""
        self._half_weights: dict[str, float] = {}
        self._edges_read = 0

    @property
    def exhausted(self) -> bool:
        """Whether `MAX_EDGES_READ` is reached: no more is read."""
        return self._edges_read >= MAX_EDGES_READ

    def of(self, node: Node, next_ones: Iterable[Node]) -> dict[Node, PathEdge]:
        """Return the edges of `node` by neighbour; read those of `next_ones` in the same query."""
        if node not in self.edges:
            if self.exhausted:
                return {}
            others = (other for other in next_ones if other not in self.edges)
            self._read(list(dict.fromkeys([node, *others])))
        return self.edges[node]

    def between(self, node: Node, other: Node) -> PathEdge:
        """Return the edge of two neighbours, one of which was read."""
        if edge := self.edges.get(node, {}).get(other):
            return edge
        edge = self.edges[other][node]
        return replace(edge, forward=edge.kind == "similar_to" or not edge.forward)

    def is_within_end(self, node: Node) -> bool:
        """Return whether the node is an end of the path, or a topic below one."""
        if isinstance(node, int):
            return node in self.ends
        return any(is_under(node, end) for end in self.ends if isinstance(end, str))

    def size(self, topic: str) -> int:
        """Return how many papers are placed right under a topic, at most `MAX_TOPIC_PAPERS`."""
        return member_count(self._database, "topic", topic, MAX_TOPIC_PAPERS)

    def _read(self, nodes: Sequence[Node]) -> None:
        self.edges |= {node: {} for node in nodes}
        keys = [node for node in nodes if isinstance(node, int)]
        wanted = set(keys)
        for citing, cited in self._citations(keys):
            if citing in wanted:
                self.edges[citing][cited] = _CITING
            if cited in wanted:
                # Where two papers cite each other, the edge in the direction of the path is shown.
                self.edges[cited].setdefault(citing, _CITED)
        for key, other, cosine in similar_pairs(self._database, keys):
            weight = 3 - min(max(cosine, 0.0), 1.0)
            self._add(key, other, PathEdge("similar_to", True, weight, cosine))
        for key, topic in topic_pairs(self._database, keys):
            self._add(key, topic, PathEdge("in_topic", True, self._half_weight(topic)))
        for node in nodes:
            if isinstance(node, str):
                self._read_topic(node)
        self._edges_read += sum(len(self.edges[node]) for node in nodes)

    def _citations(self, keys: Sequence[int]) -> list[tuple[int, int]]:
        cited, many = citation_pairs(self._database, "citing", keys, MAX_DEGREE)
        citing, often = citation_pairs(self._database, "cited", keys, MAX_DEGREE)
        pairs = [*cited, *citing]
        for key in many | often:
            if key not in self.ends:
                self.hubs.add(key)
                continue
            # The search from the other end may reach the neighbours of a hub late.
            db, most = self._database, MAX_END_NEIGHBOURS
            refs = last_linked(db, "citing", key, most) if key in many else []
            citers = last_linked(db, "cited", key, most) if key in often else []
            pairs += [(key, ref) for ref in refs]
            pairs += [(citer, key) for citer in citers]
            if most in (len(refs), len(citers)):
                self.hubs.add(key)
        return pairs

    def _read_topic(self, topic: str) -> None:
        papers = member_keys(self._database, "topic", topic, MAX_TOPIC_PAPERS + 1)
        if len(papers) > MAX_TOPIC_PAPERS:
            self.hubs.add(topic)
            papers = papers[:MAX_TOPIC_PAPERS] if self.is_within_end(topic) else []
        for key in papers:
            self._add(topic, key, PathEdge("in_topic", False, self._half_weight(topic)))
        if topic in self._taxonomy:
            known = self._taxonomy[topic]
            if known.parent is not None:
                weight = self._subtopic_weight(known.parent)
                self._add(topic, known.parent, PathEdge("subtopic_of", True, weight))
            weight = self._subtopic_weight(topic)
            for child in known.children:
                self._add(topic, child, PathEdge("subtopic_of", False, weight))

    def _subtopic_weight(self, topic: str) -> float:
        return 0.0 if self.is_within_end(topic) else SUBTOPIC_WEIGHT

    def _half_weight(self, topic: str) -> float:
        if topic not in self._half_weights:
            self._half_weights[topic] = topic_weight(self.size(topic)) / 2
        return self._half_weights[topic]

    def _add(self, node: Node, other: Node, edge: PathEdge) -> None:
        old = self.edges[node].get(other)
        if old is None or edge.weight < old.weight:
            self.edges[node][other] = edge
