"""Questions of the graph that need vectors as well: paths, related papers and gaps."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from kg.errors import CatalogueError
from search.index.stored import stored_vectors
from search.library import Library
from search.pages.related import RelatedPapers
from search.pages.related import related as related_papers
from search.similarity import mutual_neighbours

if TYPE_CHECKING:
    from kg.analysis.gaps import Gaps
    from kg.analysis.paths.paths import Connection


def path(library: Library, a: str, b: str, alternatives: int = 3) -> "Connection":
    """Return how two papers or topics are connected; see `kg.analysis.paths.paths.connect`."""
    from kg.analysis.paths.paths import connect

    know_likeness(library)
    return connect(library.catalogue, library.taxonomy, a, b, alternatives)


def related(library: Library, names: Sequence[str], k: int = 10) -> RelatedPapers:
    """Return the papers that belong with some others; see `search.pages.related.related`."""
    know_likeness(library)
    return related_papers(library.catalogue, names, k)


def gaps(library: Library, k: int = 10) -> "Gaps":
    """Return topics that are close in meaning and far in citations; see `kg.analysis.gaps.gaps`."""
    from kg.analysis.gaps import gaps as topic_gaps

    embedder = library.embedder
    keys, vectors = stored_vectors(library.catalogue, embedder.model, embedder.dim)
    return topic_gaps(library.catalogue, library.taxonomy, keys, vectors, k)


def know_likeness(library: Library) -> None:
    """Bring the table of papers that are alike up to date with the vectors."""
    # Whoever may only read gets answers from what is there.
    with suppress(CatalogueError):
        mutual_neighbours.refresh(library.catalogue, library.embedder.model, library.embedder.dim)
