"""A small atlas of methods, benchmarks and models, for tests of what shows them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from kg.entities.entity import Entity, EntityType, Name, Relation, Source
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.factories import card, code_link, describe, paper
from tests.support.serving import small_library


def entity(ident: str, *names: str, about: str | None = None) -> Entity:
    """Return an entity of an id and its names, its own first."""
    kind = EntityType(ident.partition("/")[0])
    return Entity(ident, kind, tuple(Name(one) for one in names), about, Source.LIST)


ENTITIES = (
    entity("method/addup", "AddUp", "Adding-Up", about="Adds the weights of models."),
    entity("method/task-arithmetic", "task arithmetic", about="Adds what tuning changed."),
    entity("method/addmore", "AddUp More"),
    entity("method/weight-averaging", "weight averaging"),
    entity("benchmark/glue", "GLUE", about="Nine tasks on sentences."),
    entity("benchmark/cola", "CoLA", about="Which sentences are acceptable."),
    entity("method/cola", "COLA", about="Chains of thin products."),
    entity("model/t5", "T5"),
)


def relate(
    catalogue: Catalogue, *rows: tuple[str, Relation, int | Iterable[int]], source: Source
) -> None:
    """State how papers, by their numbers, relate to entities, by their ids."""
    keys = catalogue.entities.keys()
    stated: list[tuple[int, Relation, int, Source]] = []
    for name, relation, numbers in rows:
        for number in (numbers,) if isinstance(numbers, int) else numbers:
            key = catalogue.identifiers.key(paper(number).id)
            stated.append((keys[name], relation, key, source))
    catalogue.relations.replace({row[2]: "" for row in stated}, stated)


def entity_library(
    home: Path, papers: int = 6, entities: Sequence[Entity] = ENTITIES, users: int = 4
) -> Library:
    """Return `small_library` in which papers introduce and use methods.

    The first introduces AddUp, which extends task arithmetic of the second; the third introduces
    AddUp More, which extends AddUp. The papers from the third on build on AddUp, `users` of them.
    CoLA is a benchmark and a method.
    """
    library = small_library(home, papers)
    catalogue, first = library.catalogue, paper(1).id
    names = card(compares_with=("weight averaging", "CoLA", "nothing known"))
    describe(catalogue, first, names, code_link(1))
    describe(catalogue, paper(3).id, card(introduces=("AddUp More",), builds_on=("AddUp",)))
    with catalogue.writing():
        for one in entities:
            catalogue.entities.put(one)
        keys = catalogue.entities.keys()
        pairs = {("method/addup", "method/task-arithmetic")}
        catalogue.entities.set_extends({(keys[a], keys[b]) for a, b in pairs})
        relate(
            catalogue,
            ("method/addup", Relation.INTRODUCES, 1),
            ("method/weight-averaging", Relation.COMPARES_WITH, 1),
            ("benchmark/glue", Relation.EVALUATES_ON, 1),
            ("model/t5", Relation.WORKS_ON, 1),
            ("method/task-arithmetic", Relation.INTRODUCES, 2),
            ("method/addmore", Relation.INTRODUCES, 3),
            ("method/addup", Relation.BUILDS_ON, range(3, 3 + users)),
            ("benchmark/cola", Relation.MENTIONS, 4),
            ("method/cola", Relation.INTRODUCES, 2),
            source=Source.CARD,
        )
    return library
