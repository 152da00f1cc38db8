"""Main path analysis: which way through a line of citations carries most.

Ways lead along arcs from a start to the ends, which have no further arc. An arc weighs as much as
there are ways that take it (its search path count), and the main path is the way whose arcs weigh
most in all.

References
----------
N. P. Hummon and P. Doreian, "Connectivity in a citation network: the development of DNA theory",
Social Networks 11, 1989. V. Batagelj, "Efficient algorithms for citation network analysis", 2003
(arXiv:cs/0309023): the search path count, and the main path of most weight in all.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

Arc = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MainPath:
    """The way of most weight, and how much leads by where."""

    path: tuple[int, ...]
    """Nodes from the start to an end."""
    shares: tuple[float, ...]
    """Part of all ways that take each arc of the path."""
    through: Mapping[int, float]
    """Part of all ways that lead by each node."""


def main_path(arcs: Iterable[Arc], start: int, order: Mapping[int, float]) -> MainPath:
    """Return the main path from a start.

    Citations do form circles: preprints cite each other in newer versions. Within a circle only
    arcs that go up in `order` count; elsewhere all do, whatever the dates say.

    Parameters
    ----------
    arcs : iterable of (int, int)
        All of them reachable from the start.
    start : int
    order : mapping of int to float
        For each node a number, different ones for different nodes: time, forwards or backwards.

    Examples
    --------
    >>> found = main_path([(1, 2), (1, 3), (2, 4), (3, 4), (4, 5)], 1, {at: at for at in range(6)})
    >>> found.path, found.shares
    ((1, 2, 4, 5), (0.5, 0.5, 1.0))
    """
    after = _without_circles(set(arcs), start, order)
    nodes = _topological(after)
    assert nodes is not None
    ways_to = dict.fromkeys(nodes, 0)
    ways_to[start] = 1
    for node in nodes:
        for further in after[node]:
            ways_to[further] += ways_to[node]
    ways_from: dict[int, int] = {}
    # Of the rest of the way from a node: its weight, how far its first node is, and that node.
    best: dict[int, tuple[int, float, int | None]] = {}
    for node in reversed(nodes):
        ways_from[node] = sum(ways_from[further] for further in after[node]) or 1
        best[node] = max(
            (
                (ways_to[node] * ways_from[further] + best[further][0], -order[further], further)
                for further in after[node]
            ),
            default=(0, 0.0, None),
        )
    path, total = [start], ways_from[start]
    while (further_on := best[path[-1]][2]) is not None:
        path.append(further_on)
    return MainPath(
        tuple(path),
        tuple(ways_to[one] * ways_from[two] / total for one, two in pairwise(path)),
        {node: ways_to[node] * ways_from[node] / total for node in nodes},
    )


def _without_circles(
    arcs: set[Arc], start: int, order: Mapping[int, float]
) -> dict[int, list[int]]:
    after = _adjacency(arcs, start)
    if _topological(after) is not None:
        return after
    circle = _circles(after)
    return _adjacency(
        {(one, two) for one, two in arcs if circle[one] != circle[two] or order[one] < order[two]},
        *after,
    )


def _adjacency(arcs: Iterable[Arc], *nodes: int) -> dict[int, list[int]]:
    after: dict[int, list[int]] = {node: [] for node in nodes}
    for one, two in sorted(arcs):
        after.setdefault(one, []).append(two)
        after.setdefault(two, [])
    return after


def _topological(after: Mapping[int, list[int]]) -> list[int] | None:
    """Return the nodes, each before those that its arcs lead to; None where there is a circle."""
    waiting = dict.fromkeys(after, 0)
    for further in after.values():
        for node in further:
            waiting[node] += 1
    ready = [node for node, count in waiting.items() if not count]
    for node in ready:  # It grows while it is read.
        for further_node in after[node]:
            waiting[further_node] -= 1
            if not waiting[further_node]:
                ready.append(further_node)
    return ready if len(ready) == len(after) else None


def _circles(after: Mapping[int, list[int]]) -> dict[int, int]:
    """Return for each node a name of the circles that it is in: its strongly connected component.

    S. R. Kosaraju's algorithm, after A. V. Aho, J. E. Hopcroft and J. D. Ullman, "Data structures
    and algorithms", 1983.
    """
    before: dict[int, list[int]] = {node: [] for node in after}
    for node, further in after.items():
        for other in further:
            before[other].append(node)
    left = list(_walk(after, after, set()))
    circle: dict[int, int] = {}
    seen: set[int] = set()
    for node in reversed(left):
        circle.update((member, node) for member in _walk([node], before, seen))
    return circle


def _walk(starts: Iterable[int], after: Mapping[int, list[int]], seen: set[int]) -> Iterator[int]:
    """Yield all nodes that are reached and not yet seen, each once all beyond it are yielded."""
    for start in starts:
        if start in seen:
            continue
        seen.add(start)
        # Its own stack, as lines of work are longer than Python's.
        stack = [(start, iter(after[start]))]
        while stack:
            node, rest = stack[-1]
            further = next((one for one in rest if one not in seen), None)
            if further is None:
                stack.pop()
                yield node
            else:
                seen.add(further)
                stack.append((further, iter(after[further])))
