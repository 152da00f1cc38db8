"""The citation graph as arrays: who cites whom by position, and PageRank over it.

A graph of a million papers is 200 MB of arrays; NetworkX needs 5 GB of dictionaries for it. Who
wants an algorithm of NetworkX, or of a backend of it such as nx-cugraph, takes the graph from
`kg.graph.graph`: see `benchmarks/graph_analysis.md`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kg.errors import BadRequest
from kg.graph.arrays import citation_arrays, paper_arrays
from kg.graph.rows import with_citations
from kg.store.catalogue import Catalogue

if TYPE_CHECKING:
    from kg.taxonomy.taxonomy import Taxonomy

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DAMPING = 0.85
"""How likely a reader follows a reference rather than taking any paper."""

TOLERANCE = 1e-10
"""PageRank has converged where one more step changes less than this in all."""

FEW = 200_000
"""Citations up to which NumPy alone is done before SciPy is imported."""

_DENSE = 8

MOST = 10_000
"""The most papers or topic pairs that one answer may have."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much is known of the papers in question. Citation data are incomplete."""

    papers: int
    """How many papers are in question."""
    known: int
    """Of how many the atlas knows a citation, as citing or cited."""

    @property
    def words(self) -> str:
        """The same in words."""
        return f"citations are known of {self.known:,} of {self.papers:,} papers"


@dataclass(frozen=True, slots=True, eq=False)
class CitationGraph:
    """Papers, and which of them cites which."""

    keys: Ints
    """(n,) keys of the papers, ascending."""
    years: Ints
    """(n,) year of each; 0 where unknown."""
    born: Floats
    """(n,) year with a fraction, to order papers by age; 0 where unknown."""
    citing: Ints
    """(m,) position in `keys` of the citing paper, ascending."""
    cited: Ints
    """(m,) position of the cited paper; no pair comes twice, no paper cites itself."""
    coverage: Coverage
    """Of how many of `keys` a citation is known, within them or beyond."""

    @property
    def counts(self) -> Ints:
        """(n,) how many papers of the graph cite each."""
        return np.bincount(self.cited, minlength=len(self.keys))

    def linked(self) -> "CitationGraph":
        """Return the graph without the papers that have no citation in it."""
        linked = np.zeros(len(self.keys), dtype=bool)
        linked[self.citing] = linked[self.cited] = True
        chosen, place = np.flatnonzero(linked), np.cumsum(linked) - 1
        return CitationGraph(
            self.keys[chosen],
            self.years[chosen],
            self.born[chosen],
            place[self.citing],
            place[self.cited],
            self.coverage,
        )


def load(catalogue: Catalogue, topic: str | None = None) -> CitationGraph:
    """Read the citation graph of the catalogue, or of a topic with its descendants.

    Parameters
    ----------
    catalogue : Catalogue
    topic : str, optional
        Id of a topic; only its papers and the citations among them.

    Returns
    -------
    CitationGraph
        Without withdrawn papers.
    """
    with catalogue.reading():
        papers = paper_arrays(catalogue.database, topic)
        citing, cited = citation_arrays(catalogue.database, None if topic is None else papers.keys)
        if topic is not None:
            known = len(with_citations(catalogue.database, papers.keys.tolist()))
    if topic is None:
        known = int(np.isin(papers.keys, np.concatenate([citing, cited])).sum())
    first, second = positions(papers.keys, citing), positions(papers.keys, cited)
    there = (first >= 0) & (second >= 0)
    return CitationGraph(
        papers.keys,
        papers.years,
        born(papers.years, papers.numbers),
        first[there],
        second[there],
        Coverage(len(papers.keys), known),
    )


def positions(keys: Ints, wanted: Ints) -> Ints:
    """Return where in the ascending `keys` each wanted key is; -1 where it is not."""
    if not len(keys):
        return np.full(len(wanted), -1)
    if keys[-1] <= _DENSE * len(wanted):  # A table is quicker than to seek each.
        table = np.full(int(keys[-1]) + 2, -1)
        table[keys] = np.arange(len(keys))
        found: Ints = table[np.minimum(wanted, keys[-1] + 1)]
        return found
    found = np.searchsorted(keys, wanted)
    found[found == len(keys)] = 0
    return np.where(keys[found] == wanted, found, -1)


def born(years: Ints, numbers: Floats) -> Floats:
    """Return when papers appeared, as years with a fraction.

    An arXiv id tells the month and the order within it; of other papers the middle of the year is
    as good a guess as any.

    Examples
    --------
    >>> born(np.array([2023, 2023, 0]), np.array([2203.0, 0.0, 0.0])).round(2).tolist()
    [2022.17, 2023.5, 0.0]
    """
    year, month = np.divmod(numbers, 100)
    is_arxiv = (numbers >= 704) & (numbers < 10_000) & (month >= 1) & (month < 13)
    guess = np.where(years > 0, years + 0.5, 0.0)
    return np.where(is_arxiv, 2000 + year + (month - 1) / 12, guess)


def pagerank(graph: CitationGraph, damping: float = DAMPING) -> Floats:
    """Return the PageRank of each paper of the graph.

    It is the chance of meeting a paper when one goes from paper to paper along references, and
    now and then takes any paper. Where a paper has no references, any paper is next.

    Parameters
    ----------
    graph : CitationGraph
    damping : float
        Chance of following a reference.

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
    # Each step brings it nearer by the damping at least, so the loop ends long before the range.
    for _ in range(1_000):
        last = rank
        rank = spread(last * share) + (damping * last[dangling].sum() + 1 - damping) / n
        if np.abs(rank - last).sum() < TOLERANCE:
            break
    return rank


def _spread(graph: CitationGraph, n: int) -> Callable[[Floats], Floats]:
    """Return what gives each paper the sum of what the papers citing it have."""
    citing, cited = graph.citing, graph.cited
    if len(citing) <= FEW:
        return lambda values: np.bincount(cited, values[citing], n).astype(np.float64, copy=False)
    from scipy.sparse import csr_array

    matrix = csr_array((np.ones(len(citing)), (cited, citing)), shape=(n, n))
    return lambda values: np.asarray(matrix @ values)


def checked_topic(taxonomy: "Taxonomy", topic: str | None) -> str | None:
    """Return the id of the topic that is meant by an id, a name or an alias; None for all.

    Raises
    ------
    NotFound
        If there is none; carries the nearest ids.
    """
    return None if topic is None else taxonomy.find(topic).id


def checked_number(number: int) -> int:
    """Return the number of answers that is asked for.

    Raises
    ------
    BadRequest
        If it makes no sense.
    """
    if not 1 <= number <= MOST:
        raise BadRequest(f"cannot return {number} answers", f"ask for 1 or more, {MOST:,} at most")
    return number
