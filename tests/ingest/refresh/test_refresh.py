"""A refresh as a whole: complete, repeatable, interruptible, and never taking an error for news."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.lock import refresh_lock
from ingest.placement.review import decide
from ingest.refresh.refresh import refresh
from kg.errors import BadRequest, Busy
from kg.records import PlacedBy
from kg.store.journal import ChangeKind
from kg.store.reviews import Decision
from tests.support.refreshing import (
    FIELD,
    LIST,
    SOURCES,
    START,
    Field,
    about,
    differing,
    facts,
    killed,
    library,
    statements,
)
from tests.support.sqlite_connections import traced
from tests.support.world import faults as fault
from tests.support.world.faults import Faults

TODAY = START.date()


@pytest.mark.slow
def test_a_first_refresh_fills_the_atlas(home: Path) -> None:
    field = Field()
    report = field.refresh(home)
    assert report.failed == []
    known = facts(home)
    listed = [paper for papers in field.listed.values() for paper in papers]
    entered = [paper for paper in field.new if "galaxies" not in paper.title]
    assert {row[0] for row in known["papers"]} == {p.id for p in (*listed, *entered)}
    assert all(row[2] and row[12] == 1 for row in known["papers"])  # Abstract and version.
    assert len(known["vectors"]) == len(known["papers"]) == report.papers == report.indexed
    by_model = {row[0] for row in known["placements"] if row[2] == PlacedBy.MODEL}
    assert by_model == {p.id for p in entered}
    assert len(known["citations"]) == len(known["papers"]) - 1
    assert {row[2] for row in known["citations"]} == {"semantic-scholar"}
    assert report.placing.outside == len(field.new) - len(entered)


@pytest.mark.slow
def test_with_nothing_new_no_row_changes_and_nothing_is_embedded(home: Path) -> None:
    field = Field()
    field.refresh(home)
    index = next((home / "cache").glob("*.exact"))
    before, written = facts(home), index.stat().st_mtime_ns
    with library(home) as atlas:
        revision = atlas.catalogue.revision
        for _ in range(2):
            field.clock.sleep(3600)
            report = field.refresh(home)
            assert (report.failed, report.embedded, report.placing.judged) == ([], 0, 0)
            assert all(
                s.added == s.updated == s.withdrawn == s.candidates == 0 for s in report.sources
            )
        assert differing(before, facts(home)) == {}
        assert atlas.catalogue.revision == revision
        assert index.stat().st_mtime_ns == written


@pytest.mark.slow
def test_what_happens_to_papers_is_followed(home: Path) -> None:
    field = Field()
    field.refresh(home)
    field.clock.sleep(timedelta(days=2).total_seconds())
    one, two, three, four = field.listed["Model Fusion"][:4]
    new = about(900, (START + timedelta(days=1)).date(), FIELD["Prompt Tuning"])
    field.world.add(new)
    field.world.revise(one.id, abstract="Now we look at merging weights once more, on GLUE.")
    field.world.withdraw(two.id)
    field.world.annotate(three.id, doi="10.1234/journal.5")
    field.world.delete(four.id)
    dropped = field.listed["Prompt Tuning"].pop(0)
    field.world.edit_list(LIST, field.page())
    since = field.outside().now
    report = field.refresh(home)
    assert report.failed == []
    with library(home) as atlas:
        told = {(c.paper, c.kind) for c in atlas.catalogue.journal.changes(since)}
        assert told == {
            (new.id, ChangeKind.ADDED),
            (one.id, ChangeKind.REVISED),
            (two.id, ChangeKind.WITHDRAWN),
            (two.id, ChangeKind.REVISED),
            (three.id, ChangeKind.PUBLISHED),
            (four.id, ChangeKind.WITHDRAWN),
            (dropped.id, ChangeKind.UNLISTED),
        }
        # Only texts that changed were embedded: the new paper's and the revised one's.
        assert report.embedded == 2
        assert report.related == 1
        glue = atlas.catalogue.entities.key("GLUE")
        assert atlas.catalogue.relations.use([glue]) == {glue: 1}
        page = atlas.paper(one.id)
        assert (page.paper.version, page.paper.abstract) == (
            2,
            "Now we look at merging weights once more, on GLUE.",
        )
        shown = {hit.paper.id for hit in atlas.ask("merging weights", 50).hits}
        assert one.id in shown
        assert shown.isdisjoint({two.id, four.id})
        assert atlas.paper(dropped.id).placements
        before = facts(home)
        assert field.refresh(home).failed == []
        assert differing(before, facts(home)) == {}


@pytest.mark.slow
def test_papers_known_by_title_get_their_id_and_stay_one(home: Path) -> None:
    field = Field()
    unlinked = [p for papers in field.listed.values() for n, p in enumerate(papers) if n % 5 == 4]
    twin = about(901, TODAY, FIELD["Model Fusion"], title=unlinked[0].title.replace("104", "105"))
    field.world.add(twin)
    report = field.refresh(home, ("learn-from-model", "arxiv"))
    (titles,) = (one for one in report.sources if one.source == "arxiv-titles")
    assert (titles.fetched, titles.missing) == (len(unlinked), 0)
    ids = [row[0] for row in facts(home)["papers"]]
    assert {p.id for p in unlinked} <= set(ids)
    assert not any(name.startswith("title:") for name in ids)


@pytest.mark.slow
def test_one_failing_source_leaves_the_others_their_work(home: Path) -> None:
    field = Field(faults=Faults(share=1, kinds=[fault.FORBIDDEN], services=["oai"]))
    report = field.refresh(home)
    assert sorted(one.partition(":")[0] for one in report.failed) == [
        "arxiv-ids",
        "arxiv-search",
        "arxiv-titles",
        "oai",
    ]
    assert len([call for call in field.world.calls if call.service in ("arxiv", "oai")]) == 1
    field.faults.share = 0
    assert field.refresh(home).failed == []
    other = Field()
    other.refresh(home.parent / "undisturbed")
    assert differing(facts(home), facts(home.parent / "undisturbed")) == {}


@pytest.mark.slow
def test_where_the_api_is_busy_for_long_records_come_by_oai(home: Path) -> None:
    field = Field(faults=Faults(share=1, kinds=[fault.TOO_MANY_LONG], services=["arxiv"]))
    report = field.refresh(home)
    (records,) = (one for one in report.sources if one.source == "arxiv-ids")
    assert records.failed == []
    assert "OAI-PMH" in records.notes[0]
    linked = [p for papers in field.listed.values() for n, p in enumerate(papers) if n % 5 != 4]
    with_abstract = {row[0] for row in facts(home)["papers"] if row[2]}
    assert {paper.id for paper in linked} <= with_abstract


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_faulty_world_costs_time_and_nothing_else(home: Path, seed: int) -> None:
    field = Field(faults=Faults(share=0.4, kinds=fault.MENDING, seed=seed, most_in_a_row=3))
    for _ in range(6):
        if not field.refresh(home).failed:
            break
    assert sum(field.faults.dealt.values()) > 20
    assert field.world.shortest_gap("arxiv", "oai") >= 3
    other = Field()
    other.refresh(home.parent / "undisturbed")
    assert differing(facts(home), facts(home.parent / "undisturbed")) == {}


@pytest.mark.slow
def test_a_dry_run_tells_and_stores_nothing(home: Path, opened: Callable) -> None:
    field = Field()
    library(home).close()
    before = facts(home)
    report = field.refresh(home, dry_run=True)
    assert report.dry_run
    assert report.placing.placed > 0
    assert report.papers > 0
    assert differing(before, facts(home)) == {}
    assert opened(library(home)).catalogue.journal.last_refresh() is None


@pytest.mark.slow
def test_since_looks_further_back(home: Path) -> None:
    field = Field(new=1)
    old = about(950, (START - timedelta(days=90)).date(), FIELD["Model Fusion"])
    field.world.add(old, START - timedelta(days=90))
    field.refresh(home)
    assert old.id not in {row[0] for row in facts(home)["papers"]}
    field.refresh(home, since=(START - timedelta(days=100)).date())
    assert old.id in {row[0] for row in facts(home)["papers"]}


def test_only_the_named_sources_are_asked(home: Path, opened: Callable) -> None:
    field = Field()
    report = field.refresh(home, ("learn-from-model",))
    assert [one.source for one in report.sources] == ["learn-from-model"]
    assert {call.service for call in field.world.calls} == {"lists"}
    assert opened(library(home)).catalogue.journal.last_refresh() == field.outside().now.replace(
        microsecond=0
    )


def test_bad_requests_are_told_before_anything_is_asked(home: Path) -> None:
    field = Field()
    with pytest.raises(BadRequest, match="no source 'arxive'"):
        field.refresh(home, ("arxive",))
    with pytest.raises(BadRequest, match="in the future"):
        field.refresh(home, since=TODAY + timedelta(days=2))
    assert field.world.calls == []


def test_one_refresh_at_a_time(home: Path) -> None:
    field = Field()
    with library(home) as atlas:
        with refresh_lock(home), pytest.raises(Busy, match=str(os.getpid())):
            refresh(atlas, SOURCES, outside=field.outside())
        assert field.world.calls == []


@pytest.mark.slow
def test_a_decision_of_a_person_outlives_refreshes(home: Path, opened: Callable) -> None:
    field = Field()
    field.refresh(home)
    placed = next(paper for paper in field.new if "merging" in paper.title)
    decide(opened(library(home)), Decision.MOVE, placed.id, "model-distillation")
    rejected = next(paper for paper in field.new if "prompts" in paper.title)
    decide(opened(library(home)), Decision.REJECT, rejected.id)
    field.clock.sleep(timedelta(days=1).total_seconds())
    field.world.revise(placed.id, abstract="It is all about editing facts now.")
    field.world.revise(rejected.id, abstract="Better prompts.")
    assert field.refresh(home).failed == []
    known = facts(home)
    assert [row[1:3] for row in known["placements"] if row[0] == placed.id] == [
        ("model-distillation", PlacedBy.PERSON)
    ]
    assert rejected.id not in {row[0] for row in known["papers"]}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("share", [0.03, 0.2, 0.4, 0.6, 0.8, 0.97])
def test_after_sigkill_the_next_refresh_ends_in_the_same_atlas(home: Path, share: float) -> None:
    undisturbed = home.parent / "undisturbed"
    field = Field(listed=6, new=2)
    field.refresh(undisturbed)
    total = statements(undisturbed.parent / "counted")
    library(home).close()
    field = Field(listed=6, new=2)
    assert killed(lambda: field.refresh(home), int(share * total))
    report = Field(listed=6, new=2).refresh(home)
    assert report.failed == []
    assert differing(facts(home), facts(undisturbed)) == {}


@pytest.mark.slow
def test_the_clock_of_the_journal_is_the_refreshs(home: Path, opened: Callable) -> None:
    field = Field(new=1)
    field.refresh(home)
    catalogue = opened(library(home)).catalogue
    (entry, *_) = catalogue.journal.changes(START - timedelta(hours=1))
    assert START <= entry.at <= field.outside().now
    assert isinstance(catalogue.database.now(), type(entry.at))


@pytest.mark.slow
def test_a_reader_never_sees_half_a_step(home: Path, opened: Callable) -> None:
    """Between any two statements of a refresh, every paper that is placed by the model is whole."""
    field = Field(listed=6, new=2)
    reader = opened(library(home))
    seen = 0

    def look(statement: str) -> None:
        nonlocal seen
        if not statement.lstrip().startswith(("INSERT INTO placements", "DELETE")):
            return
        seen += 1
        with reader.catalogue.reading():
            keys = reader.catalogue.papers.keys()
            placed = reader.catalogue.placements.get(keys)
            vectors = set(reader.catalogue.vectors.keys("hashed-words"))
        for key, placements in placed.items():
            if placements[0].placed_by is PlacedBy.MODEL:
                assert key in vectors

    with traced(look):
        field.refresh(home)
    assert seen > 10
    assert field.new[0].id in {row[0] for row in facts(home)["papers"]}
