from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
import yaml

from ingest.net.http import BadResponse
from ingest.sources.oai import protocol
from ingest.sources.oai.protocol import BadToken, OaiError, OaiPmh
from kg.errors import SourceError
from kg.records import Paper
from tests.support.services.arxiv import OaiServer, http, oai, record, refusal

DAY = date(2024, 5, 10)
SET = "cs:cs:LG"
RECORD = record("2001.00001", DAY)
GOOD = oai(f"<ListRecords>{RECORD}</ListRecords>")
RAW = """<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2001.00001</id>
<submitter>Ada</submitter>
<version version="v1"><date>Wed, 1 Jan 2020 10:00:00 GMT</date><size>9kb</size></version>
<version version="v10"><date>Mon, 3 Feb 2020 10:00:00 GMT</date><size>0kb</size>
<source_type>I</source_type></version>
<version version="v2"><date>Thu, 2 Jan 2020 10:00:00 GMT</date>
<source_type>D</source_type></version>
<title>On Ants</title><authors>Ada Author, Bo Writer (Hive, Inc.)</authors>
<categories>cs.LG cs.CL</categories><abstract>We ask.</abstract></arXivRaw>"""


def client(answer: Callable[[httpx.Request], httpx.Response], tries: int = 8) -> OaiPmh:
    return OaiPmh(http(answer, tries), "http://127.0.0.1:1234")


