"""The citation graph as arrays: who cites whom, by index.

A graph of a million papers is 200 MB of arrays; NetworkX needs 5 GB of dictionaries for it. For
algorithms of NetworkX, or of its backends such as nx-cugraph, `kg.graph.graph` gives the graph: see
`benchmarks/graph_analysis.md`.
"""

from dataclasses import dataclass

import numpy as np

from kg.graph.arrays import Floats, Ints, citation_arrays, paper_arrays
from kg.graph.rows import with_citations
from kg.store.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of how many papers citations are known: citation data are incomplete."""

    papers: int
    """Number of papers."""
    known: int
    """Number of those that cite or are cited by a paper of the atlas."""

    @property
    def words(self) -> str:
        """A sentence that states both numbers."""
        return f"citations are known of {self.known:,} of {self.papers:,} papers"


@dataclass(frozen=True, slots=True, eq=False)
class CitationGraph:
    """Papers and the citations among them."""

    keys: Ints
    """(n,) keys of the papers, ascending."""
    years: Ints
    """(n,) year of each; 0 where unknown."""
    fractional_years: Floats
    """(n,) year with a fraction, to order papers by age; 0 where unknown."""
    citing: Ints
    """(m,) index in `keys` of the citing paper, ascending."""
    cited: Ints
    """(m,) index of the cited paper; no pair comes twice, no paper cites itself."""
    coverage: Coverage
    """Of how many of `keys` a citation is known, within them or beyond."""

    @property
    def counts(self) -> Ints:
        """(n,) number of papers of the graph that cite each."""
        return np.bincount(self.cited, minlength=len(self.keys))

    def linked(self) -> "CitationGraph":
        """Return the graph without the papers that have no citation in it."""
        linked = np.zeros(len(self.keys), dtype=bool)
        linked[self.citing] = linked[self.cited] = True
        chosen, place = np.flatnonzero(linked), np.cumsum(linked) - 1
        return CitationGraph(
            self.keys[chosen],
            self.years[chosen],
            self.fractional_years[chosen],
            place[self.citing],
            place[self.cited],
            self.coverage,
        )


def load(catalogue: Catalogue, topic: str | None = None) -> CitationGraph:
    """Read the citation graph of the catalogue, or of a topic with its descendants.

    Withdrawn papers are left out, and of a topic all citations but those among its papers.
    """
    with catalogue.reading():
        papers = paper_arrays(catalogue.database, topic)
        citing, cited = citation_arrays(catalogue.database, None if topic is None else papers.keys)
        if topic is not None:
            known = len(with_citations(catalogue.database, papers.keys.tolist()))
        else:
            known = int(np.isin(papers.keys, np.concatenate([citing, cited])).sum())
    first, second = indices_in(papers.keys, citing), indices_in(papers.keys, cited)
    there = (first >= 0) & (second >= 0)
    return CitationGraph(
        papers.keys,
        papers.years,
        papers.fractional_years,
        first[there],
        second[there],
        Coverage(len(papers.keys), known),
    )


def indices_in(keys: Ints, wanted: Ints) -> Ints:
    """Return the index in the ascending `keys` of each wanted key; -1 where it is not there."""
    if not len(keys):
        return np.full(len(wanted), -1)
    if keys[-1] <= 8 * len(wanted):  # A table of all keys is quicker than to seek each.
        table = np.full(int(keys[-1]) + 2, -1)
        table[keys] = np.arange(len(keys))
        found: Ints = table[np.minimum(wanted, keys[-1] + 1)]
        return found
    found = np.searchsorted(keys, wanted)
    found[found == len(keys)] = 0
    return np.where(keys[found] == wanted, found, -1)
