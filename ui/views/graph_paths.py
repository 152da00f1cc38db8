"""Paths between two papers, topics or entities, and the lineage of a paper."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from kg.analysis.lineage import Lineage
from kg.analysis.paths.connect import PathAnswer, Route
from kg.errors import BadRequest, NotFound, SeveralOwners
from kg.graph.schema import RELATIONS
from kg.text.plain import without_controls
from search.library import Library
from ui.drawing.graph_drawing import drawn, node_address, picture
from ui.drawing.graph_facts import facts, sizes
from ui.drawing.graph_labels import plain
from ui.drawing.graph_picture import Picture
from ui.drawing.graph_words import NEIGHBOUR_WORDS, neighbours
from ui.drawing.layout import in_rows
from ui.page.templating import cut, rendered
from ui.page.visit import Page, Visit
from ui.views import graph_start

if TYPE_CHECKING:
    import networkx as nx


MAX_ALTERNATIVES = 3
"""Paths beside the shortest."""

ACROSS, DOWN = 190.0, 105.0
"""Pixels from node to node of a path, and from path to path."""

PAPER_COUNTS = (10, 20, 40)
"""Numbers of papers on each side of a lineage that one can choose."""

_SHARED = ("in_topic", "subtopic_of", *RELATIONS)
"""Kinds of edges by which two nodes share a third."""

_KINDS = (*_SHARED, "cites", "similar_to", "extends", "compared_with")
"""Kinds of edges that paths lead along."""

SentencePart = tuple[str, str | None]
"""A part of a sentence, and the node that it names."""


def path(visit: Visit) -> Page:
    """Return how the two ends in the address are connected, or the form that asks for them."""
    ends = [visit.address.one(end) or "" for end in ("from", "to")]
    if not all(ends):
        return _asked(visit, ends)
    try:
        found = visit.library.path(ends[0], ends[1], MAX_ALTERNATIVES)
    except (NotFound, SeveralOwners) as error:
        return _asked(visit, ends, error)
    graph = _graph_of(visit.library, found)
    rows = [_row(route) for route in found.routes if route.steps]
    names = [plain(graph.nodes[end]["label"]) for end in (found.a, found.b)]
    return Page(
        f"From {names[0]} to {names[1]}",
        rendered(
            "graph_path.html",
            found=found,
            ends=ends,
            names=names,
            graph=graph,
            picture=_rows_drawn(visit.library, graph, found, rows) if rows else None,
            told=[
                [_linked(step.sentence, graph) for step in route.steps] for route in found.routes
            ],
            nearest=_linked(found.nearest.sentence, graph) if found.nearest else None,
            words=NEIGHBOUR_WORDS,
            leads=node_address,
            joined=neighbours,
            taxonomy=visit.library.taxonomy,
            address=visit.address,
        ),
    )


def _asked(
    visit: Visit, ends: Sequence[str], error: NotFound | SeveralOwners | None = None
) -> Page:
    """Return the form for a path, with what the end may mean that is unknown or ambiguous."""
    unknown = error.name if error else None
    end = "from" if unknown is not None and unknown == ends[0] else "to"
    return Page(
        "Path",
        rendered(
            "graph_asked.html",
            ends=ends,
            unknown=unknown,
            several=isinstance(error, SeveralOwners),
            address=visit.address,
            end=end,
            found=graph_start.matches(visit.library, unknown) if unknown else None,
            taxonomy=visit.library.taxonomy,
        ),
    )


def _row(route: Route) -> list[str]:
    """Return the nodes of a path."""
    nodes = [route.steps[0].source] if route.steps else []
    for step in route.steps:
        nodes += [*step.via, step.target]
    return nodes


def _graph_of(library: Library, found: PathAnswer) -> "nx.MultiDiGraph":
    """Return the nodes of all paths, and the edges along them."""
    nodes = dict.fromkeys([found.a, *(node for one in found.routes for node in _row(one)), found.b])
    if found.nearest:
        nodes |= dict.fromkeys([found.nearest.source, found.nearest.target])
    graph = library.subgraph(nodes, _KINDS)
    taken = set()
    for route in found.routes:
        for step in route.steps:
            shared = _SHARED if step.via else (step.kind,)
            for pair in pairwise((step.source, *step.via, step.target)):
                taken |= {(frozenset(pair), kind) for kind in shared}
    for source, target, kind in list(graph.edges(keys=True)):
        if (frozenset((source, target)), kind) not in taken:
            graph.remove_edge(source, target, kind)
    return graph


def _rows_drawn(
    library: Library, graph: "nx.MultiDiGraph", found: PathAnswer, rows: list[list[str]]
) -> Picture:
    shown = graph.subgraph(node for row in rows for node in row)
    known = facts(library, shown)
    layout = in_rows(rows, sizes(shown, known), ACROSS, DOWN)
    main = {found.a, found.b}
    return picture(library, shown, layout, known, None, main, list(pairwise(rows[0])))


def _linked(sentence: str, graph: "nx.MultiDiGraph") -> list[SentencePart]:
    """Split a sentence of `kg.analysis.paths.connect` at the names of nodes."""
    names = {
        f"“{data['label']}”" if data["kind"] == "paper" else data["label"]: node
        for node, data in graph.nodes(data=True)
    }
    # The longest first: a topic's name may be a part of a title. A method's may be one of a word.
    longest = sorted(names, key=len, reverse=True)
    one_of = "|".join(map(re.escape, longest))
    pieces = re.split(rf"(?<!\w)({one_of})(?!\w)", sentence)
    return [(without_controls(piece), names.get(piece)) for piece in pieces if piece]


def lineage(visit: Visit, name: str) -> Page:
    """Return the lineage of a paper: what it builds on and what builds on it, along time."""
    library = visit.library
    most = visit.address.number("most", PAPER_COUNTS[0]) or 0
    if not 1 <= most <= PAPER_COUNTS[-1]:
        raise BadRequest(
            f"cannot show {most} papers on each side", f"ask for 1 to {PAPER_COUNTS[-1]}"
        )
    found = library.lineage(name, most)
    centre = f"paper:{found.paper.id}"
    # The part of the main path nearest to the paper, and the papers beside that path.
    line = [f"paper:{paper.id}" for paper in found.near(most)]
    relatives = (*found.before, *found.after)
    beside = [f"paper:{one.paper.id}" for one in relatives if not one.on_main_path]
    graph = library.subgraph(dict.fromkeys([centre, *line, *beside]), ("cites",))
    shown = drawn(library, graph, "time", centre, line)
    name = f"Line of work of {plain(cut(found.paper.title))}"
    return Page(
        name,
        rendered(
            "graph_lineage.html",
            found=found,
            name=name,
            beyond=len(found.main_path) - len(line),
            most=most,
            sides=PAPER_COUNTS,
            picture=shown,
            groups=neighbours(shown),
            reasons=_places(found, shown),
            words=NEIGHBOUR_WORDS,
            taxonomy=library.taxonomy,
            address=visit.address,
        ),
    )


def _places(found: Lineage, shown: Picture) -> list[str]:
    """Return for each node its place in the lineage, in words."""
    places = {f"paper:{found.paper.id}": "The paper whose line of work this is."}
    sides = (("It builds on this", found.before), ("This builds on it", found.after))
    for words, relatives in sides:
        for one in relatives:
            steps = "directly" if one.steps == 1 else f"{one.steps} citations away"
            main = " On the main path." if one.on_main_path else ""
            places[f"paper:{one.paper.id}"] = (
                f"{words}, {steps}: {one.share:.0%} of the ways on its side lead by here.{main}"
            )
    return [places.get(node.id, "") for node in shown.nodes]
