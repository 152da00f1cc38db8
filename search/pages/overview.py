"""The state of an atlas at a glance: what a page can ask for each time it is looked at.

`Library.status` reads the whole catalogue for damage and asks PyTorch for its devices; this does
neither.
"""

from dataclasses import dataclass
from datetime import datetime

from search.index.open import chosen_kind
from search.library import Library


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of an atlas, without the names of files."""

    counts: dict[str, int]
    """Papers, authors, placements, citations, ..."""
    model: str
    """Name of the embedding model."""
    dim: int
    """Length of its vectors."""
    device: str
    """What questions are embedded on."""
    index: str
    """Kind of the vector index."""
    vectors: int
    """How many it has."""
    revision: int
    """Number of the catalogue's last change."""
    last_refresh: datetime | None
    """When the last refresh ended, UTC."""
    stale: int
    """Papers whose text the model has not embedded."""


def overview(library: Library) -> Overview:
    """Return the state of an atlas."""
    catalogue, embedder = library.catalogue, library.embedder
    with catalogue.reading():
        return Overview(
            counts=catalogue.counts(),
            model=embedder.model,
            dim=embedder.dim,
            device=embedder.device,
            index=chosen_kind(library.settings.index, catalogue.size()),
            vectors=len(library.index),
            revision=catalogue.revision,
            last_refresh=catalogue.journal.last_refresh(),
            stale=sum(1 for _ in catalogue.vectors.missing(embedder.model)),
        )
