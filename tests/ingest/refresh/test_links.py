"""Whether repositories still exist: asked rarely, politely, and never taken for gone by mistake."""

from datetime import date, timedelta

import httpx
import pytest

from ingest.net.heads import HeadClient
from ingest.refresh.links import refresh_links
from ingest.report import SourceReport
from kg.links import Link, LinkKind, LinkState
from kg.store.catalogue import Catalogue
from tests.support.clock import SimulatedClock
from tests.support.factories import contents, paper, put_all

DAY = date(2026, 5, 4)


class Host:
    """Hosts of code: a status, an error or the target of a redirect by the name of a repository."""

    def __init__(self, clock: SimulatedClock, **answers: int | str | Exception) -> None:
        self.clock, self.answers = clock, answers
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.url.host}{request.url.path}")
        answer = self.answers.get(request.url.path.rsplit("/", 1)[1], 200)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            return httpx.Response(answer)
        return httpx.Response(301, headers={"Location": answer})

    def refresh(self, catalogue: Catalogue, days: int = 0, limit: int = 100) -> SourceReport:
        client = HeadClient(httpx.MockTransport(self), "", self.clock, self.clock.sleep)
        return refresh_links(catalogue, client, DAY + timedelta(days), limit)


def put(catalogue: Catalogue, *urls: str, kind: LinkKind = LinkKind.CODE) -> None:
    put_all(catalogue, paper(1))
    catalogue.links.add(paper(1).id, [Link(kind, f"https://{url}", "a-list") for url in urls])


def states(catalogue: Catalogue) -> dict[str, tuple[LinkState | None, str | None]]:
    links = catalogue.links.get([1])[1]
    return {one.url.rsplit("/", 1)[1]: (one.state, one.moved_to) for one in links}


def test_there_moved_and_gone(catalogue: Catalogue, clock: SimulatedClock) -> None:
    put(catalogue, "github.com/a/one", "github.com/a/two", "github.com/a/three")
    host = Host(clock, two="https://github.com/b/Second", three=404)
    report = host.refresh(catalogue)
    assert states(catalogue) == {
        "one": (LinkState.THERE, None),
        "two": (LinkState.MOVED, "https://github.com/b/Second"),
        "three": (LinkState.GONE, None),
    }
    assert (report.fetched, report.updated, report.gone, report.requests) == (3, 1, 1, 4)
    assert {one.checked for one in catalogue.links.get([1])[1]} == {DAY}


@pytest.mark.parametrize(
    "answer",
    [
        *(401, 405, 451, "https://github.com/login?return_to=a", "https://example.org/"),
        "https://github.com/A/ONE",
    ],
)
def test_other_answers_change_nothing(
    catalogue: Catalogue, clock: SimulatedClock, answer: int | str
) -> None:
    put(catalogue, "github.com/a/one")
    host = Host(clock, one=answer, ONE=200)
    host.refresh(catalogue)
    assert states(catalogue)["one"][0] in (None, LinkState.THERE)
    assert states(catalogue)["one"][1] is None
    catalogue.links.put_check("https://github.com/a/one", LinkState.GONE, DAY)
    host.answers = {"one": 401}
    host.refresh(catalogue, 31)
    assert states(catalogue)["one"] == (LinkState.GONE, None)


@pytest.mark.parametrize("answer", [429, 503, 500, httpx.ConnectError("no")])
def test_a_host_that_does_not_want_to_answer_is_left_alone(
    catalogue: Catalogue, clock: SimulatedClock, answer: int | Exception
) -> None:
    put(catalogue, "github.com/a/one", "github.com/a/two", "gitlab.com/a/three")
    host = Host(clock, one=answer)
    report = host.refresh(catalogue)
    assert host.asked == ["github.com/a/one", "gitlab.com/a/three"]
    assert states(catalogue)["one"] == states(catalogue)["two"] == (None, None)
    assert "asked again in the next refresh" in report.notes[0]
    assert report.failed == []
    host.answers = {}
    host.refresh(catalogue)
    assert host.asked[2:] == ["github.com/a/one", "github.com/a/two"]


def test_where_no_host_answers_the_source_failed(
    catalogue: Catalogue, clock: SimulatedClock
) -> None:
    put(catalogue, "github.com/a/one")
    report = Host(clock, one=httpx.ConnectError("no")).refresh(catalogue)
    assert report.failed == ["github.com cannot be reached"]


def test_an_answer_holds_for_thirty_days(catalogue: Catalogue, clock: SimulatedClock) -> None:
    put(catalogue, "github.com/a/one")
    host = Host(clock)
    host.refresh(catalogue)
    before = contents(catalogue.path)
    for days, requests in ((0, 1), (30, 1), (31, 2)):
        host.refresh(catalogue, days)
        assert len(host.asked) == requests
        assert (contents(catalogue.path) == before) == (requests == 1)


def test_a_portion_is_asked_about_and_the_rest_later(
    catalogue: Catalogue, clock: SimulatedClock
) -> None:
    put(catalogue, *(f"github.com/a/r{n}" for n in range(5)))
    host = Host(clock)
    report = host.refresh(catalogue, limit=2)
    assert report.notes == ["3 repositories are left for later refreshes"]
    host.refresh(catalogue, limit=9)
    assert sorted(host.asked) == [f"github.com/a/r{n}" for n in range(5)]


def test_links_into_one_repository_are_one_question(
    catalogue: Catalogue, clock: SimulatedClock
) -> None:
    put(catalogue, "github.com/a/one/tree/main/x", "github.com/a/One", "github.com/a/one/tree/v2/y")
    host = Host(clock, one=404, One=404)
    host.refresh(catalogue)
    assert len(host.asked) == 1
    assert {state for state, _ in states(catalogue).values()} == {LinkState.GONE}


def test_only_repositories_of_code_are_asked_about(
    catalogue: Catalogue, clock: SimulatedClock
) -> None:
    put(catalogue, "github.com/a/data", kind=LinkKind.DATA)
    put(catalogue, "example.org/code.zip")
    host = Host(clock)
    assert host.refresh(catalogue) == SourceReport("links")
    assert host.asked == []
