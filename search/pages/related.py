"""Papers related to one paper or to a reading list: the graph's signals, fused, with reasons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.analysis import related as graph
from kg.analysis.related import Reason, Signal
from kg.errors import BadRequest
from kg.graph.rows import with_citations
from kg.records import Paper
from kg.store.catalogue import Catalogue
from kg.store.details import NO_DETAILS, Details
from search.ranking import fusion

WEIGHTS = {
    Signal.CITED_TOGETHER: 1.0,
    Signal.SHARED_REFERENCES: 0.25,
    Signal.CITATION: 0.25,
    Signal.SIMILAR: 0.25,
    Signal.TOPIC: 0.25,
}
"""Weights of the signals, chosen on the snapshot (`benchmarks/graph_paths.md`)."""

MAX_PAPERS = 1_000
"""The most papers that one answer, and one reading list, may have."""


@dataclass(frozen=True, slots=True)
class Related:
    """One related paper."""

    rank: int
    """1 is best."""
    paper: Paper
    score: float
    """Fused score, 0 to 1."""
    reasons: tuple[Reason, ...]
    """The signals for it, in the order of `Signal`."""
    details: Details = NO_DETAILS
    """Its card, links and reports."""


@dataclass(frozen=True, slots=True)
class RelatedPapers:
    """What is related to some papers."""

    seeds: tuple[Paper, ...]
    """The papers asked about, each once."""
    related: tuple[Related, ...]
    """Best first; none of the papers asked about."""
    papers: int
    """How many papers were asked about or are related."""
    known_citations: int
    """Of how many of them a citation is known."""


def related(
    catalogue: Catalogue,
    names: Sequence[str],
    k: int = 10,
    similar: Iterable[tuple[int, float]] | None = None,
) -> RelatedPapers:
    """Return the papers most related to a paper, or missing from a reading list.

    Parameters
    ----------
    names : sequence of str
        Ids, links or titles of the papers, each taken once.
    similar : iterable of (int, float), optional
        Papers near to them with their cosines; by default the pairs that the catalogue keeps.

    Raises
    ------
    NotFound
        If there is no such paper.
    BadRequest
        If no paper or too many are named, or `k` makes no sense.
    """
    if not 1 <= k <= MAX_PAPERS:
        raise BadRequest(f"cannot return {k} papers", f"ask for 1 or more, {MAX_PAPERS:,} at most")
    if not 1 <= len(names) <= MAX_PAPERS:
        raise BadRequest(f"{len(names):,} papers are named", f"name 1 to {MAX_PAPERS:,}")
    with catalogue.reading():
        keys = list(dict.fromkeys(catalogue.identifiers.key(name) for name in names))
        rankings = graph.signals(catalogue, keys, similar)
        best = fused(rankings)[:k]
        near = [key for key, _ in best]
        papers, details = catalogue.papers.get(near), catalogue.details.get(near)
        return RelatedPapers(
            seeds=tuple(catalogue.papers.get(keys)),
            related=tuple(
                Related(
                    rank=rank,
                    paper=paper,
                    score=score,
                    reasons=tuple(rankings[s][key] for s in Signal if key in rankings[s]),
                    details=known,
                )
                for rank, ((key, score), paper, known) in enumerate(
                    zip(best, papers, details, strict=True), 1
                )
            ),
            papers=len(keys) + len(best),
            known_citations=len(with_citations(catalogue.database, [*keys, *near])),
        )


def fused(rankings: graph.Rankings) -> list[tuple[int, float]]:
    """Return keys and fused scores, best first, from the signals that are not empty.

    Examples
    --------
    >>> fused({})
    []
    """
    present = [signal for signal in Signal if rankings.get(signal)]
    if not present:
        return []
    return fusion.fuse(
        [list(rankings[signal]) for signal in present], [WEIGHTS[signal] for signal in present]
    )
