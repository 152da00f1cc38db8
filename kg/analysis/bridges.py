"""Bridges: papers that connect two topics, with the reasons as counts."""

from dataclasses import dataclass

import numpy as np

from kg.analysis.arguments import check_number
from kg.errors import BadRequest
from kg.graph.arrays import Ints, citation_arrays
from kg.graph.citation_graph import Coverage, indices_in
from kg.graph.rows import not_withdrawn
from kg.ids.topic_ids import same_branch
from kg.records import Filters, Paper
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from kg.taxonomy.topic import Topic


@dataclass(frozen=True, slots=True)
class BridgeSide:
    """The links of a paper to one of the two topics."""

    topic: str
    """Id of the topic."""
    name: str
    placed: bool
    """True where the paper is placed there, or below."""
    cites: int
    """Number of papers it cites that are placed there and not in the other topic."""
    cited_by: int
    """Number of such papers that cite it."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """A paper that connects the two topics."""

    rank: int
    """1 is best."""
    paper: Paper
    score: float
    """Harmonic mean of the numbers of its links to either side: 0 without a link to both."""
    sides: tuple[BridgeSide, BridgeSide]
    """In the order in which the topics were given."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """The links in words."""
        placed = [side.name for side in self.sides if side.placed]
        found = [f"it is placed in {' and in '.join(placed)}"] if placed else []
        for verb, counts in (
            ("it cites", [side.cites for side in self.sides]),
            ("it is cited by", [side.cited_by for side in self.sides]),
        ):
            papers = [
                f"{count:,} paper{'s' * (count != 1)} of {side.name}"
                for side, count in zip(self.sides, counts, strict=True)
                if count
            ]
            if papers:
                found.append(f"{verb} {' and '.join(papers)}")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Bridges:
    """The papers that connect two topics."""

    topics: tuple[str, str]
    """Ids of the two topics."""
    papers: tuple[Bridge, ...]
    """Best first."""
    found: int
    """Number of papers that connect them."""
    shared: int
    """Number of papers that are placed in both."""
    crossing: int
    """Number of citations between papers of one topic alone and of the other alone."""
    coverage: Coverage
    """Of the papers of both topics."""


def bridges(
    catalogue: Catalogue, taxonomy: Taxonomy, topic_a: str, topic_b: str, k: int = 10
) -> Bridges:
    """Return the papers that connect two topics, wherever they are placed themselves.

    Topics are named by id, name or alias; their descendants count.
    A paper is linked to each paper of a topic that it cites or is cited by, and once more to the
    topic that it is placed in. It connects the two if it is linked to both; its score is the
    harmonic mean 2ab / (a + b) of its links. Papers placed in both topics are links of neither.

    Raises
    ------
    NotFound
        If there is no such topic.
    BadRequest
        If one topic is the other, or is below it; or if `k` makes no sense.

    Notes
    -----
    Betweenness restricted to the two topics ranks mostly the same papers first, takes far longer
    and gives no reasons: see `benchmarks/graph_analysis.md`.
    """
    check_number(k)
    a, b = taxonomy.find(topic_a), taxonomy.find(topic_b)
    if same_branch(a.id, b.id):
        raise BadRequest(f"{a.id!r} and {b.id!r} are not apart", "name topics side by side")
    with catalogue.reading():
        in_a, in_b = (
            np.array(catalogue.papers.select(Filters(topic=topic.id)) or [], dtype=np.int64)
            for topic in (a, b)
        )
        either = np.union1d(in_a, in_b)
        citing, cited = citation_arrays(catalogue.database, either, both=False)
        links = _LinkCounts(in_a, in_b, citing, cited)
        known = np.isin(either, np.concatenate([citing, cited])).sum()
        # Of equal scores, those with more links come first.
        strong = np.lexsort((links.keys, -links.of_each.sum(axis=0), -links.scores))
        strong = strong[links.scores[strong] > 0]
        # Withdrawn papers are placed nowhere here, but may cite.
        good = not_withdrawn(catalogue.database, links.keys[strong].tolist())
        strong = strong[np.isin(links.keys[strong], list(good))]
        best = strong[:k].tolist()
        papers = catalogue.papers.get(links.keys[best].tolist())
    return Bridges(
        topics=(a.id, b.id),
        papers=tuple(
            Bridge(
                rank,
                paper,
                float(links.scores[at]),
                (links.side(0, at, a), links.side(1, at, b)),
            )
            for rank, (at, paper) in enumerate(zip(best, papers, strict=True), 1)
        ),
        found=len(strong),
        shared=len(np.intersect1d(in_a, in_b)),
        crossing=links.crossing,
        coverage=Coverage(len(either), int(known)),
    )


class _LinkCounts:
    """Links of all papers around two topics, as arrays: a row for each topic, over `keys`."""

    def __init__(self, in_a: Ints, in_b: Ints, citing: Ints, cited: Ints) -> None:
        self.keys = np.unique(np.concatenate([in_a, in_b, citing, cited]))
        first, second = indices_in(self.keys, citing), indices_in(self.keys, cited)
        self.placed = np.array([np.isin(self.keys, keys) for keys in (in_a, in_b)])
        alone = self.placed & ~self.placed[::-1]
        n = len(self.keys)
        self.cites = np.array([np.bincount(first[side[second]], minlength=n) for side in alone])
        self.cited_by = np.array([np.bincount(second[side[first]], minlength=n) for side in alone])
        self.of_each = self.cites + self.cited_by + self.placed
        both = self.of_each.sum(axis=0)
        self.scores = np.divide(
            2 * self.of_each.prod(axis=0), both, out=np.zeros(n), where=both > 0
        )
        self.crossing = int((alone[:, first] & alone[::-1, second]).sum())

    def side(self, which: int, at: int, topic: Topic) -> BridgeSide:
        """Return the links of one paper to one topic."""
        return BridgeSide(
            topic.id,
            topic.name,
            bool(self.placed[which, at]),
            int(self.cites[which, at]),
            int(self.cited_by[which, at]),
        )
