"""The most influential methods of a topic: by use, then by the influence of their papers."""

from dataclasses import dataclass

from kg.analysis.arguments import check_number
from kg.analysis.influence import influence_scores
from kg.entities.entity import Entity, EntityType, Relation
from kg.graph.citation_graph import Coverage, load
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from kg.text.partial_date import PartialDate


@dataclass(frozen=True, slots=True)
class InfluentialMethod:
    """One method with its use."""

    rank: int
    """1 is best."""
    entity: Entity
    year: int | None
    """When a paper first introduced it."""
    used_by: int
    """How many papers of the topic relate to it and do not introduce it."""
    built_on_by: int
    """How many of these build on it."""
    compared_by: int
    """How many of these compare with it."""
    papers: tuple[str, ...]
    """Ids of the papers that introduce it, the earliest first."""
    score: float | None
    """The highest influence of these papers within the topic; see `InfluentialPaper.score`. None
    where no citation of them is known there."""


@dataclass(frozen=True, slots=True)
class MethodInfluence:
    """The most influential methods of a topic, or of the atlas."""

    topic: str | None
    """Id of the topic; None for the whole atlas."""
    since: PartialDate | None
    """When the methods that are shown were first introduced, at the earliest."""
    methods: tuple[InfluentialMethod, ...]
    """Best first; those that some paper uses."""
    total: int
    """How many methods the papers of the topic introduce."""
    coverage: Coverage


def influential_methods(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    topic: str | None = None,
    since: PartialDate | None = None,
    k: int = 10,
) -> MethodInfluence:
    """Rank the methods that the papers of a topic introduce.

    First comes the method that the most papers of the topic use: that build on it, compare with
    it, or name it otherwise. Of methods used alike, that of the more influential paper comes first:
    its PageRank among papers of its age, as `kg.analysis.influence.influential` has it.

    Parameters
    ----------
    topic : str, optional
        Id, name or alias of a topic; its descendants count.
    since : PartialDate, optional
        First date of the methods that are shown.

    Raises
    ------
    NotFound
        If there is no such topic.
    BadRequest
        If `k` makes no sense.
    """
    check_number(k)
    asked = None if topic is None else taxonomy.find(topic).id
    with catalogue.reading():
        whole = load(catalogue, asked)
        graph = whole.linked()
        scores = dict(zip(graph.keys.tolist(), influence_scores(graph)[2].tolist(), strict=True))
        related = catalogue.relations.of_papers(whole.keys.tolist())
        introduced = {one.entity for one in related if one.relation is Relation.INTRODUCES}
        methods = catalogue.entities.of_type(EntityType.METHOD, introduced)
        own = catalogue.relations.introducing(methods)
        first = catalogue.relations.appeared(methods)
        uses: dict[int, dict[Relation, set[int]]] = {key: {} for key in methods}
        for one in related:
            if one.entity in uses and one.paper not in own[one.entity]:
                uses[one.entity].setdefault(one.relation, set()).add(one.paper)
        used = {key: len(set().union(*of.values())) for key, of in uses.items() if of}
        best_score = {
            key: max((scores[paper] for paper in own[key] if paper in scores), default=None)
            for key in used
        }
        if since is not None:
            used = {
                key: papers
                for key, papers in used.items()
                if key in first and first[key] >= str(since)[: len(first[key])]
            }
        lowest = min(scores.values(), default=0.0) - 1
        ids = catalogue.entities.ids(list(used))

        def rank(key: int) -> tuple[float, float, str]:
            score = best_score[key]
            return -used[key], -(lowest if score is None else score), ids[key]

        chosen = sorted(used, key=rank)[:k]
        papers = [paper for key in chosen for paper in own[key]]
        named = catalogue.papers.get(papers)
        names = {key: paper.id for key, paper in zip(papers, named, strict=True)}
        entities = catalogue.entities.get(chosen)
    return MethodInfluence(
        topic=asked,
        since=since,
        methods=tuple(
            InfluentialMethod(
                rank=place,
                entity=entity,
                year=int(first[key][:4]) if key in first else None,
                used_by=used[key],
                built_on_by=len(uses[key].get(Relation.BUILDS_ON, ())),
                compared_by=len(uses[key].get(Relation.COMPARES_WITH, ())),
                papers=tuple(names[paper] for paper in own[key]),
                score=best_score[key],
            )
            for place, (key, entity) in enumerate(zip(chosen, entities, strict=True), 1)
        ),
        total=len(methods),
        coverage=whole.coverage,
    )
