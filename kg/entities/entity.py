"""An entity: a method, benchmark or model that papers name, and how papers relate to it."""

from enum import StrEnum
from typing import Final

from kg.values import dataclass


class EntityType(StrEnum):
    """What an entity is; the first part of its id."""

    METHOD = "method"
    """A technique, algorithm, loss, architecture, training scheme or library."""
    BENCHMARK = "benchmark"
    """A benchmark or data set."""
    MODEL = "model"
    """A pretrained model, or a family of them."""


class Relation(StrEnum):
    """How a paper relates to an entity."""

    INTRODUCES = "introduces"
    BUILDS_ON = "builds_on"
    COMPARES_WITH = "compares_with"
    EVALUATES_ON = "evaluates_on"
    WORKS_ON = "works_on"
    """The entity is a pretrained model that the paper adapts or explains."""
    MENTIONS = "mentions"
    """By name, in its title, summary or abstract."""


CARD_FIELDS: Final = {
    "introduces": Relation.INTRODUCES,
    "builds_on": Relation.BUILDS_ON,
    "compares_with": Relation.COMPARES_WITH,
    "evaluates_on": Relation.EVALUATES_ON,
    "models": Relation.WORKS_ON,
}
"""Field of a card -> the relation that its names say."""


class Source(StrEnum):
    """Who says that a paper relates to an entity, or one entity to another."""

    LIST = "list"
    """The list of entities, `kg/entities.yaml`, or a file like it."""
    CARD = "card"
    MATCH = "match"
    """The name occurs in the text."""


DERIVED: Final = (Source.CARD, Source.MATCH)
"""Sources of entities that nobody listed."""


class Recognised(StrEnum):
    """Where a name stands for its entity."""

    ANY = "any"
    """In running text, in any case."""
    EXACT = "exact"
    """In running text, with these capitals only."""
    ASKED = "asked"
    """Where the name itself is asked for; in running text it is an ordinary word or phrase."""


PERSON: Final = "person"
"""Source of an entity that a reviewer accepted."""


@dataclass(frozen=True, slots=True)
class Name:
    """One name of an entity."""

    text: str
    recognised: Recognised = Recognised.ANY


@dataclass(frozen=True, slots=True)
class Entity:
    """A method, benchmark or model."""

    id: str
    """Its type and a slug: ``method/lora``."""
    type: EntityType
    names: tuple[Name, ...]
    """First the one that its own paper uses; `kg.entities.names.folded_name` tells them apart."""
    about: str | None = None
    """What it is, in one sentence of our own."""
    source: str = Source.CARD
    """Who named it: ``list``, ``card``, ``match`` (a paper's title), ``person``, or a file."""

    @property
    def name(self) -> str:
        """The name that its own paper uses."""
        return self.names[0].text
