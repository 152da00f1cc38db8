"""Nodes and edges of the graph, made from rows as `kg.graph.schema` defines them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kg.graph.rows import author_names, edge_rows, paper_rows
from kg.graph.schema import EDGES
from kg.store.catalogue import Catalogue
from kg.store.details import Details
from kg.taxonomy.taxonomy import Taxonomy

if TYPE_CHECKING:
    import networkx as nx


def empty_graph(catalogue: Catalogue) -> "nx.MultiDiGraph":
    """Return an empty graph with the identity and revision of the catalogue."""
    import networkx as nx  # Takes longer to import than most questions take to answer.

    return nx.MultiDiGraph(identity=catalogue.identity, revision=catalogue.revision)


def paper_nodes(
    catalogue: Catalogue, keys: Sequence[int] | None
) -> dict[int, tuple[str, dict[str, Any]]]:
    """Return, by key, the nodes of all papers or of some."""
    found = {}
    names = ("year", "venue", "url", "arxiv_id", "doi")
    rows = paper_rows(catalogue.database, keys)
    details = catalogue.details.get([row[0] for row in rows])
    for (key, name, title, *facts, withdrawn), more in zip(rows, details, strict=True):
        pairs = zip(names, facts, strict=True)
        known = {fact: value for fact, value in pairs if value is not None}
        found[key] = (
            f"paper:{name}",
            {
                **{"kind": "paper", "label": title, **known, "withdrawn": bool(withdrawn)},
                **_details(more),
            },
        )
    return found


def _details(details: Details) -> dict[str, str]:
    choices = details.choices()
    facts = {
        "summary": details.summary or "",
        "card_kind": choices.pop("kind", ""),
        **choices,
        "code": details.code or "",
    }
    return {name: value for name, value in facts.items() if value}


def topic_node(taxonomy: Taxonomy, name: str) -> tuple[str, dict[str, Any]]:
    """Return the node of a topic, also of one that the taxonomy no longer has."""
    topic = taxonomy[name] if name in taxonomy else None  # noqa: SIM401 (no `get`)
    return f"topic:{name}", {
        "kind": "topic",
        "label": topic.name if topic else name,
        "origin": topic.origin if topic else "",
        "definition": topic.definition if topic else "",
    }


def other_nodes(
    catalogue: Catalogue, taxonomy: Taxonomy, kind: str, names: Collection[str], whole: bool
) -> Iterable[tuple[str, dict[str, Any]]]:
    """Return the nodes of a kind other than papers; `whole` where `names` are all of the kind."""
    if kind == "topic":
        return (topic_node(taxonomy, name) for name in names)
    labels = {}
    if kind == "author" and names:
        labels = author_names(catalogue.database, None if whole else names)
    return ((f"{kind}:{name}", {"kind": kind, "label": labels.get(name, name)}) for name in names)


def edges(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    kind: str,
    ids: dict[int, str],
    keys: Sequence[int] | None,
) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield the edges of a kind, of all papers or among some; `ids` has the node of each key."""
    if kind == "subtopic_of":
        for topic in taxonomy:
            if topic.parent is not None:
                yield f"topic:{topic.id}", f"topic:{topic.parent}", kind, {"kind": kind}
        return
    for row in edge_rows(catalogue.database, kind, keys):
        source = ids[row[0]]
        if kind == "cites":
            yield source, ids[row[1]], kind, {"kind": kind, "sources": row[2]}
        elif kind == "similar_to":
            one, other = sorted((source, ids[row[1]]))
            yield one, other, kind, {"kind": kind, "cosine": row[2], "model": row[3]}
        else:
            target = f"{EDGES[kind].target}:{row[1]}"
            yield source, target, kind, {"kind": kind, **_facts(kind, row)}


def _facts(kind: str, row: tuple[Any, ...]) -> dict[str, Any]:
    if kind == "in_topic":
        return {"placed_by": row[2], "sources": row[3], "confidence": row[4]}
    if kind == "in_category":
        return {"primary": row[2] == 0}
    if kind == "written_by":
        return {"position": row[2] + 1}
    return {"starred": bool(row[2])} if kind == "listed_in" else {}
