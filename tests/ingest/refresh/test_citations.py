from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from ingest.refresh import citations
from ingest.report import SourceReport
from ingest.sources.citations.openalex import OpenAlex
from ingest.sources.citations.semantic_scholar import SemanticScholar
from ingest.sources.citations.source import CitationSource, CitingPaper, PaperReferences
from kg.store.catalogue import Catalogue
from kg.store.reports import Report
from tests.support.factories import contents, paper, put_all
from tests.support.services.citations import (
    ALEX_URL,
    SCHOLAR_URL,
    Alex,
    Scholar,
    asked_ids,
    asked_values,
    name,
    work,
)

TODAY = date(2026, 11, 23)


def to(*numbers: int) -> "list[dict[str, object] | None]":
    return [{"ArXiv": f"2001.{number:05}"} for number in numbers]


def openalex(number: int, *cites: int) -> dict[str, object]:
    return work(number, f"10.48550/arxiv.2001.{number:05}", cites)


def refresh(
    catalogue: Catalogue,
    scholar: Scholar | None,
    alex: Alex | None,
    days: int = 0,
    limit: int | None = None,
) -> list[SourceReport]:
    sources: list[CitationSource] = []
    if scholar:
        sources.append(SemanticScholar(scholar.http(), SCHOLAR_URL))
    if alex:
        sources.append(OpenAlex(alex.http(), ALEX_URL))
    today = TODAY + timedelta(days)
    return list(citations.refresh_citations(catalogue, sources, today, limit=limit))


def edges(catalogue: Catalogue) -> list[tuple[int, int, str]]:
    found = catalogue.citations.all()
    return [
        (int(citations[-5:]), int(cited[-5:]), source[:1]) for citations, cited, source in found
    ]


def asked_of_alex(alex: Alex) -> list[str]:
    asks = [asked_values(request) for request in alex.seen]
    return [value[-2:] for field, values in asks if field == "doi" for value in values]


def test_one_source_fills_what_the_other_lacks(catalogue: Catalogue) -> None:
    put_all(catalogue, *map(paper, range(1, 5)))
    scholar = Scholar({name(1): to(2, 3, 9), name(2): []})
    alex = Alex(openalex(1, 4), openalex(2, 1), openalex(3, 1, 2), openalex(9))
    first, second = refresh(catalogue, scholar, alex)
    assert edges(catalogue) == [(1, 2, "s"), (1, 3, "s"), (2, 1, "o"), (3, 1, "o"), (3, 2, "o")]
    assert (first.source, first.fetched, first.missing, first.added) == (
        "semantic-scholar",
        4,
        2,
        2,
    )
    assert (second.source, second.fetched, second.missing, second.added) == ("openalex", 3, 1, 3)
    assert (first.requests, second.requests) == (1, 2)
    assert first.notes == ["3 references of 2 papers"]
    assert first.failed == second.failed == []


def test_twice_on_a_day_asks_nothing(catalogue: Catalogue) -> None:
    put_all(catalogue, *map(paper, range(1, 4)))
    scholar, alex = Scholar({name(1): to(2, 8)}), Alex(openalex(2, 1), openalex(1))
    refresh(catalogue, scholar, alex)
    before, seen = contents(catalogue.path), len(scholar.seen) + len(alex.seen)
    for report in refresh(catalogue, scholar, alex):
        assert report == SourceReport(report.source)
    assert contents(catalogue.path) == before
    assert len(scholar.seen) + len(alex.seen) == seen


@pytest.mark.parametrize(("days", "again"), [(30, False), (31, True)])
def test_an_answer_holds_for_thirty_days(catalogue: Catalogue, days: int, again: bool) -> None:
    put_all(catalogue, paper(1), paper(2))
    scholar, alex = Scholar({name(1): to(2)}), Alex()
    refresh(catalogue, scholar, alex)
    assert (len(scholar.seen), len(alex.seen)) == (1, 1)
    revision = catalogue.revision
    refresh(catalogue, scholar, alex, days)
    assert (len(scholar.seen), len(alex.seen)) == ((2, 2) if again else (1, 1))
    assert catalogue.revision == revision


def test_only_new_papers_are_asked_about(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1), paper(2))
    scholar = Scholar({name(number): to(1, 2, 3) for number in range(1, 4)})
    refresh(catalogue, scholar, None)
    put_all(catalogue, paper(3))
    (report,) = refresh(catalogue, scholar, None)
    assert asked_ids(scholar.seen[-1]) == [name(3)]
    # Two were kept until the paper came, two are its own.
    assert report.added == 4
    assert len(edges(catalogue)) == 6


