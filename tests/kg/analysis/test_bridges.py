from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.analysis.bridges import bridges
from kg.errors import BadRequest, NotFound
from kg.taxonomy.taxonomy import Taxonomy
from tests.support.graphs.citations import catalogue_of, number

TAXONOMY = Taxonomy.load()
EDITING, FUSION = "model-editing", "model-reuse/model-fusion"
MEMORY = "model-editing/memory-based"

# 1 and 2 edit, 3 and 4 fuse, 5 does both, 6 and 7 do neither.
PLACED = {1: [EDITING], 2: [MEMORY], 3: [FUSION], 4: [FUSION], 5: [EDITING, FUSION], 6: [], 7: []}


def test_what_connects_comes_by_its_links_to_both_sides(tmp_path: Path) -> None:
    pairs = [(6, 1), (6, 2), (6, 3), (4, 6), (7, 1), (7, 2), (1, 3), (5, 1)]
    with catalogue_of(tmp_path / "a.sqlite", pairs, placed=PLACED) as catalogue:
        found = bridges(catalogue, TAXONOMY, "Model Editing", FUSION)
        assert found.topics == (EDITING, FUSION)
        # 7 knows only editing, and 4 only a paper of neither topic.
        assert [number(one.paper) for one in found.papers] == [6, 5, 1, 3]
        assert [one.score for one in found.papers] == pytest.approx([2, 4 / 3, 1, 1])
        assert (found.found, found.shared, found.crossing) == (4, 1, 1)
        assert found.coverage.words == "citations are known of 5 of 5 papers"
        reasons = {number(one.paper): one.reasons for one in found.papers}
        assert reasons[6] == (
            "it cites 2 papers of Model Editing and 1 paper of Model Fusion",
            "it is cited by 1 paper of Model Fusion",
        )
        assert reasons[5] == (
            "it is placed in Model Editing and in Model Fusion",
            "it cites 1 paper of Model Editing",
        )
        assert reasons[3] == (
            "it is placed in Model Fusion",
            "it is cited by 1 paper of Model Editing",
        )


def test_topics_without_anything_between_them(tmp_path: Path) -> None:
    with catalogue_of(tmp_path / "a.sqlite", [(1, 2)], placed=PLACED, withdrawn=[5]) as catalogue:
        found = bridges(catalogue, TAXONOMY, EDITING, FUSION)
        assert (found.papers, found.found, found.shared, found.crossing) == ((), 0, 0, 0)
        assert (found.coverage.papers, found.coverage.known) == (4, 2)
        nothing = bridges(catalogue, TAXONOMY, "meta-learning", "model-tuning")
        assert nothing.papers == ()
        assert nothing.coverage.papers == 0


def test_withdrawn_papers_connect_nothing(tmp_path: Path) -> None:
    pairs = [(6, 1), (6, 3), (5, 1)]
    gone = [5, 6]
    with catalogue_of(tmp_path / "a.sqlite", pairs, placed=PLACED, withdrawn=gone) as catalogue:
        assert bridges(catalogue, TAXONOMY, EDITING, FUSION).papers == ()


def test_bad_requests(tmp_path: Path) -> None:
    with catalogue_of(tmp_path / "a.sqlite", placed=PLACED) as catalogue:
        for one, two in ((EDITING, EDITING), (EDITING, MEMORY), (MEMORY, EDITING)):
            with pytest.raises(BadRequest, match="not apart"):
                bridges(catalogue, TAXONOMY, one, two)
        with pytest.raises(BadRequest):
            bridges(catalogue, TAXONOMY, EDITING, FUSION, k=0)
        with pytest.raises(NotFound) as caught:
            bridges(catalogue, TAXONOMY, EDITING, "model-fusio")
        assert FUSION in caught.value.nearest


TOPICS = st.sets(st.sampled_from([EDITING, MEMORY, FUSION, "meta-learning"]), max_size=2)


@pytest.mark.slow
@settings(max_examples=30)  # Each makes a catalogue.
@given(
    pairs=st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=25),
    placed=st.lists(TOPICS, min_size=8, max_size=8),
)
def test_reasons_are_true(
    tmp_path_factory: pytest.TempPathFactory,
    pairs: set[tuple[int, int]],
    placed: list[set[str]],
) -> None:
    path = tmp_path_factory.mktemp("bridges") / "a.sqlite"
    with catalogue_of(path, pairs, placed=dict(enumerate(placed))) as catalogue:
        found = bridges(catalogue, TAXONOMY, EDITING, FUSION, k=20)
    editing = {at for at in range(8) if placed[at] & {EDITING, MEMORY}}
    fusion = {at for at in range(8) if FUSION in placed[at]}
    links = {pair for pair in pairs if pair[0] != pair[1]}
    told = set()
    for one in found.papers:
        at = number(one.paper)
        told.add(at)
        for side, all_of, alone in zip(
            one.sides, (editing, fusion), (editing - fusion, fusion - editing), strict=True
        ):
            assert side.placed == (at in all_of)
            assert side.cites == sum((at, other) in links for other in alone)
            assert side.cited_by == sum((other, at) in links for other in alone)
            assert side.placed + side.cites + side.cited_by > 0
    around = {
        at: {b for a, b in links if a == at} | {a for a, b in links if b == at} for at in range(8)
    }
    assert told == {
        at
        for at in range(8)
        if (at in editing or around[at] & (editing - fusion))
        and (at in fusion or around[at] & (fusion - editing))
    }
    assert found.crossing == sum(
        (a in editing - fusion and b in fusion - editing)
        or (a in fusion - editing and b in editing - fusion)
        for a, b in links
    )
