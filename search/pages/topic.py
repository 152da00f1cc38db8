"""The topic tree, and one topic's page: its papers, the most influential ones, related topics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from kg.ids.titles import normalised_title
from kg.ids.topic_ids import path, same_branch
from kg.records import Filters, Paper
from kg.store.catalogue import Catalogue
from kg.store.details import NO_DETAILS, Details
from search.atlas import Atlas, of_one_state
from search.index.base import Vectors, stored_vectors
from search.pages.methods import MethodFacts, method_facts
from search.ranking.fusion import fuse

if TYPE_CHECKING:
    from kg.analysis.influence import InfluentialPaper
    from kg.graph.citation_graph import Coverage
    from kg.taxonomy.taxonomy import Taxonomy

MAX_SHOWN = 5
"""How many newest papers, influential papers and related topics."""

MIN_CENTROID_PAPERS = 5
"""A topic of fewer papers with vectors has no centroid, as in `kg.analysis.gaps`."""


class PaperOrder(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"
    INFLUENTIAL = "influential"
    CITED = "cited"


@dataclass(frozen=True, slots=True)
class TopicCount:
    """One topic with its number of papers."""

    id: str
    name: str
    definition: str
    papers: int
    """Papers placed here or in a descendant, each once."""
    children: "tuple[TopicCount, ...]"


@dataclass(frozen=True, slots=True)
class Placed:
    """A paper with the ids of its topics."""

    paper: Paper
    topics: tuple[str, ...]
    details: Details = NO_DETAILS
    """Its card, links and reports."""


@dataclass(frozen=True, slots=True)
class RelatedTopic:
    """A topic that is close to another, neither above nor below it."""

    id: str
    name: str
    papers: int
    """Its papers, those of its descendants among them."""
    shared: int
    """How many of them are the other's too."""
    of: int
    """How many papers the other has."""
    cosine: float | None
    """Cosine of the mean vectors of the two; None where either has too few vectors."""
    closer_than: float | None
    """Share of the compared topics with a smaller cosine, 0 to 1."""

    @property
    def reason(self) -> str:
        """Why, in words and numbers."""
        parts = []
        if self.shared:
            parts.append(f"shares {self.shared:,} of {self.of:,} papers")
        if self.cosine is not None:
            parts.append(
                f"near in meaning: cosine {self.cosine:.2f},"
                f" closer than {self.closer_than:.0%} of the other topics"
            )
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """Facts about one topic beside its papers."""

    origin: str
    """One of `kg.taxonomy.taxonomy.ORIGINS`."""
    path: tuple[str, ...]
    """Names from the area down to the topic."""
    newest: tuple[Placed, ...]
    influential: "tuple[InfluentialPaper, ...]"
    """Best first; none where no citation within the topic is known."""
    related: tuple[RelatedTopic, ...]
    """Closest first."""
    coverage: "Coverage"
    """How many of its papers have a known citation."""
    methods: MethodFacts
    """What cards say of the methods that its papers introduce."""


@dataclass(frozen=True, slots=True)
class TopicPage:
    """The topic tree, or one topic's branch with all about it."""

    tree: tuple[TopicCount, ...]
    """The areas, or the one topic."""
    papers: tuple[Placed, ...] | None
    """The topic's papers, newest first; None for the whole tree."""
    facts: TopicFacts | None = None
    """None for the whole tree."""
    placed: int = 0
    """Papers under any topic of the tree, each once."""


Members = Mapping[str, set[int]]
"""Keys of the papers under each topic and its descendants."""


@of_one_state
def topic_tree(atlas: Atlas) -> TopicPage:
    """Return all topics with their numbers of papers."""
    return atlas.catalogue.cache.get("topic tree", lambda: _topic_tree(atlas))


def _topic_tree(atlas: Atlas) -> TopicPage:
    placed = members(atlas.catalogue)
    areas = atlas.taxonomy.roots
    return TopicPage(
        tuple(count(atlas.taxonomy, area.id, placed) for area in areas),
        None,
        placed=len(set().union(*(placed.get(area.id, ()) for area in areas))),
    )


def topic_page(atlas: Atlas, topic: str) -> TopicPage:
    """Return all about one topic.

    Raises
    ------
    NotFound
        If there is no such topic.
    """
    from kg.analysis.influence import influential

    catalogue, taxonomy, embedder = atlas.catalogue, atlas.taxonomy, atlas.embedder
    with catalogue.reading():
        found = taxonomy[topic]
        placed = members(catalogue)
        papers = newest_first(atlas, Filters(topic=topic))
        influence = influential(catalogue, taxonomy, topic, k=MAX_SHOWN)
        known = topic_centroids(catalogue, placed, embedder.model, embedder.dim)
        methods = catalogue.cache.get(
            ("method facts", topic), lambda: method_facts(catalogue, sorted(placed.get(topic, ())))
        )
    facts = TopicFacts(
        origin=found.origin,
        path=taxonomy.path_names(topic),
        newest=papers[:MAX_SHOWN],
        influential=influence.papers,
        related=related(taxonomy, topic, placed, known),
        coverage=influence.coverage,
        methods=methods,
    )
    tree = count(taxonomy, topic, placed)
    return TopicPage((tree,), papers, facts, tree.papers)


def members(catalogue: Catalogue) -> dict[str, set[int]]:
    """Return the papers of each topic, its descendants' among them, withdrawn ones not."""
    placed: dict[str, set[int]] = {}
    for name, key in catalogue.placements.topic_papers():
        for above in path(name):
            placed.setdefault(above, set()).add(key)
    return placed