def replies(*bodies: bytes, status: int = 200) -> tuple[OaiPmh, list[httpx.Request]]:
    """A client whose server says these one after the other, the last one forever."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, content=bodies[min(len(asked), len(bodies)) - 1])

    return client(answer, 3), asked


def metadata(inside: str, arxiv_id: str = "2001.00001") -> protocol.OaiRecord:
    return protocol.parse(
        oai(f"<ListRecords>{record(arxiv_id, DAY, inside)}</ListRecords>")
    ).records[0]


def test_all_facts_of_a_record() -> None:
    one = metadata(
        """<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2001.00001</id>
        <created>2020-01-02</created><updated>2020-03-04</updated>
        <authors><author><keyname>van Ant</keyname><forenames>Bo</forenames><suffix>Jr.</suffix>
        <affiliation>Hive</affiliation></author><author><keyname>Bees</keyname></author></authors>
        <title>A Tale of\n  &lt;Two&gt; Erd\\H{o}s Ants</title>
        <categories>stat.ML cs.LG</categories><comments>8 pages,\n 2 figures</comments>
        <journal-ref>J. Ants 1</journal-ref><doi>10.1000/ANTS.1 10.1000/ants.2</doi>
        <abstract>  We ask.\nWhy?\n</abstract></arXiv>"""
    )
    assert one == protocol.OaiRecord(
        identifier="oai:arXiv.org:2001.00001",
        datestamp=DAY,
        deleted=False,
        sets=(SET,),
        paper=Paper(
            id="2001.00001",
            title="A Tale of <Two> Erdős Ants",
            authors=("Bo van Ant Jr.", "Bees"),
            abstract="We ask. Why?",
            published=date(2020, 1, 2),
            updated=date(2020, 3, 4),
            year=2020,
            arxiv_id="2001.00001",
            doi="10.1000/ants.1",
            url="https://arxiv.org/abs/2001.00001",
            categories=("stat.ML", "cs.LG"),
            comment="8 pages, 2 figures",
            journal_ref="J. Ants 1",
        ),
        problem=None,
    )


def test_a_record_with_its_versions() -> None:
    paper = metadata(RAW).paper
    assert paper is not None
    assert (paper.version, paper.published, paper.updated) == (
        10,
        date(2020, 1, 1),
        date(2020, 2, 3),
    )
    assert paper.authors == ("Ada Author", "Bo Writer")
    assert paper.withdrawn
    alive = metadata(RAW.replace("<source_type>I</source_type>", "")).paper
    assert alive is not None
    assert not alive.withdrawn


def test_a_creation_date_that_is_the_newest_versions() -> None:
    created = record("2001.00001", DAY).replace("2020-01-05", "2023-07-08")
    paper = protocol.parse(oai(f"<ListRecords>{created}</ListRecords>")).records[0].paper
    assert paper is not None
    assert (paper.published, paper.updated, paper.year) == (None, date(2023, 7, 8), 2020)


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        ("<dc xmlns='http://www.openarchives.org/OAI/2.0/oai_dc/'/>", "another format"),
        ("<arXiv xmlns='http://elsewhere/'><id>2001.00001</id><title>T</title></arXiv>", "another"),
        ("<arXiv xmlns='http://arxiv.org/OAI/arXiv/'><id>2001.00001</id></arXiv>", "no title"),
        ("<arXiv xmlns='http://arxiv.org/OAI/arXiv/'><title>T</title></arXiv>", "no arXiv id"),
        ("<arXiv xmlns='http://arxiv.org/OAI/arXiv/'><id>x</id><title>T</title></arXiv>", "no"),
        ("<arXiv><id>2001.00002</id><title>T</title></arXiv>", "metadata of 2001.00002"),
        ("<arXiv><id>2001.00001</id><created>May</created><title>T</title></arXiv>", "May"),
        (RAW.replace("v10", "vx"), "vx|x"),
        ("<!-- nothing -->", "no metadata"),
        ("<arXiv/><arXiv/>", "no metadata"),
    ],
)  # fmt: skip
def test_a_broken_record_is_reported_and_hides_no_other(inside: str, problem: str) -> None:
    records = record("2001.00001", DAY, inside) + record("2001.00003", DAY)
    page = protocol.parse(oai(f"<ListRecords>{records}</ListRecords>"))
    broken, good = page.records
    assert (broken.paper, broken.arxiv_id) == (None, "2001.00001")
    assert broken.problem is not None
    assert any(part in broken.problem for part in problem.split("|"))
    assert good.paper is not None
    assert good.problem is None


def test_a_deleted_record_and_one_without_a_name() -> None:
    nameless = "<record><header status='deleted'><!-- lost --></header></record>"
    page = protocol.parse(
        oai(f"<ListRecords>{record('hep-th/9901001', DAY, '')}{nameless}<record/></ListRecords>")
    )
    first, second, third = page.records
    assert (first.arxiv_id, first.deleted, first.problem) == ("hep-th/9901001", True, None)
    assert (second.deleted, second.problem is not None) == (True, True)
    assert third.problem is not None
    assert page.problems == ("a record: no identifier or no datestamp",) * 2


@pytest.mark.parametrize("name", ["expirationDate", "expires"])
def test_a_token_with_all_that_it_tells(name: str) -> None:
    about = f'{name}="2024-05-21T00:00:00Z" completeListSize="12" cursor="5"'
    body = oai(
        f"<ListRecords>{RECORD}<resumptionToken {about}> a b&amp;c </resumptionToken></ListRecords>"
    )
    page = protocol.parse(body)
    assert (page.token, page.size, page.cursor) == ("a b&c", 12, 5)
    assert page.responded == datetime(2024, 5, 20, 1, 2, 3, tzinfo=UTC)
    assert page.expires == datetime(2024, 5, 21, tzinfo=UTC)


@pytest.mark.parametrize("end", ["", "<resumptionToken/>", "<resumptionToken> </resumptionToken>"])
def test_ends_of_lists(end: str) -> None:
    page = protocol.parse(oai(f"<ListRecords>{RECORD}{end}</ListRecords>"))
    assert (page.token, page.expires, page.size, page.cursor) == (None, None, None, None)


def test_errors_of_the_protocol() -> None:
    assert protocol.parse(refusal("noRecordsMatch")).records == ()
    with pytest.raises(BadToken) as caught:
        protocol.parse(refusal("badResumptionToken"))
    assert caught.value.code == "badResumptionToken"
    two = oai('<error code="badArgument">from</error><error code="badArgument">until</error>')
    with pytest.raises(OaiError, match=r"badArgument, badArgument \(from until\)"):
        protocol.parse(two)


def listed(token: str) -> bytes:
    return oai(f"<ListRecords>{RECORD}{token}</ListRecords>")


BROKEN = {
    "nothing": b"",
    "text": b"busy",
    "HTML": b"<!DOCTYPE html><html><body>busy</body></html>",
    "an entity": GOOD.replace(b"<OAI", b'<!DOCTYPE OAI-PMH [<!ENTITY a "b">]><OAI', 1),
    "cut before the token": GOOD[: GOOD.index(b"</ListRecords>")],
    "cut in a record": GOOD[:500],
    "another root": b"<feed/>",
    "another namespace": GOOD.replace(b"OAI/2.0/", b"OAI/3.0/", 1),
    "bytes of another encoding": GOOD.replace(b"Ada", b"Ad\xe9"),
    "another encoding declared": GOOD.replace(b"UTF-8", b"latin-1").replace(b"Ada", b"Ad\xc3\xa9"),
    "no date": GOOD.replace(b"2024-05-20T01:02:03Z", b""),
    "neither records nor an error": oai(""),
    "an empty list": oai("<ListRecords></ListRecords>"),
    "an empty page": oai("<ListRecords><resumptionToken>more</resumptionToken></ListRecords>"),
    "an answer to another verb": oai(f"<GetRecord>{RECORD}</GetRecord>"),
    "fewer records than the list has": listed('<resumptionToken completeListSize="2"/>'),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_page_is_asked_for_again(broken: bytes) -> None:
    server, asked = replies(broken, GOOD)
    assert len(server.list_records(SET, DAY).records) == 1
    assert len(asked) == 2


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_page_that_stays_broken_is_no_end(broken: bytes) -> None:
    server, asked = replies(broken)
    with pytest.raises(SourceError, match="3 times"):
        server.list_records(SET, DAY)
    assert len(asked) == 3


def test_an_end_before_the_promised_end() -> None:
    whole = listed('<resumptionToken completeListSize="4"/>')
    server, asked = replies(listed("<resumptionToken/>"), whole)
    with pytest.raises(SourceError, match="an end after 3 of 4 records, 3 times"):
        server.resume("t", 2, 4)
    assert len(asked) == 3
    server, asked = replies(listed(""))
    assert server.resume("t", 3, 4).token is None
    assert server.resume("t").token is None


def test_a_token_that_leads_to_itself() -> None:
    server, _ = replies(listed("<resumptionToken>t</resumptionToken>"))
    assert server.resume("s").token == "t"
    with pytest.raises(SourceError, match="leads to itself"):
        server.resume("t")


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://127.0.0.1:1234", "http://127.0.0.1:1234/oai"),
        ("http://127.0.0.1:1234/", "http://127.0.0.1:1234/oai"),
        ("https://oaipmh.arxiv.org/oai", "https://oaipmh.arxiv.org/oai"),
    ],
)
def test_addresses(url: str, asked: str) -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, content=GOOD)

    server = OaiPmh(http(answer), url, "arXivRaw")
    server.list_records(SET, DAY)
    server.resume("a b&c=d/é")
    assert [str(request.url).partition("?")[0] for request in requests] == [asked, asked]
    assert [dict(request.url.params) for request in requests] == [
        {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": SET, "from": "2024-05-10"},
        {"verb": "ListRecords", "resumptionToken": "a b&c=d/é"},
    ]


def test_nothing_new_is_no_error_but_nothing_more_is() -> None:
    server, asked = replies(refusal("noRecordsMatch"))
    assert server.list_records(SET, DAY) == protocol.OaiPage(
        None, datetime(2024, 5, 20, 1, 2, 3, tzinfo=UTC)
    )
    with pytest.raises(BadToken):
        server.resume("t")
    assert len(asked) == 2


@pytest.mark.parametrize("status", [200, 400, 404, 422])
def test_errors_come_with_any_status_and_are_not_asked_for_again(status: int) -> None:
    server, asked = replies(refusal("badArgument"), status=status)
    with pytest.raises(OaiError, match="badArgument"):
        server.list_records(SET, DAY)
    server, _ = replies(refusal("noRecordsMatch"), status=status)
    assert server.list_records(SET, DAY).records == ()
    assert len(asked) == 1


@pytest.mark.parametrize("body", [b"<html>not here</html>", GOOD])
def test_a_page_that_is_not_there(body: bytes) -> None:
    server, asked = replies(body, status=404)
    with pytest.raises(SourceError, match="HTTP 404") as caught:
        server.list_records(SET, DAY)
    assert caught.value.status == 404
    assert len(asked) == 1


def test_one_record() -> None:
    old = record("hep-th/9901001", DAY)
    server, asked = replies(oai(f"<GetRecord>{old}</GetRecord>"))
    one = server.record("hep-th/9901001")
    assert one is not None
    assert one.paper is not None
    assert asked[0].url.params["identifier"] == "oai:arXiv.org:hep-th/9901001"
    with pytest.raises(SourceError, match="another record"):
        server.record("2001.00001")
    server, _ = replies(refusal("idDoesNotExist"))
    assert server.record("2001.00001") is None
    server, _ = replies(refusal("cannotDisseminateFormat"))
    with pytest.raises(OaiError, match="cannotDisseminateFormat"):
        server.record("2001.00001")


def test_a_whole_list_by_hand() -> None:
    fake = OaiServer({f"2001.0000{number}": DAY for number in range(5)})
    server = client(fake)
    page = server.list_records(SET, DAY)
    count = len(page.records)
    while page.token:
        page = server.resume(page.token)
        count += len(page.records)
    assert count == 5


@pytest.mark.shared
def test_recorded_arxiv_answers(shared: Path) -> None:
    folder = shared / "fixtures" / "oaipmh_arxiv"
    pages = {path.stem: protocol.parse(path.read_bytes()) for path in folder.glob("*.xml")}
    assert len(pages) == 9
    assert pages["sample_empty_response"].records == ()
    counts = {}
    for name, page in pages.items():
        for one in page.records:
            assert (one.paper is None) == (one.problem is not None)
            if one.paper:
                assert one.identifier == f"oai:arXiv.org:{one.paper.id}"
                assert one.paper.published is not None
                assert one.paper.authors
                assert one.paper.abstract
        counts[name] = sum(one.paper is not None for one in page.records)
    assert counts == {
        "sample_arxiv_response": 1,
        "sample_arxiv_response_listrecords_cs": 46,
        "sample_arxiv_response_listrecords_physics": 150,
        "sample_arxiv_response_no_namespace": 1,
        "sample_arxiv_response_utf8": 0,
        "sample_arxiv_response_with_namespace": 1,
        "sample_empty_response": 0,
        "sample_inspire_response_listrecords": 0,
        "sample_oai_dc_response": 0,
    }
    bare, spaced = (
        pages[f"sample_arxiv_response_{name}_namespace"].records for name in ("no", "with")
    )
    assert bare == spaced
    assert bare[0].paper is not None
    assert bare[0].paper.authors[1] == "Herbert Van de Sompel"
    gone = [
        one.identifier[-9:]
        for one in pages["sample_arxiv_response_listrecords_physics"].records
        if one.paper and one.paper.withdrawn
    ]
    assert gone == ["1007.2349", "1402.3880", "1410.7185"]


@pytest.mark.shared
def test_synthetic_answers_of_another_project(shared: Path) -> None:
    folder = shared / "fixtures" / "oaipmh_sickle_synthetic"
    said: dict[str, object] = {}
    for path in folder.glob("*.xml"):
        try:
            page = protocol.parse(path.read_bytes())
            said[path.stem] = (page.verb, len(page.records), page.token)
        except OaiError as error:
            said[path.stem] = (error.code, type(error))
        except BadResponse as error:
            said[path.stem] = str(error)
    codes = "badArgument cannotDisseminateFormat idDoesNotExist noSetHierarchy undefinedError"
    assert said == {code: (code, OaiError) for code in codes.split()} | {
        "badResumptionToken": ("badResumptionToken", BadToken),
        "noRecordsMatch": (None, 0, None),
        "ListRecordsBroken": "not XML, or cut short",
        "GetRecord": ("GetRecord", 1, None),
        "GetRecord_utf8test": ("GetRecord", 1, None),
        "ListRecords": ("ListRecords", 2, "ListRecords2.xml"),
        "ListRecords2": ("ListRecords", 2, "ListRecords3.xml"),
        "ListRecords3": ("ListRecords", 2, "ListRecords4.xml"),
        "ListRecords4": ("ListRecords", 2, None),
        "ListIdentifiers": ("ListIdentifiers", 2, "ListIdentifiers2.xml"),
        "ListIdentifiers2": ("ListIdentifiers", 2, None),
        "Identify": ("Identify", 0, None),
        "ListSets": ("ListSets", 0, None),
        "ListMetadataFormats": ("ListMetadataFormats", 0, None),
    }
    last = protocol.parse((folder / "ListRecords4.xml").read_bytes()).records
    assert last[0].problem == "no identifier or no datestamp"
    first = protocol.parse((folder / "ListRecords.xml").read_bytes()).records
    assert [(one.deleted, one.problem is None) for one in first] == [(True, True), (False, False)]


@pytest.mark.shared
def test_recorded_zenodo_answers(shared: Path) -> None:
    said: Counter[str] = Counter()
    for path in sorted((shared / "fixtures" / "oaipmh_zenodo_vcr").glob("*.yaml")):
        recorded = yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for interaction in recorded["interactions"]:
            body = interaction["response"]["body"]["content"].encode()
            try:
                page = protocol.parse(body)
            except OaiError as error:
                said[error.code] += 1
            except BadResponse as error:
                said[str(error)] += 1
            else:
                said[page.verb or "noRecordsMatch"] += 1
                assert all(one.identifier and one.datestamp for one in page.records)
                if page.token:
                    assert page.size is not None
                    assert page.expires is not None
                    assert page.expires > page.responded
    assert said == {
        "GetRecord": 2,
        "ListRecords": 8,
        "ListIdentifiers": 8,
        "Identify": 2,
        "ListMetadataFormats": 2,
        "ListSets": 2,
        "noRecordsMatch": 4,
        "badArgument": 3,
        "badResumptionToken": 3,
        "idDoesNotExist": 2,
        "an HTML page": 1,
    }
