"""PageRank over the citation graph."""

from collections.abc import Callable

import numpy as np

from kg.graph.arrays import Floats
from kg.graph.citation_graph import CitationGraph

DAMPING = 0.85
"""Probability of following a reference rather than taking any paper."""

TOLERANCE = 1e-10
"""PageRank has converged where one more step changes the sum of all by less."""

MAX_NUMPY_CITATIONS = 200_000
"""Citations up to which NumPy alone is faster than importing SciPy first."""


def pagerank(graph: CitationGraph, damping: float = DAMPING) -> Floats:
    """Return the PageRank of each paper of the graph.

    With damping d and n papers, rank(p) = (1 - d) / n + d * sum(rank(q) / references(q)) over the
    papers q that cite p; a paper without references counts as one that cites all papers.

    Returns
    -------
    (n,) float64
        They sum to 1, and are those of `networkx.pagerank`.

    References
    ----------
    L. Page, S. Brin, R. Motwani and T. Winograd, "The PageRank citation ranking: bringing order to
    the web", Stanford InfoLab 1999-66.
    """
    n = len(graph.keys)
    if not n:
        return np.empty(0)
    references = np.bincount(graph.citing, minlength=n)
    dangling = references == 0
    share = np.divide(damping, references, out=np.zeros(n), where=~dangling)
    spread = _spread(graph, n)
    rank = np.full(n, 1 / n)
    # Each step reduces the error by the damping at least: the loop ends long before the range.
    for _ in range(1_000):
        last = rank
        rank = spread(last * share) + (damping * last[dangling].sum() + 1 - damping) / n
        if np.abs(rank - last).sum() < TOLERANCE:
            break
    return rank


def _spread(graph: CitationGraph, n: int) -> Callable[[Floats], Floats]:
    """Return a function that gives each paper the sum of the values of the papers that cite it."""
    citing, cited = graph.citing, graph.cited
    if len(citing) <= MAX_NUMPY_CITATIONS:
        return lambda values: np.bincount(cited, values[citing], n).astype(np.float64, copy=False)
    from scipy.sparse import csr_array

    matrix = csr_array((np.ones(len(citing)), (cited, citing)), shape=(n, n))
    return lambda values: np.asarray(matrix @ values)
