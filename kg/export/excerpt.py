"""What every export format is given: papers and what the catalogue knows of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kg.entities.entity import Entity, Relation
from kg.records import Citation, Paper, Placement
from kg.store.catalogue import Catalogue
from kg.store.clean_record import shown
from kg.store.details import NO_DETAILS, Details
from kg.store.relations import EntityPair, Related
from kg.taxonomy.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some papers of the atlas, or all, as plain data."""

    papers: tuple[Paper, ...]
    """In the order in which they are to be written."""
    placements: Mapping[str, tuple[Placement, ...]] = field(default_factory=dict)
    """Id of a paper -> its placements, the most confident first."""
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Id of a paper -> names of the lists that name it or named it."""
    citations: tuple[Citation, ...] = ()
    """Citations of which both ends are among `papers`."""
    taxonomy: Taxonomy = field(default_factory=Taxonomy.load)
    """The topics that the placements mean."""
    details: Mapping[str, Details] = field(default_factory=dict)
    """Id of a paper -> its card, links and reports."""
    entities: Mapping[str, Entity] = field(default_factory=dict)
    """Id -> each method, benchmark and model that the papers relate to, in the order of ids."""
    relations: Mapping[str, tuple[tuple[Relation, str], ...]] = field(default_factory=dict)
    """Id of a paper -> how it relates to which entity, in the order of `Relation`."""
    extends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Id of an entity -> those that it extends, of `entities`."""
    compared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Id of an entity -> those that papers compare it with that introduce it, of `entities`."""
    topic: str = ""
    """Id of the topic that the papers were chosen by; empty where they were not."""

    def __post_init__(self) -> None:
        # Old catalogues and snapshots may hold control characters: they are not passed on.
        object.__setattr__(self, "papers", tuple(map(shown, self.papers)))

    def known(self, paper: str) -> Details:
        """Card, links and reports of a paper."""
        return self.details.get(paper, NO_DETAILS)

    def topics(self, paper: str) -> tuple[str, ...]:
        """Ids of the topics of a paper, the most confident first, each once."""
        return tuple(dict.fromkeys(one.topic for one in self.placements.get(paper, ())))

    def related(self, paper: str, relation: Relation) -> tuple[str, ...]:
        """Ids of the entities to which a paper relates in one way."""
        return tuple(entity for kind, entity in self.relations.get(paper, ()) if kind is relation)

    def cited(self) -> dict[str, tuple[str, ...]]:
        """Return id of the citing paper -> sorted ids of the papers that it cites."""
        found: dict[str, dict[str, None]] = {}
        for one in self.citations:
            found.setdefault(one.citing, {})[one.cited] = None
        return {citing: tuple(sorted(cited)) for citing, cited in found.items()}


def gather(catalogue: Catalogue, taxonomy: Taxonomy, keys: Iterable[int] | None = None) -> Excerpt:
    """Read papers with their topics, lists, citations and details from the catalogue.

    Parameters
    ----------
    keys : iterable of int, optional
        Keys of the papers, in any order; by default all.

    Returns
    -------
    Excerpt
        Its papers in the order of their ids.
    """
    chosen = catalogue.papers.keys() if keys is None else list(keys)
    found = sorted(
        zip(catalogue.papers.get(chosen), chosen, strict=True), key=lambda one: one[0].id
    )
    ids = {key: paper.id for paper, key in found}
    own = set(ids.values())
    related = catalogue.relations.of_papers(chosen)
    keys_of_entities = sorted({one.entity for one in related})
    entities = dict(zip(keys_of_entities, catalogue.entities.get(keys_of_entities), strict=True))
    return Excerpt(
        papers=tuple(paper for paper, _ in found),
        placements={
            ids[key]: taxonomy.known_placements(placed)
            for key, placed in catalogue.placements.get(chosen).items()
        },
        lists={ids[key]: tuple(names) for key, names in catalogue.lists.names(chosen).items()},
        citations=tuple(
            Citation(citing, cited, source)
            for citing, cited, source in catalogue.citations.all()
            if citing in own and cited in own
        ),
        taxonomy=taxonomy,
        details={
            ids[key]: one for key, one in zip(chosen, catalogue.details.get(chosen), strict=True)
        },
        entities={one.id: one for one in sorted(entities.values(), key=lambda one: one.id)},
        relations=_relations(related, ids, entities),
        extends=_pairs(catalogue.relations.extensions(keys_of_entities, within=True), entities),
        compared=_pairs(catalogue.relations.comparisons(keys_of_entities, within=True), entities),
    )


def _relations(
    related: Iterable[Related], ids: Mapping[int, str], entities: Mapping[int, Entity]
) -> dict[str, tuple[tuple[Relation, str], ...]]:
    found: dict[str, list[tuple[Relation, str]]] = {}
    for one in related:
        found.setdefault(ids[one.paper], []).append((one.relation, entities[one.entity].id))
    order = list(Relation)
    return {
        paper: tuple(sorted(some, key=lambda one: (order.index(one[0]), one[1])))
        for paper, some in found.items()
    }


def _pairs(
    pairs: Iterable[EntityPair], entities: Mapping[int, Entity]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for one in pairs:
        found.setdefault(entities[one.entity].id, set()).add(entities[one.other].id)
    return {entity: tuple(sorted(others)) for entity, others in sorted(found.items())}
