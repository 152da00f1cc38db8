"""Questions to the graph whose answers need vectors: its edges between similar papers, or gaps.

Those edges are brought up to date with the vectors before they are read.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from kg.errors import CatalogueError
from search.atlas import Atlas
from search.index.stored import stored_vectors
from search.pages.related import RelatedPapers
from search.pages.related import related as related_papers
from search.similarity import mutual_neighbours

if TYPE_CHECKING:
    import networkx as nx

    from kg.analysis.gaps import Gaps
    from kg.analysis.paths.connect import PathAnswer


def path(atlas: Atlas, a: str, b: str, alternatives: int = 3) -> "PathAnswer":
    """Return how two papers or topics are connected; see `kg.analysis.paths.connect.connect`."""
    from kg.analysis.paths.connect import connect

    update_similar_edges(atlas)
    return connect(atlas.catalogue, atlas.taxonomy, a, b, alternatives)


def related(atlas: Atlas, names: Sequence[str], k: int = 10) -> RelatedPapers:
    """Return the papers that belong with some others; see `search.pages.related.related`."""
    update_similar_edges(atlas)
    return related_papers(atlas.catalogue, names, k)


def neighbourhood(
    atlas: Atlas,
    name: str,
    edges: Collection[str],
    depth: int = 1,
    most: int = 40,
    expand: Sequence[str] = (),
) -> "nx.MultiDiGraph":
    """Return what is around a paper; see `kg.graph.graph.neighbourhood`."""
    from kg.graph.graph import neighbourhood as around

    update_similar_edges(atlas)
    return around(atlas.catalogue, atlas.taxonomy, name, edges, depth, most, expand)


def topic_graph(atlas: Atlas, topic: str, edges: Collection[str], most: int) -> "nx.MultiDiGraph":
    """Return the graph of a topic's papers; see `kg.analysis.topic_graph.topic_graph`."""
    from kg.analysis.topic_graph import topic_graph as of_topic

    update_similar_edges(atlas)
    return of_topic(atlas.catalogue, atlas.taxonomy, topic, edges, most)


def gaps(atlas: Atlas, k: int = 10) -> "Gaps":
    """Return topics that are close in meaning and far in citations; see `kg.analysis.gaps.gaps`."""
    from kg.analysis.gaps import gaps as topic_gaps

    embedder = atlas.embedder
    keys, vectors = stored_vectors(atlas.catalogue, embedder.model, embedder.dim)
    return topic_gaps(atlas.catalogue, atlas.taxonomy, keys, vectors, k)


def update_similar_edges(atlas: Atlas) -> None:
    """Bring the edges between similar papers up to date with the vectors."""
    # Whoever may only read gets answers from what is there.
    with suppress(CatalogueError):
        mutual_neighbours.refresh(atlas.catalogue, atlas.embedder.model, atlas.embedder.dim)
