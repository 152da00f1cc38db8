"""Approaches among the papers of an answer: the topics or methods that several of them share."""

from collections.abc import Mapping, Sequence

from kg.entities.entity import EntityType, Relation
from search.atlas import Atlas
from search.ranking.answers import Hit

MAX_APPROACHES = 3

MIN_PAPERS = 2
"""The fewest papers of an approach."""

MIN_COVERED = 0.5
"""Part of the papers that approaches must cover together; else there are none."""


def approaches(
    atlas: Atlas, hits: Sequence[Hit], asked: Sequence[int] = ()
) -> dict[str, list[Hit]]:
    """Return the approaches into which papers fall, by name, the one of the best paper first.

    An approach is an innermost topic; else a method that papers introduce or build on. No paper is
    in two, and there are two of them or none.

    Parameters
    ----------
    asked : sequence of int
        Keys of the entities that are asked for, which tell no papers apart.
    """
    if len(hits) < 2 * MIN_PAPERS:
        return {}
    ranks = [hit.rank for hit in hits]
    by_rank = {hit.rank: hit for hit in hits}
    for names in (_topics(atlas, hits), _methods(atlas, hits, asked)):
        found = partition(ranks, names)
        if found:
            return {name: [by_rank[rank] for rank in group] for name, group in found.items()}
    return {}


def partition(papers: Sequence[int], names: Mapping[int, Sequence[str]]) -> dict[str, list[int]]:
    """Divide papers by the names that they share, the largest group first taken.

    Parameters
    ----------
    papers : sequence of int
        Best first.
    names : mapping of int to sequence of str
        Of each paper, the names that it has.

    Returns
    -------
    dict of str to list of int
        Empty where there are not two groups of `MIN_PAPERS`, or these have too few of the papers.

    Examples
    --------
    >>> partition([1, 2, 3, 4], {1: ["router"], 2: ["average"], 3: ["average"], 4: ["router"]})
    {'router': [1, 4], 'average': [2, 3]}
    >>> partition([1, 2, 3, 4], {n: ["average"] for n in (1, 2, 3, 4)})
    {}
    """
    left = list(papers)
    groups: dict[str, list[int]] = {}
    while len(groups) < MAX_APPROACHES:
        having: dict[str, list[int]] = {}
        for paper in left:
            for name in dict.fromkeys(names.get(paper, ())):
                having.setdefault(name, []).append(paper)
        # A name that all papers have tells none apart.
        shared = {name: some for name, some in having.items() if len(some) < len(papers)}
        name = max(shared, key=lambda one: len(shared[one]), default="")
        if not name or len(shared[name]) < MIN_PAPERS:
            break
        groups[name] = shared[name]
        left = [paper for paper in left if paper not in groups[name]]
    covered = len(papers) - len(left)
    if len(groups) < 2 or covered < MIN_COVERED * len(papers):
        return {}
    return dict(sorted(groups.items(), key=lambda item: papers.index(item[1][0])))


def _topics(atlas: Atlas, hits: Sequence[Hit]) -> dict[int, list[str]]:
    """Return rank -> the surest innermost topic of each paper that has any."""
    found = {}
    for hit in hits:
        topics = map(atlas.taxonomy.__getitem__, hit.topics)
        if leaf := next((topic for topic in topics if not topic.children), None):
            found[hit.rank] = [leaf.name]
    return found


def _methods(atlas: Atlas, hits: Sequence[Hit], asked: Sequence[int]) -> dict[int, list[str]]:
    ranks = {hit.key: hit.rank for hit in hits}
    related = [
        one
        for one in atlas.catalogue.relations.of_papers(list(ranks))
        if one.relation in (Relation.INTRODUCES, Relation.BUILDS_ON) and one.entity not in asked
    ]
    keys = list(dict.fromkeys(one.entity for one in related))
    entities = dict(zip(keys, atlas.catalogue.entities.get(keys), strict=True))
    names: dict[int, list[str]] = {}
    for one in related:
        if entities[one.entity].type is EntityType.METHOD:
            names.setdefault(ranks[one.paper], []).append(entities[one.entity].name)
    return names
