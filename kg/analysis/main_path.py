"""Main path analysis: the path of most weight through the citations around a paper.

Paths lead along arcs from a start to the ends, which have no further arc. An arc weighs as much as
there are paths that take it (its search path count); the weights of the main path's arcs have the
greatest sum.

References
----------
N. P. Hummon and P. Doreian, "Connectivity in a citation network: the development of DNA theory",
Social Networks 11, 1989. V. Batagelj, "Efficient algorithms for citation network analysis", 2003
(arXiv:cs/0309023): the search path count, and the main path of greatest sum.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

Arc = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MainPath:
    """The path of most weight, and which part of all paths takes its arcs and each node."""

    path: tuple[int, ...]
    """Nodes from the start to an end."""
    shares: tuple[float, ...]
    """Part of all paths that take each arc of the main path, 0 to 1."""
    through: Mapping[int, float]
    """Part of all paths that lead through each node, 0 to 1."""


def main_path(arcs: Iterable[Arc], start: int, order: Mapping[int, float]) -> MainPath:
    """Return the main path from a start.

    Citations do form cycles: preprints cite each other in newer versions. Within a cycle only
    arcs that go up in `order` count; elsewhere all do, whatever the dates say. Of arcs that lead
    on with the same weight, the one to the least node in `order` is taken.

    Parameters
    ----------
    arcs : iterable of (int, int)
        All of them reachable from the start.
    order : mapping of int to float
        A different number for each node: its place in time, forwards or backwards.

    Examples
    --------
    >>> found = main_path([(1, 2), (1, 3), (2, 4), (3, 4), (4, 5)], 1, {at: at for at in range(6)})
    >>> found.path, found.shares
    ((1, 2, 4, 5), (0.5, 0.5, 1.0))
    """
    import networkx as nx  # Takes longer to import than most questions take to answer.

    graph = _acyclic(arcs, start, order)
    nodes = list(nx.topological_sort(graph))
    paths_to = dict.fromkeys(nodes, 0)
    paths_to[start] = 1
    for node in nodes:
        for further in graph[node]:
            paths_to[further] += paths_to[node]
    paths_from: dict[int, int] = {}
    # The best path from each node on: its weight, minus the place of its next node, and that node.
    best: dict[int, tuple[int, float, int | None]] = {}
    for node in reversed(nodes):
        paths_from[node] = sum(paths_from[further] for further in graph[node]) or 1
        best[node] = max(
            (
                (paths_to[node] * paths_from[further] + best[further][0], -order[further], further)
                for further in graph[node]
            ),
            default=(0, 0.0, None),
        )
    path, total = [start], paths_from[start]
    while (further_on := best[path[-1]][2]) is not None:
        path.append(further_on)
    return MainPath(
        tuple(path),
        tuple(paths_to[one] * paths_from[two] / total for one, two in pairwise(path)),
        {node: paths_to[node] * paths_from[node] / total for node in nodes},
    )


def _acyclic(arcs: Iterable[Arc], start: int, order: Mapping[int, float]) -> "nx.DiGraph":
    """Return the graph of the arcs without those that go down in `order` within a cycle."""
    import networkx as nx

    graph = nx.DiGraph(arcs)
    graph.add_node(start)
    for members in list(nx.strongly_connected_components(graph)):
        # Most components are single nodes, which may cite themselves.
        inner = [(one, two) for one in members for two in graph[one] if two in members]
        graph.remove_edges_from([arc for arc in inner if order[arc[0]] >= order[arc[1]]])
    return graph
