"""The shortest connection of two nodes: two searches that meet.

I. Pohl, "Bi-directional Search", Machine Intelligence 6, 1971: Dijkstra's search from both ends
looks at far fewer nodes than from one.
"""

import heapq
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from kg.analysis.paths.links import CITES, Link, Links, Node

_BATCH = 16
_LEAST = 0.5  # Weight of a step to a topic of one paper; only steps below an end weigh less.


@dataclass(frozen=True, slots=True)
class Found:
    """One connection."""

    cost: float
    """Sum of its weights."""
    nodes: tuple[Node, ...]
    """From end to end."""


class _Side:
    """One of the two searches."""

    def __init__(self, start: Node) -> None:
        self.distance: dict[Node, float] = {start: 0.0}
        self.before: dict[Node, Node] = {}
        self.done: set[Node] = set()
        self.heap: list[tuple[float, bool, Node]] = [(0.0, False, start)]
        self.held = math.inf
        """Distance of the nearest hub: what is beyond it, only the other search may find."""

    @property
    def top(self) -> float:
        while self.heap and self.heap[0][2] in self.done:
            heapq.heappop(self.heap)
        return self.heap[0][0] if self.heap else math.inf

    def offer(self, node: Node, distance: float, before: Node) -> None:
        if distance < self.distance.get(node, math.inf):
            self.distance[node], self.before[node] = distance, before
            # Papers first, since keys and topics' ids cannot be compared.
            heapq.heappush(self.heap, (distance, isinstance(node, str), node))

    def way(self, node: Node) -> list[Node]:
        """Return the nodes from `node` back to the start."""
        nodes = [node]
        while nodes[-1] in self.before:
            nodes.append(self.before[nodes[-1]])
        return nodes


class Search:
    """The shortest connection of two nodes.

    It is exact where no hub is in between. What one search does not read beyond a hub, the other
    may come upon from behind, and does where it is one citation away from its own end.

    Parameters
    ----------
    links : Links
    start, goal : Node
        Two different ones.
    without : collection of Node
        Nodes that it may not go through.
    direct : bool
        Whether it may be a single step.
    """

    def __init__(
        self,
        links: Links,
        start: Node,
        goal: Node,
        without: Collection[Node] = (),
        direct: bool = True,
    ) -> None:
        self.sides = (_Side(start), _Side(goal))
        self.found: Found | None = None
        """The connection, or None where there is none."""
        self.complete = True
        """False where the search was given up."""
        self._links, self._ends, self._direct = links, {start, goal}, direct
        self._without = set(without)
        best, middle = math.inf, None
        while (side := self._next(best)) is not None:
            this, other = self.sides[side], self.sides[1 - side]
            distance, _, node = heapq.heappop(this.heap)
            this.done.add(node)
            for near, link in self._around(node, this):
                there = distance + link.weight
                this.offer(near, there, node)
                if near in other.distance and there + other.distance[near] < best:
                    best = there + other.distance[near]
                    middle = (this.way(node), other.way(near))
                    middle = middle if side == 0 else (middle[1], middle[0])
            if node in links.hubs:
                this.held = min(this.held, distance)
            if links.spent:
                self.complete = False
                break
        if middle is not None:
            first, second = middle
            self.found = Found(best, (*reversed(first), *second))

    def _next(self, best: float) -> int | None:
        """Return the search that may still find something shorter, the one that is less far."""
        one, two = self.sides
        useful = []
        for number, (this, other) in enumerate(((one, two), (two, one))):
            # What a hub hides is looked for one step deep: deeper, it would cost too much.
            beyond = other.held if this.top <= CITES else math.inf
            # Any other way has at least one more step, between nodes that neither has reached.
            step = _LEAST if this.top > 0 and other.top > 0 else 0.0
            if this.top + min(other.top, beyond) + step < best:
                useful.append((this.top, len(this.heap), number))
        return min(useful)[2] if useful else None

    def _around(self, node: Node, this: _Side) -> Iterable[tuple[Node, Link]]:
        ahead = (entry[2] for entry in this.heap[:_BATCH] if entry[2] not in this.done)
        for near, link in self._links.of(node, ahead).items():
            if near in this.done or near in self._without:
                continue
            if not self._direct and {node, near} == self._ends:
                continue
            yield near, link
