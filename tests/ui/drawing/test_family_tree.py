"""The drawing of a family: who stands where, and which lines are drawn."""

from collections.abc import Iterable
from itertools import pairwise

import pytest

from kg.analysis.families import Family, FamilyLine, FamilyMember
from kg.entities.entity import Entity, EntityType, Name, Source
from ui.drawing.family_tree import MAX_ROWS, MIN_STEP_PERCENT, ROW_PX, FamilyTree, family_tree


def member(
    name: str, year: int | None, steps: int, near: str | None, papers: int = 0, left_out: int = 0
) -> FamilyMember:
    entity = Entity(f"method/{name}", EntityType.METHOD, (Name(name),))
    own = None if near is None else f"method/{near}"
    return FamilyMember(entity, year, papers, steps, own, near and Source.CARD, left_out)


def family(members: Iterable[FamilyMember], *lines: tuple[str, str]) -> Family:
    """Return a family of those members: each line is a child and its parent."""
    stated = (FamilyLine(f"method/{a}", f"method/{b}", Source.CARD) for a, b in lines)
    first, *rest = members
    return Family(first.entity.id, (first, *rest), tuple(stated), 0)


SMALL = family(
    [
        member("root", 2020, 0, None, 900, 7),
        member("parent", 2018, -1, "root"),
        member("grandparent", 2016, -2, "parent"),
        member("late", 2024, 1, "root"),
        member("early", 2021, 1, "root", 200),
        member("grandchild", 2022, 2, "early"),
    ],
    *[("root", "parent"), ("parent", "grandparent"), ("late", "root"), ("early", "root")],
    *[("grandchild", "early"), ("grandchild", "root"), ("late", "early")],
    ("late", "grandparent"),
)


def rows(tree: FamilyTree) -> list[str]:
    return [row.member.entity.name for row in tree.rows]


def test_ancestors_stand_above_and_descendants_below_by_branch() -> None:
    tree = family_tree(SMALL)
    assert rows(tree) == ["grandparent", "parent", "root", "early", "grandchild", "late"]
    assert {b.y - a.y for a, b in pairwise(tree.rows)} == {ROW_PX}
    assert tree.rows[-1].y < tree.height


def test_time_runs_to_the_right() -> None:
    tree = family_tree(SMALL)
    assert [row.x for row in tree.rows] == [0, 25, 50, 62.5, 75, 100]
    assert tree.ticks[0] == (2016, 0)
    assert tree.ticks[-1] == (2024, 100)


def test_what_has_no_year_stands_right_of_what_it_extends() -> None:
    tree = family_tree(
        family(
            [
                member("root", None, 0, None),
                member("same", 2020, 1, "root"),
                member("unknown", None, 2, "same"),
            ],
            *[("same", "root"), ("unknown", "same")],
        )
    )
    assert [row.x for row in tree.rows] == [0, MIN_STEP_PERCENT, 2 * MIN_STEP_PERCENT]
    assert tree.ticks == ((2020, 0),)
    unknown = family([member("root", None, 0, None), member("a", None, 1, "root")], ("a", "root"))
    assert family_tree(unknown).ticks == ()


def test_a_line_that_the_branch_tells_already_is_not_drawn() -> None:
    lines = family_tree(SMALL).lines
    # Beside the branches: that `late` extends `early`; not that `grandchild` extends `root`,
    # and `late` `grandparent`.
    assert [line.in_tree for line in lines] == [False, *[True] * 5]
    assert lines[0].path.startswith("M62.5 117V")
    assert lines[0].path.endswith("H100")


def test_a_row_says_what_it_extends_and_what_is_not_drawn() -> None:
    tree = family_tree(SMALL)
    late = tree.rows[-1]
    assert set(late.extends) == {"root", "early", "grandparent"}
    assert [row.hidden for row in tree.rows] == [0, 0, 7, 0, 0, 0]
    largest, large, small = (tree.rows[at].radius for at in (2, 3, 5))
    assert largest == large > small


def test_of_a_large_family_the_nearest_are_drawn() -> None:
    children = [member(f"c{n}", 2021, 1, "root") for n in range(MAX_ROWS)]
    beyond = [member("beyond", 2022, 2, "c0")]
    lines = [(one.entity.name, "root") for one in children]
    tree = family_tree(family([member("root", 2020, 0, None), *children, *beyond], *lines))
    assert len(tree.rows) == MAX_ROWS
    assert tree.rows[0].hidden == 1
    assert sum(row.hidden for row in tree.rows) == 2


@pytest.mark.parametrize("name", ["W" * 500, "abc \u202e\u2067 gnp"])
def test_a_name_keeps_to_its_row(name: str) -> None:
    (row,) = family_tree(family([member(name, 2020, 0, None)])).rows
    assert len(row.label) <= 26
    assert not set(row.label) & {"\u202e", "\u2067"}


def test_a_circle_is_drawn_like_any_family() -> None:
    circle = family(
        [member("root", 2020, 0, None), member("a", 2021, 1, "root"), member("b", 2021, 2, "a")],
        *[("a", "root"), ("b", "a"), ("a", "b"), ("root", "b")],
    )
    assert rows(family_tree(circle)) == ["root", "a", "b"]
