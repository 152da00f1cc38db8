"""The weighted graph in which paths are searched, read from SQLite node by node.

It is undirected: papers, topics and entities, joined by citations, similarity, placements, the tree
of topics, and the relations of entities.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from kg.graph.rows import (
    citation_pairs,
    last_linked,
    member_count,
    member_keys,
    paper_relations,
    related_keys,
    relation_counts,
    relation_pairs,
    similar_pairs,
    topic_pairs,
)
from kg.graph.schema import RELATIONS
from kg.ids.topic_ids import is_under
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy


class EntityNode(NamedTuple):
    """An entity, by its key."""

    key: int


Node = int | str | EntityNode
"""A paper's key, a topic's id, or an entity."""

CITATION_WEIGHT = 1.0
"""Weight of a citation, in either direction."""

SUBTOPIC_WEIGHT = 1.5
"""Weight of the edge from a topic to the one right above. Below a topic that is an end of the path
it is 0: a question about a topic is about its subtopics too."""

INTRODUCTION_WEIGHT = 0.5
"""Weight of the edge from a paper to an entity that it introduces: they nearly stand for one
another."""

EXTENSION_WEIGHT = 0.75
"""Weight of the edge from an entity to one that it extends, unless that is widely used."""

COMPARISON_WEIGHT = 0.9
"""Weight of the edge of two entities that are compared, unless the other is widely used."""

RELATION_WEIGHTS = {
    **{"builds_on": 0.0, "compares_with": 0.0, "evaluates_on": 0.25, "works_on": 0.25},
    "mentions": 0.5,
}
"""Kind of edge from a paper to an entity -> what it weighs more than half of `topic_weight`, of as
many papers as the entity has. Mentions count for entities that are ends of the path alone."""

_STATED = tuple(kind for kind in RELATIONS if kind != "mentions")

MAX_DEGREE = 200
"""A paper with more references, or more papers that cite it, is a hub: neither these nor those are
read, unless it is an end of the path. So is an entity with more papers, mentions aside."""

MAX_END_NEIGHBOURS = 500
"""References, and as many citing papers, that are read of a hub that is an end of the path."""

MAX_EDGES_READ = 12_000
"""The search gives up when it has read so many edges, which takes about 0.1 s."""

MAX_TOPIC_PAPERS = 1_000
"""The papers of a larger topic are not read, unless it is an end of the path; its weight grows no
further, nor that of an entity of more papers."""


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
        self._sizes: dict[int, int] = {}
        self._entity_half_weights: dict[int, float] = {}
        self._relations = catalogue.relations
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
        if not isinstance(node, str):
            return node in self.ends
        return any(is_under(node, end) for end in self.ends if isinstance(end, str))

    def size(self, topic: str) -> int:
        """Return how many papers are placed right under a topic, at most `MAX_TOPIC_PAPERS`."""
        return member_count(self._database, "topic", topic, MAX_TOPIC_PAPERS)

    def _read(self, nodes: Sequence[Node]) -> None:
        self.edges |= {node: {} for node in nodes}
        keys = [node for node in nodes if isinstance(node, int)]
        self._read_papers(keys)
        for node in nodes:
            if isinstance(node, str):
                self._read_topic(node)
        self._read_entities([node for node in nodes if isinstance(node, EntityNode)])
        self._edges_read += sum(len(self.edges[node]) for node in nodes)

    def _read_papers(self, keys: Sequence[int]) -> None:
        if not keys:
            return
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
        self._read_relations(keys)

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

    def _read_relations(self, keys: Sequence[int]) -> None:
        """Read the entities of papers."""
        ends = [node.key for node in self.ends if isinstance(node, EntityNode)]
        rows = relation_pairs(self._database, keys, _STATED, ends)
        self._count(entity for _, entity, _ in rows)
        for paper, entity, kind in rows:
            weight = self._relation_weight(entity, kind)
            self._add(paper, EntityNode(entity), PathEdge(kind, True, weight))

    def _read_entities(self, nodes: Sequence[EntityNode]) -> None:
        if not nodes:
            return
        self._count(node.key for node in nodes)
        rows, near = [], []
        for node in nodes:
            if node in self.ends:
                papers = related_keys(self._database, node.key, RELATIONS, MAX_TOPIC_PAPERS)
                if len(papers) == MAX_TOPIC_PAPERS:
                    self.hubs.add(node)
                rows += [(node.key, paper, kind) for paper, kind in papers]
            elif self._sizes[node.key] > MAX_DEGREE:
                self.hubs.add(node)
            else:
                near.append(node.key)
        rows += paper_relations(self._database, near, _STATED)
        for entity, paper, kind in rows:
            weight = self._relation_weight(entity, kind)
            self._add(EntityNode(entity), paper, PathEdge(kind, False, weight))
        self._read_pairs([node.key for node in nodes if node not in self.hubs or node in self.ends])

    def _read_pairs(self, keys: Sequence[int]) -> None:
        """Read how entities extend others and are compared with them."""
        kinds = (
            ("extends", EXTENSION_WEIGHT, self._relations.extensions(keys)),
            ("compared_with", COMPARISON_WEIGHT, self._relations.comparisons(keys)),
        )
        self._count(pair.other for _, _, pairs in kinds for pair in pairs)
        wanted = set(keys)
        for kind, least, pairs in kinds:
            for pair in pairs:
                one, other = EntityNode(pair.entity), EntityNode(pair.other)
                weight = max(least, self._entity_half_weights[pair.other])
                if pair.entity in wanted:
                    self._add(one, other, PathEdge(kind, True, weight))
                if pair.other in wanted:
                    self._add(other, one, PathEdge(kind, False, weight))

    def _count(self, entities: Iterable[int]) -> None:
        new = {entity for entity in entities if entity not in self._sizes}
        if new:
            counts = relation_counts(self._database, list(new), MAX_TOPIC_PAPERS, _STATED)
            for entity, size in counts.items():
                self._sizes[entity] = size
                size = 1 if EntityNode(entity) in self.ends else size
                self._entity_half_weights[entity] = topic_weight(size) / 2

    def _relation_weight(self, entity: int, kind: str) -> float:
        if kind == "introduces":
            return INTRODUCTION_WEIGHT
        return self._entity_half_weights[entity] + RELATION_WEIGHTS[kind]

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
