"""The faults of the simulated world do what their names say."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from urllib.parse import urlencode

import httpx
import pytest
from lxml import etree

from tests.support.clock import SimulatedClock
from tests.support.factories import paper
from tests.support.world import faults as world_faults
from tests.support.world.faults import ALL, HUGE, MENDING, Fault, Faults
from tests.support.world.serving import WorldTransport, serving
from tests.support.world.world import World

ARXIV_URL = "https://export.arxiv.org/api/query"
OAI_URL = "https://oaipmh.arxiv.org/oai"
OA_URL = "https://api.openalex.org/works"
LIST_URL = "https://raw.githubusercontent.com/owner/name/HEAD/README.md"


@pytest.fixture
def world(clock: SimulatedClock) -> World:
    papers = [paper(n, published=date(2020, 2, 1)) for n in range(1, 60)]
    edges = [("2001.00001", "2001.00002")]
    return World(papers, edges, {"owner/name": "# Awesome\n\n- é\n"}, clock, oai_page=25)


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def client(world: World, clock: SimulatedClock, faults: Faults) -> Iterator[httpx.Client]:
    with httpx.Client(transport=WorldTransport(world, clock, faults)) as client:
        yield client


ASKING = {
    "arxiv": (ARXIV_URL, {"search_query": "cat:cs.LG", "start": "10", "max_results": "10"}),
    "oai": (OAI_URL, {"verb": "ListRecords", "resumptionToken": "0|25"}),
    "openalex": (OA_URL, {"per-page": "10", "cursor": "at10"}),
    "lists": (LIST_URL, {}),
}
NEVER = {
    ("arxiv", "expired token"),
    ("openalex", "expired token"),
    ("lists", "expired token"),
    ("lists", "truncated"),
    ("lists", "malformed"),
    ("lists", "short page"),
    ("lists", "duplicates across pages"),
    ("lists", "bad entry"),
    ("lists", "control character"),
    ("lists", "total too high"),
    ("openalex", "total too high"),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", ALL, ids=repr)
@pytest.mark.parametrize("service", ASKING)
def test_each_fault_is_dealt_once_and_counted(
    client: httpx.Client, faults: Faults, service: str, fault: Fault, world: World
) -> None:
    client.get(OAI_URL, params={"verb": "ListRecords", "metadataPrefix": "arXiv"})
    url, params = ASKING[service]
    true = client.get(url, params=params)
    faults.next(fault)
    try:
        shown: object = client.get(url, params=params)
    except httpx.TransportError as error:
        shown = error
    if (service, fault.name) in NEVER:
        assert isinstance(shown, httpx.Response)
        assert faults.dealt == {}
        return
    assert faults.dealt == {fault.name: 1}
    assert world.calls[-1].fault == fault.name
    look(fault, shown, true)
    after = client.get(url, params=params)
    assert after.status_code == 200
    assert world_faults.items_of(after.content) == world_faults.items_of(true.content)


def look(fault: Fault, shown: object, true: httpx.Response) -> None:
    """Check that what was shown in place of the truth is what the fault says."""
    kinds = {"timeout": httpx.ReadTimeout, "connection refused": httpx.ConnectError}
    if fault.name in (*kinds, "connection reset", "connection reset mid-body"):
        assert isinstance(shown, kinds.get(fault.name, httpx.ReadError))
        return
    assert isinstance(shown, httpx.Response)
    if fault is not world_faults.LONG and (match := re.match(r"\d{3}", fault.name)):
        assert shown.status_code == int(match[0])
        assert ("Retry-After" in fault.name) == ("retry-after" in shown.headers)
        return
    if fault.name.startswith("redirect"):
        assert shown.status_code == 302
        target = httpx.URL(true.url).join(shown.headers["location"])
        assert (target.host == true.url.host) == ("same" in fault.name)
        return
    assert shown.status_code == 200
    assert len(shown.content) == HUGE or shown.content != true.content
    if fault.name not in ("empty page", "100 MB"):
        assert shown.content
    if fault is world_faults.LATIN1:
        assert b"\xe9" in shown.content
        with pytest.raises(UnicodeDecodeError):
            shown.content.decode()
    if true.headers["content-type"].startswith("text/plain"):
        return
    if fault.name in ("empty page", "short page", "duplicates across pages"):
        items, were = (len(world_faults.items_of(one.content)) for one in (shown, true))
        right = {"empty": items == 0, "short": 0 < items < were, "duplicates": items > were}
        assert right[fault.name.split()[0]]
    if fault.name == "bad entry":
        items, were = (world_faults.items_of(one.content) for one in (shown, true))
        assert (len(items), items[1:]) == (len(were), were[1:])
        assert b"<title>" not in items[0]
        assert b"doi" not in items[0]
    if fault.name == "total too high":
        told, right = (
            int(re.search(rb'(?:totalResults>|completeListSize=")(\d+)', one.content)[1])  # type: ignore[index]
            for one in (shown, true)
        )
        assert told == right + 1
    if fault in (world_faults.TRUNCATED, world_faults.MALFORMED, world_faults.CONTROL_CHARACTER):
        with pytest.raises((ValueError, etree.XMLSyntaxError)):
            parse(shown.content)


def parse(body: bytes) -> object:
    return json.loads(body) if body.lstrip().startswith((b"{", b"[")) else etree.fromstring(body)


@pytest.mark.parametrize("service", ASKING)
def test_a_redirect_on_the_same_host_leads_to_the_truth(
    client: httpx.Client, faults: Faults, service: str
) -> None:
    client.get(OAI_URL, params={"verb": "ListRecords", "metadataPrefix": "arXiv"})
    url, params = ASKING[service]
    true = world_faults.items_of(client.get(url, params=params).content)
    faults.next(world_faults.REDIRECT_SAME)
    found = client.get(url, params=params, follow_redirects=True)
    assert len(found.history) == 1
    assert world_faults.items_of(found.content) == true


@pytest.mark.slow
def test_faults_of_a_seed_are_the_same_again(world: World, clock: SimulatedClock) -> None:
    dealt = []
    for _ in range(2):
        faults = Faults(share=0.5, kinds=MENDING, seed=7)
        with httpx.Client(transport=WorldTransport(world, clock, faults)) as client:
            for _ in range(200):
                with suppress(httpx.TransportError):
                    client.get(ARXIV_URL, params={"search_query": "ti:2", "max_results": "3"})
        dealt.append(faults.dealt)
    assert dealt[0] == dealt[1]
    assert dealt[0].total() > 60
    assert len(dealt[0]) > 12


def test_faults_may_be_asked_for_at_some_services_only(
    client: httpx.Client, faults: Faults
) -> None:
    faults.services = {"lists"}
    faults.next(world_faults.ERROR_500)
    assert client.get(OA_URL).status_code == 200
    assert client.get(LIST_URL).status_code == 500


# The real server


def test_the_server_answers_as_the_transport_does(world: World, client: httpx.Client) -> None:
    with serving(world) as environment, httpx.Client(trust_env=False) as real:
        for name, path in [
            ("LFM_ARXIV_URL", "?" + urlencode({"search_query": "all:paper"})),
            ("LFM_OAI_URL", "?verb=ListRecords&metadataPrefix=arXiv"),
            ("LFM_OPENALEX_URL", "/works?per-page=3"),
            ("LFM_SEMANTIC_SCHOLAR_URL", "/graph/v1/paper/ARXIV:2001.00001?fields=references"),
            ("LFM_LISTS_URL", "/owner/name/HEAD/README.md"),
        ]:
            url = environment[name] + path
            assert real.get(url).content == client.get(url).content
        batch = {"ids": ["ARXIV:2001.00001"]}
        url = f"{environment['LFM_SEMANTIC_SCHOLAR_URL']}/graph/v1/paper/batch"
        assert real.post(url, json=batch).json() == client.post(url, json=batch).json()


def test_the_server_really_breaks(world: World) -> None:
    faults = Faults()
    with serving(world, faults) as environment, httpx.Client(timeout=0.2, trust_env=False) as real:
        url = environment["LFM_OPENALEX_URL"] + "/works"
        faults.next(world_faults.TIMEOUT)
        with pytest.raises(httpx.ReadTimeout):
            real.get(url)
        for fault in (world_faults.RESET, world_faults.RESET_MID_BODY):
            faults.next(fault)
            with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                real.get(url)
        faults.next(world_faults.LONG)
        with real.stream("GET", url) as answer:
            assert len(next(answer.iter_bytes())) > 0
        assert real.get(url).status_code == 200
