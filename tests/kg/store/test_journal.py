"""The journal: reports, cursors and changes move no revision; what they hold comes back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kg.errors import NotFound
from kg.records import PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind
from kg.store.reviews import Decision
from tests.support.clock import StandingClock
from tests.support.factories import paper, put_all

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOON)


@pytest.fixture
def catalogue(tmp_path: Path, clock: StandingClock) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite", clock=clock) as made:
        yield made


def test_cursors_come_back_and_are_forgotten(catalogue: Catalogue) -> None:
    catalogue.journal.set_cursor("oai", "cs", "2026-05-04")
    catalogue.journal.set_cursor("oai", "cs", "2026-05-05")
    catalogue.journal.set_cursor("arxiv", "cs", "other")
    assert catalogue.journal.cursor("oai", "cs") == "2026-05-05"
    assert catalogue.journal.cursors("oai") == {"cs": "2026-05-05"}
    catalogue.journal.set_cursor("oai", "cs", None)
    assert catalogue.journal.cursor("oai", "cs") is None
    assert catalogue.journal.cursor("arxiv", "cs") == "other"


def test_notes_make_nothing_stale(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1))
    before = catalogue.revision
    catalogue.journal.set_cursor("oai", "cs", "x")
    catalogue.journal.log_fetch("oai", {"fetched": 1})
    catalogue.journal.log_change("2001.00001", ChangeKind.REVISED)
    catalogue.reviews.add(paper(2), [("model-tuning", 0.5)], 0.6)
    catalogue.candidates.add([paper(3)])
    assert catalogue.revision == before


def test_a_block_that_writes_and_notes_moves_the_revision_once(catalogue: Catalogue) -> None:
    before = catalogue.revision
    with catalogue.writing():
        with catalogue.database.writing_without_revision():
            catalogue.journal.set_cursor("oai", "cs", "x")
            catalogue.journal.log_change("2001.00001", ChangeKind.ADDED)
        catalogue.papers.put(paper(1))
        assert catalogue.database.revised_rows > 0
    assert catalogue.revision == before + 1


def test_changes_are_told_newest_first_from_a_time_on(
    catalogue: Catalogue, clock: StandingClock
) -> None:
    put_all(catalogue, paper(1))
    catalogue.journal.log_change("2001.00001", ChangeKind.ADDED, "a list")
    clock.now = NOON + timedelta(hours=1)
    catalogue.journal.log_change("2001.00001", ChangeKind.REVISED, "version 2")
    catalogue.journal.log_change("gone", ChangeKind.JOINED, "2001.00001")
    told = catalogue.journal.changes(NOON)
    assert [(one.paper, one.kind) for one in told] == [
        ("gone", ChangeKind.JOINED),
        ("2001.00001", ChangeKind.REVISED),
        ("2001.00001", ChangeKind.ADDED),
    ]
    assert told[0].title is None
    assert told[1].title == "Paper number 1"
    assert len(catalogue.journal.changes(NOON + timedelta(minutes=1))) == 2


def test_the_last_report_of_each_source_is_told(catalogue: Catalogue) -> None:
    assert catalogue.journal.last_refresh() is None
    catalogue.journal.log_fetch("oai", {"fetched": 1})
    catalogue.journal.log_fetch("refresh", {})
    catalogue.journal.log_fetch("oai", {"fetched": 2})
    assert [(source, report) for source, _, report in catalogue.journal.last_fetches()] == [
        ("oai", {"fetched": 2}),
        ("refresh", {}),
    ]
    assert catalogue.journal.last_refresh() == NOON


def test_a_paper_waits_until_it_is_unqueued(catalogue: Catalogue) -> None:
    one = paper(1, published=date(2020, 1, 2), comment="10 pages")
    assert catalogue.reviews.add(one, [("model-tuning", 0.5)], 0.6)
    assert not catalogue.reviews.add(one, [("model-editing", 0.4)], 0.7)
    (waiting,) = catalogue.reviews.waiting()
    assert waiting.paper == one
    assert waiting.suggestions == (("model-editing", 0.4),)
    assert (waiting.belongs, waiting.queued) == (0.7, NOON)
    assert catalogue.reviews.get(one.id) == waiting
    catalogue.reviews.remove(one.id)
    with pytest.raises(NotFound, match="no paper in review"):
        catalogue.reviews.get(one.id)


def test_of_several_decisions_on_a_paper_the_last_counts(catalogue: Catalogue) -> None:
    catalogue.reviews.add_decision(paper(1), Decision.ACCEPT, "model-tuning")
    catalogue.reviews.add_decision(paper(2), Decision.REJECT, None)
    catalogue.reviews.add_decision(paper(1), Decision.MOVE, "model-editing")
    assert catalogue.reviews.decided() == {paper(1).id: Decision.MOVE, paper(2).id: Decision.REJECT}
    assert [one.topic for one in catalogue.reviews.decisions()] == [None, "model-editing"]
    assert catalogue.reviews.decisions()[0].title == "Paper number 2"


def test_candidates_wait_in_order_of_their_ids(catalogue: Catalogue) -> None:
    catalogue.candidates.add([paper(2), paper(1)])
    catalogue.candidates.add([paper(2, title="Another title")])
    assert [one.title for one in catalogue.candidates.first(5)] == [
        "Paper number 1",
        "Another title",
    ]
    assert catalogue.candidates.count() == 2
    catalogue.candidates.remove([paper(1)])
    assert [one.id for one in catalogue.candidates.first(5)] == [paper(2).id]


def test_only_what_is_not_settled_is_news(catalogue: Catalogue) -> None:
    outsider, waiting, rejected, new = (paper(number) for number in range(1, 5))
    catalogue.candidates.add_outsiders([outsider], date(2026, 5, 4))
    catalogue.reviews.add(waiting, [], 0.5)
    catalogue.reviews.add_decision(rejected, Decision.REJECT, None)
    assert catalogue.candidates.unclassified([outsider, waiting, rejected, new]) == [new]
    revised = [paper(n, abstract="All is different now.") for n in (1, 2, 3)]
    assert (
        catalogue.candidates.unclassified(revised) == revised[:2]
    )  # What a person rejected stays rejected.
    spaced = paper(1, abstract="We  study subject 1.\nIt works.")
    assert catalogue.candidates.unclassified([spaced]) == []


def test_outsiders_are_forgotten_after_a_while(catalogue: Catalogue) -> None:
    catalogue.candidates.add_outsiders([paper(1)], date(2026, 1, 1))
    catalogue.candidates.add_outsiders([paper(2)], date(2026, 5, 4))
    catalogue.candidates.prune_outsiders(date(2026, 5, 4))
    assert catalogue.candidates.unclassified([paper(1), paper(2)]) == [paper(1)]


@pytest.mark.usefixtures("auckland")
def test_changes_from_a_day_are_those_since_it_began_in_utc(
    catalogue: Catalogue, clock: StandingClock
) -> None:
    midnight = datetime(2026, 4, 27, tzinfo=UTC)
    for name, at in (("before", midnight - timedelta(seconds=1)), ("after", midnight)):
        clock.now = at
        catalogue.journal.log_change(name, ChangeKind.ADDED)
    clock.now = midnight + timedelta(days=7, hours=13)
    assert [one.paper for one in catalogue.journal.changes_from()] == ["after"]
    assert [one.paper for one in catalogue.journal.changes_from(date(2026, 4, 26))] == [
        "after",
        "before",
    ]


def test_those_worth_most_are_reviewed_first(catalogue: Catalogue) -> None:
    """Likely to belong, and under a topic from which little was learnt."""
    for number in range(9):
        catalogue.papers.put(paper(100 + number))
        known = Placement("model-editing", PlacedBy.LIST, "a list")
        catalogue.placements.add(paper(100 + number).id, [known])
    queue = catalogue.reviews
    for number, topic, belongs in (
        (1, "model-editing", 0.50),
        (2, "model-editing", 0.58),
        (3, "meta-learning", 0.55),
        (4, None, 0.30),
    ):
        queue.add(paper(number), [(topic, belongs)] if topic else [], belongs)
    assert [one.paper.id for one in queue.waiting()] == [paper(n).id for n in (3, 2, 1, 4)]
    assert [one.paper.id for one in queue.waiting(1, 1)] == [paper(2).id]
