"""A picture of a graph in words: why each node is there, its neighbours, and what is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kg.graph.graph import MAX_EXPANSION, MAX_HUB_DEGREE
from ui.drawing.graph_picture import Line, Node, Picture
from ui.text.quantities import counted

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class LineKind:
    """A kind of line that the reader can show or hide."""

    edges: tuple[str, ...]
    """Kinds of edges, of `kg.graph.schema.EDGES`, that it stands for."""
    name: str
    """Label of its check box."""
    out: str
    """Label of the lines from a node."""
    back: str
    """Label of the lines to a node."""


LINE_KINDS: Final[Mapping[str, LineKind]] = {
    "cites": LineKind(("cites",), "Citations", "Cites", "Cited by"),
    "similar_to": LineKind(("similar_to",), "Alike", "Alike", "Alike"),
    "in_topic": LineKind(("in_topic", "subtopic_of"), "Topics", "Under", "Papers under it"),
    "written_by": LineKind(("written_by",), "Authors", "By", "Papers"),
    "listed_in": LineKind(("listed_in",), "Lists", "Named by", "Papers"),
    "in_category": LineKind(("in_category",), "Categories", "In", "Papers"),
}
"""By the name of the first of its edges, which is its name in an address."""

DEFAULT_KINDS: Final = ("cites", "similar_to")

_SUBTOPIC = LineKind((), "", "Part of", "Its parts")

LINE_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    **{name: (kind.out, kind.back) for name, kind in LINE_KINDS.items()},
    "subtopic_of": (_SUBTOPIC.out, _SUBTOPIC.back),
}
"""Kind of an edge -> label of its lines, seen from the start and from the end."""


@dataclass(frozen=True, slots=True)
class NeighbourGroup:
    """Neighbours of a node over lines of one kind."""

    word: str
    """``Cited by``."""
    nodes: tuple[tuple[Node, str], ...]
    """Each with its cosine, or nothing."""


def neighbours(picture: Picture) -> list[list[NeighbourGroup]]:
    """Return for each node its neighbours by kind of line; each line stands once, at its start."""
    found: list[dict[str, list[tuple[Node, str]]]] = [{} for _ in picture.nodes]
    for line in picture.lines:
        note = f"{line.cosine:.2f}" if line.cosine is not None else ""
        kind = LINE_KINDS.get(line.kind, _SUBTOPIC)
        found[line.source].setdefault(kind.out, []).append((picture.nodes[line.target], note))
    return [[NeighbourGroup(word, tuple(nodes)) for word, nodes in one.items()] for one in found]


def reasons(picture: Picture, centre: int) -> list[str]:
    """Return for each node how it is connected to the centre."""
    beside: dict[int, list[Line]] = {}
    for line in picture.lines:
        beside.setdefault(line.source, []).append(line)
        beside.setdefault(line.target, []).append(line)
    steps, queue = {centre: 0}, [centre]
    while queue:
        near = queue.pop(0)
        for line in beside.get(near, ()):
            far = line.target if line.source == near else line.source
            if far not in steps:
                steps[far] = steps[near] + 1
                queue.append(far)
    found = []
    for node in picture.nodes:
        lines = beside.get(node.number, ())
        if node.number == centre:
            found.append("The paper in the middle.")
        elif steps.get(node.number) == 1:
            to_centre = [one for one in lines if centre in (one.source, one.target)]
            found.append(
                _sentence([_described(one, node, picture.nodes[centre]) for one in to_centre])
            )
        elif node.number in steps:
            ends = {one.target if one.source == node.number else one.source for one in lines}
            nearer = sorted(at for at in ends if steps[at] < steps[node.number])
            found.append(f"Through {_named([picture.nodes[at].label for at in nearer])}.")
        else:
            found.append("Nothing that is shown joins it to the middle.")
    return found


def ranks(picture: Picture, influential: int) -> list[str]:
    """Return for each node why it was chosen for the graph of a topic."""
    found = []
    for node in picture.nodes:
        if node.paper is None:
            found.append("Joins several of these papers.")
        elif node.number < influential:
            found.append(f"Number {node.number + 1} in the topic by influence for its age.")
        else:
            found.append("Among those with the most links in the topic.")
    return found


def _described(line: Line, node: Node, centre: Node) -> str:
    """Return how a line connects a node to the centre."""
    outward = line.source == node.number
    name = centre.label
    if line.kind == "cites":
        return f"cites {name}" if outward else f"is cited by {name}"
    if line.kind == "similar_to":
        return f"is alike {name} in meaning (cosine {line.cosine or 0:.2f})"
    return {
        "in_topic": f"{name} is under it",
        "written_by": f"wrote {name}",
        "listed_in": f"names {name}",
        "in_category": f"{name} is in it",
    }.get(line.kind, f"belongs with {name}")


def _sentence(parts: Sequence[str]) -> str:
    text = " and ".join(parts)
    return text[:1].upper() + text[1:] + "."


def _named(names: Sequence[str], most: int = 3) -> str:
    names = list(dict.fromkeys(names))
    first, rest = names[:most], len(names) - most
    if rest > 0:
        return f"{', '.join(first)} and {rest} more"
    return " and ".join(filter(None, (", ".join(first[:-1]), *first[-1:])))


def left_out(graph: "nx.MultiDiGraph", beyond: int = 0) -> list[str]:
    """Return sentences on what a graph leaves out.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        As `kg.graph.graph.neighbourhood` or `kg.analysis.topic_graph.topic_graph` makes it.
    beyond : int
        Nodes that were to be expanded, but for which there was no room.
    """
    facts, sentences = graph.graph, []
    out = facts["left_out"]
    if out:
        kinds = _named([counted(number, kind) for kind, number in out.items()], len(out))
        if "topic" in facts:
            shown = "the most influential, then the most linked"
        else:
            shown = "those with the most links to what is nearer, then the most cited"
        sentences.append(f"Left out: {kinds}; shown are {shown}.")
    hubs = facts.get("hubs", ())
    if hubs:
        names = [graph.nodes[hub]["label"] for hub in hubs if hub in graph]
        sentences.append(
            f"Not looked beyond {_named(names)}: more than {MAX_HUB_DEGREE} neighbours say little."
        )
    if beyond:
        sentences.append(
            f"No room to expand {counted(beyond, 'node')} more: {MAX_EXPANSION} each, 300 in all."
        )
    known, papers = facts["known_citations"], facts["papers"]
    if papers:
        doubt = "" if known == papers else ": a missing line is no proof of a missing citation"
        sentences.append(f"Citations are known of {known:,} of {counted(papers, 'paper')}{doubt}.")
    return sentences
