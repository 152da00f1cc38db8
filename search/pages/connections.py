"""Questions of the graph that need vectors as well: paths, related papers and gaps."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from kg.errors import CatalogueError
from search import likeness
from search.library import Library
from search.related import RelatedPapers
from search.related import related as related_papers
from search.vector_index import stored_vectors

if TYPE_CHECKING:
    from kg.gaps import Gaps
    from kg.paths import Connection


def path(library: Library, a: str, b: str, alternatives: int = 3) -> "Connection":
    """Return how two papers or topics are connected; see `kg.paths.connect`."""
    from kg.paths import connect

    know_likeness(library)
    return connect(library.catalogue, library.taxonomy, a, b, alternatives)


def related(library: Library, names: Sequence[str], k: int = 10) -> RelatedPapers:
    """Return the papers that belong with some others; see `search.related.related`."""
    know_likeness(library)
    return related_papers(library.catalogue, names, k)


def gaps(library: Library, k: int = 10) -> "Gaps":
    """Return topics that are close in meaning and far in citations; see `kg.gaps.gaps`."""
    from kg.gaps import gaps as topic_gaps

    embedder = library.embedder
    keys, vectors = stored_vectors(library.catalogue, embedder.model, embedder.dim)
    return topic_gaps(library.catalogue, library.taxonomy, keys, vectors, k)


def know_likeness(library: Library) -> None:
    """Bring the table of papers that are alike up to date with the vectors."""
    # Whoever may only read gets answers from what is there.
    with suppress(CatalogueError):
        likeness.refresh(library.catalogue, library.embedder.model, library.embedder.dim)
