"""What paths are made of: neighbours of papers and topics, with weights, straight from SQLite.

The graph of a path is undirected: papers and topics, joined by citations, likeness, placements
and the tree of topics.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from kg.graph.rows import (
    citing_pairs,
    last_citing,
    last_references,
    member_count,
    member_keys,
    reference_pairs,
    similar_pairs,
    topic_pairs,
)
from kg.ids.topic_ids import is_under
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

Node = int | str
"""A paper's key, or a topic's id."""

CITES = 1.0
"""Weight of a citation, in either direction."""

SUBTOPIC = 1.5
"""Weight of the step from a topic to the one right above, but 0 below an end: who asks about a
topic asks about what is below it too."""

HUB = 200
"""Nothing is read beyond a paper with more references or that more papers cite, unless it is an
end."""

AT_AN_END = 500
"""So many references, and papers that cite it, are read of a hub that is an end."""

MOST_LINKS = 12_000
"""When so many links are read the search gives up: about 0.1 s."""

CROWD = 1_000
"""Beyond a larger topic nothing is read, unless it is an end; its size makes no difference."""


@dataclass(frozen=True, slots=True)
class Link:
    """What joins two neighbours."""

    kind: str
    """Kind of edge, of `kg.graph.schema.EDGES`."""
    forward: bool
    """Whether the edge runs from the first of the two to the second."""
    weight: float
    cosine: float | None = None
    """Of two papers that are alike."""


def sharing(papers: int) -> float:
    """Return the weight of being under one topic of so many papers, from paper to paper.

    Examples
    --------
    >>> [round(sharing(n), 2) for n in (2, 20, 500)]
    [1.23, 1.98, 3.02]
    """
    return 1 + 0.75 * math.log10(min(max(papers, 1), CROWD))


def likeness(cosine: float) -> float:
    """Return the weight of being alike: more than two citations, less than three."""
    return 3 - min(max(cosine, 0.0), 1.0)


_CITING = Link("cites", True, CITES)
_CITED = Link("cites", False, CITES)


class Links:
    """Neighbours, read when they are needed, and kept.

    Parameters
    ----------
    catalogue : Catalogue
    taxonomy : Taxonomy
    ends : collection of Node
        Where paths start: some of their neighbours are read even where they are hubs.
    """

    def __init__(self, catalogue: Catalogue, taxonomy: Taxonomy, ends: Collection[Node]) -> None:
        self.catalogue, self.taxonomy, self.ends = catalogue, taxonomy, set(ends)
        self.hubs: set[Node] = set()
        """Those of which some neighbours were not read."""
        self._links: dict[Node, dict[Node, Link]] = {}
        self._halves: dict[str, float] = {}
        self._read_links = 0

    @property
    def spent(self) -> bool:
        """Whether no more may be read."""
        return self._read_links >= MOST_LINKS

    def of(self, node: Node, next_ones: Iterable[Node]) -> dict[Node, Link]:
        """Return the links of `node` by neighbour; those of `next_ones` are read along with it."""
        if node not in self._links:
            if self.spent:
                return {}
            others = (other for other in next_ones if other not in self._links)
            self._read(list(dict.fromkeys([node, *others])))
        return self._links[node]

    @property
    def count(self) -> int:
        """How many papers and topics were looked at."""
        return len(self._links)

    def between(self, node: Node, other: Node) -> Link:
        """Return the link of two neighbours of which one was looked at."""
        link = self._links.get(node, {}).get(other)
        if link is not None:
            return link
        link = self._links[other][node]
        forward = link.kind == "similar_to" or not link.forward
        return Link(link.kind, forward, link.weight, link.cosine)

    def at_an_end(self, node: Node) -> bool:
        """Return whether the node is an end, or a topic below one."""
        if isinstance(node, int):
            return node in self.ends
        return any(is_under(node, end) for end in self.ends if isinstance(end, str))

    def size(self, topic: str) -> int:
        """Return how many papers are under a topic itself; `CROWD` stands for more."""
        return member_count(self.catalogue.database, "topic", topic, CROWD)

    def _read(self, nodes: Sequence[Node]) -> None:
        self._links |= {node: {} for node in nodes}
        keys = [node for node in nodes if isinstance(node, int)]
        wanted = set(keys)
        for citing, cited in self._citations(keys):
            if citing in wanted:
                self._links[citing][cited] = _CITING
            if cited in wanted:
                # Where two papers cite each other, the path reads better in its own direction.
                self._links[cited].setdefault(citing, _CITED)
        for key, other, cosine in similar_pairs(self.catalogue.database, keys):
            self._add(key, other, Link("similar_to", True, likeness(cosine), cosine))
        for key, topic in topic_pairs(self.catalogue.database, keys):
            self._add(key, topic, Link("in_topic", True, self._half(topic)))
        for node in nodes:
            if isinstance(node, str):
                self._read_topic(node)
        self._read_links += sum(len(self._links[node]) for node in nodes)

    def _citations(self, keys: Sequence[int]) -> list[tuple[int, int]]:
        cited, many = reference_pairs(self.catalogue.database, keys, HUB)
        citing, often = citing_pairs(self.catalogue.database, keys, HUB)
        pairs = [*cited, *citing]
        for key in many | often:
            if key not in self.ends:
                self.hubs.add(key)
                continue
            # Of an end, what the other end's search might come upon late.
            refs = last_references(self.catalogue.database, key, AT_AN_END) if key in many else []
            citers = last_citing(self.catalogue.database, key, AT_AN_END) if key in often else []
            pairs += [(key, ref) for ref in refs]
            pairs += [(citer, key) for citer in citers]
            if AT_AN_END in (len(refs), len(citers)):
                self.hubs.add(key)
        return pairs

    def _read_topic(self, topic: str) -> None:
        papers = member_keys(self.catalogue.database, "topic", topic, CROWD + 1)
        if len(papers) > CROWD:
            self.hubs.add(topic)
            papers = papers[:CROWD] if self.at_an_end(topic) else []
        for key in papers:
            self._add(topic, key, Link("in_topic", False, self._half(topic)))
        if topic in self.taxonomy:
            known = self.taxonomy[topic]
            if known.parent is not None:
                weight = self._step_down(known.parent)
                self._add(topic, known.parent, Link("subtopic_of", True, weight))
            for child in known.children:
                self._add(topic, child, Link("subtopic_of", False, self._step_down(topic)))

    def _step_down(self, topic: str) -> float:
        return 0.0 if self.at_an_end(topic) else SUBTOPIC

    def _half(self, topic: str) -> float:
        if topic not in self._halves:
            self._halves[topic] = sharing(self.size(topic)) / 2
        return self._halves[topic]

    def _add(self, node: Node, other: Node, link: Link) -> None:
        old = self._links[node].get(other)
        if old is None or link.weight < old.weight:
            self._links[node][other] = link
