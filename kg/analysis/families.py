"""Families of entities: what one extends, and what extends it, step by step.

What a paper builds on is an ingredient as often as it is what is extended. So a family has what the
list of entities states, and of what cards say only that which names or titles confirm: HyperAdaLoRA
extends AdaLoRA, while a chat model that was tuned by QLoRA does not extend that.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from kg.entities.entity import Entity, Source
from kg.entities.names import WORD, folded_name
from kg.store.catalogue import Catalogue
from kg.store.relations import EntityPair

WIDTHS: Final = (12, 4, 2)
"""How many relatives of a member become members, by its steps from the entity in question."""

MIN_NAME_CHARS: Final = 3
"""Letters and digits of the shortest name that is looked for in others."""

MAX_NAME_WORDS: Final = 6
"""Words of the longest name that is looked for in titles."""


class Extension(NamedTuple):
    """One entity extends another, by their keys."""

    child: int
    parent: int
    source: Source
    """``list`` where the list of entities says so, else ``card``."""
    papers: tuple[int, ...]
    """Keys of the papers that introduce the child and build on the parent."""


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
    """Between members: those of the tree, and others."""
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
    return _extensions(catalogue, catalogue.relations.parents(keys))


def children(catalogue: Catalogue, keys: Sequence[int]) -> list[Extension]:
    """Return what extends some entities, as `parents` does."""
    return _extensions(catalogue, catalogue.relations.children(keys))


def _extensions(catalogue: Catalogue, pairs: Sequence[EntityPair]) -> list[Extension]:
    papers: dict[tuple[int, int], list[int | None]] = {}
    for child, parent, paper in pairs:
        papers.setdefault((child, parent), []).append(paper)
    first = catalogue.relations.appeared(list({key for pair in papers for key in pair}))
    lines = []
    for (child, parent), said in papers.items():
        building = tuple(paper for paper in said if paper is not None)
        if len(building) < len(said):
            lines.append(Extension(child, parent, Source.LIST, building))
        elif not _is_older(first.get(child), first.get(parent)):
            lines.append(Extension(child, parent, Source.CARD, building))
    return lines


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


def is_variant(child: Entity, parent: Entity, titles: Iterable[str]) -> bool:
    """Return whether names say that one entity, which builds on another, is a variant of it.

    Its own name contains one of the other, or a title names both.

    Parameters
    ----------
    titles : iterable of str
        Titles of the papers that introduce the child and build on the parent.

    Examples
    --------
    >>> from kg.entities.entity import EntityType, Name
    >>> made = [Entity("", EntityType.METHOD, (Name(one),)) for one in ("LoRA", "MoRA", "QLoRA")]
    >>> is_variant(made[1], made[0], ["MoRA: High-Rank LoRA"]), is_variant(made[2], made[0], [])
    (True, True)
    >>> is_variant(made[1], made[0], ["High-Rank Updating with LoRA"])
    False
    """
    of_parent = _long_names(parent)
    own = [folded_name(name.text) for name in child.names]
    if any(base in name for base in of_parent for name in own):
        return True
    return any(
        not runs.isdisjoint(of_parent) and not runs.isdisjoint(own) for runs in map(_runs, titles)
    )


def _runs(title: str) -> set[str]:
    """Return what any few words of a title in a row are as a name."""
    words = [folded_name(word) for word in WORD.findall(title)]
    return {
        "".join(words[start : start + length])
        for length in range(1, MAX_NAME_WORDS + 1)
        for start in range(len(words))
    }


def _long_names(entity: Entity) -> list[str]:
    folded = (folded_name(name.text) for name in entity.names)
    return [one for one in folded if len(one) >= MIN_NAME_CHARS]


def family(
    catalogue: Catalogue,
    key: int,
    widths: Sequence[int] = WIDTHS,
    direct: tuple[Sequence[Extension], Sequence[Extension]] | None = None,
) -> Family:
    """Return the family of an entity: its ancestors and its descendants.

    Of the relatives of a member, those that the list states come first, then those that are
    variants by their names, of either the most used. Each entity is a member once, at its fewest
    steps, and what is before the root is not after it.

    Parameters
    ----------
    key : int
        Key of the entity.
    widths : sequence of int
        How many relatives of a member become members, by its steps from the root; so many steps
        are gone.
    direct : pair of sequences of Extension, optional
        Its `parents` and its `children`, where they are known.
    """
    up, down = direct or (parents(catalogue, [key]), children(catalogue, [key]))
    with catalogue.reading():
        before = _side(catalogue, key, widths, up, parents, set())
        after = _side(catalogue, key, widths, down, children, set(before.steps))
        keys = [key, *before.steps, *after.steps]
        entities = dict(zip(keys, catalogue.entities.get(keys), strict=True))
        first = catalogue.relations.appeared(keys)
        use = catalogue.relations.use(keys)
        lines = [line for line in parents(catalogue, keys) if line.parent in entities]
        confirmed = _variants(catalogue, lines)
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
                    if line.source is Source.LIST or line in confirmed
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
    lines: Sequence[Extension],
    ask: Callable[[Catalogue, Sequence[int]], list[Extension]],
    others: set[int],
) -> _Side:
    side, nearest = _Side(), [root]
    for step, width in enumerate((*widths, 0), 1):
        found = [
            (line, *((line.parent, line.child) if ask is children else (line.child, line.parent)))
            for line in (ask(catalogue, nearest) if step > 1 else lines)
        ]
        for _, near, further in found:
            side.relatives.setdefault(near, set()).add(further)
        found = [one for one in found if one[2] not in {root, *others, *side.steps}]
        listed = Counter(near for line, near, _ in found if line.source is Source.LIST)
        # Of what cards say, only as much is compared by name as there is room for.
        confirmed = _variants(catalogue, [line for line, near, _ in found if listed[near] < width])
        found = [one for one in found if one[0].source is Source.LIST or one[0] in confirmed]
        use = catalogue.relations.use([further for *_, further in found])
        found.sort(key=lambda one: (one[0].source is Source.CARD, -use.get(one[2], 0), one[2]))
        taken: Counter[int] = Counter()
        nearest = []
        for line, near, further in found:
            if taken[near] < width and further not in side.steps:
                taken[near] += 1
                side.steps[further], side.near[further] = step, line
                nearest.append(further)
    return side


def _variants(catalogue: Catalogue, lines: Sequence[Extension]) -> set[Extension]:
    """Return the lines that a card says and `is_variant` confirms."""
    lines = [line for line in lines if line.source is Source.CARD]
    keys = list({key for line in lines for key in (line.child, line.parent)})
    entities = dict(zip(keys, catalogue.entities.get(keys), strict=True))
    titles = catalogue.papers.titles({paper for line in lines for paper in line.papers})
    return {
        line
        for line in lines
        if is_variant(
            entities[line.child],
            entities[line.parent],
            [titles[paper].title for paper in line.papers if paper in titles],
        )
    }
