"""A reviewer's decision on a name that was proposed as an entity."""

from dataclasses import dataclass

from ingest.entities.update import update
from kg.entities.entity import PERSON, Entity, EntityType, Name, Recognised
from kg.entities.names import slug
from kg.errors import BadRequest
from kg.store.catalogue import Catalogue
from kg.store.reviews import Decision


@dataclass(frozen=True, slots=True)
class DecidedName:
    """The outcome of a decision."""

    name: str
    decision: Decision
    entity: str | None
    """Id of the entity that it is now; None where it was rejected."""
    related: int
    """Papers whose relations changed."""


def decide_name(
    catalogue: Catalogue, decision: Decision, name: str, kind: EntityType | None = None
) -> DecidedName:
    """Carry out a decision: accept the name as an entity, or never propose it again.

    Parameters
    ----------
    name : str
        A name that waits.
    kind : EntityType, optional
        What it is; by default what the papers around it suggest.

    Raises
    ------
    NotFound
        If no such name waits.
    BadRequest
        If it is to be moved, or a rejected name has a type.
    """
    if decision is Decision.MOVE:
        raise BadRequest("a name is accepted or rejected", f"lfm review accept {name!r} method")
    if decision is Decision.REJECT and kind is not None:
        raise BadRequest("a rejected name has no type", "leave it out")
    with catalogue.writing():
        proposed = catalogue.proposals.get(name)
        catalogue.proposals.decide(proposed.name, decision)
        if decision is Decision.REJECT:
            return DecidedName(proposed.name, decision, None, 0)
        kind = kind or proposed.type
        names = (Name(proposed.name, Recognised.EXACT),)
        ident = own = f"{kind}/{slug(proposed.name)}"
        number, taken = 1, catalogue.entities.keys()
        while ident in taken:  # By something of another name.
            number += 1
            ident = f"{own}-{number}"
        catalogue.entities.put(Entity(ident, kind, names, None, PERSON))
        return DecidedName(proposed.name, decision, ident, update(catalogue))
