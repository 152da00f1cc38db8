"""The sunburst: slices share their circle, and no label leaves its slice."""

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.taxonomy.taxonomy import Taxonomy
from search.pages.topic import TopicCount
from ui.drawing.slice_labels import LINE_HEIGHT, Slice, SliceLabel, label, short, text_width
from ui.drawing.sunburst import MIN_SLICE_LENGTH, RADIUS, RING_WIDTHS, Arc, sunburst, widths

NAMES = st.sampled_from(
    [topic.name for topic in Taxonomy.load()] + ["X", "A rather long name of it"]
)


def topic(name: str, papers: int, *children: TopicCount) -> TopicCount:
    return TopicCount(name.lower().replace(" ", "-"), name, "", papers, children)


def trees(depth: int = 4) -> st.SearchStrategy[TopicCount]:
    children = st.just(()) if depth == 1 else st.lists(trees(depth - 1), max_size=4).map(tuple)
    return st.builds(TopicCount, NAMES, NAMES, st.just(""), st.integers(0, 900), children)


def names_of(arcs: tuple[Arc, ...]) -> list[tuple[int, str]]:
    return [(arc.ring, arc.topic.name) for arc in arcs]


def slice_of(arc: Arc) -> Slice:
    """Read the slice back from its path, which is all that a browser sees."""
    numbers = [float(one) for one in re.findall(r"-?\d+\.\d+|-?\d+", arc.path)]
    radii = [float(one) for one in re.findall(r"A(\S+)", arc.path)]

    def angle(x: float, y: float) -> float:
        # Sides lie within half a turn of the middle.
        return arc.middle + (math.degrees(math.atan2(x, -y)) - arc.middle + 180) % 360 - 180

    half = (arc.middle - angle(numbers[0], numbers[1])) % 360
    return Slice(radii[-1], radii[0], arc.middle - half, arc.middle + half)


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=20),
    st.integers(0, 3000),
    st.floats(0.5, 360),
    st.floats(0, 30),
)
def test_slices_fit_into_their_room_by_size(
    counts: list[int], whole: int, room: float, least: float
) -> None:
    found = widths(counts, whole, room, least)
    assert sum(found) <= room * (1 + 1e-9)
    if sum(counts) >= whole and sum(counts):
        assert math.isclose(sum(found), room)
    assert min(found) >= min(least, room / len(counts)) * (1 - 1e-9)
    pairs = sorted(zip(counts, found, strict=True))
    for (one, narrow), (two, wide) in pairwise(pairs):
        assert narrow <= wide * (1 + 1e-9)
        if narrow > least * (1 + 1e-9):  # Neither was widened.
            assert math.isclose(one * wide, two * narrow)


def test_papers_of_no_subtopic_leave_a_gap() -> None:
    below = [topic("B", 30), topic("C", 20)]
    arcs = sunburst([topic("A", 100, *below)], 100).arcs
    assert names_of(arcs) == [(1, "A"), (2, "B"), (2, "C")]
    assert [round(arc.middle) for arc in arcs] == [180, 54, 144]


def test_papers_in_two_topics_make_shares_of_the_sum() -> None:
    arcs = sunburst([topic("A", 90), topic("B", 90)], 100).arcs
    assert [arc.middle for arc in arcs] == [90, 270]


def test_a_topic_without_papers_is_thin_and_there() -> None:
    drawn = sunburst([topic("A", 500), topic("B", 0)], 500)
    piece = slice_of(drawn.arcs[1])
    length = math.radians(piece.end - piece.start) * (piece.inner + piece.outer) / 2
    assert math.isclose(length, MIN_SLICE_LENGTH, rel_tol=0.01)


def test_an_atlas_without_papers_is_divided_evenly() -> None:
    arcs = sunburst([topic(name, 0) for name in "ABCD"], 0).arcs
    assert [arc.middle for arc in arcs] == [45, 135, 225, 315]


def test_no_topic_is_no_slice() -> None:
    assert sunburst([], 0).arcs == ()


def test_one_topic_is_a_whole_ring() -> None:
    (arc,) = sunburst([topic("Model Reuse", 5)], 5).arcs
    assert arc.path.count("A") == 4
    # From the top to the bottom and on to the top, else a browser draws nothing.
    assert re.match(
        r"M0.00 -318.00A\S+ \S+ 0 0 1 0.00 318.00A\S+ \S+ 0 0 1 -0.00 -318.00", arc.path
    )
    assert arc.wide


