"""Papers per topic and year, and which topics grow."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from kg.graph.arrays import Ints, citation_arrays, paper_arrays, topic_arrays
from kg.graph.citation_graph import Coverage, indices_in
from kg.graph.rows import with_citations
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from kg.taxonomy.topic import Topic

COMPARED_YEARS = 2
"""Complete years whose papers are compared with those of as many years before."""

Z_95 = 1.96
"""Standard errors on either side of an estimate that make its 95 % confidence interval."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How a topic's share of the papers has changed."""

    topic: str
    """Id of the topic."""
    name: str
    recent: int
    """Its papers of the recent years."""
    before: int
    """Its papers of as many years before."""
    share: float
    """Its part of all papers of the recent years, 0 to 1."""
    share_before: float
    """Its part of all papers of the years before."""
    ratio: float
    """Ratio of the two shares, with half a paper added to each count so that none is 0."""
    low: float
    """Lower end of the 95 % confidence interval of `ratio`."""
    high: float
    """Upper end."""

    @property
    def verdict(self) -> str:
        """``"grows"`` or ``"shrinks"`` where the interval excludes 1, else ``"unclear"``.

        ``"silent"`` where there is no recent paper at all: its lists may have ended before.
        """
        if not self.recent:
            return "silent"
        return "grows" if self.low > 1 else "shrinks" if self.high < 1 else "unclear"


@dataclass(frozen=True, slots=True)
class TopicYears:
    """One topic's papers by year, its descendants' among them."""

    topic: str | None
    """Id of the topic; None for all papers of the atlas."""
    name: str
    counts: tuple[int, ...]
    """Papers of each of the timeline's years."""
    undated: int
    """Papers whose year is unknown."""

    @property
    def papers(self) -> int:
        """All its papers."""
        return sum(self.counts) + self.undated


@dataclass(frozen=True, slots=True)
class Timeline:
    """Papers by topic and year."""

    years: tuple[int, ...]
    """From the first to the last that has a paper, without gaps."""
    incomplete: int | None
    """The present year, where it has papers: growth is measured without it."""
    total: TopicYears
    """The topic that was asked for, or the whole atlas."""
    topics: tuple[TopicYears, ...]
    """The topics right below it. A paper may be in several of them, or in none."""
    growth: tuple[Growth, ...]
    """All topics below it with papers in the years compared, by `Growth.low` from the highest."""
    recent: tuple[int, int]
    """First and last of the recent years, which are compared with the years before them."""
    before: tuple[int, int]
    coverage: Coverage


