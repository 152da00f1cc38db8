"""Facts about the papers of a graph for its picture, and the sizes of their marks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.entities import Paper
from kg.graph.fractional_years import fractional_years_of
from kg.graph.rows import citation_counts, with_citations
from search.library import Library
from ui.drawing.graph_labels import label, shortened, width

if TYPE_CHECKING:
    import networkx as nx


MAX_ROOMY_NODES = 60
"""Up to so many nodes there is room for most of their names."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A paper with its topics and citations."""

    paper: Paper
    topics: tuple[str, ...]
    cited: int
    """By how many papers of the atlas."""
    known: bool
    """Whether any citation of it is known."""


def facts(library: Library, graph: "nx.MultiDiGraph") -> dict[str, Facts]:
    """Return the facts of the papers of a graph, by node."""
    catalogue = library.catalogue
    nodes = [node for node, kind in graph.nodes(data="kind") if kind == "paper"]
    with catalogue.reading():
        keys = [catalogue.identifiers.key(node.partition(":")[2]) for node in nodes]
        papers = catalogue.papers.get(keys)
        topics = library.topics_of(keys)
        cited = citation_counts(catalogue.database, keys, 100_000)
        known = with_citations(catalogue.database, keys)
    return {
        node: Facts(paper, own, cited[key], key in known)
        for node, key, paper, own in zip(nodes, keys, papers, topics, strict=True)
    }


def times(found: Mapping[str, Facts]) -> dict[str, float]:
    """Return the dates of the papers that have one, in years with a fraction."""
    days = fractional_years_of(one.paper for one in found.values()).tolist()
    return {node: day for node, day in zip(found, days, strict=True) if day}


def radius(found: Mapping[str, Facts], node: str, centre: str | None) -> float:
    """Return the radius of a node in pixels: a paper's area grows with its citations."""
    if node not in found:
        return 9.0
    own: float = min(21.0, (42 + 12 * found[node].cited) ** 0.5)
    return max(14.0, own) if node == centre else own


def sizes(
    graph: "nx.MultiDiGraph",
    found: Mapping[str, Facts],
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
