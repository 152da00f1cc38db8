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
    """Lines that the reader can show or hide."""

    edges: tuple[str, ...]
    """Kinds of edges, of `kg.graph.schema.EDGES`, that it stands for; its sample is the first."""
    name: str
    """Label of its check box."""


LINE_KINDS: Final[Mapping[str, LineKind]] = {
    "cites": LineKind(("cites",), "Citations"),
    "similar_to": LineKind(("similar_to",), "Alike"),
    "entities": LineKind(
        (
            *("introduces", "builds_on", "compares_with", "evaluates_on", "works_on"),
            *("extends", "compared_with"),
        ),
        "Methods, benchmarks, models",
    ),
    "mentions": LineKind(("mentions",), "Mentions"),
    "in_topic": LineKind(("in_topic", "belongs_to", "subtopic_of"), "Topics"),
    "written_by": LineKind(("written_by",), "Authors"),
    "listed_in": LineKind(("listed_in",), "Lists"),
    "in_category": LineKind(("in_category",), "Categories"),
}
"""By their names in an address."""

DEFAULT_KINDS: Final = ("cites", "similar_to")
"""What is shown around a paper and in a topic."""

DEFAULT_ENTITY_KINDS: Final = ("cites", "entities")
"""What is shown around a method, benchmark or model."""


@dataclass(frozen=True, slots=True)
class LineWords:
    """What the lines of one kind of edge are called."""

    legend: str
    out: str
    """Before the nodes that lines from a node lead to."""
    back: str
    """Before the nodes that lines to a node come from."""
    to_centre: str
    """How a node is joined to the centre by a line to it; {} is the centre's name."""
    from_centre: str
    """Likewise by a line from the centre."""


LINE_WORDS: Final[Mapping[str, LineWords]] = {
    "cites": LineWords(
        "Citations: arrows lead to what is cited", "Cites", "Cited by", "cites {}", "is cited by {}"
    ),
    "similar_to": LineWords(
        "Alike", "Alike", "Alike", "is alike {} in meaning", "is alike {} in meaning"
    ),
    "introduces": LineWords(
        "Introduces", "Introduces", "Introduced by", "introduces {}", "is introduced by {}"
    ),
    "builds_on": LineWords(
        "Builds on", "Builds on", "Papers that build on it", "builds on {}", "{} builds on it"
    ),
    "compares_with": LineWords(
        *("Compares with", "Compares with", "Papers that compare with it"),
        *("compares with {}", "{} compares with it"),
    ),
    "evaluates_on": LineWords(
        *("Measured on", "Measured on", "Papers measured on it"),
        *("is measured on {}", "{} is measured on it"),
    ),
    "works_on": LineWords(
        "Works on", "Works on", "Papers that work on it", "works on {}", "{} works on it"
    ),
    "extends": LineWords(
        *("Extends: arrows lead to what is extended", "Extends", "Extended by"),
        *("extends {}", "{} extends it"),
    ),
    "compared_with": LineWords(
        *("Compared", "Compared with", "Compared with"),
        *("is compared with {}", "is compared with {}"),
    ),
    "mentions": LineWords(
        "Mentions", "Mentions", "Mentioned by", "mentions {}", "is mentioned by {}"
    ),
    "in_topic": LineWords("Topics", "Under", "Papers under it", "is under {}", "{} is under it"),
    "belongs_to": LineWords(
        "Topics", "Under", "Methods under it", "belongs to {}", "{} belongs to it"
    ),
    "subtopic_of": LineWords(
        "Topics", "Part of", "Its parts", "is a part of {}", "{} is a part of it"
    ),
    "written_by": LineWords("Authors", "By", "Papers", "is written by {}", "wrote {}"),
    "listed_in": LineWords("Lists", "Named by", "Papers", "is named by {}", "names {}"),
    "in_category": LineWords("Categories", "In", "Papers", "is in {}", "{} is in it"),
}
"""By the kinds of edges of `kg.graph.schema.EDGES`, in the order of a legend."""


NEIGHBOUR_WORDS: Final = {kind: (words.out, words.back) for kind, words in LINE_WORDS.items()}
"""Kind of an edge -> what stands before the nodes at its end and at its start, for the script."""

NOUNS: Final = {"entity": "method, benchmark or model"}
"""Kind of node -> what a reader calls it, where that is another word."""


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
        found[line.source].setdefault(LINE_WORDS[line.kind].out, []).append(
            (picture.nodes[line.target], note)
        )
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
            found.append(f"The {node.word} in the middle.")
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
    words = LINE_WORDS[line.kind]
    form = words.to_centre if line.source == node.number else words.from_centre
    note = f" (cosine {line.cosine:.2f})" if line.cosine is not None else ""
    return form.replace("{}", centre.label) + note


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
        kinds = _named(
            [counted(number, NOUNS.get(kind, kind)) for kind, number in out.items()], len(out)
        )
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
