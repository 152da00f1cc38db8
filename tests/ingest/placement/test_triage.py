"""Candidates enter, wait or stay out, and people's decisions stand."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ingest.merge.merger import Merger
from ingest.placement.placer import PlacementDecision, Verdict
from ingest.placement.review import decide
from ingest.placement.triage import triage_candidates
from ingest.refresh.candidates import mark_withdrawn, store_records
from ingest.report import PlacementCounts, SourceReport
from kg.errors import BadRequest, NotFound
from kg.records import Filters, ListEntry, PlacedBy
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.database import utc_now
from kg.store.journal import ChangeKind
from kg.store.reviews import Decision
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import contents, paper

TODAY = date(2026, 5, 4)
MERGING, EDITING = "model-reuse/model-fusion", "model-editing"


class ByWords:
    """Judges by a word of the text."""

    def place(self, _: np.ndarray, texts: Sequence[str]) -> list[PlacementDecision]:
        return [self._judge(text.lower()) for text in texts]

    def _judge(self, text: str) -> PlacementDecision:
        if "merging" in text:
            return PlacementDecision(Verdict.PLACED, ((MERGING, 0.97), ("model-reuse", 0.99)), 0.99)
        if "perhaps" in text:
            return PlacementDecision(Verdict.UNSURE, ((EDITING, 0.6),), 0.7)
        return PlacementDecision(Verdict.OUTSIDE, (), 0.01)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An atlas of one paper that a list placed."""
    # A file that is not empty keeps the bundled snapshot away.
    settings = Settings(home=tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        merger = Merger(catalogue)
        merger.put_entry(
            ListEntry("Paper number 1", arxiv_id="2001.00001"), "a-list", "model-tuning"
        )
    with Library(settings, HashedWords()) as opened:
        yield opened


def judge(library: Library) -> PlacementCounts:
    models = SimpleNamespace(embedder=HashedWords(), placer=ByWords())
    return triage_candidates(library.catalogue, models, TODAY)  # type: ignore[arg-type]


def takes(library: Library, *papers) -> SourceReport:
    report = SourceReport("arxiv")
    store_records(library.catalogue, papers, report)
    return report


SURE = paper(2, title="Merging models of one origin", version=1)
UNSURE = paper(3, title="Perhaps it edits facts", version=1)
OTHER = paper(4, title="Galaxies far away", version=1)


def test_each_candidate_goes_where_its_judgement_says(library: Library) -> None:
    report = takes(library, paper(1, version=2), SURE, UNSURE, OTHER)
    assert (report.fetched, report.candidates, report.updated) == (4, 3, 1)
    assert judge(library) == PlacementCounts(judged=3, placed=1, queued=1, outside=1)
    catalogue = library.catalogue
    assert catalogue.size() == 2
    key = catalogue.identifiers.key(SURE.id)
    assert {(p.topic, p.placed_by, p.confidence) for p in catalogue.placements.get([key])[key]} == {
        (MERGING, PlacedBy.MODEL, 0.97),
        ("model-reuse", PlacedBy.MODEL, 0.99),
    }
    assert catalogue.vectors.get(HashedWords.model, [key])
    assert [one.paper for one in catalogue.reviews.waiting()] == [UNSURE]
    assert catalogue.candidates.count() == 0
    assert [c.paper for c in catalogue.journal.changes(utc_now().replace(year=2000))] == [
        SURE.id,
        paper(1).id,
    ]


def test_being_told_twice_changes_no_row(library: Library) -> None:
    told = (paper(1, version=2), SURE, UNSURE, OTHER)
    takes(library, *told)
    judge(library)
    before = contents(library.settings.catalogue)
    report = takes(library, *told)
    assert (report.candidates, report.unchanged) == (0, 4)
    assert judge(library) == PlacementCounts()
    assert contents(library.settings.catalogue) == before


def test_a_list_that_names_a_candidate_meanwhile_wins(library: Library) -> None:
    takes(library, SURE)
    Merger(library.catalogue).put_entry(
        ListEntry(SURE.title, arxiv_id=SURE.arxiv_id), "a-list", EDITING
    )
    assert judge(library).judged == 0
    key = library.catalogue.identifiers.key(SURE.id)
    assert [p.placed_by for p in library.catalogue.placements.get([key])[key]] == [PlacedBy.LIST]
    assert library.catalogue.papers.get([key])[0].abstract == SURE.abstract


def test_two_candidates_of_one_title_and_author_become_one_paper(library: Library) -> None:
    doi = "10.1234/x"
    published = replace(SURE, id=f"doi:{doi}", arxiv_id=None, doi=doi, version=None)
    takes(library, SURE, published)
    judge(library)
    assert library.catalogue.size() == 2
    (found,) = library.catalogue.papers.get([library.catalogue.identifiers.key(doi)])
    assert (found.id, found.doi) == (SURE.id, doi)


def test_an_accepted_paper_is_found_at_once(library: Library) -> None:
    takes(library, UNSURE)
    judge(library)
    found = decide(library, Decision.ACCEPT, f"https://arxiv.org/abs/{UNSURE.id}v1")
    assert (found.paper, found.topic) == (UNSURE, EDITING)
    assert library.catalogue.reviews.waiting() == []
    (hit,) = library.ask("perhaps facts", 1).hits
    assert (hit.paper.id, hit.topics) == (UNSURE.id, (EDITING,))
    assert library.catalogue.reviews.decided() == {UNSURE.id: Decision.ACCEPT}


def test_a_rejected_paper_never_comes_back(library: Library) -> None:
    takes(library, UNSURE)
    judge(library)
    decide(library, Decision.REJECT, UNSURE.id)
    revised = paper(3, title=UNSURE.title, abstract="Merging, in truth.", version=2)
    assert takes(library, revised).candidates == 0
    assert judge(library) == PlacementCounts()
    assert library.catalogue.size() == 1


def test_a_moved_paper_is_under_its_new_topic_only(library: Library) -> None:
    takes(library, SURE)
    judge(library)
    decide(library, Decision.MOVE, SURE.id, "model-distillation")
    key = library.catalogue.identifiers.key(SURE.id)
    assert [p.topic for p in library.catalogue.placements.get([key])[key]] == ["model-distillation"]


def test_what_the_model_placed_wrongly_can_be_rejected(library: Library) -> None:
    takes(library, SURE)
    judge(library)
    decide(library, Decision.REJECT, SURE.id)
    with pytest.raises(NotFound):
        library.catalogue.identifiers.key(SURE.id)
    assert takes(library, SURE).candidates == 0


def test_who_waits_is_judged_again_once_people_have_decided(library: Library) -> None:
    takes(library, UNSURE, paper(5, title="Perhaps another"))
    judge(library)
    decide(library, Decision.REJECT, UNSURE.id)
    assert judge(library) == PlacementCounts(judged=1)
    assert [one.paper.id for one in library.catalogue.reviews.waiting()] == [paper(5).id]
    assert judge(library) == PlacementCounts()


@pytest.mark.parametrize(
    ("decision", "name", "topic", "error"),
    [
        (Decision.ACCEPT, "2001.00009", None, NotFound),
        (Decision.ACCEPT, "2001.00001", None, BadRequest),  # A list placed it.
        (Decision.MOVE, UNSURE.id, None, BadRequest),
        (Decision.MOVE, UNSURE.id, "no-such-topic", NotFound),
        (Decision.REJECT, UNSURE.id, EDITING, BadRequest),
    ],
)
def test_a_decision_that_cannot_be_carried_out_changes_nothing(
    library: Library, decision: Decision, name: str, topic: str | None, error: type[Exception]
) -> None:
    takes(library, UNSURE)
    judge(library)
    before = contents(library.settings.catalogue)
    with pytest.raises(error):
        decide(library, decision, name, topic)
    assert contents(library.settings.catalogue) == before


def test_a_withdrawn_paper_is_kept_and_left_out(library: Library) -> None:
    takes(library, SURE)
    judge(library)
    report = SourceReport("oai")
    mark_withdrawn(library.catalogue, SURE.id, report)
    mark_withdrawn(library.catalogue, SURE.id, report)
    mark_withdrawn(library.catalogue, "2001.99999", report)
    assert (report.withdrawn, report.unchanged) == (1, 2)
    assert SURE.id not in [hit.paper.id for hit in library.ask("merging models").hits]
    shown = library.ask("merging models", filters=Filters(withdrawn=True)).hits
    assert shown[0].paper.withdrawn
    assert (
        library.catalogue.journal.changes(utc_now().replace(year=2000))[0].kind
        is ChangeKind.WITHDRAWN
    )
    # arXiv's API still tells of it as withdrawn, then as restored.
    takes(library, paper(2, title=SURE.title, version=2, withdrawn=True, comment="withdrawn"))
    takes(library, paper(2, title=SURE.title, version=3))
    assert (
        library.catalogue.journal.changes(utc_now().replace(year=2000))[1].kind
        is ChangeKind.RESTORED
    )


def test_the_next_record_of_a_new_version_is_asked_for(library: Library) -> None:
    catalogue = library.catalogue
    catalogue.journal.set_cursor("arxiv", paper(1).id, "2026-05-04")
    takes(library, paper(1, version=1, updated=date(2026, 1, 1)))
    assert catalogue.journal.cursor("arxiv", paper(1).id)
    takes(library, paper(1, updated=date(2026, 2, 1)))  # As OAI-PMH tells it: without a number.
    assert catalogue.journal.cursor("arxiv", paper(1).id) is None
