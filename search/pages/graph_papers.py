"""Facts of papers and their links, for pictures of the graph."""

from collections.abc import Iterable
from dataclasses import dataclass

from kg.graph import rows
from kg.graph.citation_graph import Coverage
from kg.graph.schema import EDGES, RELATIONS
from kg.records import Paper
from search.atlas import Atlas, of_one_state
from search.pages.topic import Placed, placed_papers


@dataclass(frozen=True, slots=True)
class GraphPaper:
    """A paper with its topics and citations."""

    paper: Paper
    topics: tuple[str, ...]
    cited: int
    """By how many papers of the atlas."""
    known: bool
    """Whether any citation of it is known."""


def graph_papers(atlas: Atlas, names: Iterable[str]) -> list[GraphPaper]:
    """Return papers of the graph by their ids."""
    catalogue = atlas.catalogue
    with catalogue.reading():
        keys = [catalogue.identifiers.key(name) for name in names]
        papers, topics = catalogue.papers.get(keys), atlas.topics_of(keys)
        cited = rows.citation_counts(catalogue.database, keys, 100_000)
        known = rows.with_citations(catalogue.database, keys)
    return [
        GraphPaper(paper, own, cited[key], key in known)
        for key, paper, own in zip(keys, papers, topics, strict=True)
    ]


@of_one_state
def link_counts(atlas: Atlas, node: str) -> dict[str, int]:
    """Return how many edges of each kind a paper or entity has, by its node in the graph."""
    catalogue, (kind, _, name) = atlas.catalogue, node.partition(":")
    db = catalogue.database
    if kind == "entity":
        key = catalogue.entities.key(name)
        counts = {
            one: rows.related_count(db, key, [one], catalogue.papers.count()) for one in RELATIONS
        }
        extensions = catalogue.relations.extensions([key])
        comparisons = catalogue.relations.comparisons([key])
        counts["extends"] = len({(one.entity, one.other) for one in extensions})
        counts["compared_with"] = len({(one.entity, one.other) for one in comparisons})
        counts["belongs_to"] = len(rows.entity_topics(db, [key]))
        return counts
    key = catalogue.identifiers.key(name)
    own = [one for one, edge in EDGES.items() if edge.source == "paper"]
    counts = {one: len(rows.edge_rows(db, one, [key])) for one in own}
    counts["cites"] = sum(rows.citation_degrees(db, key))
    counts["similar_to"] = len(rows.similar_pairs(db, [key]))
    return counts


@of_one_state
def coverage(atlas: Atlas) -> Coverage:
    """Return of how many papers any citation is known."""
    keys = atlas.catalogue.papers.keys()
    return Coverage(len(keys), len(rows.with_citations(atlas.catalogue.database, keys)))


def most_linked(atlas: Atlas, most: int) -> list[Placed]:
    """Return the papers with the most citations and similar papers."""
    catalogue = atlas.catalogue
    with catalogue.reading():
        keys = rows.most_linked(catalogue.database, most)
        return placed_papers(atlas, keys)
