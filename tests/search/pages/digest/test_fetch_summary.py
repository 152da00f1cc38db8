"""An empty digest says why: one case for each reason that people asked for in vain elsewhere."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from ingest.report import PlacementCounts, RefreshReport, SourceReport
from kg.store.journal import ChangeKind
from search.library import Library
from tests.search.pages.digest.conftest import NOON
from tests.support.clock import StandingClock
from tests.support.factories import paper, put_all

Refreshed = Callable[..., None]


@pytest.fixture
def refreshed(library: Library, clock: StandingClock) -> Refreshed:
    """Record that a refresh ended at a time, by the reports of its sources."""

    def record(at: datetime, *sources: SourceReport, **placing: int) -> None:
        before, clock.now = clock.now, at
        for one in sources:
            library.catalogue.journal.log_fetch(one.source, one.document())
        report = RefreshReport(at - timedelta(minutes=5), at, sources=list(sources))
        report.placing = PlacementCounts(**placing)
        library.catalogue.journal.log_fetch("refresh", report.document())
        clock.now = before

    return record


def oai(**counts: int) -> SourceReport:
    return SourceReport("oai", requests=1, **counts)


def failing(source: str, reason: str) -> SourceReport:
    report = SourceReport(source)
    report.fail(reason)
    return report


def why(library: Library, since: datetime) -> str:
    return "\n".join(library.digest(since).fetches.reasons)


def test_no_refresh_ever_ran(library: Library) -> None:
    (reason,) = library.digest().fetches.reasons
    assert reason == "No refresh has ever run, so nothing could come: run `lfm refresh`."


def test_no_refresh_ran_in_the_period(library: Library, refreshed: Refreshed) -> None:
    refreshed(NOON - timedelta(days=9), oai(fetched=10))
    (reason,) = library.digest().fetches.reasons
    assert "the last refresh was on Sun 2026-11-15 12:00 UTC. Run `lfm refresh`" in reason


def test_a_weekend(library: Library, clock: StandingClock, refreshed: Refreshed) -> None:
    clock.now = datetime(2026, 11, 22, 6, tzinfo=UTC)  # Sunday: Friday's and Saturday's evenings.
    refreshed(clock.now, oai(fetched=0))
    told = why(library, clock.now - timedelta(days=2))
    assert "arXiv announced nothing from Fri 2026-11-20 06:00 UTC" in told
    assert "not on Fri 2026-11-20 (Friday), Sat 2026-11-21 (Saturday)" in told
    assert "next on Mon 2026-11-23 01:00 UTC" in told


def test_a_holiday(library: Library, clock: StandingClock, refreshed: Refreshed) -> None:
    clock.now = datetime(2026, 11, 27, 6, tzinfo=UTC)
    refreshed(clock.now, oai(fetched=12))
    told = why(library, clock.now - timedelta(days=1))
    assert "Thu 2026-11-26 (Thanksgiving)" in told
    assert "records read: oai (12)" in told


def test_within_a_day(library: Library, refreshed: Refreshed) -> None:
    refreshed(NOON, oai(fetched=0))
    told = why(library, NOON - timedelta(hours=3))
    assert "US Eastern time; next on Wed 2026-11-25 01:00 UTC" in told


def test_it_announced_and_nothing_of_it_belongs(library: Library, refreshed: Refreshed) -> None:
    refreshed(NOON, oai(fetched=1200, candidates=40), judged=40, queued=3, outside=37)
    told = why(library, NOON - timedelta(days=1))
    assert "arXiv announced 1 time in this time, the last time on Tue 2026-11-24 01:00 UTC" in told
    assert "Of 40 candidates that the last refresh judged, 3 wait for your decision" in told
    assert "Looked at up to Tue 2026-11-24 12:00 UTC, records read: oai (1,200)." in told


def test_it_announced_after_it_was_read(library: Library, refreshed: Refreshed) -> None:
    refreshed(NOON - timedelta(hours=14), oai(fetched=5))
    told = why(library, NOON - timedelta(days=1))
    assert "It announced again on Tue 2026-11-24 01:00 UTC, after it was read" in told


def test_a_source_failed(library: Library, refreshed: Refreshed) -> None:
    refreshed(NOON, failing("oai", "HTTP 503, 8 times"), SourceReport("a-list", requests=1))
    told = why(library, NOON - timedelta(days=1))
    assert "oai failed on Tue 2026-11-24 12:00 UTC: HTTP 503, 8 times." in told
    assert "arXiv was not read in this time" in told
    assert "records read: a-list (0)" in told


def test_many_sources_failed(library: Library, refreshed: Refreshed) -> None:
    refreshed(NOON, *(failing(f"list-{n}", "no connection") for n in range(9)))
    told = why(library, NOON - timedelta(days=1))
    assert told.count("failed on") == 5
    assert "4 more sources failed" in told


def test_where_something_came_there_is_no_reason_but_failures_are_told(
    library: Library, refreshed: Refreshed
) -> None:
    put_all(library.catalogue, paper(1))
    library.catalogue.journal.log_change(paper(1).id, ChangeKind.ADDED)
    refreshed(NOON, failing("openalex", "HTTP 500"))
    found = library.digest()
    assert found.fetches.reasons == ()
    assert [one.source for one in found.fetches.failed] == ["openalex"]


def test_the_delivery_of_digests_is_no_source(library: Library, refreshed: Refreshed) -> None:
    refreshed(NOON, oai(fetched=1))
    library.catalogue.journal.log_fetch("digest", failing("digest", "HTTP 404").document())
    assert [one.source for one in library.digest().fetches.sources] == ["oai"]


def test_the_last_digest_begins_with_the_last_refresh(
    library: Library, clock: StandingClock, refreshed: Refreshed
) -> None:
    assert library.last_digest().since == NOON - timedelta(days=7)
    put_all(library.catalogue, paper(1), paper(2))
    for number, minutes in ((1, 20), (2, 2)):
        clock.now = NOON - timedelta(minutes=minutes)
        library.catalogue.journal.log_change(paper(number).id, ChangeKind.ADDED)
    clock.now = NOON
    refreshed(NOON, oai(fetched=1))
    found = library.last_digest()
    assert found.since == NOON - timedelta(minutes=5)
    assert [one.paper.id for one in found.sections[0].papers] == [paper(2).id]
