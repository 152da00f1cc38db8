"""The simulated world answers as the real services do."""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from arxiv import _feed
from lxml import etree

from kg.records import Paper
from tests.support.clock import SimulatedClock
from tests.support.factories import paper
from tests.support.world.serving import WorldTransport
from tests.support.world.world import World

ATOM = {"a": "http://www.w3.org/2005/Atom", "o": "http://a9.com/-/spec/opensearch/1.1/"}
OAI = {"o": "http://www.openarchives.org/OAI/2.0/"}
ARXIV_URL = "https://export.arxiv.org/api/query"
OAI_URL = "https://oaipmh.arxiv.org/oai"
S2_URL = "https://api.semanticscholar.org/graph/v1/paper/"
OA_URL = "https://api.openalex.org/works"
LIST_URL = "https://raw.githubusercontent.com/owner/name/HEAD/README.md"

PAPERS = [
    paper(
        1,
        title="Merging models by fine-tuning: a study",
        abstract="We average weights & <more>. " * 20,
        published=date(2020, 1, 10),
        updated=date(2021, 5, 6),
        version=3,
        doi="10.1145/1.2",
        journal_ref="J. 1 (2021)",
        comment="9 pages",
        categories=("cs.LG", "stat.ML"),
    ),
    *(
        paper(n, published=date(2020, 2, 1), authors=("Zoë Müller", "Bo de Writer"))
        for n in range(2, 60)
    ),
    paper(60, id="cs/0112017", arxiv_id="cs/0112017", categories=("hep-th", "astro-ph.GA")),
]
EDGES = [("2001.00001", f"2001.{n:05}") for n in range(2, 9)] + [("2001.00002", "1706.03762")]


@pytest.fixture
def world(clock: SimulatedClock) -> World:
    return World(PAPERS, EDGES, {"owner/name": "# Awesome\n\n- é\n"}, clock, oai_page=25)


@pytest.fixture
def client(world: World, clock: SimulatedClock) -> Iterator[httpx.Client]:
    with httpx.Client(transport=WorldTransport(world, clock)) as client:
        yield client


def found(client: httpx.Client, query: str, **more: object) -> list[str]:
    answer = client.get(ARXIV_URL, params={"search_query": query, "max_results": 2000, **more})
    assert answer.status_code == 200, answer.text
    return [re.sub(r"v\d+$", "", one.get_short_id()) for one in _feed.parse(answer.content).results]


# arXiv's API


def form(element: Any) -> Any:
    """Return the names of an element and what is in it, in order, once each."""
    inner = dict.fromkeys(map(form, element))
    return etree.QName(element).localname, tuple(sorted(element.attrib)), tuple(inner)


@pytest.mark.shared
def test_feeds_have_the_form_of_the_recorded_ones(shared: Path, client: httpx.Client) -> None:
    recorded = shared / "fixtures" / "arxiv_atom"
    real = [etree.parse(path).getroot() for path in recorded.glob("*.xml")]
    params = [
        {"search_query": "all:paper"},
        {"id_list": "2001.00001"},
        {"id_list": "0000.0000"},
        {"id_list": "abc"},
    ]
    ours = [etree.fromstring(client.get(ARXIV_URL, params=one).content) for one in params]
    heads = {form(one)[2][: 3 if one.find("a:link", ATOM) is None else 7] for one in real}
    assert {form(one)[2][: 3 if one.find("a:link", ATOM) is None else 7] for one in ours} == heads
    known = {name for one in real for name in map(form, one.iterfind(".//a:entry/*", ATOM))}
    shown = {name for one in ours for name in map(form, one.iterfind(".//a:entry/*", ATOM))}
    assert shown <= known


def test_a_paper_comes_back_as_it_went_in(client: httpx.Client) -> None:
    feed = client.get(ARXIV_URL, params={"id_list": "2001.00001"})
    assert feed.headers["content-type"].startswith("application/atom+xml")
    (one,) = _feed.parse(feed.content).results
    made = PAPERS[0]
    assert (one.title, one.summary, one.comment) == (made.title, made.abstract, made.comment)
    assert (one.doi, one.journal_ref) == (made.doi, made.journal_ref)
    assert (one.primary_category, tuple(one.categories)) == ("cs.LG", made.categories)
    assert tuple(author.name for author in one.authors) == made.authors
    assert (one.published.date(), one.updated.date()) == (made.published, made.updated)
    assert one.get_short_id() == "2001.00001v3"


