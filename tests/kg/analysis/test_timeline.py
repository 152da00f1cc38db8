from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.analysis.timeline import TopicYears, growth_of, timeline
from kg.errors import NotFound
from kg.taxonomy.taxonomy import Taxonomy
from tests.support.clock import StandingClock
from tests.support.graphs.citations import catalogue_of

TAXONOMY = Taxonomy.load()
TODAY = date(2026, 11, 23)
EDITING, MEMORY, SURVEYS = "model-editing", "model-editing/memory-based", "model-editing/surveys"
FUSION = "model-reuse/model-fusion"


def test_papers_are_counted_once_with_those_below(tmp_path: Path) -> None:
    years = {1: 2023, 2: 2025, 3: None, 4: 2026, 5: 2025}
    placed = {1: [EDITING], 2: [EDITING, MEMORY], 3: [MEMORY], 4: [FUSION], 5: [MEMORY, SURVEYS]}
    with catalogue_of(tmp_path / "a.sqlite", [(1, 2)], years, placed) as catalogue:
        found = timeline(catalogue, TAXONOMY, "Model Editing", TODAY)
        assert found.years == (2023, 2024, 2025)
        assert found.incomplete is None
        assert (found.total.topic, found.total.counts, found.total.undated) == (
            EDITING,
            (1, 0, 2),
            1,
        )
        rows = {row.topic: row for row in found.topics}
        assert list(rows) == list(TAXONOMY[EDITING].children)
        assert (rows[MEMORY].counts, rows[MEMORY].undated, rows[MEMORY].papers) == ((0, 0, 2), 1, 3)
        assert found.coverage.words == "citations are known of 2 of 4 papers"
        whole = timeline(catalogue, TAXONOMY, None, TODAY)
        assert whole.incomplete == 2026
        assert whole.total.counts == (1, 0, 2, 1)
        assert [row.topic for row in whole.topics] == [root.id for root in TAXONOMY.roots]
        assert (whole.recent, whole.before) == ((2024, 2025), (2022, 2023))
        assert whole.coverage.words == "citations are known of 2 of 5 papers"


def test_withdrawn_papers_are_not_counted(tmp_path: Path) -> None:
    placed = {1: [EDITING], 2: [EDITING]}
    with catalogue_of(tmp_path / "a.sqlite", placed=placed, withdrawn=[2]) as catalogue:
        assert timeline(catalogue, TAXONOMY, EDITING, TODAY).total.papers == 1


def test_today_is_the_catalogues(tmp_path: Path) -> None:
    years, placed = {1: 2030, 2: 2031}, {1: [EDITING], 2: [EDITING]}
    clock = StandingClock(datetime(2031, 3, 15, tzinfo=UTC))
    with catalogue_of(tmp_path / "a.sqlite", (), years, placed, clock=clock) as catalogue:
        for year, incomplete in ((2031, 2031), (2032, None)):
            clock.now = datetime(year, 3, 15, tzinfo=UTC)
            assert timeline(catalogue, TAXONOMY).incomplete == incomplete


def test_an_empty_topic_has_no_years(tmp_path: Path) -> None:
    with catalogue_of(tmp_path / "a.sqlite") as catalogue:
        found = timeline(catalogue, TAXONOMY, EDITING, TODAY)
        assert (found.years, found.total.papers, found.growth) == ((), 0, ())
        with pytest.raises(NotFound) as caught:
            timeline(catalogue, TAXONOMY, "model-editin", TODAY)
        assert EDITING in caught.value.nearest


def test_growth_is_of_shares_and_leaves_the_present_year_out(tmp_path: Path) -> None:
    # All grows twofold. Editing only keeps up, fusion takes what distillation loses, and the
    # present year, of which one day is over, says nothing.
    counts = {
        EDITING: (28, 28, 60, 60, 0),
        FUSION: (10, 10, 100, 100, 0),
        "model-distillation": (70, 70, 100, 100, 9),
        "meta-learning": (40, 40, 0, 0, 0),
    }
    years, placed, at = {}, {}, 0
    for topic, row in counts.items():
        for year, count in zip(range(2022, 2027), row, strict=True):
            for _ in range(count):
                years[at], placed[at], at = year, [topic], at + 1
    with catalogue_of(tmp_path / "a.sqlite", (), years, placed) as catalogue:
        found = timeline(catalogue, TAXONOMY, None, date(2026, 1, 1))
    growth = {one.topic: one for one in found.growth}
    assert growth[FUSION].verdict == "grows"
    assert growth[EDITING].verdict == "unclear"
    assert growth["model-distillation"].verdict == "shrinks"
    assert growth["meta-learning"].verdict == "silent"
    assert found.growth[0].topic in {FUSION, "model-reuse"}
    assert (growth[FUSION].recent, growth[FUSION].before) == (200, 20)
    assert growth[FUSION].share == pytest.approx(200 / 520)
    assert growth[FUSION].share_before == pytest.approx(20 / 296)
    assert found.incomplete == 2026


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 99), st.integers(0, 99))
def test_growth_is_within_its_interval(recent: int, before: int, more: int, other: int) -> None:
    topic = TopicYears("a", "A", (before, recent), 0)
    total = TopicYears(None, "", (before + other, recent + more), 0)
    found = growth_of(topic, total, (2020, 2021), (2021,), (2020,))
    assert 0 < found.low <= found.ratio <= found.high
    assert 0 <= found.share <= 1


TOPICS = st.sets(st.sampled_from([EDITING, MEMORY, SURVEYS, FUSION]), max_size=3)


@pytest.mark.slow
@settings(max_examples=30)  # Each makes a catalogue.
@given(made=st.lists(st.tuples(st.none() | st.integers(1990, 2026), TOPICS), max_size=15))
def test_sums_are_the_counts(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[int | None, set[str]]]
) -> None:
    years = {at: year for at, (year, _) in enumerate(made)}
    placed = {at: topics for at, (_, topics) in enumerate(made)}
    path = tmp_path_factory.mktemp("timeline") / "a.sqlite"
    with catalogue_of(path, (), years, placed) as catalogue:
        whole = timeline(catalogue, TAXONOMY, None, TODAY)
        editing = timeline(catalogue, TAXONOMY, EDITING, TODAY)
    assert whole.total.papers == len(made)
    below = [topics for _, topics in made if topics & {EDITING, MEMORY, SURVEYS}]
    assert editing.total.papers == len(below) == editing.coverage.papers
    (row,) = (row for row in whole.topics if row.topic == EDITING)
    assert row.papers == len(below)
    assert {one.topic: one.papers for one in editing.topics}[MEMORY] == sum(
        MEMORY in topics for topics in below
    )
    for found in (whole, editing):
        for one in (found.total, *found.topics):
            assert len(one.counts) == len(found.years)
    dated = [year for year in years.values() if year]
    assert whole.years == (tuple(range(min(dated), max(dated) + 1)) if dated else ())
