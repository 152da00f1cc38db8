"""Families of entities: what extends what, who says so, and how much of it is shown."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.analysis.families import Family, children, family, parents
from kg.entities.entity import Source
from kg.records import Paper
from kg.store.catalogue import Catalogue
from tests.support.factories import FEW_EXAMPLES, paper, put_all
from tests.support.graphs.facts import Facts, opened, relate

ENTITIES = [f"method/m{number}" for number in range(6)]


def found(catalogue: Catalogue, ident: str, *widths: int) -> Family:
    keys = catalogue.entities.keys([ident])
    return family(catalogue, keys[ident], widths) if widths else family(catalogue, keys[ident])


def steps(made: Family) -> dict[str, int]:
    return {one.entity.id: one.steps for one in made.members}


def test_a_family_has_ancestors_and_descendants_with_who_says_so() -> None:
    facts = Facts(
        papers=4,
        relations=[
            *[(1, "introduces", "method/base"), (2, "introduces", "method/root")],
            *[(3, "introduces", "method/root-child"), (3, "builds_on", "method/root")],
            *[(4, "introduces", "method/root-child-next"), (4, "builds_on", "method/root-child")],
        ],
        extends=[("method/root", "method/base")],
    )
    with opened(facts) as catalogue:
        made = found(catalogue, "method/root")
    assert steps(made) == {
        **{"method/root": 0, "method/base": -1, "method/root-child": 1, "method/root-child-next": 2}
    }
    by_id = {one.entity.id: one for one in made.members}
    assert by_id["method/base"].source is Source.LIST
    assert by_id["method/root-child"].source is Source.CARD
    assert by_id["method/root-child-next"].near == "method/root-child"
    assert by_id["method/root-child"].year == 2020
    assert by_id["method/root-child"].papers == 1
    assert [one.entity.id for one in made.beside("method/root", before=True)] == ["method/base"]
    assert [one.entity.id for one in made.beside("method/root", before=False)] == [
        "method/root-child"
    ]


def test_what_the_list_states_comes_first_then_the_most_used() -> None:
    facts = Facts(
        papers=6,
        relations=[
            (1, "introduces", "method/root"),
            *[(n, "introduces", f"method/root-{n}") for n in (2, 3, 4)],
            *[(n, "builds_on", "method/root") for n in (2, 3, 4)],
            *[(5, "mentions", "method/root-4"), (6, "mentions", "method/root-4")],
            (5, "mentions", "method/root-3"),
        ],
        extends=[("method/root-2", "method/root")],
    )
    with opened(facts) as catalogue:
        made = found(catalogue, "method/root")
        two = found(catalogue, "method/root", 2)
    shown = [one.entity.id for one in made.members[1:]]
    assert shown == ["method/root-2", "method/root-4", "method/root-3"]
    assert [one.entity.id for one in two.members[1:]] == shown[:2]
    assert two.members[0].left_out == 1
    assert two.left_out_before == 0


def test_relatives_beyond_the_last_step_are_counted() -> None:
    chain = [(f"method/m{n + 1}", f"method/m{n}") for n in range(4)]
    with opened(Facts(papers=1, extends=chain)) as catalogue:
        made = found(catalogue, "method/m0", 3, 3)
        up = found(catalogue, "method/m4", 3, 3)
    assert steps(made) == {"method/m0": 0, "method/m1": 1, "method/m2": 2}
    assert made.members[-1].left_out == 1
    assert steps(up) == {"method/m4": 0, "method/m3": -1, "method/m2": -2}
    assert up.members[-1].left_out == 1


def test_an_entity_is_a_member_once_and_other_lines_are_told() -> None:
    extends = [
        *[("method/m1", "method/m0"), ("method/m2", "method/m0")],
        *[("method/m2", "method/m1"), ("method/m3", "method/m2"), ("method/m3", "method/m1")],
    ]
    with opened(Facts(papers=1, extends=extends)) as catalogue:
        made = found(catalogue, "method/m0")
    assert steps(made) == {"method/m0": 0, "method/m1": 1, "method/m2": 1, "method/m3": 2}
    assert [(line.child, line.parent) for line in made.lines] == sorted(extends)


@pytest.mark.parametrize(
    ("own", "base", "counts"),
    [
        ({"year": 2019}, {"year": 2020}, False),
        ({"year": 2020}, {"year": 2020}, True),
        ({"year": None, "arxiv_id": None}, {"year": 2020}, True),
    ],
)
def test_a_card_counts_only_where_the_child_is_not_older(
    catalogue: Catalogue, own: dict[str, object], base: dict[str, object], counts: bool
) -> None:
    made: list[Paper] = [paper(1, **base), paper(2, **own)]
    put_all(catalogue, *made)
    keys = relate(
        catalogue,
        [
            *[(1, "introduces", "method/base"), (2, "introduces", "method/own")],
            (2, "builds_on", "method/base"),
        ],
    )
    assert bool(parents(catalogue, [keys["method/own"]])) == counts
    assert bool(children(catalogue, [keys["method/base"]])) == counts


def test_what_only_uses_an_entity_is_counted_and_no_member(catalogue: Catalogue) -> None:
    put_all(
        catalogue,
        paper(1),
        paper(2, title="Chatter: a model tuned with ROOT"),
        paper(3, title="MORE: beyond ROOT"),
        paper(4, title="Uproot: a tool"),
    )
    relate(
        catalogue,
        [
            *[(1, "introduces", "method/root"), (2, "introduces", "method/tuner")],
            *[(2, "builds_on", "method/root"), (3, "introduces", "method/more")],
            *[(3, "builds_on", "method/root"), (4, "introduces", "method/tool")],
            (4, "builds_on", "method/root"),
        ],
    )
    made = found(catalogue, "method/root")
    assert steps(made) == {"method/root": 0, "method/more": 1}
    assert made.members[0].left_out == 2
    assert found(catalogue, "method/tuner").left_out_before == 1


@FEW_EXAMPLES
@given(st.lists(st.sampled_from(list(permutations(ENTITIES, 2))), max_size=14, unique=True))
def test_a_family_ends_whatever_extends_what(pairs: list[tuple[str, str]]) -> None:
    with opened(Facts(papers=1, extends=[(ENTITIES[0], ENTITIES[1]), *pairs])) as catalogue:
        made = found(catalogue, ENTITIES[0], 2, 2)
    known = steps(made)
    assert len(made.members) == len(known)
    lines = {(line.child, line.parent) for line in made.lines}
    for one in made.members[1:]:
        # Each stands beside a member that is a step nearer to the root, by a line that is there.
        assert one.near is not None
        assert abs(known[one.near]) == abs(one.steps) - 1
        assert one.steps * known[one.near] >= 0
        assert ((one.entity.id, one.near) if one.steps > 0 else (one.near, one.entity.id)) in lines
    stated = {(ENTITIES[0], ENTITIES[1]), *pairs}
    assert lines == {pair for pair in stated if set(pair) <= known.keys()}