def test_ids_with_and_without_versions_are_found(client: httpx.Client) -> None:
    ids = "2001.00001v2,2001.00001v9,2001.00002,cs/0112017,0000.0000,2001.00002"
    feed = _feed.parse(client.get(ARXIV_URL, params={"id_list": ids}).content)
    assert [one.get_short_id() for one in feed.results] == [
        "2001.00001v2",
        "2001.00002v1",
        "cs/0112017v1",
    ]
    assert feed.header.total_results == 3


@pytest.mark.parametrize(
    "params",
    [
        {"id_list": "abc"},
        {"search_query": "ti:(a"},
        {"search_query": "AND"},
        {"search_query": "submittedDate:[now TO then]"},
        {"search_query": "all:a", "max_results": "2001"},
        {"search_query": "all:a", "start": "-1"},
        {"search_query": "all:a", "start": "30000"},
        {"search_query": "all:a", "sortBy": "luck"},
    ],
)
def test_a_wrong_question_is_answered_with_an_error_feed(
    client: httpx.Client, params: dict[str, str]
) -> None:
    answer = client.get(ARXIV_URL, params=params)
    assert answer.status_code == 400
    root = etree.fromstring(answer.content)
    assert root.findtext("a:entry/a:title", namespaces=ATOM) == "Error"
    assert "/api/errors#" in root.findtext("a:entry/a:id", namespaces=ATOM)


def test_queries_find_what_they_say(client: httpx.Client) -> None:
    some = [one.id for one in PAPERS[1:10]]
    assert found(client, 'ti:"fine tuning"') == ["2001.00001"]
    assert found(client, 'ti:"tuning fine"') == []
    assert found(client, "abs:weights AND cat:stat.ML") == ["2001.00001"]
    assert found(client, "cat:astro-ph.*") == ["cs/0112017"]
    assert found(client, "au:de_Writer AND ti:2") == ["2001.00002"]
    assert found(client, "all:number ANDNOT (cat:cs.LG)") == ["cs/0112017"]
    assert found(client, "ti:2 OR ti:3 AND au:nobody") == ["2001.00002"]
    assert found(client, "(ti:2 OR ti:3) AND au:nobody") == []
    assert found(client, " OR ".join(f"(ti:{n})" for n in range(2, 11))) == some
    assert found(client, "submittedDate:[202001010000 TO 202001312359]") == ["2001.00001"]
    assert found(client, "submittedDate:[20200110 TO 20200110]") == ["2001.00001"]
    assert found(client, "ti:2", id_list="2001.00002,2001.00003") == ["2001.00002"]
    assert found(client, "submittedDate:[20200101 TO 20210101]", sortBy="submittedDate")[-1] == (
        "2001.00001"
    )


def test_pages_add_up(client: httpx.Client) -> None:
    whole = found(client, "cat:cs.LG", sortBy="submittedDate", sortOrder="ascending")
    pages = [
        found(
            client,
            "cat:cs.LG",
            start=start,
            max_results=7,
            sortBy="submittedDate",
            sortOrder="ascending",
        )
        for start in range(0, 70, 7)
    ]
    assert [one for page in pages for one in page] == whole
    assert len(set(whole)) == 59


# OAI-PMH


def harvested(client: httpx.Client, **params: str) -> tuple[list[Any], list[str]]:
    """Return all records and error codes of a harvest."""
    params = {"verb": "ListRecords", "metadataPrefix": "arXiv"} | params
    records, errors = [], []
    while params:
        root = etree.fromstring(client.get(OAI_URL, params=params).content)
        records += root.findall(".//o:record", OAI)
        errors += [one.get("code") for one in root.findall("o:error", OAI)]
        token = root.findtext(".//o:resumptionToken", namespaces=OAI)
        params = {"verb": "ListRecords", "resumptionToken": token} if token else {}
    return records, errors


@pytest.mark.shared
def test_oai_has_the_form_of_the_recorded_one(shared: Path, client: httpx.Client) -> None:
    def fields(root: Any) -> dict[str, int]:
        names = [etree.QName(one).localname for one in root.iter() if isinstance(one.tag, str)]
        return {name: place for place, name in enumerate(dict.fromkeys(names))}

    path = shared / "fixtures" / "oaipmh_arxiv" / "sample_arxiv_response_listrecords_cs.xml"
    real = etree.parse(path).getroot()
    ours = etree.fromstring(
        client.get(OAI_URL, params={"verb": "ListRecords", "metadataPrefix": "arXiv"}).content
    )
    assert fields(ours).keys() - {"resumptionToken"} <= fields(real).keys()
    spaces = {etree.QName(one).namespace for one in real.iter()}
    assert {etree.QName(one).namespace for one in ours.iter()} == spaces


