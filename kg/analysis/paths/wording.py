"""A path in words: its steps, and a sentence for each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.analysis.paths import neighbours as near
from kg.analysis.paths.neighbours import EntityNode, Neighbours, Node, PathEdge
from kg.graph.rows import paper_rows
from kg.ids.topic_ids import depth
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

_VERBS: Final[Mapping[str, tuple[str, str]]] = {
    "introduces": ("introduces", "both introduce"),
    "builds_on": ("builds on", "both build on"),
    "compares_with": ("compares with", "both compare with"),
    "evaluates_on": ("is measured on", "are both measured on"),
    "works_on": ("works on", "both work on"),
    "mentions": ("mentions", "both mention"),
}
"""Kind of edge from a paper to an entity -> its verb, of one paper and of two."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a route: an edge, or two nodes and what they share.

    Two papers share a topic or an entity, two entities a paper.
    """

    kind: str
    """Kind of edge, of `kg.graph.schema.EDGES`; of several edges, of the first."""
    source: str
    """First node, as in the graph: ``paper:2203.05482``, ``topic:model-editing``."""
    target: str
    """Second node."""
    forward: bool
    """Whether the edge runs from source to target; True for edges without a direction."""
    via: tuple[str, ...]
    """What the two share: a paper, an entity, or a topic and those up to it and down again."""
    cosine: float | None
    """Cosine similarity, for kind ``similar_to``."""
    sentence: str
    """The step in words."""


class Wording:
    """Names of nodes, and sentences for the edges between them."""

    def __init__(self, catalogue: Catalogue, taxonomy: Taxonomy, neighbours: Neighbours) -> None:
        self._catalogue, self._taxonomy, self._neighbours = catalogue, taxonomy, neighbours
        self._papers: dict[int, tuple[str, str]] = {}
        self._entities: dict[int, tuple[str, str]] = {}

    def add(self, nodes: Sequence[Node]) -> None:
        """Read the ids and titles of papers, and the ids and names of entities."""
        keys = [node for node in nodes if isinstance(node, int)]
        for key, paper, title, *_ in paper_rows(self._catalogue.database, keys):
            self._papers[key] = paper, title
        entities = [node.key for node in nodes if isinstance(node, EntityNode)]
        for key, one in zip(entities, self._catalogue.entities.get(entities), strict=True):
            self._entities[key] = one.id, one.name

    def node(self, node: Node) -> str:
        """Return the name of a node, as in the graph."""
        if isinstance(node, EntityNode):
            return f"entity:{self._entities[node.key][0]}"
        return f"topic:{node}" if isinstance(node, str) else f"paper:{self._papers[node][0]}"

    def name(self, node: Node) -> str:
        """Return the title of a paper in quotation marks, or the name of another node."""
        if isinstance(node, int):
            return f"“{self._papers[node][1]}”"
        if isinstance(node, EntityNode):
            return self._entities[node.key][1]
        return self._taxonomy[node].name if node in self._taxonomy else node

    def steps(self, nodes: Sequence[Node]) -> Iterator[Step]:
        """Yield the steps along a path."""
        start = 0
        while start < len(nodes) - 1:
            stop = _end_of_step(nodes, start)
            yield self._step(nodes[start], nodes[start + 1 : stop], nodes[stop])
            start = stop

    def _step(self, source: Node, via: Sequence[Node], target: Node) -> Step:
        edge = self._neighbours.between(source, via[0] if via else target)
        return Step(
            kind=edge.kind,
            source=self.node(source),
            target=self.node(target),
            forward=edge.forward or bool(via),
            via=tuple(self.node(one) for one in via),
            cosine=edge.cosine,
            sentence=self._shared(source, via, target) if via else self._edge(source, edge, target),
        )

    def _edge(self, source: Node, edge: PathEdge, target: Node) -> str:
        one, other = self.name(source), self.name(target)
        if edge.kind == "similar_to":
            return f"{one} and {other} are alike (cosine {edge.cosine or 0:.2f})"
        lower, upper = (one, other) if edge.forward else (other, one)
        verb = {
            "cites": "cites",
            "in_topic": "is under",
            "subtopic_of": "is a part of",
            "extends": "extends",
            "compared_with": "is compared with",
        }.get(edge.kind) or _VERBS[edge.kind][0]
        return f"{lower} {verb} {upper}"

    def _shared(self, source: Node, via: Sequence[Node], target: Node) -> str:
        """Return a sentence for two nodes and what they share."""
        middle, one, other = via[0], self.name(source), self.name(target)
        if isinstance(middle, str):
            top = min(map(str, via), key=depth)
            sentence = f"{one} and {other} are both under {self.name(top)}"
            if len(via) == 1 and (size := self._neighbours.size(top)):
                more = " or more" if size == near.MAX_TOPIC_PAPERS else ""
                sentence += f" ({size:,}{more} papers)"
            return sentence
        shared = self.name(middle)
        first = _VERBS[self._neighbours.between(source, middle).kind]
        second = _VERBS[self._neighbours.between(middle, target).kind]
        if isinstance(middle, int):
            also = "and" if first == second else f"and {second[0]}"
            return f"{shared} {first[0]} {one} {also} {other}"
        if first == second:
            return f"{one} and {other} {first[1]} {shared}"
        return f"{one} {first[0]} {shared}, which {other} {second[0]}"


def _end_of_step(nodes: Sequence[Node], start: int) -> int:
    """Return where the step ends that begins at `start`.

    Topics between two papers make one step, so do an entity between two papers and a paper between
    two entities; else each edge is one.
    """
    kinds = [type(node) for node in nodes[start : start + 3]]
    if kinds in ([int, EntityNode, int], [EntityNode, int, EntityNode]):
        return start + 2
    stop = start + 1
    while kinds[0] is int and stop < len(nodes) - 1 and isinstance(nodes[stop], str):
        stop += 1
    return stop if isinstance(nodes[stop], int) else start + 1
