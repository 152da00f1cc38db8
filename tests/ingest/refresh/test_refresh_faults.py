"""Refreshes that much stands in the way of: what is good is stored, what is bad is told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.refresh.refresh import refresh
from ingest.report import RefreshReport, SourceReport
from ingest.sources.oai.harvest import Harvest
from tests.support.embedders import HashedWords
from tests.support.refreshing import FIELD, START, Field, about, differing, facts, library
from tests.support.world import faults as fault
from tests.support.world.faults import Fault, Faults

pytestmark = pytest.mark.slow

CS_LG = "cs:cs:LG"


def of(report: RefreshReport, source: str) -> SourceReport:
    return next(one for one in report.sources if one.source == source)


def undisturbed(home: Path, down: Sequence[str] = (), **options: int) -> dict[str, list[tuple]]:
    """Return what an atlas knows when nothing goes wrong but that some services are down."""
    other = home.parent / "undisturbed"
    faults = Faults(always=dict.fromkeys(down, (fault.DOWN,)))
    Field(**options, faults=faults).refresh(other)
    return facts(other)


SPOILT: tuple[Fault, ...] = (fault.BAD_ENTRY, fault.CONTROL_CHARACTER)


@pytest.mark.parametrize(
    "always",
    [
        dict.fromkeys(("arxiv", "oai", "openalex"), SPOILT) | {"semantic-scholar": (fault.DOWN,)},
        dict.fromkeys(("arxiv", "semantic-scholar", "openalex"), SPOILT) | {"oai": (fault.DOWN,)},
        {"arxiv": (fault.DOWN,), "oai": (fault.CONTROL_CHARACTER,)},
        {"arxiv": (fault.TOTAL_TOO_HIGH,), "oai": (fault.TOTAL_TOO_HIGH,)},
    ],
    ids=["no Semantic Scholar", "no OAI-PMH", "no API", "totals"],
)  # fmt: skip
def test_all_good_papers_are_stored(home: Path, always: dict[str, Sequence[Fault]]) -> None:
    field = Field(listed=5, new=2, faults=Faults(always=always))
    reports = [field.refresh(home) for _ in range(3)]
    down = [name for name, faults in always.items() if fault.DOWN in faults]
    right, known = undisturbed(home, down, listed=5, new=2), facts(home)
    assert differing({"papers": right["papers"]}, {"papers": known["papers"]}) == {}
    assert {row[:2] for row in known["citations"]} == {row[:2] for row in right["citations"]}
    if fault.CONTROL_CHARACTER in always.get("oai", ()):
        assert of(reports[0], "oai").removed > 0
    for report in reports:
        told = {name for one in report.failed for name in one.partition(":")[0].split(", ")}
        assert all(any(name in one for one in told) for name in down)
    assert field.world.shortest_gap("arxiv", "oai") >= 3


def test_a_bad_entry_is_told_and_asked_for_again_last(home: Path) -> None:
    field = Field(listed=8, new=0)
    bad = field.listed["Model Fusion"][1].id
    field.faults.always = {"arxiv": (fault.unreadable(f"/abs/{bad}v1".encode()),)}
    report = field.refresh(home, ("learn-from-model", "arxiv"))
    records = of(report, "arxiv-ids")
    assert [note for note in records.notes if note.startswith(f"{bad} could not be read")]
    with_abstract = {row[0] for row in facts(home)["papers"] if row[2]}
    others = {p.id for some in field.listed.values() for p in some} - {bad}
    assert with_abstract == others
    # Not asked for again and again within one refresh.
    asked = [call.url for call in field.world.calls if bad in call.url]
    assert len(asked) < 12
    seen = len(field.world.calls)
    with library(home) as atlas:
        for paper in field.listed["Model Fusion"]:
            atlas.catalogue.journal.set_cursor("arxiv", paper.id, None)
    field.refresh(home, ("arxiv",))
    lists = [
        call.url
        for call in field.world.calls[seen:]
        if f"{field.listed['Model Fusion'][0].id}" in call.url
    ]
    assert len(lists) == 1
    assert bad not in lists[0]
    assert bad in field.world.calls[-1].url
    field.faults.always = {}
    report = field.refresh(home, ("arxiv",))
    assert report.failed == []
    assert bad in {row[0] for row in facts(home)["papers"] if row[2]}
    with library(home) as atlas:
        assert atlas.catalogue.journal.cursors("arxiv-failed") == {}


def test_a_page_that_stays_unreadable_is_a_hole_that_is_filled_later(home: Path) -> None:
    field = Field(listed=2, new=0)
    days = [START.date() - timedelta(days=n) for n in (20, 15, 10, 5, 1)]
    papers = [about(700 + n, day, FIELD["Model Fusion"]) for n, day in enumerate(days)]
    for paper in papers:
        field.world.add(paper, START - (START.date() - paper.published))
    bad = papers[2]
    field.faults.always = {"oai": (fault.unreadable(f"<id>{bad.id}</id>".encode()),)}
    report = field.refresh(home, ("oai",))
    (failed,) = of(report, "oai").failed
    assert failed.startswith(
        f"{CS_LG} of {bad.published} passed over, to be asked for again: not XML"
    )
    # All but the bad one wait to be judged.
    assert waiting(home) == {paper.id for paper in papers} - {bad.id}
    assert of(report, "oai").requests < 40
    # It is told, and asked for, each time; and what is new is found.
    field.clock.sleep(timedelta(days=1).total_seconds())
    new = about(800, field.outside().now.date(), FIELD["Prompt Tuning"])
    field.world.add(new)
    assert failed in of(field.refresh(home, ("oai",)), "oai").failed
    assert waiting(home) == {paper.id for paper in (*papers, new)} - {bad.id}
    assert list(holes(home)) == [str(bad.published)]
    field.faults.always = {}
    assert field.refresh(home, ("oai",)).failed == []
    assert waiting(home) == {paper.id for paper in (*papers, new)}
    assert holes(home) == {}


def waiting(home: Path) -> set[str]:
    """Return the ids of the papers that came by no list."""
    with library(home) as atlas:
        return atlas.catalogue.reviews.ids()


def holes(home: Path) -> Mapping[str, str]:
    with library(home) as atlas:
        return Harvest.load(atlas.catalogue.journal.cursor("oai", CS_LG) or "").holes


def test_without_a_network_a_refresh_ends_soon_with_a_line_a_service(home: Path) -> None:
    services = ("lists", "oai", "arxiv", "semantic-scholar", "openalex")
    field = Field(faults=Faults(always=dict.fromkeys(services, (fault.DOWN,))))
    begun, said = field.clock(), []
    report = field.refresh(home, ("lists", *services[1:]), say=said.append)
    assert field.clock() - begun < 30
    assert len(field.world.calls) == 2 * len(services) - 4  # Nothing is known to cite.
    assert len(report.failed) == 3
    assert sum("cannot be reached" in line for line in said) == 3
    lists = next(one for one in report.failed if "raw.githubusercontent.com" in one)
    assert " more: " in lists
    field.faults.always = {}
    assert field.refresh(home).failed == []


def test_each_step_is_said(home: Path) -> None:
    said: list[str] = []
    Field(listed=4, new=1).refresh(home, say=said.append)
    for step in ("learn-from-model: ", "oai: ", "arxiv-ids: ", "placing: ", "openalex: "):
        assert any(line.startswith(step) for line in said)
    assert all("\n" not in line for line in said)
    assert "learn-from-model: 12 fetched, 12 added, 1 requests" in said


def test_what_waits_since_nothing_was_known_is_judged_when_something_is(home: Path) -> None:
    field = Field(faults=Faults(always={"lists": (fault.DOWN,)}))
    report = field.refresh(home)
    assert report.placing.queued == report.placing.judged == len(field.new)
    field.faults.always = {}
    report = field.refresh(home)
    assert report.placing.outside == sum("galaxies" in paper.title for paper in field.new)
    assert waiting(home) == set()
    right = undisturbed(home)
    assert differing({"papers": right["papers"]}, {"papers": facts(home)["papers"]}) == {}


@pytest.mark.parametrize("ahead", [timedelta(days=4400), timedelta(days=9)])
def test_a_clock_that_was_ahead_stops_nothing_later(home: Path, ahead: timedelta) -> None:
    field = Field(listed=4, new=1)
    true = field.clock.now
    field.clock.sleep(ahead.total_seconds())
    field.refresh(home)
    field.clock.now = true + 60
    new = about(900, START.date(), FIELD["Prompt Tuning"])
    field.world.add(new)
    field.world.revise(field.listed["Model Fusion"][0].id, abstract="Merging weights once more.")
    report = field.refresh(home)
    assert report.failed == []
    known = {row[0]: row for row in facts(home)["papers"]}
    assert new.id in known
    assert known[field.listed["Model Fusion"][0].id][2] == "Merging weights once more."


def test_what_is_stored_goes_by_the_wall_clock_and_waits_by_the_other(home: Path) -> None:
    """The clock of the waits began at nought when the machine did, and the wall clock is set."""
    field = Field(listed=4, new=8, faults=Faults(share=0.3, kinds=[fault.TOO_MANY_DATE]))
    world, begun = field.outside(), field.clock()
    set_back = 0.0
    outside = replace(
        world,
        clock=lambda: field.clock() - set_back,
        ticks=lambda: field.clock() - begun,
    )
    with library(home) as atlas:
        # It stops after the first page, whose token lives until midnight.
        field.world.oai.page = 2
        report = refresh(atlas, ("oai",), outside=outside, embedder=HashedWords())
        assert report.failed == []
        assert report.started == START
    assert field.faults.dealt[fault.TOO_MANY_DATE.name] > 0
    waits = [b.time - a.time for a, b in pairwise(field.world.calls) if a.status == 429]
    assert all(1 <= wait <= 70 for wait in waits)
    # Set back by two days: there is no day to come, and nothing is lost.
    set_back = timedelta(days=2).total_seconds()
    new = about(900, START.date() - timedelta(days=1), FIELD["Prompt Tuning"])
    field.world.add(new)
    with library(home) as atlas:
        report = refresh(atlas, ("oai", "arxiv"), outside=outside, embedder=HashedWords())
    assert report.failed == []
    assert new.id in waiting(home)


def test_a_token_that_expired_while_the_machine_was_off_is_not_used(home: Path) -> None:
    field = Field(listed=2, new=8)
    field.world.oai.page = 2
    field.faults.services = ["oai"]
    field.faults.next(None, fault.FORBIDDEN)
    begun = field.clock()
    world = field.outside()
    with library(home) as atlas:
        first = replace(world, ticks=lambda: field.clock() - begun + 90_000)
        assert refresh(atlas, ("oai",), outside=first, embedder=HashedWords()).failed
    assert waiting(home)
    # The server takes it, and passes over what left the day that the token means.
    field.world.oai.token_days = 99
    field.clock.sleep(timedelta(days=3).total_seconds())
    again = field.clock()
    with library(home) as atlas:
        later = replace(world, ticks=lambda: field.clock() - again)
        seen = len(field.world.calls)
        assert refresh(atlas, ("oai",), outside=later, embedder=HashedWords()).failed == []
    urls = [call.url for call in field.world.calls[seen:]]
    assert "from=" in urls[0]
    assert waiting(home) == {paper.id for paper in field.new}
