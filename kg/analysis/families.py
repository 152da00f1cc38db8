"""Families of entities: what one extends, and what extends it, step by step."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from kg.entities.entity import Entity, Source
from kg.store.catalogue import Catalogue

WIDTHS: Final = (12, 4, 2)
"""How many relatives of a member become members, by its steps from the entity in question."""


class Extension(NamedTuple):
    """One entity extends another, by their keys."""

    child: int
    parent: int
    source: Source
    """``list`` where the list of entities says so, else ``card``: a paper that introduces the child
    builds on the parent."""


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """An entity of a family."""

    entity: Entity
    year: int | None
    """When a paper first introduced it."""
    papers: int
    """How many papers use it: all that relate to it and do not introduce it."""
    steps: int
    """How far it is from the root: negative for what that extends, positive for what extends it."""
    near: str | None
    """Id of the member that it stands beside in the tree, a step nearer to the root."""
    source: Source | None
    """Who says that it extends that one, or is extended by it."""
    left_out: int
    """How many of its direct relatives, away from the root, are no members; of the root, what
    extends it."""


@dataclass(frozen=True, slots=True)
class FamilyLine:
    """One member of a family extends another, by their ids."""

    child: str
    parent: str
    source: Source


@dataclass(frozen=True, slots=True)
class Family:
    """An entity with what it extends and what extends it."""

    root: str
    """Id of the entity in question."""
    members: tuple[FamilyMember, ...]
    """The root first; then each side by steps, in the order in which the tree shows them."""
    lines: tuple[FamilyLine, ...]
    """All between members: those of the tree, and others."""
    left_out_before: int
    """How many entities that the root extends are no members."""

    def beside(self, entity: str, before: bool) -> tuple[FamilyMember, ...]:
        """Return the members that follow one in the tree, on the side of what the root extends."""
        return tuple(
            one for one in self.members if one.near == entity and (one.steps < 0) == before
        )


def parents(catalogue: Catalogue, keys: Sequence[int]) -> list[Extension]:
    """Return what some entities extend.

    What a card says is left out where the child appeared before the parent.
    """
    return _extensions(catalogue, keys, catalogue.relations.parents(keys))


def children(catalogue: Catalogue, keys: Sequence[int]) -> list[Extension]:
    """Return what extends some entities, as `parents` does."""
    return _extensions(catalogue, keys, catalogue.relations.children(keys))


def _extensions(
    catalogue: Catalogue, keys: Sequence[int], pairs: Sequence[tuple[int, int]]
) -> list[Extension]:
    stated = catalogue.relations.stated(keys)
    first = catalogue.relations.appeared(list({key for pair in pairs for key in pair}))
    return [
        Extension(child, parent, Source.LIST if (child, parent) in stated else Source.CARD)
        for child, parent in pairs
        if (child, parent) in stated or not _is_older(first.get(child), first.get(parent))
    ]


def _is_older(child: str | None, parent: str | None) -> bool:
    """Return whether one appeared before another, as far as both dates say."""
    if child is None or parent is None:
        return False
    known = min(len(child), len(parent))
    return child[:known] < parent[:known]


@dataclass(slots=True)
class _Side:
    """The members on one side of the root."""

    steps: dict[int, int] = field(default_factory=dict)
    near: dict[int, Extension] = field(default_factory=dict)
    relatives: dict[int, set[int]] = field(default_factory=dict)
    """Of the root and each member: all its direct relatives away from the root."""


def family(catalogue: Catalogue, key: int, widths: Sequence[int] = WIDTHS) -> Family:
    """Return the family of an entity: its ancestors and its descendants.

    Of the relatives of a member, those that the list states come first, then the most used. Each
    entity is a member once, at its fewest steps, and what is before the root is not after it.

    Parameters
    ----------
    key : int
        Key of the entity.
    widths : sequence of int
        How many relatives of a member become members, by its steps from the root; so many steps
        are gone.
    """
    with catalogue.reading():
        before = _side(catalogue, key, widths, parents, set())
        after = _side(catalogue, key, widths, children, set(before.steps))
        keys = [key, *before.steps, *after.steps]
        entities = dict(zip(keys, catalogue.entities.get(keys), strict=True))
        first = catalogue.relations.appeared(keys)
        use = catalogue.relations.use(keys)
        lines = [line for line in parents(catalogue, keys) if line.parent in entities]
    known = set(keys)

    def member(one: int, side: _Side, sign: int) -> FamilyMember:
        line = side.near.get(one)
        near = None if line is None else line.parent if sign > 0 else line.child
        return FamilyMember(
            entities[one],
            int(first[one][:4]) if one in first else None,
            use.get(one, 0),
            sign * side.steps.get(one, 0),
            None if near is None else entities[near].id,
            None if line is None else line.source,
            len(side.relatives.get(one, set()) - known),
        )

    return Family(
        entities[key].id,
        (
            member(key, after, 0),
            *(member(one, before, -1) for one in before.steps),
            *(member(one, after, 1) for one in after.steps),
        ),
        tuple(
            sorted(
                (
                    FamilyLine(entities[line.child].id, entities[line.parent].id, line.source)
                    for line in lines
                ),
                key=lambda line: (line.child, line.parent),
            )
        ),
        len(before.relatives.get(key, set()) - known),
    )


def _side(
    catalogue: Catalogue,
    root: int,
    widths: Sequence[int],
    ask: Callable[[Catalogue, Sequence[int]], list[Extension]],
    others: set[int],
) -> _Side:
    side, nearest = _Side(), [root]
    for step, width in enumerate((*widths, 0), 1):
        if not nearest:
            break
        found = [
            (line, *((line.parent, line.child) if ask is children else (line.child, line.parent)))
            for line in ask(catalogue, nearest)
        ]
        for _, near, further in found:
            side.relatives.setdefault(near, set()).add(further)
        use = catalogue.relations.use([further for *_, further in found])
        found.sort(key=lambda one: (one[0].source is Source.CARD, -use.get(one[2], 0), one[2]))
        taken: Counter[int] = Counter()
        nearest = []
        for line, near, further in found:
            if further in side.steps or further == root or further in others:
                continue
            if taken[near] < width:
                taken[near] += 1
                side.steps[further], side.near[further] = step, line
                nearest.append(further)
    return side
