"""The most influential papers of a topic: PageRank, rescaled among papers of similar age."""

from dataclasses import dataclass

import numpy as np

from kg.analysis.arguments import check_number
from kg.analysis.pagerank import pagerank
from kg.graph.arrays import Floats
from kg.graph.citation_graph import CitationGraph, Coverage, load
from kg.records import Filters, Paper
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from kg.text.partial_date import PartialDate

MAX_PEERS = 1_000
"""Papers of similar age that each is compared with, at most: as many as in the study below."""

MIN_PEERS = 20
"""Papers that each is compared with, at least: so many for a useful mean and deviation."""

PAPERS_PER_PEER = 20
"""One peer for so many papers, between the two bounds: with more peers, papers of some years lead
(`benchmarks/graph_analysis.md`)."""


@dataclass(frozen=True, slots=True)
class InfluentialPaper:
    """One paper with its influence."""

    rank: int
    """1 is best, by `score`."""
    paper: Paper
    score: float
    """Standard deviations of its PageRank above the mean of its peers in age."""
    pagerank: float
    """Its PageRank among the papers that have a citation within the topic; these sum to 1."""
    pagerank_rank: int
    """Its rank by PageRank alone, 1 is best, before any year is asked for."""
    citations: int
    """Number of papers of the topic that cite it."""


@dataclass(frozen=True, slots=True)
class Influence:
    """The most influential papers of a topic, or of the atlas."""

    topic: str | None
    """Id of the topic; None for the whole atlas."""
    since: PartialDate | None
    """First year of the papers that are shown; what is older still counts as citing and cited."""
    papers: tuple[InfluentialPaper, ...]
    """Best first; none where no citation within the topic is known."""
    linked: int
    """Number of papers that cite another of the topic, or are cited; the cited ones are ranked."""
    citations: int
    """Number of known citations within the topic."""
    peers: int
    """Number of papers of similar age that each is compared with."""
    coverage: Coverage


def influential(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    topic: str | None = None,
    since: PartialDate | None = None,
    k: int = 10,
) -> Influence:
    """Rank the papers of a topic by influence, each among its peers in age.

    Plain PageRank favours old papers, which have had more time to be cited. Here a paper's
    PageRank p becomes (p - mean) / deviation over the papers nearest to it in age. A paper without
    a known citation within the topic is neither ranked nor a peer: nothing is known about it.

    Parameters
    ----------
    topic : str, optional
        Id, name or alias of a topic; its descendants count.
    since : PartialDate, optional
        First date of the papers that are shown.

    Raises
    ------
    NotFound
        If there is no such topic.
    BadRequest
        If `k` makes no sense.

    References
    ----------
    M. S. Mariani, M. Medo and Y.-C. Zhang, "Identification of milestone papers through
    time-balanced network centrality", Journal of Informetrics 10(4), 2016 (arXiv:1608.08414).
    """
    check_number(k)
    asked = None if topic is None else taxonomy.find(topic).id
    with catalogue.reading():
        whole = load(catalogue, asked)
        graph = whole.linked()
        peers, ranks, scores = influence_scores(graph)
        counts = graph.counts
        # Of equal scores, the more cited comes first, then the one that joined the atlas first.
        best = np.lexsort((graph.keys, -counts, -ranks, -scores))
        best = best[counts[best] > 0]
        if since is not None:
            passing = catalogue.papers.select(Filters(since=since, withdrawn=True))
            best = best[np.isin(graph.keys[best], passing or ())]
        best = best[:k]
        papers = catalogue.papers.get(graph.keys[best].tolist())
    by_rank = np.sort(ranks)
    return Influence(
        topic=asked,
        since=since,
        papers=tuple(
            InfluentialPaper(
                rank=rank,
                paper=paper,
                score=float(scores[at]),
                pagerank=float(ranks[at]),
                pagerank_rank=len(ranks) - int(np.searchsorted(by_rank, ranks[at], "right")) + 1,
                citations=int(counts[at]),
            )
            for rank, (at, paper) in enumerate(zip(best.tolist(), papers, strict=True), 1)
        ),
        linked=len(graph.keys),
        citations=len(graph.citing),
        peers=peers,
        coverage=whole.coverage,
    )


def influence_scores(graph: CitationGraph) -> tuple[int, Floats, Floats]:
    """Return the number of peers, and of each paper its PageRank and its score among these."""
    peers = peers_among(len(graph.keys))
    ranks = pagerank(graph)
    return peers, ranks, rescaled(ranks, graph.fractional_years, peers)


def peers_among(papers: int) -> int:
    """Return the number of peers of each of so many papers.

    Examples
    --------
    >>> peers_among(12), peers_among(3_000), peers_among(1_000_000)
    (12, 150, 1000)
    """
    return min(papers, max(MIN_PEERS, min(MAX_PEERS, papers // PAPERS_PER_PEER)))


def rescaled(values: Floats, appeared: Floats, peers: int) -> Floats:
    """Return each value as standard deviations above the mean of its peers in age.

    Parameters
    ----------
    values : (n,) float64
    appeared : (n,) float64
        When each paper appeared, in years.
    peers : int
        Number of papers nearest in age, itself among them; the oldest and the newest have all
        theirs on one side.

    Returns
    -------
    (n,) float64
        0 where all peers have the same value.

    Examples
    --------
    >>> rescaled(np.array([1.0, 3.0, 30.0, 10.0]), np.array([2001.0, 2002, 2011, 2012]), 2)
    array([-1.,  1.,  1., -1.])
    """
    n = len(values)
    if not n:
        return np.empty(0)
    order = np.argsort(appeared, kind="stable")
    # PageRanks are tiny: scaled to around 1, the squares lose no digits.
    ordered = values[order] / values.mean()
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    squares = np.concatenate([[0.0], np.cumsum(ordered**2)])
    start = np.clip(np.arange(n) - peers // 2, 0, n - peers)
    mean = (sums[start + peers] - sums[start]) / peers
    variance = (squares[start + peers] - squares[start]) / peers - mean**2
    # A variance this small is a rounding error of none.
    varied = variance > 1e-12 * np.maximum(mean**2, 1)
    result = np.zeros(n)
    result[order[varied]] = (ordered[varied] - mean[varied]) / np.sqrt(variance[varied])
    return result