def test_kept_references_count_for_the_source_that_gave_them(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1), paper(2))
    scholar, alex = Scholar({name(1): to(3)}), Alex(openalex(2, 3), openalex(3))
    refresh(catalogue, scholar, alex)
    put_all(catalogue, paper(3))
    assert [one.added for one in refresh(catalogue, scholar, alex)] == [1, 1]
    assert edges(catalogue) == [(1, 3, "s"), (2, 3, "o")]


def test_papers_without_an_identifier_are_not_asked_about(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1, id="title:1", arxiv_id=None))
    scholar, alex = Scholar({}), Alex()
    refresh(catalogue, scholar, alex)
    assert scholar.seen == alex.seen == []


def test_reports_are_stored_beside_the_citations(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1), paper(2))
    counted = openalex(2) | {"cited_by_count": 7}
    scholar = Scholar({name(1): to(2)})
    answer = {"referenceCount": 1, "references": [{"externalIds": to(2)[0]}], "citationCount": 300}
    scholar.faults = [httpx.Response(200, json=[{**answer, "venue": "ICML"}, None])]
    refresh(catalogue, scholar, Alex(counted))
    assert catalogue.reports.get([1, 2]) == {
        1: [Report("semantic-scholar", TODAY, 300, None, "ICML")],
        2: [Report("openalex", TODAY, 7)],
    }
    assert edges(catalogue) == [(1, 2, "s")]
    scholar.faults = [httpx.Response(200, json=[{**answer, "citationCount": 310}, None])]
    refresh(catalogue, scholar, None, days=31)
    later = TODAY + timedelta(31)
    assert catalogue.reports.get([1])[1] == [Report("semantic-scholar", later, 310)]
    catalogue.reports.put(99, Report("openalex", TODAY, 1))  # Merged or removed meanwhile.
    assert catalogue.reports.get([99]) == {}


def test_one_source_alone(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1), paper(2), paper(3))
    scholar, alex = Scholar({name(1): to(2)}), Alex(openalex(2, 1), openalex(1))
    assert [one.source for one in refresh(catalogue, scholar, None)] == ["semantic-scholar"]
    put_all(catalogue, paper(4))
    # Whom the other was never asked about counts as unknown to it.
    assert [one.source for one in refresh(catalogue, None, alex)] == ["openalex"]
    assert asked_of_alex(alex) == ["02", "03", "04"]
    assert refresh(catalogue, None, None) == []


def test_a_limit_takes_those_asked_about_longest_ago(catalogue: Catalogue) -> None:
    put_all(catalogue, *map(paper, range(1, 6)))
    scholar, alex = Scholar({name(number): to(1) for number in range(2, 6)}), Alex()
    refresh(catalogue, scholar, alex, limit=2)
    refresh(catalogue, scholar, alex, 1, limit=2)
    refresh(catalogue, scholar, alex, 2, limit=2)
    asked = [asked_ids(request) for request in scholar.seen]
    assert asked == [[name(1), name(2)], [name(3), name(4)], [name(5)]]
    assert asked_of_alex(alex) == ["01"]
    refresh(catalogue, scholar, alex, 32, limit=4)
    assert sorted(asked_ids(scholar.seen[-1])) == [name(number) for number in range(1, 5)]


# Failures


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 503])
def test_when_one_source_fails_the_other_is_asked(catalogue: Catalogue, status: int) -> None:
    put_all(catalogue, *map(paper, range(1, 4)))
    scholar, alex = Scholar({}), Alex(openalex(1, 2), openalex(2))
    scholar.breaks_on = lambda _: httpx.Response(status)
    first, second = refresh(catalogue, scholar, alex)
    assert [f"HTTP {status}" in one for one in first.failed] == [True]
    assert (first.fetched, second.fetched, second.failed) == (0, 3, [])
    assert edges(catalogue) == [(1, 2, "o")]


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 503])
def test_when_the_other_fails_the_first_ones_work_is_kept(
    catalogue: Catalogue, status: int
) -> None:
    put_all(catalogue, *map(paper, range(1, 4)))
    scholar, alex = Scholar({name(1): to(2)}), Alex()
    alex.breaks_on = lambda _: httpx.Response(status)
    first, second = refresh(catalogue, scholar, alex)
    assert (first.failed, len(second.failed)) == ([], 1)
    assert edges(catalogue) == [(1, 2, "s")]


