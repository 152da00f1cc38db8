"""The family tree of an entity along time: one row each, lines from what it extends.

Horizontal positions are percent of the drawing, vertical ones pixels: letters keep their size on
any screen, and a wider one shows more of time, not larger rows.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.analysis.families import Family, FamilyLine, FamilyMember
from ui.page.templating import entity_name

MAX_ROWS = 40
"""Members that are drawn."""

ROW_PX = 26.0
"""Height of a row: large enough for a finger."""

HEAD_PX = 26.0
"""Height above the first row, where the years stand."""

MIN_STEP_PERCENT = 5.0
"""Least distance to the right of what it extends, so that its line is seen."""

MAX_TICKS = 12
"""Years that are marked; of more, every second one, or fewer."""

LABEL_CHARS = 26

MIN_RADIUS_PX, MAX_RADIUS_PX, CENTRE_RADIUS_PX = 4.0, 9.0, 7.0
MAX_RADIUS_PAPERS = 200
"""Papers that use it from which on a mark is largest."""


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A member at its place in the drawing."""

    member: FamilyMember
    extends: tuple[str, ...]
    """Names of the members that it extends."""
    hidden: int
    """How many of its direct relatives, away from the root, are not drawn."""
    x: float
    """Percent from the left."""
    y: float
    """Pixels from above."""

    @property
    def label(self) -> str:
        """Its name, cut."""
        return entity_name(self.member.entity.name, LABEL_CHARS)

    @property
    def radius(self) -> float:
        """Of its mark, in pixels: its area grows with the papers that use it."""
        share: float = min(1.0, self.member.papers / MAX_RADIUS_PAPERS) ** 0.5
        radius = MIN_RADIUS_PX + (MAX_RADIUS_PX - MIN_RADIUS_PX) * share
        return round(max(radius, 0 if self.member.steps else CENTRE_RADIUS_PX), 1)


@dataclass(frozen=True, slots=True)
class TreeLine:
    """A line from a member to one that extends it."""

    path: str
    """Of SVG, x in percent and y in pixels."""
    in_tree: bool
    """False for one beside the branch on which the row is."""


@dataclass(frozen=True, slots=True)
class FamilyTree:
    """Rows from the earliest ancestor down to the last descendant, and the lines between them."""

    rows: tuple[TreeRow, ...]
    lines: tuple[TreeLine, ...]
    """Those beside the branches come first, so that the others are drawn over them."""
    ticks: tuple[tuple[int, float], ...]
    """Years, with the percent at which they stand."""
    height: float
    """Pixels."""


def family_tree(family: Family) -> FamilyTree:
    """Return the drawing of a family: its nearest members, `MAX_ROWS` at most."""
    members = {one.entity.id: one for one in _nearest(family)}
    order = [*_rows(family, members, before=True), *_rows(family, members, before=False)]
    lines = [one for one in family.lines if {one.child, one.parent} <= members.keys()]
    y = {name: HEAD_PX + ROW_PX * (row + 0.5) for row, name in enumerate(order)}
    years = _years(members.values())
    x: dict[str, float] = {}
    for name in order:
        year = members[name].year
        before = [x[a.parent] for a in lines if a.child == name and _in_tree(a, members)]
        least = max((at + MIN_STEP_PERCENT for at in before), default=0.0)
        x[name] = max(least, 0.0 if year is None else _percent(year, years))
    hidden = Counter(one.near for one in family.members if one.entity.id not in members)
    extends = {
        name: tuple(entity_name(members[a.parent].entity.name) for a in lines if a.child == name)
        for name in order
    }
    drawn = [
        TreeLine(_elbow(x[a.parent], y[a.parent], x[a.child], y[a.child]), _in_tree(a, members))
        for a in lines
        if _in_tree(a, members) or not _is_above(a.parent, a.child, members)
    ]
    marked = years[:: max(1, math.ceil(len(years) / MAX_TICKS))]
    return FamilyTree(
        tuple(
            TreeRow(members[n], extends[n], members[n].left_out + hidden[n], round(x[n], 2), y[n])
            for n in order
        ),
        tuple(sorted(drawn, key=lambda line: line.in_tree)),
        tuple((year, round(_percent(year, years), 2)) for year in marked),
        HEAD_PX + ROW_PX * (len(order) + 0.25),
    )


def _nearest(family: Family) -> list[FamilyMember]:
    """Return the members of the fewest steps, those of a step in the order of the family."""
    return sorted(family.members, key=lambda one: abs(one.steps))[:MAX_ROWS]


def _in_tree(line: FamilyLine, members: Mapping[str, FamilyMember]) -> bool:
    child, parent = members[line.child], members[line.parent]
    return child.near == line.parent if child.steps > 0 else parent.near == line.child


def _is_above(parent: str, child: str, members: Mapping[str, FamilyMember]) -> bool:
    """Return whether the branches lead from one to the other by further members."""
    down = members[child].steps > 0
    if down and members[parent].steps < 0:
        return True  # All branches lead over the root.
    near, other = (child, parent) if down else (parent, child)
    name = members[near].near
    while name is not None and name != other:
        name = members[name].near
    return name is not None


def _rows(family: Family, members: Mapping[str, FamilyMember], before: bool) -> list[str]:
    """Return one side of the tree from above to below; the root is the first row below."""

    def walk(name: str) -> Iterator[str]:
        if not before:
            yield name
        for one in sorted(family.beside(name, before), key=_age):
            if one.entity.id in members:
                yield from walk(one.entity.id)
        if before and name != family.root:
            yield name

    return list(walk(family.root))


def _age(one: FamilyMember) -> tuple[int, str]:
    return (one.year or 9999, one.entity.name.casefold())


def _years(members: Iterable[FamilyMember]) -> range:
    """Return the years from the first to the last in which any was introduced."""
    known = [one.year for one in members if one.year is not None]
    return range(min(known), max(known) + 1) if known else range(0)


def _percent(year: int, years: range) -> float:
    return 100 * (year - years[0]) / max(1, len(years) - 1)


def _elbow(x: float, y: float, u: float, v: float) -> str:
    """Return the path from a parent to the row of a child and along it, with a round corner.

    >>> _elbow(10, 37, 40, 89)
    'M10 37V80Q10 89 11.5 89H40'
    """
    corner = math.copysign(min(9.0, abs(v - y)), v - y)
    turn = x + math.copysign(min(1.5, abs(u - x)), u - x)
    a = [f"{round(number, 2):g}" for number in (x, y, v - corner, v, turn, u)]
    return f"M{a[0]} {a[1]}V{a[2]}Q{a[0]} {a[3]} {a[4]} {a[3]}H{a[5]}"
