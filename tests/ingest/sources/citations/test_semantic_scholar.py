import json
import logging
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from ingest.net.http import Http
from ingest.sources.citations.semantic_scholar import SemanticScholar
from ingest.sources.citations.source import CitingPaper, PaperReferences, WorkFacts
from kg.errors import Forbidden, Overloaded, SourceError
from kg.store.citations import OutsideReference
from tests.support.clock import SimulatedClock
from tests.support.services.citations import KEY, SCHOLAR_URL, Scholar, asked, asked_ids, name

GPT3 = {"ArXiv": "2005.14165", "DOI": "10.48550/arXiv.2005.14165", "CorpusId": 218971783}
TURING = {"DOI": "10.1093/MIND/LIX.236.433", "MAG": "2145482038"}


def cites(count: int) -> list[dict[str, Any] | None]:
    return [{"ArXiv": f"1901.{one:05}"} for one in range(count)]


def ask(service: Scholar, *papers: CitingPaper, http: Http | None = None) -> list[PaperReferences]:
    source = SemanticScholar(http or service.http(), SCHOLAR_URL)
    return sorted(source.references(papers), key=lambda one: one.key)


def test_the_references_of_a_paper() -> None:
    service = Scholar({name(1): [GPT3, TURING, {"CorpusId": 3}, {}, None]})
    assert ask(service, asked(1)) == [
        PaperReferences(
            1,
            True,
            5,
            (
                OutsideReference("arxiv", "2005.14165"),
                OutsideReference("doi", "10.1093/mind/lix.236.433"),
            ),
        )
    ]


def test_a_reference_under_two_names_is_one_reference_with_two_names() -> None:
    both = {"ArXiv": "2203.05482v3", "DOI": "10.1145/1"}
    (answer,) = ask(Scholar({name(1): [both, both]}), asked(1))
    assert answer.references == (
        OutsideReference("arxiv", "2203.05482"),
        OutsideReference("doi", "10.1145/1"),
    )


def test_what_an_identifier_cannot_be_is_left_out() -> None:
    odd = [{"ArXiv": None, "DOI": 3}, {"ArXiv": "x", "DOI": "y"}, {"ArXiv": "hep-th/9901001"}]
    (answer,) = ask(Scholar({name(1): odd}), asked(1))
    assert (answer.known, answer.references) == (3, (OutsideReference("arxiv", "hep-th/9901001"),))


@pytest.mark.parametrize(
    "url", [SCHOLAR_URL, f"{SCHOLAR_URL}/", f"{SCHOLAR_URL}/graph/v1", f"{SCHOLAR_URL}/graph/v1/"]
)
def test_the_address_with_and_without_its_path(url: str) -> None:
    service = Scholar({name(1): []})
    assert list(SemanticScholar(service.http(), url).references([asked(1)]))
    assert service.seen[0].url.host == "scholar.example.org"


def test_500_papers_at_once() -> None:
    service = Scholar({name(number): [GPT3] for number in range(1200)})
    answers = ask(service, *map(asked, range(1200)))
    assert [one.key for one in answers] == list(range(1200))
    assert all(one.found for one in answers)
    assert [len(asked_ids(request)) for request in service.seen] == [500, 500, 200]


def test_unknown_papers_are_told_from_known_ones() -> None:
    service = Scholar({name(2): [GPT3], name(4): []})
    answers = ask(service, *map(asked, range(1, 6)))
    assert [(one.key, one.found, one.known) for one in answers] == [
        (1, False, 0),
        (2, True, 1),
        (3, False, 0),
        (4, True, 0),
        (5, False, 0),
    ]


def test_none_of_them_is_known() -> None:
    service = Scholar({})
    assert [one.found for one in ask(service, asked(1), asked(2))] == [False, False]
    assert len(service.seen) == 1