@pytest.mark.slow
def test_a_source_that_fails_midway_goes_on_there(catalogue: Catalogue) -> None:
    put_all(catalogue, *map(paper, range(1200)))
    scholar = Scholar({name(number): to((number + 1) % 1200) for number in range(1200)})
    scholar.faults = [None, httpx.Response(403)]
    (report,) = refresh(catalogue, scholar, None)
    assert (report.fetched, report.failed) == (500, ["HTTP 403"])
    assert len(edges(catalogue)) == 500
    (report,) = refresh(catalogue, scholar, None)
    assert (report.fetched, report.failed) == (700, [])
    assert len(edges(catalogue)) == 1200
    assert [len(asked_ids(request)) for request in scholar.seen] == [500, 500, 500, 200]


def test_a_known_paper_is_not_asked_of_the_other_when_the_first_fails(
    catalogue: Catalogue,
) -> None:
    put_all(catalogue, paper(1), paper(2))
    scholar, alex = Scholar({name(1): to(2)}), Alex()
    refresh(catalogue, scholar, None)
    scholar.breaks_on = lambda _: httpx.Response(403)
    refresh(catalogue, scholar, alex, 40)
    assert asked_of_alex(alex) == ["02"]


def test_a_paper_that_a_source_breaks_on_does_not_hold_up_the_others(
    catalogue: Catalogue,
) -> None:
    put_all(catalogue, *map(paper, range(1, 30)))
    scholar = Scholar({name(number): to(1, 2) for number in range(1, 30)})
    scholar.breaks_on = lambda request: (
        httpx.Response(500) if name(3) in asked_ids(request) else None
    )
    alex = Alex(openalex(3, 1), openalex(1))
    first, second = refresh(catalogue, scholar, alex)
    assert first.failed == ["2001.00003: HTTP 500, 8 times"]
    assert (first.fetched, first.missing, second.fetched) == (28, 0, 1)
    assert (3, 1, "o") in edges(catalogue)
    seen = len(scholar.seen)
    assert [one.failed for one in refresh(catalogue, scholar, alex, 1)] == [[], []]
    assert len(scholar.seen) == seen


class Interrupted(Scholar):
    """Semantic Scholar, until somebody stops us."""

    def __init__(self, papers: "dict[str, list[dict[str, object] | None]]", after: int) -> None:
        super().__init__(papers)
        self.after = after

    def answer(self, request: httpx.Request) -> httpx.Response:
        if len(self.seen) > self.after:
            raise KeyboardInterrupt
        return super().answer(request)


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 1, 2])
def test_an_interrupted_run_ends_as_an_undisturbed_one(tmp_path: Path, after: int) -> None:
    papers = {name(number): to((number * 7) % 1100, 2000) for number in range(1100)}
    with Catalogue(tmp_path / "a.sqlite") as undisturbed:
        put_all(undisturbed, *map(paper, range(1100)))
        refresh(undisturbed, Scholar(papers), Alex())
        expected = edges(undisturbed), undisturbed.citations.reference_checks("semantic-scholar")
    with Catalogue(tmp_path / "b.sqlite") as catalogue:
        put_all(catalogue, *map(paper, range(1100)))
        with pytest.raises(KeyboardInterrupt):
            refresh(catalogue, Interrupted(papers, after), Alex())
        assert len(catalogue.citations.reference_checks("semantic-scholar")) == after * 500
        refresh(catalogue, Scholar(papers), Alex())
        found = edges(catalogue), catalogue.citations.reference_checks("semantic-scholar")
    assert found == expected


def test_a_paper_that_goes_meanwhile(catalogue: Catalogue) -> None:
    put_all(catalogue, paper(1), paper(2))

    class Slow(SemanticScholar):
        def references(self, asked: Sequence[CitingPaper]) -> Iterator[PaperReferences]:
            yield from super().references(asked)
            catalogue.papers.remove("2001.00001")

    scholar = Scholar({name(1): to(2), name(2): to(1)})
    source = Slow(scholar.http(), SCHOLAR_URL)
    (report,) = citations.refresh_citations(catalogue, [source], TODAY)
    assert (report.fetched, report.added, report.failed) == (2, 0, [])


def test_progress_is_shown_on_request(
    catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    put_all(catalogue, paper(1))
    source = SemanticScholar(Scholar({}).http(), SCHOLAR_URL)
    list(citations.refresh_citations(catalogue, [source], TODAY, progress=True))
    out, err = capsys.readouterr()
    assert out == ""
    assert "1/1" in err
