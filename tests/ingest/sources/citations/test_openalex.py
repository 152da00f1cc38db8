import logging

import httpx
import pytest

from ingest.net.http import Http
from ingest.sources.citations.openalex import OpenAlex
from ingest.sources.citations.source import CitingPaper, PaperReferences, WorkFacts
from kg.errors import Forbidden, Overloaded, SourceError
from kg.store.citations import OutsideReference
from tests.support.clock import SimulatedClock
from tests.support.services.citations import ALEX_URL, KEY, Alex, Reply, asked, asked_values, work


def arxiv_doi(number: int) -> str:
    return f"10.48550/arxiv.2001.{number:05}"


def ask(service: Alex, *papers: CitingPaper, http: Http | None = None) -> list[PaperReferences]:
    return list(OpenAlex(http or service.http(), ALEX_URL).references(papers))


def small() -> Alex:
    return Alex(
        work(1, arxiv_doi(1), cites=(7, 8, 9)),
        work(2, arxiv_doi(2), cites=(7,)),
        work(7, "10.48550/arXiv.1503.02531"),
        work(8, "10.1145/3560815", arxiv="2107.13586v1"),
        work(9),
    )


SMALL = [
    PaperReferences(
        1,
        True,
        3,
        (
            OutsideReference("arxiv", "1503.02531"),
            OutsideReference("arxiv", "2107.13586"),
            OutsideReference("doi", "10.1145/3560815"),
        ),
    ),
    PaperReferences(2, True, 1, (OutsideReference("arxiv", "1503.02531"),)),
]


def test_the_references_of_two_papers() -> None:
    service = small()
    assert ask(service, asked(1), asked(2)) == SMALL
    assert [asked_values(request) for request in service.seen] == [
        ("doi", [arxiv_doi(1), arxiv_doi(2)]),
        ("ids.openalex", ["W7", "W8", "W9"]),
    ]


@pytest.mark.parametrize("url", [ALEX_URL, f"{ALEX_URL}/"])
def test_the_address_is_the_one_that_is_set(url: str) -> None:
    service = small()
    assert list(OpenAlex(service.http(), url).references([asked(1)]))
    assert {request.url.host for request in service.seen} == {"alex.example.org"}


def test_a_paper_under_two_dois_has_the_references_of_both() -> None:
    service = Alex(
        work(1, arxiv_doi(1), cites=(7,)),
        work(2, "10.1145/1", cites=(7, 8)),
        work(7, "10.1/a"),
        work(8, "10.1000/b"),
    )
    (answer,) = ask(service, asked(1, "10.1145/1"))
    assert (answer.known, answer.references) == (2, (OutsideReference("doi", "10.1000/b"),))


def test_a_preprint_that_became_part_of_the_published_work() -> None:
    service = Alex()
    published = work(1, "10.1145/1", cites=(7,), arxiv="2001.00001v2")
    meta = {"count": 1, "per_page": 100}
    service.faults = [httpx.Response(200, json={"meta": meta, "results": [published]})]
    (answer,) = ask(service, asked(1))
    assert (answer.found, answer.known) == (True, 1)


def test_unknown_papers_and_papers_without_references() -> None:
    service = Alex(work(1, arxiv_doi(1)))
    assert ask(service, asked(1), asked(2)) == [PaperReferences(1, True), PaperReferences(2, False)]
    assert len(service.seen) == 1


def test_papers_that_cannot_be_asked_for() -> None:
    service = Alex()
    odd = ["10.1000/a,b", "10.1000/a|b", "10.1000/a&b", "10.1000/<b>", 'x"']
    answers = ask(service, *(CitingPaper(key, None, doi) for key, doi in enumerate([None, *odd])))
    assert answers == [PaperReferences(key, False) for key in range(6)]
    assert service.seen == []


def test_an_old_arxiv_id_and_an_odd_doi() -> None:
    odd = "10.1002/(sici)1097(1998)17:15<1661::aid>3.0.co;2-2".replace("<", "-").replace(">", "-")
    service = Alex(work(1, "10.48550/arXiv.cs/0112017"), work(2, odd.upper()))
    answers = ask(service, CitingPaper(1, "cs/0112017", None), CitingPaper(2, None, odd))
    assert [one.found for one in answers] == [True, True]


def test_two_papers_of_one_doi() -> None:
    service = Alex(work(1, "10.1145/1", cites=(2,)), work(2, "10.1145/2"))
    answers = ask(service, CitingPaper(1, None, "10.1145/1"), asked(2, "10.1145/1"))
    assert [one.known for one in answers] == [1, 1]


