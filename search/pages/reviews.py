"""What waits for a reviewer: papers, and names that may become entities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kg.entities.entity import EntityType
from kg.records import Paper
from kg.store.reviews import QueuedPaper
from search.atlas import Atlas


@dataclass(frozen=True, slots=True)
class ProposedName:
    """A name that several papers use and nobody knows."""

    name: str
    type: EntityType
    """The likelier one."""
    papers: tuple[Paper, ...]
    """Those that use it, as far as the atlas still has them."""
    queued: datetime
    """When it was first proposed, UTC."""


@dataclass(frozen=True, slots=True)
class Reviews:
    """What waits for a decision."""

    papers: Sequence[QueuedPaper]
    """Those first on which a decision is worth most."""
    names: Sequence[ProposedName]
    """Those first that most papers use."""


def reviews(atlas: Atlas, start: int = 0, most: int = -1, most_names: int = -1) -> Reviews:
    """Return what waits: `most` papers after the first `start`, and `most_names` names; -1: all."""
    catalogue = atlas.catalogue
    with catalogue.reading():
        names = []
        for one in catalogue.proposals.waiting(most_names):
            keys = catalogue.identifiers.keys(one.papers)
            papers = catalogue.papers.get(list(dict.fromkeys(keys.values())))
            names.append(ProposedName(one.name, one.type, tuple(papers), one.queued))
        return Reviews(catalogue.reviews.waiting(start, most), names)
