"""The status view: what the atlas holds, its refreshes, and the review queue, in words."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.lock import refresh_lock
from ingest.refresh.schedule import Schedule
from ingest.report import RefreshReport, SourceReport
from kg.entities.entity import EntityType
from kg.records import PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind
from search.library import Library
from tests.support.factories import paper, put_all
from tests.support.serving import small_library
from ui.background import BackgroundRefresh
from ui.page.address import Address
from ui.page.visit import Visit
from ui.text.refresh_report import outcome, source_line, without_files
from ui.views import registry

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LAYER = "model-reuse/model-fusion/weight-interpolation"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with small_library(tmp_path / "secret-place", clock=lambda: NOW) as opened:
        yield opened


def shown(library: Library, address: str = "?view=status", **who: object) -> str:
    page = registry.show(Visit(library, Address.parse(address), **who))
    assert "secret-place" not in page.body
    return page.body


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


def test_the_overview_counts_without_reading_everything(library: Library) -> None:
    found = library.overview()
    assert found.counts["papers"] == found.vectors == 6
    assert (found.model, found.dim, found.index) == ("hashed-words", 64, "exact")
    assert (found.stale, found.last_refresh) == (0, None)
    assert found.revision == library.catalogue.revision
    library.catalogue.papers.put(paper(1, title="Another title"))
    assert library.overview().stale == 1


def test_what_the_atlas_holds_is_told_in_words(library: Library) -> None:
    told = text(shown(library))
    assert "6 papers by 7 authors" in told
    assert "hashed-words" in told


def test_what_is_stale_is_told_with_the_mend(library: Library) -> None:
    told = text(shown(library))
    assert "never been refreshed" in told
    assert "embedded" not in told.split("Refresh")[0]
    library.catalogue.papers.put(paper(1, title="Another title"))
    assert "1 paper changed since they were embedded" in text(shown(library))
    refreshed(library, NOW - timedelta(days=45))
    assert "The last refresh is 45 days ago" in text(shown(library))
    refreshed(library, NOW)
    assert "days ago" not in text(shown(library))


def refreshed(library: Library, at: datetime, *sources: SourceReport) -> None:
    report = RefreshReport(at - timedelta(minutes=7), at, sources=list(sources))
    report.placing.placed, report.placing.queued = 3, 2
    with Catalogue(library.settings.catalogue, clock=lambda: at) as then:
        for one in sources:
            then.journal.log_fetch(one.source, one.document())
        then.journal.log_fetch("refresh", report.document())


def test_the_last_refresh_and_its_sources_are_told(library: Library) -> None:
    fine = SourceReport("oai", added=1200, unchanged=40)
    failed = SourceReport("openalex", added=7)
    failed.fail("cannot read /home/ada/keys.txt: HTTP 503")
    failed.note("a <b>note</b>")
    refreshed(library, NOW, fine, failed)
    html = shown(library)
    told = text(html)
    assert "Last refreshed 2026-11-24 12:00 UTC, in 7 min" in told
    assert "1,203 new papers, 0 changed, 7 new citations, 2 to review" in told
    assert "Not all could be fetched: openalex" in told
    assert "1,200 new, 40 as they were" in told
    assert "7 new citations" in told
    assert "cannot read a file of the server: HTTP 503" in told
    assert "<b>note" not in html


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("cannot write /tmp/x/atlas.sqlite: full", "cannot write a file of the server: full"),
        (r"cannot read C:\Users\ada\x.md", "cannot read a file of the server"),
        ("https://export.arxiv.org/api/query: HTTP 500", None),
        ("model-reuse/model-fusion and cs/0112017", None),
        ("'/root/.lfm/lfm.yaml'", "'a file of the server'"),
    ],
)
def test_names_of_files_are_left_out(line: str, told: str | None) -> None:
    assert without_files(line) == (told or line)


def test_a_report_of_an_older_version_is_told_as_far_as_it_goes() -> None:
    at = "2026-01-01T00:00:00+00:00"
    assert source_line("x", at, {"added": "many", "failed": "all"}).came == "nothing new"
    assert outcome(at, {"sources": ["x"], "took_s": None}).took == ""


def test_a_refresh_under_way_is_told_with_how_far_it_is(library: Library) -> None:
    with refresh_lock(library.settings.home, lambda: NOW - timedelta(minutes=2)):
        html = shown(library, administrator=True)
        assert "data-running" in html
        assert "since 2026-11-24 11:58 UTC (2 min)" in text(html)
        assert "No source is read to its end yet" in text(html)
        assert "Refresh now" not in html
        library.catalogue.journal.log_fetch("oai", SourceReport("oai", added=5).document())
        told = text(shown(library))
        assert "Read so far: 1 source, the last one oai (5 new)" in told
        assert "Process" in text(html)
        assert "Process" not in text(shown(library))
    assert "data-running" not in shown(library)


def test_the_schedule_is_told(library: Library) -> None:
    assert "None is planned" in text(shown(library))
    schedule = Schedule(timedelta(hours=24), ["true"], lambda: NOW, clock=lambda: NOW)
    schedule.start()
    try:
        told = text(shown(library, background=BackgroundRefresh(library, schedule)))
    finally:
        schedule.stop()
    assert "Next one: 2026-11-25 12:00 UTC, every 1 d" in told


def test_who_may_refresh_is_told(library: Library) -> None:
    assert 'data-action="refresh"' in shown(library, administrator=True)
    told = shown(library, user="bo")
    assert 'data-action="refresh"' not in told
    assert "The administrator may begin one here" in told
    told = shown(library, background=BackgroundRefresh(library, local_only=False))
    assert "Nobody is the administrator here" in told
    assert "lfm user add NAME --administrator" in told


def test_recent_changes_are_told_newest_first(library: Library) -> None:
    assert "Nothing has changed" in shown(library)
    for number in range(1, 26):
        library.catalogue.journal.log_change(
            paper(number).id, ChangeKind.REVISED, f"change {number}"
        )
    library.catalogue.journal.log_change("gone", ChangeKind.JOINED, "into <b>another</b>")
    html = shown(library)
    assert html.count("<li><span") == 20
    assert "?view=paper" not in html.split("gone")[0].split("Recent changes")[1]
    assert "<b>another" not in html
    assert "change 25" in html
    assert "change 6<" not in html
    # Of these, the atlas has the first six only.
    assert "change 7<" in html


def queue(library: Library, count: int) -> None:
    for number in range(count):
        one = paper(100 + number, title=f"<script>alert({number})</script> waiting {number}")
        library.catalogue.reviews.add(one, [(LAYER, 0.6), ("nowhere", 0.2)], 0.9 - number / 100)


def test_the_queue_is_the_administrators(library: Library) -> None:
    assert "No paper waits" in shown(library)
    queue(library, 1)
    assert "1 paper waits for the administrator" in text(shown(library))
    assert "waiting 0" not in shown(library)
    html = shown(library, administrator=True)
    assert "waiting 0" in html
    assert "<script>" not in html
    assert "Accept under Weight Interpolation" in html
    assert "60% sure" in html
    assert "nowhere" not in html
    assert html.count("<option") == len(library.taxonomy)


def test_proposed_names_are_the_administrators(library: Library) -> None:
    assert "that nobody knows" not in shown(library)
    for number in range(12):
        name = f"<b>Tune{number:02}"
        papers = [paper(1).id, paper(2).id, "of-before"]
        library.catalogue.proposals.add(name, EntityType.BENCHMARK, papers)
    assert "12 names that nobody knows" in text(shown(library))
    assert "Tune00" not in shown(library)
    html = shown(library, administrator=True)
    assert html.count("data-waiting=") == html.count(" selected>benchmark</option>") == 10
    assert "&lt;b&gt;Tune00" in html
    assert "<b>Tune" not in html
    assert "In 2 papers" in text(html)


def test_the_queue_has_pages(library: Library) -> None:
    queue(library, 23)

    def on(page: str) -> list[str]:
        html = shown(library, f"?view=status&waiting={page}", administrator=True)
        return re.findall(r"waiting (\d+)", html.split("Recent changes")[0])

    assert on("") == [str(n) for n in range(10)]
    assert on("2") == [str(n) for n in range(10, 20)]
    assert on("3") == on("99") == ["20", "21", "22"]
    assert on("0") == on("1")
    assert "must be a whole number" in shown(library, "?view=status&waiting=x")


def test_a_paper_without_a_topic_can_only_be_moved(library: Library) -> None:
    library.catalogue.reviews.add(paper(100, abstract=None, url="javascript:alert(1)"), [], 0.5)
    html = shown(library, administrator=True)
    assert "Accept" not in html
    assert "Move there" in html
    assert "No abstract is known" in html
    assert "javascript" not in html


def test_what_came_with_the_last_refresh_is_shown(library: Library) -> None:
    assert "What came with the last refresh" not in shown(library)
    come = [paper(n, title=f"New <b>study</b> {n}") for n in range(20, 27)]
    put_all(library.catalogue, *come)
    for one in come:
        library.catalogue.placements.add(one.id, [Placement(LAYER, PlacedBy.MODEL, "placer", 0.9)])
        library.catalogue.journal.log_change(one.id, ChangeKind.ADDED)
    refreshed(library, NOW, SourceReport("oai", fetched=7, requests=1))
    page = shown(library)
    told = text(page)
    assert "What came with the last refresh" in told
    assert "Weight Interpolation 7" in told
    assert "We study subject 26." in told
    assert "placed by the model, 90% sure" in told
    assert "And 2 more: lfm digest shows all of them." in told
    assert "<b>study" not in page


def test_why_the_last_refresh_brought_nothing_is_told(library: Library) -> None:
    report = SourceReport("oai", requests=1)
    report.fail("HTTP 503, 8 times")
    refreshed(library, NOW, report)
    told = text(shown(library))
    assert "No new paper. oai failed on Tue 2026-11-24 12:00 UTC: HTTP 503, 8 times." in told


def test_what_was_sent_where_is_told_as_a_source(library: Library) -> None:
    report = SourceReport("digest", requests=1)
    report.note("hooks.slack.com: 5 new papers")
    refreshed(library, NOW, report)
    line = source_line("digest", NOW.isoformat(), report.document())
    assert (line.came, line.notes) == ("hooks.slack.com: 5 new papers", ())
    assert "hooks.slack.com: 5 new papers" in text(shown(library))
    failing = SourceReport("digest")
    failing.fail("hooks.slack.com: HTTP 404; the next refresh sends it again")
    assert source_line("digest", NOW.isoformat(), failing.document()).came == "nothing was sent"
