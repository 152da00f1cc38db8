"""The graph: what is around a paper or entity, a topic, a path or a lineage, drawn and in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from kg.errors import BadRequest, NotFound
from kg.graph.graph import MAX_EXPANSION
from search.library import Library
from ui.drawing.graph_drawing import drawn
from ui.drawing.graph_labels import plain
from ui.drawing.graph_picture import GLYPHS, Picture
from ui.drawing.graph_words import (
    DEFAULT_ENTITY_KINDS,
    DEFAULT_KINDS,
    LINE_KINDS,
    LINE_WORDS,
    NEIGHBOUR_WORDS,
    LineKind,
    left_out,
    neighbours,
    ranks,
    reasons,
)
from ui.page.address import Address
from ui.page.templating import cut, rendered
from ui.page.visit import Page, Visit
from ui.text.quantities import counted
from ui.views import graph_paths, graph_start

if TYPE_CHECKING:
    import networkx as nx

NODE_COUNTS = (40, 100, 200)
"""Numbers of nodes that one can choose."""

MAX_NODES = 300
"""Nodes of a picture."""

LAYOUTS = {"links": "by links", "time": "by time"}
"""Layout -> label; the first is the default."""

DEPTHS = {1: "its neighbours", 2: "theirs as well"}
"""Depth -> label."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What an address chooses of a graph."""

    kinds: tuple[str, ...]
    """Of `LINE_KINDS`."""
    depth: int
    most: int
    layout: str
    expand: tuple[str, ...]
    """Nodes of which more neighbours are shown."""
    beyond: int
    """Further nodes that were to be expanded: there is no room for them."""

    @property
    def edges(self) -> tuple[str, ...]:
        """Kinds of edges, of `kg.graph.schema.EDGES`."""
        return tuple(edge for kind in self.kinds for edge in LINE_KINDS[kind].edges)


def view(visit: Visit) -> Page:
    """Return the graph that the address names, or a page that helps to name one."""
    address, library = visit.address, visit.library
    if address.one("from") or address.one("to"):
        return graph_paths.path(visit)
    if name := address.one("lineage"):
        return graph_paths.lineage(visit, name)
    if topic := address.one("topic"):
        return _topic(visit, library.taxonomy.find(topic).id)
    if name := address.one("paper"):
        return _around(visit, name, DEFAULT_KINDS)
    if name := address.one("entity"):
        return _around(visit, f"entity:{name}", DEFAULT_ENTITY_KINDS)
    if asked := address.one("find"):
        try:
            library.listed([asked])
        except NotFound:
            return graph_start.choices(visit, asked)
        return _around(visit, asked, DEFAULT_KINDS)
    return graph_start.start(visit)


def canvas(library: Library, paper_id: str, most: int = 40) -> Markup:
    """Return a drawing of a paper's neighbourhood for another page; empty where it has none.

    Parameters
    ----------
    paper_id : str
        The paper's id, link or title.
    most : int
        Nodes beside the paper at most.

    Raises
    ------
    NotFound
        If there is no such paper.
    """
    graph = library.neighbourhood(paper_id, DEFAULT_KINDS, 1, most)
    if len(graph) < 2:
        return Markup()
    shown = drawn(library, graph, centre=graph.graph["centre"])
    centre = graph.graph["centre"].partition(":")[2]
    return rendered(
        "graph_embedded.html",
        picture=shown,
        centre=centre,
        told=left_out(graph),
        kinds=_drawn_kinds(shown),
        address=Address.of("graph", paper=centre),
    )