def test_what_is_deeper_than_the_rings_waits_for_a_click() -> None:
    deep = topic("E", 1)
    for name in "DCBA":
        deep = topic(name, 1, deep)
    drawn = sunburst([deep], 1)
    assert names_of(drawn.arcs) == [(1, "A"), (2, "B"), (3, "C")]
    assert len(RING_WIDTHS) == 3


@pytest.mark.slow
@settings(max_examples=40)
@given(st.lists(trees(), max_size=5))
def test_slices_lie_in_their_parents_and_beside_each_other(tree: list[TopicCount]) -> None:
    arcs = sunburst(tree, 0).arcs
    for ring in range(1, len(RING_WIDTHS) + 1):
        row = [slice_of(arc) for arc in arcs if arc.ring == ring]
        for one, two in pairwise(row):
            assert one.end <= two.start + 0.2  # Coordinates have two decimals.
    for arc in arcs:
        piece = slice_of(arc)
        assert 0 < piece.inner < piece.outer <= RADIUS
    parents = {id(child): arc for arc in arcs for child in arc.topic.children}
    for arc in arcs:
        if arc.ring > 1:
            above, piece = slice_of(parents[id(arc.topic)]), slice_of(arc)
            assert math.isclose(piece.inner, above.outer)
            assert above.start - 0.2 <= piece.start
            assert piece.end <= above.end + 0.2


def inside(told: SliceLabel, piece: Slice) -> bool:
    """Return whether every point of the label's edge is within the slice."""
    wide = max(map(text_width, told.lines)) * told.size
    high = len(told.lines) * told.size * LINE_HEIGHT
    turn, half = math.radians(told.turn), (piece.end - piece.start) / 2
    for step in range(40):
        part = (step % 10) / 10 - 0.5
        along, down = part * wide, part * high
        edges = ((along, high / 2), (along, -high / 2), (wide / 2, down), (-wide / 2, down))
        for dx, dy in edges:
            x = told.x + dx * math.cos(turn) - dy * math.sin(turn)
            y = told.y + dx * math.sin(turn) + dy * math.cos(turn)
            away = (math.degrees(math.atan2(x, -y)) - piece.middle + 180) % 360 - 180
            if not piece.inner <= math.hypot(x, y) <= piece.outer or abs(away) > half:
                return False
    return True


@given(NAMES, st.floats(0, 300), st.floats(10, 150), st.floats(0, 360), st.floats(1, 360))
def test_a_label_lies_within_its_slice_and_on_its_feet(
    name: str, inner: float, thick: float, start: float, width: float
) -> None:
    piece = Slice(inner, inner + thick, start, start + width)
    told = label([name], piece, (13.0, 11.0))
    if told:
        assert " ".join(told.lines) == name
        assert -90 <= told.turn <= 90
        assert inside(told, piece)


def test_a_label_is_level_where_it_can_be_and_none_where_nothing_fits() -> None:
    wide = Slice(80, 180, 45, 135)
    assert label(["Model Reuse"], wide, (13.0,)) == SliceLabel(("Model Reuse",), 130, 0, 0, 13)
    thin = label(["Model Reuse"], Slice(80, 180, 37, 53), (13.0,))
    assert thin
    assert thin.turn == -45
    assert label(["Model Reuse"], Slice(80, 180, 40, 43), (13.0,)) is None


def test_a_shorter_name_stands_in_where_the_name_does_not_fit() -> None:
    piece = Slice(80, 180, 83, 97)
    told = label(["Feature-Based Distillation", "Feature-Based"], piece, (10.5,))
    assert told
    assert told.lines == ("Feature-Based",)


def test_short_names_are_part_of_the_name() -> None:
    """Who speaks what is seen must be understood: WCAG 2.5.3."""
    taxonomy = Taxonomy.load()
    found = {}
    for one in taxonomy:
        above = " ".join(taxonomy.path_names(one.id)[:-1])
        found[one.name] = short(one.name, above)
        assert found[one.name] in one.name
    assert found["Distillation of Language Models"] == "Language Models"
    assert found["Meta Learning for Editing"] == "Meta Learning"
    assert found["Mixture of Experts"] == "Mixture of Experts"
    assert short("Model Editing", "Model Editing") == "Model Editing"