def test_a_harvest_has_each_record_once(client: httpx.Client) -> None:
    records, errors = harvested(client)
    ids = [one.findtext(".//o:identifier", namespaces=OAI) for one in records]
    assert sorted(ids) == sorted(f"oai:arXiv.org:{one.id}" for one in PAPERS)
    assert errors == []
    assert len(harvested(client, set="cs:cs:LG")[0]) == 59
    assert len(harvested(client, set="stat")[0]) == 1
    assert len(harvested(client, set="physics:astro-ph")[0]) == 1
    assert len(harvested(client, **{"from": "2021-05-06", "until": "2021-05-06"})[0]) == 1


def test_each_prefix_shows_the_paper(client: httpx.Client) -> None:
    ask = {"verb": "GetRecord", "identifier": "oai:arXiv.org:2001.00001"}
    shown = {
        prefix: etree.fromstring(
            client.get(OAI_URL, params={**ask, "metadataPrefix": prefix}).content
        )
        for prefix in ("arXiv", "arXivRaw", "oai_dc")
    }
    assert shown["arXiv"].findtext(".//{*}updated") == "2021-05-06"
    versions = shown["arXivRaw"].findall(".//{*}version")
    assert [one.get("version") for one in versions] == ["v1", "v2", "v3"]
    assert parsedate_to_datetime(versions[0].findtext("{*}date")).date() == date(2020, 1, 10)
    for root in shown.values():
        text = root.findtext(".//{*}abstract") or root.findtext(".//{*}description")
        assert text.split() == (PAPERS[0].abstract or "").split()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "badVerb"),
        ({"verb": "Steal"}, "badVerb"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "arXiv", "color": "red"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "arXiv", "from": "2020"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "arXiv", "set": "cooking"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "marc"}, "cannotDisseminateFormat"),
        (
            {"verb": "ListRecords", "metadataPrefix": "arXiv", "from": "2030-01-01"},
            "noRecordsMatch",
        ),
        ({"verb": "ListRecords", "resumptionToken": "?"}, "badResumptionToken"),
        (
            {"verb": "GetRecord", "metadataPrefix": "arXiv", "identifier": "oai:arXiv.org:1"},
            "idDoesNotExist",
        ),
    ],
)
def test_errors_of_the_protocol_have_their_codes(
    client: httpx.Client, params: dict[str, str], code: str
) -> None:
    answer = client.get(OAI_URL, params=params)
    assert answer.status_code == 200
    root = etree.fromstring(answer.content)
    assert [one.get("code") for one in root.findall("o:error", OAI)] == [code]


def test_other_verbs_tell_about_the_repository(client: httpx.Client) -> None:
    identify = client.get(OAI_URL, params={"verb": "Identify"}).text
    assert "<granularity>YYYY-MM-DD</granularity>" in identify
    assert "<setSpec>cs:cs:LG</setSpec>" in client.get(OAI_URL, params={"verb": "ListSets"}).text
    assert "arXivRaw" in client.get(OAI_URL, params={"verb": "ListMetadataFormats"}).text


def test_a_token_holds_until_midnight(client: httpx.Client, clock: SimulatedClock) -> None:
    first = client.get(OAI_URL, params={"verb": "ListRecords", "metadataPrefix": "arXiv"})
    token = etree.fromstring(first.content).findtext(".//o:resumptionToken", namespaces=OAI)
    ask = {"verb": "ListRecords", "resumptionToken": token}
    once, again = (client.get(OAI_URL, params=ask).content for _ in range(2))
    assert etree.fromstring(once).find(".//o:record", OAI) is not None
    assert len(once) == len(again)
    clock.sleep(86400)
    assert "badResumptionToken" in client.get(OAI_URL, params=ask).text


# What happens in the world