def choice(address: Address, default: tuple[str, ...] = DEFAULT_KINDS) -> Choice:
    """Parse what an address chooses of a graph; `default` are the kinds where it names none."""
    asked = dict.fromkeys(address.all("kind"))
    wrong = [kind for kind in asked if kind not in LINE_KINDS]
    if wrong:
        raise BadRequest(f"unknown kind of link '{wrong[0][:40]}'", f"use {', '.join(LINE_KINDS)}")
    kinds = tuple(kind for kind in LINE_KINDS if kind in asked) or default
    most = address.number("most", NODE_COUNTS[0]) or 0
    if not 1 <= most <= MAX_NODES:
        raise BadRequest(f"cannot draw {most} nodes", f"ask for 1 to {MAX_NODES}")
    layout = address.one("layout") or "links"
    if layout not in LAYOUTS:
        raise BadRequest(f"unknown layout '{layout[:40]}'", f"use {' or '.join(LAYOUTS)}")
    expand = tuple(dict.fromkeys(address.all("expand")))
    room = max(0, (MAX_NODES - most) // MAX_EXPANSION)
    depth = address.number("depth", 1) or 0
    return Choice(kinds, depth, most, layout, expand[:room], len(expand[room:]))


def _around(visit: Visit, name: str, default: tuple[str, ...]) -> Page:
    library, chosen = visit.library, choice(visit.address, default)
    graph = library.neighbourhood(name, chosen.edges, chosen.depth, chosen.most, chosen.expand)
    centre: str = graph.graph["centre"]
    kind, _, name = centre.partition(":")
    address = _canonical(visit.address, kind, name)
    shown = drawn(library, graph, chosen.layout, centre)
    return _page(visit, address, chosen, graph, shown, graph.nodes[centre]["label"])


def _topic(visit: Visit, topic: str) -> Page:
    library, chosen = visit.library, choice(visit.address)
    graph = library.topic_graph(topic, chosen.edges, chosen.most)
    address = _canonical(visit.address, "topic", topic)
    shown = drawn(library, graph, chosen.layout)
    return _page(visit, address, chosen, graph, shown, library.taxonomy[topic].name)


def _page(
    visit: Visit,
    address: Address,
    chosen: Choice,
    graph: "nx.MultiDiGraph",
    shown: Picture,
    title: str,
) -> Page:
    library, centre = visit.library, shown.centre
    return Page(
        f"{plain(title)}: graph",
        rendered(
            "graph.html",
            address=address,
            chosen=chosen,
            picture=shown,
            centre=shown.nodes[centre] if centre is not None else None,
            title=title,
            start=address.params[0],
            name=f"Graph of {plain(cut(title))}",
            topic=graph.graph.get("topic"),
            papers=graph.graph["papers"],
            links=counted(len(shown.lines), "link"),
            of=graph.graph.get("of", 0),
            groups=neighbours(shown),
            reasons=ranks(shown, graph.graph["influential"])
            if centre is None
            else reasons(shown, centre),
            told=left_out(graph, chosen.beyond),
            kinds=list(_kinds(library, chosen, shown)),
            drawn=_drawn_kinds(shown),
            areas=_areas(library, shown),
            glyphs=_glyphs(shown),
            words=NEIGHBOUR_WORDS,
            shown=NODE_COUNTS,
            layouts=LAYOUTS,
            depths=DEPTHS,
            taxonomy=library.taxonomy,
        ),
    )


def _canonical(address: Address, what: str, name: str) -> Address:
    """Return the address without the state of the script, and with the id as first parameter."""
    state = ("find", "paper", "topic", "entity", "x", "y", "zoom", "moved", "at")
    kept = address.with_(**dict.fromkeys(state))
    return Address("graph", ((what, name), *kept.params))


def _kinds(
    library: Library, chosen: Choice, shown: Picture
) -> Iterator[tuple[str, LineKind, bool, int | None]]:
    """Yield name, kind, whether it is chosen, and the number of lines at the centre."""
    counts: dict[str, int] = {}
    if shown.centre is not None:
        counts = library.link_counts(shown.nodes[shown.centre].id)
    for name, kind in LINE_KINDS.items():
        known = [counts[edge] for edge in kind.edges if edge in counts]
        yield name, kind, name in chosen.kinds, sum(known) if shown.centre is not None else None


def _drawn_kinds(shown: Picture) -> list[tuple[str, str, int]]:
    """Return the first kind of edge, the words and the number of the lines that are drawn."""
    there = shown.kinds()
    found: dict[str, tuple[str, int]] = {}
    for kind, words in LINE_WORDS.items():
        if there[kind]:
            first, number = found.get(words.legend, (kind, 0))
            found[words.legend] = first, number + there[kind]
    return [(kind, legend, number) for legend, (kind, number) in found.items()]


def _glyphs(shown: Picture) -> dict[str, str]:
    """Return the characters in the marks that are drawn, by what they stand for."""
    there = {node.word for node in shown.nodes}
    return {word: glyph for word, glyph in GLYPHS.items() if word in there}


def _areas(library: Library, shown: Picture) -> Sequence[tuple[str, str, str]]:
    """Return id, name and shape of the areas whose papers are drawn."""
    marks = {node.area: node.shape for node in shown.nodes if node.paper}
    named = [(one.id, one.name, marks[one.id]) for one in library.taxonomy.roots if one.id in marks]
    return [*named, *([("", "no topic yet", marks[""])] if "" in marks else [])]
