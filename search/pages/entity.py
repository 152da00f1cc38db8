"""One entity's page: what a method, benchmark or model is, where it comes from and who uses it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.analysis import families
from kg.analysis.families import Family
from kg.entities.entity import Entity, Relation, Source
from kg.errors import NotFound, SeveralOwners
from kg.ids.topic_ids import innermost
from kg.records import Paper
from kg.store.catalogue import Catalogue
from kg.store.details import NO_DETAILS, Details
from kg.store.papers import PaperTitle
from kg.store.relations import Related
from search.atlas import Atlas


@dataclass(frozen=True, slots=True)
class IntroducingPaper:
    """A paper that introduces an entity."""

    paper: Paper
    topics: tuple[str, ...]
    """Ids of the innermost topics under which it is placed, the surest first."""
    details: Details = NO_DETAILS
    """Its card, links and reports."""


@dataclass(frozen=True, slots=True)
class EntityPaper:
    """A paper that relates to an entity."""

    id: str
    title: str
    year: int | None
    sources: frozenset[Source]
    """Who says that it relates to the entity."""


@dataclass(frozen=True, slots=True)
class LinkedEntity:
    """An entity beside that of the page."""

    entity: Entity
    year: int | None
    """When a paper first introduced it."""
    papers: int
    """How many papers use it."""
    source: Source
    """Who says how the two relate: the list of entities, or the card of a paper."""
    compared_by: tuple[str, ...] = ()
    """Of one that is compared: ids of the papers that compare the two."""


@dataclass(frozen=True, slots=True)
class EntityPage:
    """All that the atlas knows of an entity."""

    entity: Entity
    about: str | None
    """What it is, in a sentence: of the list, else the summary of a paper that introduces it."""
    about_by: str | None
    """Id of that paper; None where the list says it, or nobody."""
    introduced_by: tuple[IntroducingPaper, ...]
    """The earliest first."""
    builds_on: tuple[LinkedEntity, ...]
    """What it extends: what the list states first, then the most used."""
    built_on_by: tuple[LinkedEntity, ...]
    """What extends it, the most used first."""
    compared_with: tuple[LinkedEntity, ...]
    """Of its type, compared by the most papers first, then the most used."""
    measured_on: tuple[LinkedEntity, ...]
    """Benchmarks on which the papers that introduce it are evaluated, the most used first."""
    papers: Mapping[Relation, tuple[EntityPaper, ...]]
    """By relation, the newest first, without withdrawn ones; a paper may be under several."""
    years: Mapping[int, int]
    """Year -> papers that relate to it in any way."""
    family: Family
    """What it extends and what extends it, step by step."""
    others: tuple[Entity, ...]
    """Other entities that have a name of it, the most used first."""

    @property
    def used_by(self) -> tuple[EntityPaper, ...]:
        """The papers that relate to it and do not introduce it, by relation, each once."""
        own = {one.id for one in self.papers.get(Relation.INTRODUCES, ())}
        found = {
            one.id: one for papers in self.papers.values() for one in papers if one.id not in own
        }
        return tuple(found.values())

    @property
    def topics(self) -> tuple[str, ...]:
        """Ids of the topics of the papers that introduce it, those of the most first."""
        count = Counter(topic for one in self.introduced_by for topic in one.topics)
        return tuple(sorted(count, key=lambda topic: -count[topic]))

    @property
    def code(self) -> str | None:
        """Where its code is, by the first paper that introduces it and has any."""
        return next((one.details.code for one in self.introduced_by if one.details.code), None)


def entity_page(atlas: Atlas, name: str) -> EntityPage:
    """Return all that is known of a method, benchmark or model.

    Parameters
    ----------
    name : str
        Its id or one of its names, case, spaces and hyphens aside; or a paper that introduces it
        and nothing else.

    Raises
    ------
    NotFound
        If there is none; carries the nearest names.
    SeveralOwners
        If several have the name.
    """
    catalogue = atlas.catalogue
    with catalogue.reading():
        return _page(catalogue, entity_key(catalogue, name))


def entity_key(catalogue: Catalogue, name: str) -> int:
    """Return the key of the entity that `name` means; see `entity_page`."""
    paper = None if catalogue.entities.owners(name) else catalogue.identifiers.look_up(name)
    if paper is None:
        return catalogue.entities.key(name)
    related = catalogue.relations.of_papers([paper])
    own = [one.entity for one in related if one.relation is Relation.INTRODUCES]
    if not own:
        raise NotFound("method, benchmark or model introduced by", name)
    if len(own) > 1:
        raise SeveralOwners(name, catalogue.entities.described(own))
    return own[0]


def _page(catalogue: Catalogue, key: int) -> EntityPage:
    entity = catalogue.entities.get([key])[0]
    own = catalogue.relations.introducing([key]).get(key, [])
    introduced_by = introducing_papers(catalogue, own)
    describing = None
    if entity.about is None:
        describing = next((one for one in introduced_by if one.details.summary), None)
    up, down = families.parents(catalogue, [key]), families.children(catalogue, [key])
    compared: dict[int, list[int]] = {}
    for _, other, paper in catalogue.relations.compared([key]):
        compared.setdefault(other, []).append(paper)
    measured = [
        one.entity
        for one in catalogue.relations.of_papers(own)
        if one.relation is Relation.EVALUATES_ON and one.entity != key
    ]
    related = catalogue.relations.of_entities([key])
    own_papers = {one.paper for one in related}
    titles = catalogue.papers.titles(own_papers.union(*compared.values()))
    years = [titles[paper].year for paper in own_papers if paper in titles]
    linked = _linked(
        catalogue,
        {**dict.fromkeys((*compared, *measured), Source.CARD)}
        | {line.parent: line.source for line in up}
        | {line.child: line.source for line in down},
    )
    return EntityPage(
        entity=entity,
        about=describing.details.summary if describing else entity.about,
        about_by=describing.paper.id if describing else None,
        introduced_by=introduced_by,
        builds_on=tuple(
            sorted(
                (linked[line.parent] for line in up),
                key=lambda one: (one.source is not Source.LIST, *_most_used(one)),
            )
        ),
        built_on_by=tuple(sorted((linked[line.child] for line in down), key=_most_used)),
        compared_with=_compared(linked, compared, titles),
        measured_on=tuple(sorted({linked[one] for one in measured}, key=_most_used)),
        papers=_by_relation(related, titles),
        years=dict(sorted(Counter(filter(None, years)).items())),
        family=families.family(catalogue, key, direct=(up, down)),
        others=tuple(catalogue.entities.get(catalogue.entities.sharing_names(key))),
    )


def introducing_papers(catalogue: Catalogue, keys: Sequence[int]) -> tuple[IntroducingPaper, ...]:
    """Return papers with their topics and details, without reading the taxonomy."""
    placements = catalogue.placements.get(keys)
    papers, details = catalogue.papers.get(keys), catalogue.details.get(keys)
    topics = [
        tuple(innermost(dict.fromkeys(one.topic for one in placements.get(key, ()))))
        for key in keys
    ]
    return tuple(map(IntroducingPaper, papers, topics, details))


def _most_used(one: LinkedEntity) -> tuple[int, str]:
    return -one.papers, one.entity.id


def _linked(catalogue: Catalogue, sources: Mapping[int, Source]) -> dict[int, LinkedEntity]:
    keys = list(sources)
    first, use = catalogue.relations.appeared(keys), catalogue.relations.use(keys)
    return {
        key: LinkedEntity(
            entity, int(first[key][:4]) if key in first else None, use.get(key, 0), sources[key]
        )
        for key, entity in zip(keys, catalogue.entities.get(keys), strict=True)
    }


def _compared(
    linked: Mapping[int, LinkedEntity],
    compared: Mapping[int, Sequence[int]],
    titles: Mapping[int, PaperTitle],
) -> tuple[LinkedEntity, ...]:
    found = [
        replace(
            linked[other],
            source=Source.CARD,
            compared_by=tuple(titles[paper].id for paper in papers if paper in titles),
        )
        for other, papers in compared.items()
    ]
    found.sort(key=lambda one: (-len(one.compared_by), *_most_used(one)))
    return tuple(found)


def _by_relation(
    related: Iterable[Related], titles: Mapping[int, PaperTitle]
) -> dict[Relation, tuple[EntityPaper, ...]]:
    said: dict[int, list[Related]] = {}
    for one in related:
        said.setdefault(one.paper, []).append(one)
    # An entity may have ten thousand papers: they are sorted once.
    newest = sorted(
        (key for key in said if key in titles),
        key=lambda key: (titles[key].appeared, titles[key].id),
        reverse=True,
    )
    found: dict[Relation, list[EntityPaper]] = {relation: [] for relation in Relation}
    for key in newest:
        paper = titles[key]
        for one in said[key]:
            found[one.relation].append(EntityPaper(paper.id, paper.title, paper.year, one.sources))
    return {relation: tuple(papers) for relation, papers in found.items() if papers}
