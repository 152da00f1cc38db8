"""Types of entities and relations of papers to them, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kg.entities.entity import EntityType, Relation


@dataclass(frozen=True, slots=True)
class TypeWords:
    """What entities of a type are called."""

    one: str
    many: str


@dataclass(frozen=True, slots=True)
class RelationWords:
    """How papers relate to an entity, in words that go on after the papers."""

    one: str
    """Of one paper: ``builds on it``."""
    many: str


TYPES: Final[Mapping[EntityType, TypeWords]] = {
    EntityType.METHOD: TypeWords("method", "methods"),
    EntityType.BENCHMARK: TypeWords("benchmark", "benchmarks"),
    EntityType.MODEL: TypeWords("model", "models"),
}

RELATIONS: Final[Mapping[Relation, RelationWords]] = {
    Relation.INTRODUCES: RelationWords("introduces it", "introduce it"),
    Relation.BUILDS_ON: RelationWords("builds on it", "build on it"),
    Relation.COMPARES_WITH: RelationWords("compares with it", "compare with it"),
    Relation.EVALUATES_ON: RelationWords("is measured on it", "are measured on it"),
    Relation.WORKS_ON: RelationWords("works on it", "work on it"),
    Relation.MENTIONS: RelationWords("mentions it", "mention it"),
}
"""In the order in which a page shows them."""