def timeline(
    catalogue: Catalogue, taxonomy: Taxonomy, topic: str | None = None, today: date | None = None
) -> Timeline:
    """Count papers by topic and year, and measure the growth of topics.

    Growth is measured by share, not by count: in a growing field a topic that only keeps up does
    not grow. It is the ratio r of a topic's shares of all papers in the last two complete years
    and in the two before, with the interval r exp(+-1.96 s), where s**2 = 1/n - 1/N + 1/m - 1/M
    for n of N papers now and m of M before, each plus 0.5. The atlas holds what
    its lists name, so this is growth in the atlas.

    Parameters
    ----------
    topic : str, optional
        Id, name or alias of a topic.
    today : date, optional
        Its year is incomplete; by default today by the catalogue's clock.

    Raises
    ------
    NotFound
        If there is no such topic.

    References
    ----------
    D. Katz, J. Baptista, S. P. Azen and M. C. Pike, "Obtaining confidence intervals for the risk
    ratio in cohort studies", Biometrics 34, 1978; with half a paper added, S. D. Walter, "The
    distribution of Levin's measure of attributable risk", Biometrika 62, 1975.
    """
    present = (today or catalogue.database.now().date()).year
    asked = None if topic is None else taxonomy.find(topic).id
    below = [
        other for other in (taxonomy.descendants(asked) if asked else taxonomy) if other.id != asked
    ]
    with catalogue.reading():
        papers = paper_arrays(catalogue.database, asked)
        found = topic_arrays(catalogue.database, [other.id for other in below])
        if asked is None:
            citing, cited = citation_arrays(catalogue.database)
            known = int(np.isin(papers.keys, np.concatenate([citing, cited])).sum())
        else:
            known = len(with_citations(catalogue.database, papers.keys.tolist()))
    members = _with_descendants(below, found)
    dated = papers.years[papers.years > 0]
    years = range(int(dated.min()), int(dated.max()) + 1) if len(dated) else range(0)

    def row(topic: str | None, keys: Ints) -> TopicYears:
        at = papers.years[indices_in(papers.keys, keys)]
        some = at[at > 0]
        counts = np.bincount(some - years.start, minlength=len(years)).tolist() if years else ()
        name = taxonomy[topic].name if topic else "All topics"
        return TopicYears(topic, name, tuple(counts), len(at) - len(some))

    rows = {other.id: row(other.id, members[other.id]) for other in below}
    total = row(asked, papers.keys)
    recent = range(present - COMPARED_YEARS, present)
    before = range(recent.start - COMPARED_YEARS, recent.start)
    grown = [growth_of(one, total, years, recent, before) for one in rows.values()]
    return Timeline(
        years=tuple(years),
        incomplete=present if present in years else None,
        total=total,
        topics=tuple(rows[o.id] for o in below if o.parent == asked),
        growth=tuple(
            sorted(
                (one for one in grown if one.recent + one.before),
                key=lambda one: (-one.low, one.topic),
            )
        ),
        recent=(recent[0], recent[-1]),
        before=(before[0], before[-1]),
        coverage=Coverage(len(papers.keys), known),
    )


def _with_descendants(topics: Sequence[Topic], own: Mapping[str, Ints]) -> dict[str, Ints]:
    """Return the papers of each topic and of all below it, each once."""
    members: dict[str, Ints] = {}
    for topic in reversed(topics):  # A topic comes before those below it.
        below = [members[child] for child in topic.children]
        members[topic.id] = np.unique(np.concatenate([own[topic.id], *below]))
    return members


def growth_of(
    topic: TopicYears,
    total: TopicYears,
    years: Sequence[int],
    recent: Sequence[int],
    before: Sequence[int],
) -> Growth:
    """Return how a topic's share of all papers has changed, with its 95 % confidence interval.

    Parameters
    ----------
    total : TopicYears
        The papers that the topic has a share of.
    years : sequence of int
        Those that both are counted by.

    Examples
    --------
    >>> few, all = TopicYears("a", "A", (10, 30), 0), TopicYears(None, "", (100, 100), 0)
    >>> found = growth_of(few, all, (2020, 2021), (2021,), (2020,))
    >>> round(found.ratio, 2), round(found.low, 2), round(found.high, 2), found.verdict
    (2.9, 1.52, 5.53, 'grows')
    """
    n, m = (_sum(topic.counts, years, chosen) for chosen in (recent, before))
    of_n, of_m = (_sum(total.counts, years, chosen) for chosen in (recent, before))
    ratio = (n + 0.5) / (of_n + 0.5) * (of_m + 0.5) / (m + 0.5)
    error = math.sqrt(max(0.0, 1 / (n + 0.5) - 1 / (of_n + 0.5) + 1 / (m + 0.5) - 1 / (of_m + 0.5)))
    return Growth(
        topic=topic.topic or "",
        name=topic.name,
        recent=n,
        before=m,
        share=n / of_n if of_n else 0.0,
        share_before=m / of_m if of_m else 0.0,
        ratio=ratio,
        low=ratio * math.exp(-Z_95 * error),
        high=ratio * math.exp(Z_95 * error),
    )


def _sum(counts: Sequence[int], years: Sequence[int], chosen: Sequence[int]) -> int:
    return sum(count for count, year in zip(counts, years, strict=True) if year in chosen)