def test_a_paper_unknown_by_its_arxiv_id_is_asked_for_by_its_doi() -> None:
    service = Scholar({"DOI:10.1145/1": [GPT3]})
    answers = ask(service, asked(1, "10.1145/1"), asked(2, "10.1145/2"), CitingPaper(3, None, None))
    assert [(one.key, one.found) for one in answers] == [(1, True), (2, False), (3, False)]
    assert [asked_ids(request) for request in service.seen] == [
        [name(1), name(2)],
        ["DOI:10.1145/1", "DOI:10.1145/2"],
    ]


def test_a_paper_that_has_only_a_doi() -> None:
    (answer,) = ask(Scholar({"DOI:10.1145/1": [GPT3]}), CitingPaper(1, None, "10.1145/1"))
    assert answer.found


# Silent gaps


@pytest.mark.slow
def test_references_missing_for_their_number_are_asked_for_again() -> None:
    service = Scholar({name(number): cites(40) for number in range(500)})
    answers = ask(service, *map(asked, range(500)))
    assert {one.known for one in answers} == {40}
    assert [len(asked_ids(request)) for request in service.seen] == [500, 251, 2]


def test_references_that_are_never_shown_are_asked_for_once_more() -> None:
    service = Scholar({name(1): cites(3), name(2): cites(2)})
    service.hidden = {name(2)}
    answers = ask(service, asked(1), asked(2))
    assert [(one.found, one.known) for one in answers] == [(True, 3), (True, 0)]
    assert [asked_ids(request) for request in service.seen] == [[name(1), name(2)], [name(2)]]


# Failures


HTML = httpx.Response(200, html="<html>Sorry</html>")


@pytest.mark.parametrize(
    "fault",
    [
        HTML,
        httpx.Response(200, content=b'[{"references": [{"externalI'),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"message": "Internal Server Error"}),
        httpx.Response(200, json=[]),
        httpx.Response(200, json=[None]),
        httpx.Response(200, json=[None, None, None]),
        httpx.Response(200, json=["no", "records"]),
        httpx.Response(200, json=[{"references": "none"}, None]),
        httpx.Response(200, json=[{"references": ["none"]}, None]),
        httpx.Response(429),
        httpx.Response(429, headers={"retry-after": "30"}),
        httpx.Response(500),
        httpx.Response(502, text="Bad Gateway"),
        httpx.Response(503),
        httpx.Response(504, json={"message": "Endpoint request timed out"}),
        httpx.ReadTimeout("slow"),
        httpx.ReadError("reset"),
    ],
)
def test_a_broken_answer_is_asked_for_again(fault: httpx.Response | BaseException) -> None:
    service = Scholar({name(1): [GPT3], name(2): cites(2)})
    service.faults = [fault, fault]
    assert [one.known for one in ask(service, asked(1), asked(2))] == [1, 2]
    assert len(service.seen) == 3


@pytest.mark.parametrize("fields", [{}, {"references": None, "externalIds": None}])
def test_a_record_without_references(fields: dict[str, None]) -> None:
    service = Scholar({})
    service.faults = [httpx.Response(200, json=[{"paperId": "1", **fields}])]
    assert ask(service, asked(1)) == [PaperReferences(1, True)]


def test_a_batch_that_is_too_large_is_asked_in_halves() -> None:
    service = Scholar({name(number): [GPT3] for number in range(100)})
    refusal = httpx.Response(400, json={"error": "Response would exceed maximum size"})
    service.breaks_on = lambda request: refusal if len(asked_ids(request)) > 30 else None
    answers = ask(service, *map(asked, range(100)))
    assert [one.key for one in answers if one.known == 1] == list(range(100))
    assert len(service.seen) == 1 + 2 + 4


def test_an_answer_that_is_too_large_for_us_is_asked_in_halves() -> None:
    service = Scholar({name(number): cites(20) for number in range(100)})
    answers = ask(service, *map(asked, range(100)), http=service.http(max_bytes=30_000))
    assert {one.known for one in answers} == {20}


