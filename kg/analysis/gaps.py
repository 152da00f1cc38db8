"""Pairs of topics that are close in meaning and far in citations."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.analysis.arguments import check_number
from kg.analysis.gravity import citation_counts, closeness, deviance_residuals, gravity
from kg.graph.arrays import Ints, topic_arrays
from kg.graph.citation_graph import Coverage, indices_in, load
from kg.ids.topic_ids import is_under
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from kg.taxonomy.topic import Topic

MIN_TOPIC_PAPERS = 5
"""A topic with fewer papers that have a vector is not compared."""

MIN_CLOSENESS_RANK = 0.5
"""Pairs are close in meaning that are at least as close as this part of the pairs compared."""


@dataclass(frozen=True, slots=True)
class GapSide:
    """One of the two topics of a gap."""

    topic: str
    """Id of the topic."""
    name: str
    coverage: Coverage
    """Of the papers placed right under it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Two topics that cite each other less than is expected of them."""

    rank: int
    """1 is the widest."""
    sides: tuple[GapSide, GapSide]
    closeness: float
    """Ratio of nearest neighbours among their papers to those expected by chance."""
    closer_than: float
    """Part of the pairs compared that are less close, 0 to 1."""
    citations: int
    """Known citations between them, in both directions."""
    expected: float
    """Citations to expect of topics as popular and as close."""
    score: float
    """Poisson deviance residual: how surprising it is that there are so few citations."""

    @property
    def reason(self) -> str:
        """Why, in words."""
        one, two = self.sides
        known = " and ".join(
            f"{side.coverage.known:,} of {side.coverage.papers:,}" for side in self.sides
        )
        cited = f"{self.citations:,} citation{'s' * (self.citations != 1)}"
        return (
            f"papers of {one.name} and {two.name} are near to each other"
            f" {self.closeness:.1f} times as often as by chance, more than those of"
            f" {self.closer_than:.0%} of all pairs; {cited} between them,"
            f" {self.expected:.1f} expected;"
            f" citations are known of {known} of their papers"
        )


@dataclass(frozen=True, slots=True)
class Gaps:
    """The widest gaps."""

    gaps: tuple[Gap, ...]
    """Widest first; none where too few citations between topics are known."""
    pairs: int
    """How many pairs of topics were compared: those with known citations to or from others."""
    unknown: int
    """Number of pairs that were not: no citation of one of the two is known."""
    pull: float
    """Factor on the citations of a pair of one standard deviation of closeness."""
    coverage: Coverage
    """Of all papers that are placed."""


def gaps(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    keys: Ints,
    vectors: NDArray[np.float32],
    k: int = 10,
) -> Gaps:
    """Return pairs of topics that are close in meaning and far in citations.

    The citations to expect of a pair follow from how much its topics cite and are cited, and from
    how much more close pairs cite each other than distant ones (`kg.analysis.gravity`). A pair is
    a gap where fewer citations are known. A topic stands for the papers placed right under it; a
    topic and one above it are no pair, and neither are two that share papers.

    How well gaps predict later citations is measured in `benchmarks/graph_analysis.md`.

    Parameters
    ----------
    keys : (n,) int64
        Keys of the papers that have a vector.
    vectors : (n, dim) float32, unit rows

    Raises
    ------
    BadRequest
        If `k` makes no sense.
    """
    check_number(k)
    with catalogue.reading():
        graph = load(catalogue)
        placed = topic_arrays(catalogue.database, [topic.id for topic in taxonomy])
    topics, rows = [], []
    order = np.argsort(keys)
    for topic in taxonomy:
        found = indices_in(np.asarray(keys, dtype=np.int64)[order], placed[topic.id])
        if len(found := found[found >= 0]) >= MIN_TOPIC_PAPERS:
            topics.append(topic)
            rows.append(order[found])
    members = [indices_in(graph.keys, placed[topic.id]) for topic in topics]
    apart = _apart(topics, members)
    close = closeness(rows, vectors, apart)
    counts = citation_counts(members, graph.citing, graph.cited, len(graph.keys))
    model = gravity(counts, close, apart)
    asked = np.triu(apart, 1)
    compared = asked & (model.popularity > 0)
    score = deviance_residuals(counts + counts.T, model.expected)
    first, second = np.nonzero(compared)
    value = score[first, second]
    near = close[first, second]
    below = np.searchsorted(np.sort(near), near) / max(len(near), 1)
    best = np.lexsort((second, first, -value))
    best = best[(value[best] > 0) & (below[best] >= MIN_CLOSENESS_RANK)][:k]
    linked = graph.linked().keys

    def coverage(papers: Ints) -> Coverage:
        return Coverage(len(papers), int(np.isin(papers, linked).sum()))

    sides = [GapSide(topic.id, topic.name, coverage(placed[topic.id])) for topic in topics]
    return Gaps(
        gaps=tuple(
            Gap(
                rank=rank,
                sides=(sides[one], sides[two]),
                closeness=float(close[one, two]),
                closer_than=float(below[at]),
                citations=int(counts[one, two] + counts[two, one]),
                expected=float(model.expected[one, two]),
                score=float(score[one, two]),
            )
            for rank, (at, one, two) in enumerate(
                zip(best.tolist(), first[best].tolist(), second[best].tolist(), strict=True), 1
            )
        ),
        pairs=int(compared.sum()),
        unknown=int(asked.sum() - compared.sum()),
        pull=model.pull,
        coverage=coverage(np.unique(np.concatenate(list(placed.values())))),
    )


def _apart(topics: Sequence[Topic], members: Sequence[Ints]) -> NDArray[np.bool_]:
    """Return which pairs have neither topic above the other nor a paper in both."""
    apart = np.ones((len(topics), len(topics)), dtype=bool)
    for one, topic in enumerate(topics):
        for two, other in enumerate(topics):
            if is_under(other.id, topic.id) or (
                two > one and len(np.intersect1d(members[one], members[two]))
            ):
                apart[one, two] = apart[two, one] = False
    return apart
