"""Simulations of Semantic Scholar and OpenAlex, which answer in the services' own form."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import httpx

from ingest.net.gate import Pace
from ingest.net.http import Http, RequestPolicy
from ingest.sources.citations.source import CitingPaper
from tests.support.clock import SimulatedClock

SCHOLAR_URL = "https://scholar.example.org"
ALEX_URL = "https://alex.example.org"
KEY = "s3cret-key"

Reply = httpx.Response | BaseException


class Service(httpx.BaseTransport):
    """Records the requests, and fails as configured before it answers."""

    def __init__(self) -> None:
        self.seen: list[httpx.Request] = []
        self.faults: list[Reply | None] = []
        """Given in place of the next answers, one each; None lets one through."""
        self.breaks_on: Callable[[httpx.Request], Reply | None] = lambda _: None
        """Says what is given in place of the answer to a request, always."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.seen.append(request)
        fault = (self.faults.pop(0) if self.faults else None) or self.breaks_on(request)
        if isinstance(fault, BaseException):
            raise fault
        if fault is not None:
            # A response is used up by reading it.
            return httpx.Response(fault.status_code, headers=fault.headers, content=fault.content)
        return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        raise NotImplementedError

    def http(
        self, clock: SimulatedClock | None = None, source: str = "example", **options: Any
    ) -> Http:
        clock = clock or SimulatedClock()
        headers = {"x-api-key": KEY, "Authorization": f"Bearer {KEY}"}
        pace = Pace(1.0, clock, clock.sleep)
        policy = RequestPolicy(source, **options)
        return Http(policy, pace, self, headers, "", clock, clock.sleep, lambda: 0.0)


def name(number: int) -> str:
    """Return Semantic Scholar's name of `factories.paper(number)`."""
    return f"ARXIV:2001.{number:05}"


def asked(number: int, doi: str | None = None) -> CitingPaper:
    """Return `factories.paper(number)` as a source of citations is asked about it."""
    return CitingPaper(number, f"2001.{number:05}", doi)


def asked_ids(request: httpx.Request) -> list[str]:
    """Return the ids in a request to Semantic Scholar."""
    found: list[str] = json.loads(request.content)["ids"]
    return found


class Scholar(Service):
    """Semantic Scholar.

    Parameters
    ----------
    papers : dict
        For each id, such as ``ARXIV:2001.00001``, the external ids of its references.
    """

    def __init__(self, papers: dict[str, list[dict[str, Any] | None]]) -> None:
        super().__init__()
        self.papers = papers
        self.most = 9999
        """References in one answer; later papers have none."""
        self.hidden: set[str] = set()
        """Papers whose references are counted and never shown."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("POST", "/graph/v1/paper/batch")
        fields = request.url.params["fields"].split(",")
        assert {"referenceCount", "references.externalIds"} < set(fields)
        assert len(asked_ids(request)) <= 500
        left = self.most
        records: list[dict[str, Any] | None] = []
        for name in asked_ids(request):
            if name not in self.papers:
                records.append(None)
                continue
            all_of_them = self.papers[name]
            cited = [] if name in self.hidden or len(all_of_them) > left else all_of_them
            left -= len(cited)
            references = [{"paperId": None, "externalIds": one} for one in cited]
            records.append(
                {
                    "paperId": "0" * 40,
                    "referenceCount": len(all_of_them),
                    "references": references,
                }
            )
        if not any(records):
            return httpx.Response(400, json={"error": "No valid paper ids given"})
        return httpx.Response(200, json=records)


def work(
    number: int, doi: str = "", cites: tuple[int, ...] = (), arxiv: str = ""
) -> dict[str, Any]:
    """Return a work in OpenAlex's form."""
    address = f"https://openalex.org/W{number}"
    return {
        "id": address,
        "doi": f"https://doi.org/{doi}" if doi else None,
        "ids": {"openalex": address},
        "referenced_works": [f"https://openalex.org/W{one}" for one in cites],
        "locations": [
            {"landing_page_url": None, "pdf_url": None, "source": None},
            *([{"landing_page_url": f"http://arxiv.org/abs/{arxiv}"}] if arxiv else []),
        ],
    }


def asked_values(request: httpx.Request) -> tuple[str, list[str]]:
    """Return the field and the values of the filter in a request to OpenAlex."""
    query = parse_qs(request.url.query.decode(), strict_parsing=True)
    field, _, values = query["filter"][0].partition(":")
    return field, values.split("|")


class Alex(Service):
    """OpenAlex."""

    def __init__(self, *works: dict[str, Any]) -> None:
        super().__init__()
        self.works = list(works)
        self.page = 100

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("GET", "/works")
        field, values = asked_values(request)
        params = request.url.params
        assert len(values) <= 100
        assert len(str(request.url)) < 4096
        assert set(params) == {"filter", "select", "per-page"}
        found = list(self._found(field, values))
        page = min(self.page, int(params["per-page"]))
        fields = params["select"].split(",")
        results = [{name: one.get(name) for name in fields} for one in found[:page]]
        meta = {"count": len(found), "page": 1, "per_page": page, "db_response_time_ms": 3}
        return httpx.Response(200, json={"meta": meta, "results": results, "group_by": []})

    def _found(self, field: str, values: list[str]) -> Iterator[dict[str, Any]]:
        for one in self.works:
            if field == "doi":
                name = (one["doi"] or "").removeprefix("https://doi.org/").lower()
            else:
                assert field == "ids.openalex"
                name = one["id"].rpartition("/")[2]
            if name in values:
                yield one
