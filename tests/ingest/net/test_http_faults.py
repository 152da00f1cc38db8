"""Thousands of requests to a world in which much goes wrong, with a clock that nobody waits for."""

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from ingest.net.gate import FileGate, Gate, Pace
from ingest.net.http import BadResponse, Http, HttpResponse, RequestPolicy
from kg.errors import Forbidden, Overloaded, SourceError, TooLarge
from tests.support.clock import SimulatedClock
from tests.support.factories import paper
from tests.support.world.faults import FATAL, MENDING, REDIRECT_SAME, UTF16, Fault, Faults
from tests.support.world.records import WorldRequest
from tests.support.world.serving import WorldTransport
from tests.support.world.world import ARXIV, World

pytestmark = pytest.mark.slow

PAGE = 20
PAPERS = [paper(n, published=date(2020, 1, 1 + n % 28)) for n in range(1, 61)]
LIST = "# Awesome é\n" + "- [A paper](https://arxiv.org/abs/2001.00001) – ☆\n" * 40
Records = list[str]


def entries(answer: HttpResponse) -> Records:
    """Read a page of arXiv's API, which must hold what it promises."""
    root = strict(answer)
    total = int(root.findtext("{*}totalResults"))
    start = int(root.findtext("{*}startIndex"))
    found = [one.findtext("{*}id") for one in root.iterfind("{*}entry")]
    if len(found) != min(PAGE, total - start):
        raise BadResponse("fewer or more than promised")
    return found


def records(answer: HttpResponse) -> Records:
    root = strict(answer)
    found = [one.text for one in root.iterfind(".//{*}identifier")]
    if root.find("{*}error") is not None or len(found) != PAGE:
        raise BadResponse("not the page that was asked for")
    return found


def strict(answer: HttpResponse) -> etree._Element:
    try:
        root = etree.fromstring(answer.body)
    except etree.XMLSyntaxError:
        raise BadResponse("not XML") from None
    if etree.QName(root).localname not in ("feed", "OAI-PMH"):
        raise BadResponse("not the XML that was asked for")
    return root


def papers(answer: HttpResponse) -> Records:
    try:
        found = [one["paperId"] for one in json.loads(answer.body)]
    except (ValueError, TypeError, KeyError):
        raise BadResponse("not JSON") from None
    if len(found) != PAGE:
        raise BadResponse("fewer or more than asked for")
    return found


def works(answer: HttpResponse) -> Records:
    try:
        document = json.loads(answer.body)
        count, found = document["meta"]["count"], [one["id"] for one in document["results"]]
    except (ValueError, TypeError, KeyError):
        raise BadResponse("not JSON") from None
    if len(found) != min(PAGE, count):
        raise BadResponse("fewer or more than promised")
    return found


def lines(answer: HttpResponse) -> Records:
    try:
        text = answer.body.decode()
    except UnicodeDecodeError:
        raise BadResponse("not text") from None
    if not text.startswith("#"):
        raise BadResponse("no list")
    return text.splitlines()


@dataclass
class Service:
    """How a service is asked in this test."""

    name: str
    url: str
    check: Callable[[HttpResponse], Records]
    params: list[dict[str, str]]
    body: object = None
    truths: list[Records] = field(default_factory=list)

    def ask(self, http: Http, number: int) -> Records:
        params = self.params[number]
        if self.body is None:
            return http.get(self.url, self.check, params=params)
        return http.post(self.url, self.check, params=params, json=self.body)


def services() -> list[Service]:
    starts = ("0", "20", "40")
    query = {"search_query": "cat:cs.LG", "max_results": str(PAGE)}
    harvest = {"verb": "ListRecords", "metadataPrefix": "arXiv"}
    tokens = [{"verb": "ListRecords", "resumptionToken": f"0|{start}"} for start in starts[1:]]
    ids = {"ids": [f"ARXIV:{one.id}" for one in PAPERS[:PAGE]]}
    api = "https://api.semanticscholar.org/graph/v1/paper/batch"
    return [
        Service(
            "arxiv",
            "https://export.arxiv.org/api/query",
            entries,
            [{**query, "start": start} for start in starts],
        ),
        Service("oai", "https://oaipmh.arxiv.org/oai", records, [harvest, *tokens]),
        Service("semantic-scholar", api, papers, [{"fields": "references.externalIds"}], ids),
        Service(
            "openalex",
            "https://api.openalex.org/works",
            works,
            [{"per-page": str(PAGE), "cursor": cursor} for cursor in ("*", "at20", "at40")],
        ),
        Service(
            "lists", "https://raw.githubusercontent.com/owner/name/HEAD/README.md", lines, [{}]
        ),
    ]