def test_the_life_of_a_paper_is_told_by_all(
    world: World, client: httpx.Client, clock: SimulatedClock
) -> None:
    clock.sleep(86400 * 3)
    day = f"{datetime.fromtimestamp(clock(), UTC):%Y-%m-%d}"
    assert harvested(client, **{"from": day}) == ([], ["noRecordsMatch"])
    world.add(paper(99, title="Something new"))
    world.revise("2001.00002", title="Another title")
    world.withdraw("2001.00003")
    world.delete("2001.00004")
    world.annotate("2001.00005", doi="10.1/5")
    assert found(client, 'ti:"something new"') == ["2001.00099"]
    ids = "2001.00002,2001.00003,2001.00004,2001.00005"
    results = _feed.parse(client.get(ARXIV_URL, params={"id_list": ids}).content).results
    assert [one.get_short_id() for one in results] == [
        "2001.00002v2",
        "2001.00003v2",
        "2001.00005v1",
    ]
    assert results[0].title == "Another title"
    assert "withdrawn" in results[1].comment
    assert results[2].doi == "10.1/5"
    headers = [one.find("o:header", OAI) for one in harvested(client, **{"from": day})[0]]
    told = {one.findtext("o:identifier", namespaces=OAI): one.get("status") for one in headers}
    assert told == {
        f"oai:arXiv.org:2001.{n:05}": "deleted" if n == 4 else None for n in (99, 2, 3, 4, 5)
    }


def test_what_was_asked_is_remembered(world: World, client: httpx.Client) -> None:
    found(client, "all:paper")
    client.get(LIST_URL)
    client.get(OAI_URL)
    assert [one.service for one in world.calls] == ["arxiv", "lists", "oai"]
    assert world.shortest_gap("arxiv", "oai") == pytest.approx(0.2)


# Citations


def test_semantic_scholar_answers_a_batch(client: httpx.Client) -> None:
    fields = "externalIds,title,references.externalIds,referenceCount"
    ids = ["ARXIV:2001.00001", "ARXIV:2999.00001", "DOI:10.1145/1.2", "ARXIV:2001.00002"]
    one, none, same, two = client.post(
        f"{S2_URL}batch", params={"fields": fields}, json={"ids": ids}
    ).json()
    assert none is None
    assert one == same
    assert re.fullmatch("[0-9a-f]{40}", one["paperId"])
    assert one["externalIds"]["ArXiv"] == "2001.00001"
    assert [ref["externalIds"]["ArXiv"] for ref in one["references"]] == [b for _, b in EDGES[:-1]]
    assert one["referenceCount"] == 7
    # A paper that is cited and otherwise unknown.
    assert two["references"] == [{"paperId": None, "externalIds": None}]


def test_semantic_scholar_refuses_what_it_cannot_answer(client: httpx.Client) -> None:
    batch = f"{S2_URL}batch"
    too_many = client.post(batch, json={"ids": ["ARXIV:1"] * 501})
    assert (too_many.status_code, list(too_many.json())) == (400, ["error"])
    wrong = client.post(batch, params={"fields": "unknown"}, json={"ids": ["ARXIV:1"]})
    assert wrong.json() == {"error": "Unrecognized or unsupported fields: [unknown]"}
    assert client.post(batch, json={"ids": ["rubbish"]}).status_code == 400
    missing = client.get(f"{S2_URL}0", params={"fields": "title"})
    assert (missing.status_code, missing.json()) == (404, {"error": "Paper with id 0 not found"})


@pytest.mark.shared
def test_semantic_scholar_has_the_form_of_the_recorded_one(
    shared: Path, client: httpx.Client
) -> None:
    real = json.loads((shared / "fixtures/semanticscholar_vcr/Paper.json").read_text())
    fields = "externalIds,corpusId,url,title,abstract,venue,year,publicationDate,journal,authors"
    ours = client.get(f"{S2_URL}ARXIV:2001.00001", params={"fields": fields}).json()
    assert ours.keys() <= real.keys()
    for name, value in ours.items():
        assert isinstance(value, type(real[name])), name
    edges = client.get(f"{S2_URL}ARXIV:2001.00001/references", params={"limit": "5"}).json()
    assert edges["next"] == 5
    assert len(edges["data"]) == 5
    assert edges["data"][0]["citedPaper"]["title"] == "Paper number 2"