def test_a_work_is_resolved_once_in_a_run() -> None:
    service = small()
    source = OpenAlex(service.http(), ALEX_URL)
    first = list(source.references([asked(1)]))
    second = list(source.references([asked(2)]))
    assert first + second == SMALL
    assert len(service.seen) == 3


def test_many_papers_and_many_references() -> None:
    cited = range(1000, 1350)
    service = Alex(
        *(work(one, arxiv_doi(one), cites=tuple(cited[one : one + 50])) for one in range(1, 301)),
        *(work(one, f"10.1000/{one}") for one in cited),
    )
    answers = ask(service, *map(asked, range(1, 301)))
    assert [len(one.references) for one in answers] == [min(50, 350 - n) for n in range(1, 301)]
    asks = [asked_values(request) for request in service.seen]
    assert [len(v) for field, v in asks if field == "doi"] == [50] * 6
    assert [len(v) for field, v in asks if field != "doi"] == [100, 100, 100, 49]


def test_works_that_are_gone_and_ids_that_are_none() -> None:
    service = Alex(work(1, arxiv_doi(1), cites=(5,)))
    service.works[0]["referenced_works"] += ["https://openalex.org/A1|W2", None, ""]
    (answer,) = ask(service, asked(1))
    assert (answer.known, answer.references) == (3, ())
    assert asked_values(service.seen[1]) == ("ids.openalex", ["W5"])


def test_works_without_locations() -> None:
    service = small()
    for one in service.works:
        one["locations"] = None
    assert ask(service, asked(2)) == SMALL[1:]


# More than fit on a page


@pytest.mark.parametrize("page", [1, 2, 25])
def test_a_page_that_does_not_hold_all_works(page: int) -> None:
    service = Alex(*(work(one, arxiv_doi(one), cites=(7,)) for one in range(1, 51)))
    service.page = page
    answers = ask(service, *map(asked, range(1, 51)))
    assert [one.key for one in answers if one.found] == list(range(1, 51))


def test_one_doi_of_more_works_than_fit_on_a_page() -> None:
    service = Alex(work(1, arxiv_doi(1)), *(work(one, arxiv_doi(2)) for one in range(2, 200)))
    first, second = ask(service, asked(1), asked(2))
    assert (first.found, first.failed) == (True, "")
    assert second.failed == "more works than fit on a page"


# Failures


HTML = httpx.Response(200, html="<html>Sorry</html>")
META = {"count": 2, "per_page": 100}


@pytest.mark.parametrize(
    "fault",
    [
        HTML,
        httpx.Response(200, content=b'{"meta": {"count": 2}, "results": [{"id": "ht'),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"meta": META}),
        httpx.Response(200, json={"results": []}),
        httpx.Response(200, json={"results": [], "meta": None}),
        httpx.Response(200, json={"results": [], "meta": {"count": None}}),
        httpx.Response(200, json={"results": None, "meta": {"count": 0}}),
        httpx.Response(200, json={"results": ["W1", "W2"], "meta": META}),
        httpx.Response(200, json={"results": [{"id": None}, {}], "meta": META}),
        httpx.Response(200, json={"results": [], "meta": META}),
        httpx.Response(200, json={"results": [work(1)], "meta": META}),
        httpx.Response(200, json={"results": [work(1), work(1)], "meta": META}),
        httpx.Response(429),
        httpx.Response(500),
        httpx.Response(502),
        httpx.Response(503, headers={"retry-after": "7"}),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("broke off"),
    ],
)
@pytest.mark.parametrize("good", [0, 1])
def test_a_broken_answer_is_asked_for_again(fault: Reply, good: int) -> None:
    service = small()
    service.faults = [*[None] * good, fault, fault]
    assert ask(service, asked(1), asked(2)) == SMALL
    assert len(service.seen) == 4


@pytest.mark.parametrize("status", [400, 500])
def test_a_doi_that_breaks_the_server_is_told_and_the_others_are_answered(status: int) -> None:
    service = small()
    reply = httpx.Response(status, json={"error": "Invalid query parameters error."})
    service.breaks_on = lambda request: reply if "10.1000/bad" in asked_values(request)[1] else None
    first, bad, both = ask(
        service, asked(1), CitingPaper(3, None, "10.1000/bad"), asked(2, "10.1000/bad")
    )
    assert first == SMALL[0]
    assert f"HTTP {status}" in bad.failed
    assert both == SMALL[1]


