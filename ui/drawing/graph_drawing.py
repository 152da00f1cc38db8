"""Draw a graph: positions and names of its nodes, and the paths of its lines."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kg.ids import topic_ids
from search.library import Library
from search.pages.graph_papers import GraphPaper
from ui.drawing.area_shapes import shape
from ui.drawing.graph_facts import facts, radius, sizes, times
from ui.drawing.graph_labels import label, name_zooms, shortened
from ui.drawing.graph_picture import HIGH, WIDE, Line, Node, Picture, curve
from ui.drawing.layout import Layout, along_time, around
from ui.page.address import Address
from ui.page.templating import area

if TYPE_CHECKING:
    import networkx as nx


MARGIN = 34.0
"""Pixels around all nodes."""

MAX_SCALE = 1.6
"""Scale at which a small picture is drawn."""

BEND = 0.16
"""Distance by which parallel lines bend apart, as a fraction of their length."""


def drawn(
    library: Library,
    graph: "nx.MultiDiGraph",
    layout: str = "links",
    centre: str | None = None,
    line: Sequence[str] = (),
) -> Picture:
    """Return a graph as a picture.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        As `kg.graph.graph` makes it.
    layout : str
        ``links``, or ``time`` for time from left to right.
    centre : str, optional
        The node that the others are around.
    line : sequence of str
        Nodes of a path; the lines along it are emphasised.
    """
    found = facts(library, graph)
    boxes = sizes(graph, found, centre)
    if layout == "time":
        placed = along_time(graph, boxes, times(found))
    else:
        placed = around(graph, boxes, centre)
    return picture(library, graph, placed, found, centre, {centre}, list(pairwise(line)))


def picture(
    library: Library,
    graph: "nx.MultiDiGraph",
    layout: Layout,
    found: Mapping[str, GraphPaper],
    centre: str | None = None,
    main: Collection[str | None] = (),
    ways: Collection[tuple[str, str]] = (),
) -> Picture:
    """Return a graph with a given layout as a picture.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        As `kg.graph.graph` makes it.
    layout : Layout
        Positions of its nodes.
    found : mapping
        What `facts` returns.
    centre : str, optional
        The node that the others are around.
    main : collection of str
        Nodes that are emphasised.
    ways : collection of (str, str)
        Pairs of nodes, in either order, whose lines are emphasised.
    """
    _, _, wide, high = layout.box
    scale = min((WIDE - 2 * MARGIN) / max(wide, 1), (HIGH - 2 * MARGIN) / max(high, 1), MAX_SCALE)
    names = list(graph)
    nodes = tuple(_nodes(library, graph, layout, found, centre, main))
    number = {name: at for at, name in enumerate(names)}
    frame = Picture(nodes, (), layout.box, layout.ticks, scale, number.get(centre or ""))
    lines = list(_lines(graph, number, frame, ways))
    # Emphasised lines are drawn last, above the others.
    lines.sort(key=lambda one: (one.main, frame.centre in (one.source, one.target)))
    return replace(frame, lines=tuple(lines))


def _nodes(
    library: Library,
    graph: "nx.MultiDiGraph",
    layout: Layout,
    found: Mapping[str, GraphPaper],
    centre: str | None,
    main: Collection[str | None],
) -> Iterator[Node]:
    areas = [root.id for root in library.taxonomy.roots]
    nodes = list(graph.nodes(data=True))
    names = [
        label(found[node].paper) if node in found else shortened(data["label"])
        for node, data in nodes
    ]
    sizes = [radius(found, node, centre) for node, _ in nodes]
    # Emphasised nodes are named first, then the most linked and cited ones.
    order = sorted(
        range(len(nodes)),
        key=lambda at: (nodes[at][0] not in main, -graph.degree(nodes[at][0]) - sizes[at], at),
    )
    room = name_zooms(
        [layout.positions[nodes[at][0]] for at in order],
        [sizes[at] for at in order],
        [names[at] for at in order],
    )
    level = dict(zip(order, room, strict=True))
    for at, (node, data) in enumerate(nodes):
        facts = found.get(node)
        topics = facts.topics if facts else ()
        own = area(topics) if facts else _area_of(node, areas)
        x, y = layout.positions[node]
        yield Node(
            number=at,
            id=node,
            kind=data["kind"],
            word=data.get("entity_type", data["kind"]),
            title=data["label"],
            label=names[at],
            level=level[at],
            href=node_address(node),
            x=x,
            y=y,
            radius=round(sizes[at], 1),
            shape=shape(areas, own) if facts else "",
            area=own,
            paper=facts.paper if facts else None,
            topics=topics,
            cited=facts.cited if facts else 0,
            known=facts.known if facts else True,
            main=node in main,
            about=data.get("about", ""),
        )


def _area_of(node: str, areas: Sequence[str]) -> str:
    kind, _, name = node.partition(":")
    own = topic_ids.area(name)
    return own if kind == "topic" and own in areas else ""


def node_address(node: str) -> str:
    """Return the address of a node's own view; empty where it has none."""
    kind, _, name = node.partition(":")
    if kind == "topic":
        return str(Address.of("topics", topic=name))
    if kind == "entity":
        return str(Address.of("entity", id=name))
    if kind == "author":
        return str(Address.of("paper", author=name))
    return str(Address.of("paper", paper=name)) if kind == "paper" else ""


def _lines(
    graph: "nx.MultiDiGraph",
    number: Mapping[str, int],
    frame: Picture,
    ways: Collection[tuple[str, str]],
) -> Iterator[Line]:
    between: dict[tuple[int, int], list[tuple[str, str, dict[str, Any]]]] = {}
    for source, target, data in graph.edges(data=True):
        first, last = sorted((number[source], number[target]))
        between.setdefault((first, last), []).append((source, target, data))
    strong = {frozenset(way) for way in ways}
    for several in between.values():
        for place, (source, target, data) in enumerate(several):
            one, other = frame.nodes[number[source]], frame.nodes[number[target]]
            # A bend to the left of one direction is to the right of the opposite one.
            side = 1 if one.number < other.number else -1
            bend = round(BEND * side * (2 * place - len(several) + 1), 2)
            yield Line(
                source=one.number,
                target=other.number,
                kind=data["kind"],
                cosine=data.get("cosine"),
                bend=bend,
                main=frozenset((source, target)) in strong,
                path=curve(frame.at(one.x, one.y), frame.at(other.x, other.y), bend),
            )
