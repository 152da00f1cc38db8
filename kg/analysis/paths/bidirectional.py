"""The shortest path between two nodes, by Dijkstra's search from both ends.

Two searches that meet read far fewer nodes than one: I. Pohl, "Bi-directional Search", Machine
Intelligence 6, 1971.
"""

import heapq
import math
from collections.abc import Collection
from dataclasses import dataclass

from kg.analysis.paths.neighbours import CITATION_WEIGHT, Neighbours, Node

_BATCH = 16
_MIN_WEIGHT = 0.5
"""Weight of an introduction, and of the edge to a topic of one paper; only edges below an end weigh
less."""


@dataclass(frozen=True, slots=True)
class ShortestPath:
    """A path from end to end."""

    cost: float
    """Sum of the weights of its edges."""
    nodes: tuple[Node, ...]


class _Frontier:
    """The search from one end."""

    def __init__(self, start: Node) -> None:
        self.distance: dict[Node, float] = {start: 0.0}
        self.previous: dict[Node, Node] = {}
        self.done: set[Node] = set()
        self.heap: list[tuple[float, int, Node]] = [(0.0, 0, start)]
        self.nearest_hub = math.inf
        """Distance of the nearest hub; its neighbours may be found by the other search alone."""

    @property
    def next_distance(self) -> float:
        """Distance of the next node to expand."""
        while self.heap and self.heap[0][2] in self.done:
            heapq.heappop(self.heap)
        return self.heap[0][0] if self.heap else math.inf

    def relax(self, node: Node, distance: float, previous: Node) -> None:
        """Take note of a path to `node` if it is the shortest so far."""
        if distance < self.distance.get(node, math.inf):
            self.distance[node], self.previous[node] = distance, previous
            # Of equal distance papers come first: nodes of two kinds cannot be compared.
            kind = 0 if isinstance(node, int) else 1 if isinstance(node, str) else 2
            heapq.heappush(self.heap, (distance, kind, node))

    def path_back(self, node: Node) -> list[Node]:
        """Return the nodes from `node` back to the start."""
        nodes = [node]
        while nodes[-1] in self.previous:
            nodes.append(self.previous[nodes[-1]])
        return nodes


class BidirectionalSearch:
    """The shortest path between two nodes.

    It is exact where no hub is in between. Neighbours that one search does not read of a hub, the
    other may reach from their side, and does where they are one citation away from its end.

    Parameters
    ----------
    start, goal : Node
        Two different nodes.
    without : collection of Node
        Nodes that the path may not go through.
    direct : bool
        Whether the path may be a single edge.
    """

    def __init__(
        self,
        neighbours: Neighbours,
        start: Node,
        goal: Node,
        without: Collection[Node] = (),
        direct: bool = True,
    ) -> None:
        self.frontiers = (_Frontier(start), _Frontier(goal))
        self.path: ShortestPath | None = None
        """The path, or None where there is none."""
        self.complete = True
        """False where the search gave up."""
        best, middle = math.inf, None
        while (side := self._next(best)) is not None:
            this, other = self.frontiers[side], self.frontiers[1 - side]
            distance, _, node = heapq.heappop(this.heap)
            this.done.add(node)
            ahead = (entry[2] for entry in this.heap[:_BATCH] if entry[2] not in this.done)
            for near, edge in neighbours.of(node, ahead).items():
                if near in this.done or near in without:
                    continue
                if not direct and {node, near} == {start, goal}:
                    continue
                there = distance + edge.weight
                this.relax(near, there, node)
                if near in other.distance and there + other.distance[near] < best:
                    best = there + other.distance[near]
                    middle = (this.path_back(node), other.path_back(near))
                    middle = middle if side == 0 else (middle[1], middle[0])
            if node in neighbours.hubs:
                this.nearest_hub = min(this.nearest_hub, distance)
            if neighbours.exhausted:
                self.complete = False
                break
        if middle is not None:
            first, second = middle
            self.path = ShortestPath(best, (*reversed(first), *second))

    def _next(self, best: float) -> int | None:
        """Return which search to continue: of those that may find a shorter path, the less far."""
        one, two = self.frontiers
        useful = []
        for number, (this, other) in enumerate(((one, two), (two, one))):
            near, far = this.next_distance, other.next_distance
            # Neighbours of a hub are searched from this side one citation deep: more is too slow.
            beyond_hub = other.nearest_hub if near <= CITATION_WEIGHT else math.inf
            # Any other path has at least one more edge, between nodes that neither has reached.
            edge = _MIN_WEIGHT if near > 0 and far > 0 else 0.0
            if near + min(far, beyond_hub) + edge < best:
                useful.append((near, len(this.heap), number))
        return min(useful)[2] if useful else None
