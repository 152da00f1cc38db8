"""The graph of a topic: its most influential and most linked papers, and nodes that join them."""

from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from kg.analysis.influence import influential
from kg.errors import BadRequest
from kg.graph.graph import MAX_NODES, among
from kg.graph.rows import edge_rows, paper_rows
from kg.graph.schema import EDGES
from kg.records import Filters
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

if TYPE_CHECKING:
    import networkx as nx

MAX_JOINING_NODES = 20
"""Topics, authors, categories and lists in the graph."""


def topic_graph(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    topic: str,
    kinds: Collection[str] = ("cites", "similar_to"),
    most: int = 40,
) -> "nx.MultiDiGraph":
    """Return the part of the graph that shows a topic.

    The most influential papers come first, as `kg.analysis.influence` ranks them. Citation data are
    incomplete, so those follow that have the most links within the topic, alike or citing.

    Parameters
    ----------
    topic : str
        Id, name or alias of a topic; its descendants count.
    kinds : collection of str
        Kinds of edges; a topic, an author, a category, a list or an entity is shown where it
        joins two of the papers.
    most : int
        The most papers, at most `MAX_NODES`.

    Returns
    -------
    networkx.MultiDiGraph
        Papers first, the most influential ahead. Its attribute `topic` is the topic's id, `of` how
        many papers it has, `influential` how many of those shown are ranked by influence, and
        `left_out` as in `kg.graph.graph.neighbourhood`.

    Raises
    ------
    NotFound
        If there is no such topic.
    BadRequest
        If a kind or the number makes no sense.
    """
    for kind in kinds:
        if kind not in EDGES:
            raise BadRequest(f"unknown kind of edge {kind!r}", f"use {', '.join(EDGES)}")
    if not 1 <= most <= MAX_NODES:
        raise BadRequest(f"cannot show {most} nodes", f"ask for 1 or more, {MAX_NODES:,} at most")
    asked = taxonomy.find(topic).id
    with catalogue.reading():
        keys = catalogue.papers.select(Filters(topic=asked)) or []
        ranked = influential(catalogue, taxonomy, asked, k=most).papers
        first = [catalogue.identifiers.key(one.paper.id) for one in ranked]
        chosen = [*first, *_most_linked(catalogue, keys, set(first))][:most]
        names = {row[0]: f"paper:{row[1]}" for row in paper_rows(catalogue.database, chosen)}
        joining = [one for one in _joining(catalogue, kinds, chosen) if one != f"topic:{asked}"]
        nodes = [*(names[key] for key in chosen), *joining[:MAX_JOINING_NODES]]
        graph = among(catalogue, taxonomy, nodes, kinds)
    graph.graph["topic"] = asked
    graph.graph["of"] = len(keys)
    graph.graph["influential"] = min(len(first), len(chosen))
    left_out = Counter(one.partition(":")[0] for one in joining[MAX_JOINING_NODES:])
    left_out["paper"] = len(keys) - len(chosen)
    graph.graph["left_out"] = {kind: n for kind, n in sorted(left_out.items()) if n}
    return graph


def _most_linked(catalogue: Catalogue, keys: list[int], without: set[int]) -> list[int]:
    """Return `keys` but for those of `without`, the most linked among all of them first."""
    links: Counter[int] = Counter()
    for kind in ("cites", "similar_to"):
        for row in edge_rows(catalogue.database, kind, keys):
            links.update(row[:2])
    others = [key for key in keys if key not in without]
    return sorted(others, key=lambda key: (-links[key], key))


def _joining(catalogue: Catalogue, kinds: Collection[str], keys: list[int]) -> list[str]:
    """Return the nodes that join two of these papers, those of most papers first."""
    joined: dict[tuple[str, Any], set[int]] = {}
    for kind in kinds:
        target = EDGES[kind].target
        if EDGES[kind].source == "paper" and target != "paper":
            for row in edge_rows(catalogue.database, kind, keys):
                joined.setdefault((target, row[1]), set()).add(row[0])
    nodes = [node for node, papers in joined.items() if len(papers) > 1]
    nodes.sort(key=lambda node: -len(joined[node]))
    ids = catalogue.entities.ids([name for kind, name in nodes if kind == "entity"])
    return [f"{kind}:{ids[name] if kind == 'entity' else name}" for kind, name in nodes]
