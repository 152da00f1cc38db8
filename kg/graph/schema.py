"""The schema of the graph: kinds of nodes and edges, with their attributes.

Tests check that `kg.graph.graph` makes these and nothing else, and that `docs/graph.md` holds
these tables.
"""

from collections.abc import Mapping
from typing import Final

from kg.values import dataclass


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a node or an edge."""

    name: str
    type: type
    """`str`, `int`, `float` or `bool`, which every graph format can write."""
    meaning: str
    """Meaning and unit."""
    always: bool = True
    """False where it is left out of a node of which it is not known."""


@dataclass(frozen=True, slots=True)
class NodeKind:
    """One kind of node, called ``kind:name``."""

    named: str
    """What comes after the colon of its id; the id is cut at the first colon."""
    attributes: tuple[Attribute, ...] = ()
    """Beside `COMMON`."""


@dataclass(frozen=True, slots=True)
class EdgeKind:
    """One kind of edge; its key in the graph is its kind, so two nodes have one of each at most."""

    source: str
    """Kind of node that it comes from."""
    target: str
    """Kind of node that it goes to."""
    meaning: str
    attributes: tuple[Attribute, ...]
    """Beside `kind`."""


COMMON: Final = (
    Attribute("kind", str, "the kind of node"),
    Attribute("label", str, "what a view writes beside it: a title or a name"),
)
"""Attributes of every node."""

NODES: Final[Mapping[str, NodeKind]] = {
    "paper": NodeKind(
        "the paper's id",
        (
            Attribute("year", int, "year of publication", always=False),
            Attribute("venue", str, "conference or journal", always=False),
            Attribute("url", str, "best link", always=False),
            Attribute("arxiv_id", str, "arXiv id without version", always=False),
            Attribute("doi", str, "DOI, lower-case", always=False),
            Attribute("withdrawn", bool, "whether its authors withdrew it"),
            Attribute("summary", str, "what it does, in a sentence of its card", always=False),
            Attribute("card_kind", str, "what it mainly is, by its card", always=False),
            Attribute("data", str, "what one must bring to apply it", always=False),
            Attribute("access", str, "access to the model", always=False),
            Attribute("training", str, "training at each application", always=False),
            Attribute("modality", str, "what its experiments take as input", always=False),
            Attribute("code", str, "link to its code", always=False),
        ),
    ),
    "topic": NodeKind(
        "the topic's id, a path",
        (
            Attribute("origin", str, "`survey`, `atlas`, `own`; empty where the taxonomy lacks it"),
            Attribute("definition", str, "what belongs here; empty where the taxonomy lacks it"),
        ),
    ),
    "category": NodeKind("an arXiv category, such as `cs.LG`"),
    "author": NodeKind("the name in lower case without accents: people of one name are one node"),
    "list": NodeKind("the list's name"),
    "entity": NodeKind(
        "the entity's id, its type and a slug, such as `method/lora`",
        (
            Attribute("entity_type", str, "`method`, `benchmark` or `model`"),
            Attribute("about", str, "what it is, in a sentence", always=False),
            Attribute("also", str, "its other names, joined by semicolons", always=False),
        ),
    ),
}
"""Kinds of nodes."""

_SAID = (Attribute("sources", str, "`list`, `card`, `match` (the name in the text), by commas"),)


def _pair(meaning: str, sources: str) -> EdgeKind:
    papers = Attribute("papers", str, "ids of the papers that say so, joined by commas")
    return EdgeKind("entity", "entity", meaning, (Attribute("sources", str, sources), papers))


EDGES: Final[Mapping[str, EdgeKind]] = {
    "cites": EdgeKind(
        "paper",
        "paper",
        "the one cites the other; a self-citation is left out, a cycle is not",
        (Attribute("sources", str, "who says so, joined by commas"),),
    ),
    "in_topic": EdgeKind(
        "paper",
        "topic",
        "the paper is placed under the topic itself, not only below it",
        (
            Attribute("placed_by", str, "`person`, else `list`, else `model`"),
            Attribute("sources", str, "the lists, models and persons, joined by commas"),
            Attribute("confidence", float, "probability that it is right, 0 to 1; the highest"),
        ),
    ),
    "subtopic_of": EdgeKind("topic", "topic", "the topic is right below the other", ()),
    "in_category": EdgeKind(
        "paper",
        "category",
        "arXiv has the paper in the category",
        (Attribute("primary", bool, "whether it is the primary one"),),
    ),
    "written_by": EdgeKind(
        "paper",
        "author",
        "the author is one of the paper's",
        (Attribute("position", int, "place in the paper's order, 1 is first"),),
    ),
    "listed_in": EdgeKind(
        "paper",
        "list",
        "the list names the paper today",
        (Attribute("starred", bool, "whether the list marks it"),),
    ),
    "similar_to": EdgeKind(
        "paper",
        "paper",
        "each is among the nearest of the other; true both ways, and one edge, from the lesser id",
        (
            Attribute("cosine", float, "of the two vectors, -1 to 1"),
            Attribute("model", str, "whose vectors"),
        ),
    ),
    "introduces": EdgeKind("paper", "entity", "the paper introduces it by its name", _SAID),
    "builds_on": EdgeKind("paper", "entity", "the paper extends, combines or uses it", _SAID),
    "compares_with": EdgeKind("paper", "entity", "results are stated against it", _SAID),
    "evaluates_on": EdgeKind("paper", "entity", "the benchmark or data set is measured on", _SAID),
    "works_on": EdgeKind("paper", "entity", "the pretrained model is adapted or explained", _SAID),
    "mentions": EdgeKind(
        "paper",
        "entity",
        "its name is in title, summary or abstract, and no other edge joins the two",
        _SAID,
    ),
    "extends": _pair(
        "a paper that introduces the one builds on the other of its type, or the list says so",
        "`list` (of entities) and `card`, joined by commas",
    ),
    "compared_with": _pair(
        "a paper that introduces the one states its results against the other of its type",
        "`card`",
    ),
    "belongs_to": EdgeKind(
        "entity",
        "topic",
        "a paper that introduces it is placed under the topic itself",
        (
            Attribute("papers", str, "ids of these papers, joined by commas"),
            Attribute("confidence", float, "of the surest of their placements, 0 to 1"),
        ),
    ),
}
"""Kinds of edges."""

RELATIONS: Final = tuple(
    kind for kind, one in EDGES.items() if (one.source, one.target) == ("paper", "entity")
)
"""Kinds of edges from a paper to an entity, the closest first."""


def as_markdown() -> str:
    """Return the schema as the tables of the documentation."""
    lines = ["| node | called | attributes |", "| --- | --- | --- |"]
    lines.append(f"| every node | | {_described(COMMON)} |")
    for name, node in NODES.items():
        lines.append(f"| `{name}` | `{name}:` and {node.named} | {_described(node.attributes)} |")
    lines += ["", "| edge | from | to | means | attributes |", "| --- | --- | --- | --- | --- |"]
    for name, edge in EDGES.items():
        lines.append(
            f"| `{name}` | {edge.source} | {edge.target} | {edge.meaning} |"
            f" {_described(edge.attributes)} |"
        )
    return "\n".join(lines) + "\n"


def _described(attributes: tuple[Attribute, ...]) -> str:
    return "; ".join(
        f"`{a.name}` ({a.type.__name__}{'' if a.always else ', where known'}): {a.meaning}"
        for a in attributes
    )
