"""Facts about the papers of a graph for its picture, and the sizes of their marks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kg.graph.fractional_years import fractional_years_of
from search.library import Library
from search.pages.graph_papers import GraphPaper
from ui.drawing.graph_labels import label, shortened, width

if TYPE_CHECKING:
    import networkx as nx


MAX_ROOMY_NODES = 60
"""Up to so many nodes there is room for most of their names."""


def facts(library: Library, graph: "nx.MultiDiGraph") -> dict[str, GraphPaper]:
    """Return the facts of the papers of a graph, by node."""
    nodes = [node for node, kind in graph.nodes(data="kind") if kind == "paper"]
    papers = library.graph_papers(node.partition(":")[2] for node in nodes)
    return dict(zip(nodes, papers, strict=True))


def times(found: Mapping[str, GraphPaper]) -> dict[str, float]:
    """Return the dates of the papers that have one, in years with a fraction."""
    days = fractional_years_of(one.paper for one in found.values()).tolist()
    return {node: day for node, day in zip(found, days, strict=True) if day}


def radius(found: Mapping[str, GraphPaper], node: str, centre: str | None) -> float:
    """Return the radius of a node in pixels: a paper's area grows with its citations."""
    own = min(21.0, (42.0 + 12 * found[node].cited) ** 0.5) if node in found else 9.0
    return max(14.0, own) if node == centre else own


def sizes(
    graph: "nx.MultiDiGraph",
    found: Mapping[str, GraphPaper],
    centre: str | None = None,
) -> dict[str, tuple[float, float]]:
    """Return width and height in pixels of each node with a part of its name."""
    named = 0.72 if len(graph) <= MAX_ROOMY_NODES else 0.45
    boxes = {}
    for node, data in graph.nodes(data=True):
        name = label(found[node].paper) if node in found else shortened(data["label"])
        size = 2 * radius(found, node, centre)
        boxes[node] = (max(size + 10, width(name) * named), size + 19)
    return boxes