def count(taxonomy: "Taxonomy", topic: str, placed: Members) -> TopicCount:
    """Return a topic and all below it with their numbers of papers."""
    found = taxonomy[topic]
    children = tuple(count(taxonomy, child, placed) for child in found.children)
    number = len(placed.get(topic, ()))
    return TopicCount(found.id, found.name, found.definition, number, children)


def topic_centroids(
    catalogue: Catalogue, placed: Members, model: str, dim: int
) -> Mapping[str, Vectors]:
    """Return the mean vector, at unit length, of topics with `MIN_CENTROID_PAPERS` vectors or more.

    All vectors are read once for each state of the catalogue, not once for each topic's page.
    The catalogue is read within its `reading`, so that it is of one state with `placed`.
    """
    key = ("topic centroids", model)
    return catalogue.cache.get(key, lambda: _means(catalogue, placed, model, dim))


def _means(catalogue: Catalogue, placed: Members, model: str, dim: int) -> dict[str, Vectors]:
    keys, vectors = stored_vectors(catalogue, model, dim)
    rows = {key: row for row, key in enumerate(keys.tolist())}
    means: dict[str, Vectors] = {}
    for topic, papers in placed.items():
        some = sorted(rows[key] for key in papers if key in rows)
        if len(some) < MIN_CENTROID_PAPERS:
            continue
        mean = vectors[some].mean(axis=0)
        if norm := float(np.linalg.norm(mean)):
            means[topic] = mean / norm
    return means


def related(
    taxonomy: "Taxonomy", topic: str, placed: Members, centroids: Mapping[str, Vectors]
) -> tuple[RelatedTopic, ...]:
    """Return the topics closest to one, by the papers they share and by what these are about.

    The share of papers in common (Jaccard) and the cosine of the mean vectors make one ranking
    each; these are fused. Topics above and below do not count: they share papers by definition.
    """
    own = placed.get(topic, set())
    others = [
        other.id for other in taxonomy if placed.get(other.id) and not same_branch(other.id, topic)
    ]
    shared = {at: len(own & placed[other]) for at, other in enumerate(others)}
    overlap = {at: n / len(own | placed[others[at]]) for at, n in shared.items() if n}
    mean = centroids.get(topic)
    cosines = {
        at: float(mean @ centroids[other])
        for at, other in enumerate(others)
        if mean is not None and other in centroids
    }
    rankings = [sorted(r, key=lambda at: (-r[at], at)) for r in (overlap, cosines)]
    best = [at for at, _ in fuse(rankings, (1.0, 1.0))[:MAX_SHOWN]]
    found = []
    for at in best:
        cosine = cosines.get(at)
        below = sum(value < cosine for value in cosines.values()) if cosine is not None else 0
        compared = max(len(cosines) - 1, 1)
        found.append(
            RelatedTopic(
                id=others[at],
                name=taxonomy[others[at]].name,
                papers=len(placed[others[at]]),
                shared=shared[at],
                of=len(own),
                cosine=cosine,
                closer_than=None if cosine is None else below / compared,
            )
        )
    return tuple(found)


def placed_papers(atlas: Atlas, keys: Sequence[int]) -> list[Placed]:
    """Return papers with their topics and details."""
    catalogue = atlas.catalogue
    papers, details = catalogue.papers.get(keys), catalogue.details.get(keys)
    return list(map(Placed, papers, atlas.topics_of(keys), details))


def newest_first(atlas: Atlas, filters: Filters) -> tuple[Placed, ...]:
    """Return the papers that pass one filter or more, with their topics."""
    papers = placed_papers(atlas, atlas.catalogue.papers.select(filters) or [])

    def age(one: Placed) -> tuple[str, str]:
        return (str(one.paper.appeared or ""), one.paper.id)

    return tuple(sorted(papers, key=age, reverse=True))


def arranged(
    atlas: Atlas,
    topic: str,
    papers: Sequence[Placed],
    order: PaperOrder = PaperOrder.NEWEST,
    since: int | None = None,
    until: int | None = None,
) -> list[Placed]:
    """Return papers of a topic, those of some years, in an order.

    Parameters
    ----------
    topic : str
        Id of the topic; influence is influence within it.
    papers : sequence of Placed
        Its papers, newest first, as `topic_page` has them.
    order : PaperOrder
        Papers of equal rank stay as they come. What has no year is neither new nor old, what no
        paper of the topic is known to cite has no influence, and of what no service reports the
        citations these are unknown: such papers come last.
    since, until : int, optional
        First and last year.
    """
    if since is not None or until is not None:
        first, last = since or 0, until if until is not None else 9999
        papers = [one for one in papers if one.paper.year and first <= one.paper.year <= last]
    if order is PaperOrder.OLDEST:
        dated = [one for one in papers if one.paper.year]
        return [*reversed(dated), *(one for one in papers if not one.paper.year)]
    if order is PaperOrder.TITLE:
        return sorted(papers, key=lambda one: normalised_title(one.paper.title))
    if order is PaperOrder.CITED:
        return sorted(papers, key=lambda one: -(one.details.citations or 0))
    if order is PaperOrder.INFLUENTIAL:
        from kg.analysis.arguments import MAX_ANSWERS
        from kg.analysis.influence import influential

        best = influential(atlas.catalogue, atlas.taxonomy, topic, k=MAX_ANSWERS).papers
        ranks = {one.paper.id: one.rank for one in best}
        return sorted(papers, key=lambda one: ranks.get(one.paper.id, len(ranks) + 1))
    return list(papers)
