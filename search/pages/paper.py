"""One paper's page."""

from dataclasses import dataclass

from kg.records import Paper, Placement
from kg.store.details import Details
from search.atlas import Atlas, of_one_state
from search.ranking.answers import Hit
from search.ranking.ask import similar


@dataclass(frozen=True, slots=True)
class PaperPage:
    """All that the atlas knows of one paper."""

    paper: Paper
    details: Details
    """Its card, links and reports."""
    placements: tuple[Placement, ...]
    lists: tuple[str, ...]
    references: tuple[Paper, ...]
    """Papers of the atlas that it cites."""
    citations: tuple[Paper, ...]
    """Papers of the atlas that cite it."""
    similar: tuple[Hit, ...]


@of_one_state
def paper_page(atlas: Atlas, name: str, k: int = 5) -> PaperPage:
    """Return all that is known of a paper, with the `k` papers nearest to it.

    Raises
    ------
    NotFound
        If there is no such paper.
    """
    catalogue = atlas.catalogue
    key = catalogue.identifiers.key(name)
    paper = catalogue.papers.get([key])[0]
    return PaperPage(
        paper=paper,
        details=catalogue.details.get([key])[0],
        placements=atlas.taxonomy.known_placements(catalogue.placements.get([key]).get(key, ())),
        lists=tuple(catalogue.lists.names([key]).get(key, ())),
        references=tuple(catalogue.papers.get(catalogue.citations.references(key))),
        citations=tuple(catalogue.papers.get(catalogue.citations.cited_by(key))),
        similar=similar(atlas, paper.id, k=k),
    )
