"""Nodes and edges of the graph, made from rows as `kg.graph.schema` defines them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from kg.entities.entity import Entity
from kg.graph.rows import author_names, edge_rows, entity_topics, paper_ids, paper_rows
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


def entity_nodes(
    catalogue: Catalogue, keys: Sequence[int] | None
) -> dict[int, tuple[str, dict[str, Any]]]:
    """Return, by key, the nodes of all entities or of some."""
    if keys is None:
        found = catalogue.entities.all()
    else:
        found = dict(zip(keys, catalogue.entities.get(keys), strict=True))
    return {key: (f"entity:{one.id}", _entity(one)) for key, one in found.items()}


def _entity(entity: Entity) -> dict[str, Any]:
    facts = {"about": entity.about, "also": "; ".join(name.text for name in entity.names[1:])}
    return {
        **{"kind": "entity", "label": entity.name, "entity_type": str(entity.type)},
        **{name: value for name, value in facts.items() if value},
    }


def other_nodes(
    catalogue: Catalogue, taxonomy: Taxonomy, kind: str, names: Collection[str], whole: bool
) -> Iterable[tuple[str, dict[str, Any]]]:
    """Return nodes that have no keys; `whole` where `names` are all of the kind."""
    if kind == "topic":
        return (topic_node(taxonomy, name) for name in names)
    labels = {}
    if kind == "author" and names:
        labels = author_names(catalogue.database, None if whole else names)
    return ((f"{kind}:{name}", {"kind": kind, "label": labels.get(name, name)}) for name in names)


@dataclass(frozen=True, slots=True)
class KeyedNodes:
    """The nodes that have a key in the catalogue, of the whole graph or of a part."""

    papers: Mapping[int, str]
    """Key -> name of the node."""
    entities: Mapping[int, str]
    """Key -> name of the node."""
    whole: bool
    """Whether these are all that there are."""


def edges(
    catalogue: Catalogue, taxonomy: Taxonomy, kind: str, nodes: KeyedNodes
) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield the edges of a kind, of the whole graph or from the nodes of a part.

    Of a part, edges to other nodes that have no key are among them too.
    """
    if kind == "subtopic_of":
        for topic in taxonomy:
            if topic.parent is not None:
                yield f"topic:{topic.id}", f"topic:{topic.parent}", kind, {"kind": kind}
    elif EDGES[kind].source == "entity":
        yield from _entity_edges(catalogue, kind, nodes)
    else:
        yield from _paper_edges(catalogue, kind, nodes)


def _paper_edges(
    catalogue: Catalogue, kind: str, nodes: KeyedNodes
) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    target = EDGES[kind].target
    keys = None if nodes.whole else list(nodes.papers)
    others = list(nodes.entities) if target == "entity" and not nodes.whole else None
    for row in edge_rows(catalogue.database, kind, keys, others):
        source = nodes.papers[row[0]]
        if kind == "cites":
            yield source, nodes.papers[row[1]], kind, {"kind": kind, "sources": row[2]}
        elif kind == "similar_to":
            one, other = sorted((source, nodes.papers[row[1]]))
            yield one, other, kind, {"kind": kind, "cosine": row[2], "model": row[3]}
        elif target == "entity":
            yield source, nodes.entities[row[1]], kind, {"kind": kind, "sources": row[2]}
        else:
            yield source, f"{target}:{row[1]}", kind, {"kind": kind, **_facts(kind, row)}


def _facts(kind: str, row: tuple[Any, ...]) -> dict[str, Any]:
    if kind == "in_topic":
        return {"placed_by": row[2], "sources": row[3], "confidence": row[4]}
    if kind == "in_category":
        return {"primary": row[2] == 0}
    if kind == "written_by":
        return {"position": row[2] + 1}
    return {"starred": bool(row[2])} if kind == "listed_in" else {}


def _entity_edges(
    catalogue: Catalogue, kind: str, nodes: KeyedNodes
) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    keys = None if nodes.whole else list(nodes.entities)
    if kind == "belongs_to":
        for entity, topic, papers, confidence in entity_topics(catalogue.database, keys):
            facts = {"kind": kind, "papers": papers, "confidence": confidence}
            yield nodes.entities[entity], f"topic:{topic}", kind, facts
        return
    pairs = (
        catalogue.relations.extensions(keys, within=True)
        if kind == "extends"
        else catalogue.relations.comparisons(keys, within=True)
    )
    ids = paper_ids(catalogue.database, [one.paper for one in pairs if one.paper is not None])
    for ends, some in groupby(pairs, key=lambda one: (one.entity, one.other)):
        stating = [one.paper for one in some]
        sources = ["list"] * (None in stating) + ["card"] * (stating[-1] is not None)
        named = sorted(ids[paper] for paper in stating if paper is not None)
        facts = {"kind": kind, "sources": ", ".join(sources), "papers": ", ".join(named)}
        yield nodes.entities[ends[0]], nodes.entities[ends[1]], kind, facts