def test_an_id_that_breaks_the_server_has_no_name() -> None:
    service = small()
    service.breaks_on = lambda request: (
        httpx.Response(500) if "W8" in asked_values(request)[1] else None
    )
    (answer,) = ask(service, asked(1))
    assert (answer.known, answer.references) == (3, (OutsideReference("arxiv", "1503.02531"),))


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (httpx.Response(400), SourceError),
        (httpx.Response(401), SourceError),
        (httpx.Response(403), Forbidden),
        (httpx.Response(429, headers={"retry-after": "50000"}), Overloaded),
        (httpx.Response(500), SourceError),
        (HTML, SourceError),
        (httpx.ConnectError("down"), SourceError),
    ],
)
@pytest.mark.parametrize("good", [0, 1])
def test_a_server_that_is_down_is_given_up(
    reply: Reply, kind: type[SourceError], good: int
) -> None:
    service = small()
    service.faults = [None] * good
    service.breaks_on = lambda _: None if len(service.seen) <= good else reply
    clock = SimulatedClock()
    with pytest.raises(kind):
        ask(service, asked(1), asked(2), http=service.http(clock))
    assert sum(clock.slept) < 1800


# RequestPolicy


def test_the_key_is_sent_and_never_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service = small()
    service.faults = [httpx.Response(429), HTML, None, None, httpx.Response(403)]
    http = service.http()
    source = OpenAlex(http, ALEX_URL)
    assert list(source.references([asked(1)]))
    with pytest.raises(Forbidden) as error:
        list(source.references([asked(1)]))
    assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in service.seen)
    assert all(KEY not in str(request.url) for request in service.seen)
    told = caplog.text + str(error.value) + repr(error.value) + repr(source) + repr(http)
    assert KEY not in told


def test_the_words_of_a_request() -> None:
    service = small()
    assert ask(service, asked(1), CitingPaper(4, None, "10.1002/a:5;b(c)*é"), asked(2))
    first, second = (str(one.url).removeprefix(f"{ALEX_URL}/works?") for one in service.seen)
    assert first == (
        "per-page=100&filter=doi%3A10.48550%2Farxiv.2001.00001"
        "%7C10.1002%2Fa%3A5%3Bb%28c%29%2A%C3%A9%7C10.48550%2Farxiv.2001.00002"
        "&select=id%2Cdoi%2Cids%2Clocations%2Creferenced_works%2Ccited_by_count"
        "%2Cbest_oa_location%2Copen_access%2Cprimary_location"
    )
    assert second == (
        "per-page=100&filter=ids.openalex%3AW7%7CW8%7CW9&select=id%2Cdoi%2Cids%2Clocations"
    )


def test_counts_free_copies_and_venues_come_with_the_references() -> None:
    preprint = work(1, arxiv_doi(1), cites=(7,)) | {
        "cited_by_count": 12,
        "best_oa_location": {"pdf_url": None, "landing_page_url": "https://arxiv.org/abs/2001.1"},
        "primary_location": {"source": {"display_name": "arXiv (Cornell University)"}},
    }
    published = work(2, "10.1000/one") | {
        "cited_by_count": 40,
        "open_access": {"oa_url": "javascript:alert(1)"},
        "primary_location": {"source": {"display_name": "Neural Information Processing Systems"}},
    }
    odd = work(3, arxiv_doi(3)) | {"cited_by_count": -1, "best_oa_location": 7, "open_access": "x"}
    service = Alex(preprint, published, odd)
    source = OpenAlex(service.http(), ALEX_URL)
    papers = [asked(1, "10.1000/one"), asked(3)]
    first, second = sorted(source.references(papers), key=lambda one: one.key)
    assert first.facts == WorkFacts(40, "https://arxiv.org/abs/2001.1", "NeurIPS")
    assert second.facts is None
    assert len(service.seen) == 2  # As many as for references alone.


def test_no_key_is_sent_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENALEX_API_KEY", "another-key")
    service = small()
    http = service.http()
    http.headers = {}
    assert ask(service, asked(1), asked(2), http=http) == SMALL
    assert all("authorization" not in one.headers for one in service.seen)
    assert all("key" not in str(one.url) for one in service.seen)


def test_a_work_that_is_none_costs_no_other() -> None:
    service = Alex(
        *(work(n, arxiv_doi(n), cites=(99,)) for n in range(1, 30)), work(99, "10.1145/9")
    )
    true = service.answer

    def spoil(request: httpx.Request) -> httpx.Response:
        document = true(request).json()
        for one in document["results"]:
            if one["id"].endswith("/W7"):
                one["id"] = None
        return httpx.Response(200, json=document)

    service.breaks_on = spoil
    answers = ask(service, *(asked(n) for n in range(1, 30)))
    assert [one.key for one in answers if one.failed] == [7]
    assert all(one.references for one in answers if one.key != 7)
    # Three times at each of the levels from the batch down to the work.
    assert len(service.seen) <= 3 * 3 + 8 + 4 + 1