@pytest.mark.parametrize("status", [400, 500, 504])
def test_a_paper_that_breaks_the_server_is_told_and_the_others_are_answered(status: int) -> None:
    service = Scholar({name(number): [GPT3] for number in range(500)})
    bad = {name(7), name(8), name(400)}
    service.breaks_on = lambda request: (
        httpx.Response(status) if bad & set(asked_ids(request)) else None
    )
    answers = ask(service, *map(asked, range(500)))
    assert [one.key for one in answers] == list(range(500))
    assert {one.key for one in answers if one.failed} == {7, 8, 400}
    assert all(f"HTTP {status}" in one.failed for one in answers if one.failed)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (httpx.Response(400), SourceError),
        (httpx.Response(401), SourceError),
        (httpx.Response(403), Forbidden),
        (httpx.Response(404), SourceError),
        (httpx.Response(429), Overloaded),
        (httpx.Response(500), SourceError),
        (httpx.Response(503), Overloaded),
        (HTML, SourceError),
        (httpx.ConnectError("down"), SourceError),
    ],
)
def test_a_server_that_is_down_is_given_up(
    reply: httpx.Response | BaseException, kind: type[SourceError]
) -> None:
    service = Scholar({})
    service.breaks_on = lambda _: reply
    clock = SimulatedClock()
    with pytest.raises(kind):
        ask(service, *map(asked, range(500)), http=service.http(clock))
    assert sum(clock.slept) < 1800
    assert len(service.seen) <= 50


def test_a_single_paper_that_fails_is_no_proof_that_it_is_the_paper() -> None:
    service = Scholar({})
    service.breaks_on = lambda _: httpx.Response(500)
    with pytest.raises(SourceError, match="HTTP 500"):
        ask(service, asked(1))


def test_answers_before_a_failure_are_given() -> None:
    service = Scholar({name(number): [GPT3] for number in range(600)})
    service.faults = [None, httpx.Response(403)]
    answers = SemanticScholar(service.http(), SCHOLAR_URL).references(list(map(asked, range(600))))
    assert [next(answers).key for _ in range(500)] == list(range(500))
    with pytest.raises(Forbidden):
        next(answers)


def test_retry_after_is_honoured() -> None:
    service = Scholar({name(1): [GPT3]})
    service.faults = [httpx.Response(429, headers={"retry-after": "120"})]
    clock = SimulatedClock()
    assert ask(service, asked(1), http=service.http(clock))
    assert sum(clock.slept) >= 120


# RequestPolicy


def test_the_key_is_sent_and_never_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service = Scholar({name(1): [GPT3]})
    service.faults = [httpx.Response(429), HTML, None, httpx.Response(403)]
    http = service.http()
    source = SemanticScholar(http, SCHOLAR_URL)
    assert list(source.references([asked(1)]))
    with pytest.raises(Forbidden) as error:
        list(source.references([asked(1)]))
    assert all(request.headers["x-api-key"] == KEY for request in service.seen)
    assert all(KEY not in str(request.url) for request in service.seen)
    told = caplog.text + str(error.value) + repr(error.value) + repr(source) + repr(http)
    assert KEY not in told


def test_logging_is_left_alone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    ask(Scholar({name(1): []}), asked(1), asked(2))
    assert logging.getLogger().handlers == []
    assert "not found" not in caplog.text


def test_within_a_running_loop() -> None:
    import asyncio

    async def inside() -> list[PaperReferences]:
        return ask(Scholar({name(1): [GPT3]}), asked(1))

    assert asyncio.run(inside())[0].known == 1


# Recorded answers


def recorded(shared: Path, test: str) -> Any:
    path = shared / "fixtures/semanticscholar_vcr" / f"{test}.yaml"
    (interaction,) = yaml.safe_load(path.read_text())["interactions"]
    return interaction


