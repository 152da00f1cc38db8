"""Which papers of a topic matter most: PageRank, set against papers of the same age."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kg.analysis.arguments import checked_number, checked_topic
from kg.analysis.pagerank import pagerank
from kg.entities import Filters, Paper
from kg.graph.citation_graph import Coverage, Floats, load
from kg.store.catalogue import Catalogue
from kg.text.partial_date import PartialDate

if TYPE_CHECKING:
    from kg.taxonomy.taxonomy import Taxonomy

PEERS = 1_000
"""The most papers of similar age that one is compared with; as many as in the study below."""

FEWEST_PEERS = 20
"""The fewest: a mean and a deviation of less mean little."""

PART = 20
"""Peers are this part of the papers, between the two bounds: with more, those of some years lead
(`benchmarks/graph_analysis.md`)."""


@dataclass(frozen=True, slots=True)
class Influential:
    """One paper with its influence."""

    rank: int
    """1 is best, by `score`."""
    paper: Paper
    score: float
    """Standard deviations by which its PageRank is above the mean of its peers in age."""
    pagerank: float
    """Its PageRank among the papers that have a citation within the topic; these sum to 1."""
    pagerank_rank: int
    """Its rank by PageRank alone, 1 is best, before any year is asked for."""
    citations: int
    """How many papers of the topic cite it."""


@dataclass(frozen=True, slots=True)
class Influence:
    """The most influential papers of a topic, or of the atlas."""

    topic: str | None
    """Id of the topic; None for the whole atlas."""
    since: PartialDate | None
    """First year of the papers that are shown; what is older still counts as citing and cited."""
    papers: tuple[Influential, ...]
    """Best first; none where no citation within the topic is known."""
    linked: int
    """How many papers cite, or are cited by, another of the topic; the cited ones are ranked."""
    citations: int
    """How many citations within the topic are known."""
    peers: int
    """With how many papers of similar age each is compared."""
    coverage: Coverage


def influential(
    catalogue: Catalogue,
    taxonomy: "Taxonomy",
    topic: str | None = None,
    since: PartialDate | None = None,
    k: int = 10,
) -> Influence:
    """Return the papers that matter most for the papers of a topic, each among its peers in age.

    An old paper has had more time to be cited, so plain PageRank lists what is old. Here a paper's
    PageRank is compared with that of the papers nearest to it in age. A paper of which no citation
    within the topic is known is neither ranked nor compared with: nothing is known about it.

    Parameters
    ----------
    catalogue : Catalogue
    taxonomy : Taxonomy
    topic : str, optional
        Id, name or alias of a topic; its descendants count.
    since : PartialDate, optional
        First date of the papers that are shown.
    k : int
        How many.

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
    checked_number(k)
    asked = checked_topic(taxonomy, topic)
    with catalogue.reading():
        whole = load(catalogue, asked)
        graph = whole.linked()
        peers = peers_among(len(graph.keys))
        ranks = pagerank(graph)
        scores = rescaled(ranks, graph.fractional_years, peers)
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
            Influential(
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


def peers_among(papers: int) -> int:
    """Return with how many of so many papers each is compared.

    Examples
    --------
    >>> peers_among(12), peers_among(3_000), peers_among(1_000_000)
    (12, 150, 1000)
    """
    return min(papers, max(FEWEST_PEERS, min(PEERS, papers // PART)))


def rescaled(values: Floats, appeared: Floats, peers: int) -> Floats:
    """Return by how many standard deviations each value is above the mean of its peers in age.

    Parameters
    ----------
    values : (n,) float64
    appeared : (n,) float64
        When each paper appeared, in years.
    peers : int
        How many papers nearest in age, itself among them, are compared; the oldest and the newest
        have all theirs on one side.

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
    # PageRanks are tiny; around 1 no digits are lost to the squares.
    ordered = values[order] / values.mean()
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    squares = np.concatenate([[0.0], np.cumsum(ordered**2)])
    start = np.clip(np.arange(n) - peers // 2, 0, n - peers)
    mean = (sums[start + peers] - sums[start]) / peers
    variance = (squares[start + peers] - squares[start]) / peers - mean**2
    # What rounding leaves of no variance at all is no variance.
    telling = variance > 1e-12 * np.maximum(mean**2, 1)
    result = np.zeros(n)
    result[order[telling]] = (ordered[telling] - mean[telling]) / np.sqrt(variance[telling])
    return result