def test_openalex_answers_by_doi_and_by_its_own_ids(client: httpx.Client) -> None:
    select = "id,doi,ids,referenced_works,locations"
    dois = "https://doi.org/10.48550/arXiv.2001.00001|10.48550/arxiv.2001.00002|10.48550/arxiv.1"
    answer = client.get(OA_URL, params={"filter": f"doi:{dois}", "select": select}).json()
    assert answer["meta"]["count"] == 2
    one, two = answer["results"]
    assert list(one) == select.split(",")
    assert one["doi"] == "https://doi.org/10.1145/1.2"
    assert two["doi"] == "https://doi.org/10.48550/arxiv.2001.00002"
    assert one["locations"][1]["landing_page_url"] == "http://arxiv.org/abs/2001.00001"
    assert two["id"] in one["referenced_works"]
    cited = "|".join(name.rpartition("/")[2] for name in one["referenced_works"])
    for kind in ("openalex", "ids.openalex", "openalex_id"):
        more = client.get(OA_URL, params={"filter": f"{kind}:{cited}", "per-page": "100"}).json()
        assert [work["title"] for work in more["results"]] == [
            f"Paper number {n}" for n in range(2, 9)
        ]


def test_openalex_pages_add_up(client: httpx.Client) -> None:
    cursor, ids = "*", []
    while cursor:
        page = client.get(OA_URL, params={"per-page": "12", "cursor": cursor}).json()
        ids += [one["id"] for one in page["results"]]
        cursor = page["meta"]["next_cursor"]
    assert len(set(ids)) == len(ids) == page["meta"]["count"] == len(PAPERS)


@pytest.mark.parametrize(
    "params",
    [
        {"per-page": "101"},
        {"select": "secrets"},
        {"filter": "colour:red"},
        {"cursor": "?"},
        {"filter": "doi:" + "|".join(["10.1/x"] * 101)},
    ],
)
def test_openalex_refuses_what_it_cannot_answer(
    client: httpx.Client, params: dict[str, str]
) -> None:
    answer = client.get(OA_URL, params=params)
    assert (answer.status_code, sorted(answer.json())) == (400, ["error", "message"])


def test_one_service_may_lack_what_the_other_has(world: World, client: httpx.Client) -> None:
    world.cites["semantic-scholar"]["2001.00001"] = []
    world.unknown["openalex"].add("2001.00002")
    one = client.get(f"{S2_URL}ARXIV:2001.00001", params={"fields": "references"}).json()
    assert one["references"] == []
    work = client.get(f"{OA_URL}/doi:10.48550/arxiv.2001.00001").json()
    assert work["referenced_works_count"] == 7
    assert client.get(f"{OA_URL}/doi:10.48550/arxiv.2001.00002").status_code == 404


# Lists


def test_a_list_that_did_not_change_is_not_sent(
    world: World, client: httpx.Client, clock: SimulatedClock
) -> None:
    first = client.get(LIST_URL)
    assert first.text == "# Awesome\n\n- é\n"
    tag = {"If-None-Match": first.headers["etag"]}
    since = {"If-Modified-Since": first.headers["last-modified"]}
    for headers in (tag, since):
        again = client.get(LIST_URL, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
    clock.sleep(10)
    world.edit_list("owner/name", "# Other")
    for headers in (tag, since):
        assert client.get(LIST_URL, headers=headers).text == "# Other"
    world.edit_list("owner/name", None)
    assert client.get(LIST_URL).status_code == 404


@pytest.mark.slow
@pytest.mark.shared
def test_a_person_can_start_the_world(shared: Path, tmp_path: Path) -> None:
    some = tmp_path / "data"
    (some / "lists").mkdir(parents=True)
    with gzip.open(shared / "papers.jsonl.gz") as lines:
        (some / "papers.jsonl.gz").write_bytes(
            gzip.compress(b"".join(next(lines) for _ in range(20)))
        )
    (some / "citations.csv").write_text("citing_arxiv_id,cited_arxiv_id\n0704.1262,0705.1701\n")
    (some / "lists" / "owner+name.md").write_text("# A list")
    command = [sys.executable, "-m", "tests.support.world", str(some)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(6)]
        exported = dict(re.findall(r"export (\w+)=(\S+)", "".join(lines)))
        with httpx.Client(trust_env=False) as real:
            feed = real.get(exported["LFM_ARXIV_URL"], params={"id_list": "0704.1262"})
            assert len(_feed.parse(feed.content).results) == 1
            assert real.get(exported["LFM_LISTS_URL"] + "/owner/name/HEAD/README.md").text == (
                "# A list"
            )
        process.terminate()
    assert "20 papers" in lines[-1]


def test_papers_of_any_age_have_dates() -> None:
    made = [Paper(id=name, title="T", arxiv_id=name) for name in ("hep-th/9901001", "0704.0001")]
    years = [record.published.year for record in World(made).records.values()]
    assert years == [1999, 2007]
