"""A picture of a graph in words: why a node is there, what joins it, and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kg.graph.graph import HUB, MORE
from ui.drawing.graph_picture import Line, Node, Picture
from ui.text.quantities import counted

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of line that one can choose."""

    edges: tuple[str, ...]
    """Kinds of edges, of `kg.graph.schema.EDGES`, that it stands for."""
    name: str
    """Beside its box."""
    out: str
    """What the lines from a node are."""
    back: str
    """What the lines to a node are."""


KINDS: Final[Mapping[str, Kind]] = {
    "cites": Kind(("cites",), "Citations", "Cites", "Cited by"),
    "similar_to": Kind(("similar_to",), "Alike", "Alike", "Alike"),
    "in_topic": Kind(("in_topic", "subtopic_of"), "Topics", "Under", "Papers under it"),
    "written_by": Kind(("written_by",), "Authors", "By", "Papers"),
    "listed_in": Kind(("listed_in",), "Lists", "Named by", "Papers"),
    "in_category": Kind(("in_category",), "Categories", "In", "Papers"),
}
"""By the name of the first of its edges, which is its name in an address."""

DEFAULT: Final = ("cites", "similar_to")

_SUBTOPIC = Kind((), "", "Part of", "Its parts")

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    **{name: (kind.out, kind.back) for name, kind in KINDS.items()},
    "subtopic_of": (_SUBTOPIC.out, _SUBTOPIC.back),
}
"""What lines of a kind are, seen from where they start and from where they end."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Nodes that are joined to one in the same way."""

    word: str
    """``Cited by``."""
    nodes: tuple[tuple[Node, str], ...]
    """Each with what more there is to say: a cosine."""


def joined(picture: Picture) -> list[list[Joined]]:
    """Return for each node, in words, what it is joined to: each line once, where it starts."""
    found: list[dict[str, list[tuple[Node, str]]]] = [{} for _ in picture.nodes]
    for line in picture.lines:
        note = f"{line.cosine:.2f}" if line.cosine is not None else ""
        kind = KINDS.get(line.kind, _SUBTOPIC)
        found[line.source].setdefault(kind.out, []).append((picture.nodes[line.target], note))
    return [[Joined(word, tuple(nodes)) for word, nodes in one.items()] for one in found]


def reasons(picture: Picture, centre: int) -> list[str]:
    """Return for each node why it is there: how it is joined to the centre."""
    beside: dict[int, list[Line]] = {}
    for line in picture.lines:
        beside.setdefault(line.source, []).append(line)
        beside.setdefault(line.target, []).append(line)
    steps, turn = {centre: 0}, [centre]
    while turn:
        near = turn.pop(0)
        for line in beside.get(near, ()):
            far = line.target if line.source == near else line.source
            if far not in steps:
                steps[far] = steps[near] + 1
                turn.append(far)
    told = []
    for node in picture.nodes:
        lines = beside.get(node.number, ())
        if node.number == centre:
            told.append("The paper in the middle.")
        elif steps.get(node.number) == 1:
            to_centre = [one for one in lines if centre in (one.source, one.target)]
            told.append(_sentence([_said(one, node, picture.nodes[centre]) for one in to_centre]))
        elif node.number in steps:
            ends = {one.target if one.source == node.number else one.source for one in lines}
            nearer = sorted(at for at in ends if steps[at] < steps[node.number])
            told.append(f"Through {_named([picture.nodes[at].label for at in nearer])}.")
        else:
            told.append("Nothing that is shown joins it to the middle.")
    return told


def ranks(picture: Picture, influential: int) -> list[str]:
    """Return for each node why it is in the graph of a topic."""
    told = []
    for node in picture.nodes:
        if node.paper is None:
            told.append("Joins several of these papers.")
        elif node.number < influential:
            told.append(f"Number {node.number + 1} in the topic by influence for its age.")
        else:
            told.append("Among those with the most links in the topic.")
    return told


def _said(line: Line, node: Node, centre: Node) -> str:
    """Return how a node is joined to the centre."""
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
    told = " and ".join(parts)
    return told[:1].upper() + told[1:] + "."


def _named(names: Sequence[str], most: int = 3) -> str:
    names = list(dict.fromkeys(names))
    first, rest = names[:most], len(names) - most
    if rest > 0:
        return f"{', '.join(first)} and {rest} more"
    return " and ".join(filter(None, (", ".join(first[:-1]), *first[-1:])))


def left_out(graph: "nx.MultiDiGraph", beyond: int = 0) -> list[str]:
    """Return what a graph does not show, in sentences.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        As `kg.graph.graph.neighbourhood` or `kg.analysis.topic_graph.topic_graph` makes it.
    beyond : int
        How many nodes were to be expanded for which there was no room.
    """
    facts, told = graph.graph, []
    out = facts["left_out"]
    if out:
        kinds = _named([counted(number, kind) for kind, number in out.items()], len(out))
        if "topic" in facts:
            shown = "the most influential, then the most linked"
        else:
            shown = "those with the most links to what is nearer, then the most cited"
        told.append(f"Left out: {kinds}; shown are {shown}.")
    hubs = facts.get("hubs", ())
    if hubs:
        names = [graph.nodes[hub]["label"] for hub in hubs if hub in graph]
        told.append(f"Not looked beyond {_named(names)}: more than {HUB} neighbours say little.")
    if beyond:
        told.append(f"No room to expand {counted(beyond, 'node')} more: {MORE} each, 300 in all.")
    known, papers = facts["known_citations"], facts["papers"]
    if papers:
        doubt = "" if known == papers else ": a missing line is no proof of a missing citation"
        told.append(f"Citations are known of {known:,} of {counted(papers, 'paper')}{doubt}.")
    return told