class Run:
    """A world, its clock and a client for each service."""

    def __init__(self, folder: Path, faults: Faults) -> None:
        self.clock = SimulatedClock()
        edges = [(PAPERS[0].id, one.id) for one in PAPERS[1:]]
        self.world = World(PAPERS, edges, {"owner/name": LIST}, self.clock, oai_page=PAGE)
        # Of itself no token expires here: to start anew is the harvest's matter.
        self.world.oai.token_days = 3650
        self.services = services()
        for one in self.services:
            body = b"" if one.body is None else json.dumps(one.body).encode()
            for params in one.params:
                asked = WorldRequest("POST" if body else "GET", address(one.url, params), {}, body)
                reply = self.world.reply(asked)
                truth = HttpResponse(reply.status, asked.url, reply.headers, reply.body)
                one.truths.append(one.check(truth))
        self.faults = faults
        self.chance = random.Random(1)
        self.gates: dict[str, Gate] = {
            name: Pace(1.0, self.clock, self.clock.sleep)
            for name in ("semantic-scholar", "openalex", "lists")
        }
        for name in ARXIV:  # As two processes would.
            self.gates[name] = FileGate(folder, 3.0, self.clock, self.clock.sleep)
        self.clients = {one.name: self.client(one.name) for one in self.services}

    def client(self, name: str) -> Http:
        return Http(
            RequestPolicy(name, tries=8, max_retry_s=3000.0, max_bytes=1 << 20),
            self.gates[name],
            WorldTransport(self.world, self.clock, self.faults),
            clock=self.clock,
            sleep=self.clock.sleep,
            chance=self.chance.random,
        )

    def call(self) -> tuple[Service, type[SourceError] | None]:
        """Ask for something; return how it ended: truly, or by which error."""
        service = self.chance.choice(self.services)
        number = self.chance.randrange(len(service.params))
        try:
            found = service.ask(self.clients[service.name], number)
        except SourceError as error:
            return service, type(error)
        assert found == service.truths[number]
        return service, None


def address(url: str, params: dict[str, str]) -> str:
    return url + "?" + "&".join(f"{name}={value}" for name, value in params.items())


def never_dealt(faults: Faults, kinds: tuple[Fault, ...]) -> set[str]:
    """Return the names of those kinds that no request met."""
    return {kind.name for kind in kinds} - faults.dealt.keys()


def test_what_mends_ends_in_the_truth(tmp_path: Path) -> None:
    run = Run(tmp_path, Faults(share=0.6, kinds=MENDING, seed=3, most_in_a_row=5))
    ends = Counter(run.call()[1] for _ in range(1500))
    assert ends == {None: 1500}
    assert len(run.world.calls) > 3000
    assert run.faults.dealt.total() > 1500
    assert not never_dealt(run.faults, MENDING)
    assert run.world.shortest_gap(*ARXIV) >= 3 - 1e-6


def test_every_call_ends_in_the_truth_or_an_error(tmp_path: Path) -> None:
    # What lasts is taken as far as it is good: by the clients, not by these bare requests.
    kinds = (*MENDING, *FATAL)
    run = Run(tmp_path, Faults(share=0.6, kinds=kinds, seed=4, most_in_a_row=10))
    ends: Counter[type[SourceError] | None] = Counter()
    for _ in range(1500):
        service, end = run.call()
        ends[end] += 1
        asked = len(run.world.calls)
        if end is Forbidden:
            with pytest.raises(Forbidden):
                service.ask(run.clients[service.name], 0)
            assert len(run.world.calls) == asked
            run.clients[service.name] = run.client(service.name)
        if end is Overloaded:
            run.clock.sleep(3600)
    assert not never_dealt(run.faults, FATAL)
    assert {None, SourceError, Forbidden, Overloaded, TooLarge} == ends.keys()
    assert ends[None] > 750  # Most mend, though each of the others was met.
    assert run.world.shortest_gap(*ARXIV) >= 3 - 1e-6


def test_when_nothing_mends_every_call_ends_in_an_error(tmp_path: Path) -> None:
    # A redirect leads to the truth, and so does UTF-16 that a parser knows by its first bytes.
    kinds = tuple(one for one in MENDING if one not in (REDIRECT_SAME, UTF16))
    run = Run(tmp_path, Faults(share=1.0, kinds=kinds, seed=5, most_in_a_row=10**9))
    ends = Counter(run.call()[1] for _ in range(300))
    assert ends[None] == 0
    assert run.world.shortest_gap(*ARXIV) >= 3 - 1e-6


def test_what_a_server_asks_is_kept_to(tmp_path: Path) -> None:
    run = Run(tmp_path, Faults(share=0.6, kinds=MENDING, seed=6, most_in_a_row=5))
    for _ in range(500):
        run.call()
    # Who answers 429 or 503 is left alone for longer than the gap, by both arXiv services.
    calls = [one for one in run.world.calls if one.service in ARXIV]
    waits = [
        after.time - before.time for before, after in pairwise(calls) if before.status in (429, 503)
    ]
    assert len(waits) > 50
    assert min(waits) >= 1
    assert sum(waits) / len(waits) > 5