@pytest.mark.shared
@pytest.mark.parametrize(
    "test",
    ["test_get_papers", "test_get_papers_return_not_found", "test_get_papers_not_found_warning"],
)
def test_recorded_batches(shared: Path, test: str) -> None:
    interaction = recorded(shared, test)
    body = interaction["response"]["body"]["string"]
    count = len(json.loads(interaction["request"]["body"])["ids"])
    service = Scholar({})
    service.faults = [httpx.Response(200, text=body)]
    service.papers = {name(number): [] for number in range(count)}
    answers = ask(service, *map(asked, range(count)))
    assert [one.found for one in answers] == [one is not None for one in json.loads(body)]


@pytest.mark.shared
def test_a_recorded_refusal(shared: Path) -> None:
    body = recorded(shared, "test_bad_query_parameters")["response"]["content"]
    service = Scholar({})
    service.breaks_on = lambda _: httpx.Response(400, text=body)
    with pytest.raises(SourceError, match="HTTP 400"):
        ask(service, asked(1), asked(2))


@pytest.mark.shared
def test_recorded_papers(shared: Path) -> None:
    folder = shared / "fixtures/semanticscholar_vcr"
    texts = [(folder / f"{one}.json").read_text() for one in ("Paper", "PaperWithNullValues")]
    service = Scholar({})
    service.faults = [httpx.Response(200, text=f"[{','.join(texts)}]")]
    full, empty = ask(service, asked(1), asked(2))
    assert (full.found, full.known) == (True, 14)
    dois = [one["externalIds"] for one in json.loads(texts[0])["references"]]
    dois = [one["DOI"].lower() for one in dois if one and re.match("10", one.get("DOI", ""))]
    assert [value for scheme, value in full.references if scheme == "doi"] == dois
    assert (empty.found, empty.known) == (True, 0)
    told = json.loads(texts[0])
    assert full.facts == WorkFacts(told["citationCount"], None, told["venue"])
    assert empty.facts is None


def test_counts_free_copies_and_venues_come_with_the_references() -> None:
    service = Scholar({name(1): [], name(2): [], name(3): []})
    free = {"url": "https://aclanthology.org/2023.acl-long.1.pdf", "status": "BRONZE"}
    facts: list[dict[str, object]] = [
        {"citationCount": 40, "openAccessPdf": free, "venue": "Nips"},
        {"citationCount": 0, "openAccessPdf": {"url": "http://127.0.0.1/x"}, "venue": "arXiv.org"},
        {"citationCount": "many", "openAccessPdf": "x", "venue": 3},
    ]
    service.faults = [httpx.Response(200, json=[{"references": [], **one} for one in facts])]
    assert [one.facts for one in ask(service, asked(1), asked(2), asked(3))] == [
        WorkFacts(40, "https://aclanthology.org/2023.acl-long.1.pdf", "NeurIPS"),
        WorkFacts(citations=0),
        None,
    ]
    assert len(service.seen) == 1


@pytest.mark.parametrize("bad", [7, "none", {"referenceCount": 1, "references": 7}])
def test_a_record_that_is_none_costs_no_other(bad: object) -> None:
    service = Scholar({name(n): [GPT3] for n in range(20)})

    def spoil(request: httpx.Request) -> httpx.Response:
        records = service.answer(request).json()
        return httpx.Response(
            200,
            json=[
                bad if n == name(7) else r for n, r in zip(asked_ids(request), records, strict=True)
            ],
        )

    service.breaks_on = spoil
    answers = ask(service, *(asked(n) for n in range(20)))
    assert [one.key for one in answers if one.failed] == [7]
    assert all(one.references for one in answers if one.key != 7)
    assert len(service.seen) == 3


def test_control_characters_within_an_answer_are_read() -> None:
    service = Scholar({name(1): [{**GPT3, "Title": "0" * 40}]})

    def spoil(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, content=service.answer(request).content.replace(b"0" * 40, b"\x0b")
        )

    service.breaks_on = spoil
    (answer,) = ask(service, asked(1))
    assert answer.references == (OutsideReference("arxiv", "2005.14165"),)
    assert len(service.seen) == 1
