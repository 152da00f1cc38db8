import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ingest.net.http import BadResponse, Http
from ingest.sources.arxiv import atom
from ingest.sources.arxiv.api import MAX_PAPERS, ArxivApi
from kg.entities import Paper
from kg.errors import Forbidden, SourceError
from kg.text.latex.plain import decoded
from tests.support.services.arxiv import entry, feed, http, paged

URL = "http://127.0.0.1:1234"
IDS = [f"2001.{number:05}" for number in range(1, 1000)]
Server = Callable[[httpx.Request], httpx.Response]


def api(answer: Server, page: int = 500, tries: int = 8) -> ArxivApi:
    return ArxivApi(http(answer, tries), URL, page)


def counting(answer: Server, page: int = 500) -> tuple[ArxivApi, Http]:
    """The same, with the client that counts its requests."""
    client = http(answer)
    return ArxivApi(client, URL, page), client


def serve(entries: dict[str, str], refused: tuple[str, ...] = ()) -> Server:
    """A server that knows these entries, and answers 400 to other ids."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params["id_list"].split(",")
        if bad := [one for one in asked if one in refused]:
            page = [
                entry("x").replace("http://arxiv.org/abs/xv1", "https://arxiv.org/api/errors#x")
            ]
            body = feed(page).replace(b"It works.", f"incorrect id format for {bad[0]}".encode())
            return httpx.Response(400, content=body)
        return httpx.Response(200, content=feed([entries[one] for one in asked if one in entries]))

    return answer


def replies(*bodies: bytes | int) -> tuple[Server, list[httpx.Request]]:
    """A server that says these one after the other, the last one forever."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        said = bodies[min(len(asked), len(bodies) - 1)]
        asked.append(request)
        return httpx.Response(said) if isinstance(said, int) else httpx.Response(200, content=said)

    return answer, asked


GOOD = feed([entry(IDS[0])], size=500)
BROKEN = {
    "nothing": b"",
    "text": b"try again later",
    "an HTML page": b"<!DOCTYPE html>\n<html><body><p>Busy<br></body></html>",
    "XHTML": b"<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>",
    "cut short": GOOD[: len(GOOD) * 2 // 3],
    "cut after an entry": GOOD[: -len(b"</feed>")],
    "another root": b"<rss/>",
    "no namespace": GOOD.replace(b' xmlns="http://www.w3.org/2005/Atom"', b""),
    "bytes of another encoding": GOOD.replace(b"Ada", b"Ad\xe9"),
    "another encoding declared": GOOD.replace(b"UTF-8", b"latin-1").replace(b"Ada", b"Ad\xc3\xa9"),
    "no such encoding": GOOD.replace(b"UTF-8", b"UTF-99"),
    "entities": GOOD.replace(b"\n<feed", b'<!DOCTYPE feed [<!ENTITY a "b">]><feed'),
    "fewer entries": feed([entry(IDS[0])], 2, size=500),
    "an empty page": feed([], 7, size=500),
    "another page": feed([entry(IDS[0])], 600, 500),
    "no total": GOOD.replace(b"totalResults", b"results"),
    "a total in words": GOOD.replace(b">1</totalResults>", b">one</totalResults>"),
    "an entry without id": GOOD.replace(b"http://arxiv.org/abs/2001.00001v1", b""),
    "an entry that is no paper": GOOD.replace(b"2001.00001v1", b"about"),
    "an entry without title": feed([entry(IDS[0], " ")], size=500),
    "an entry without date": GOOD.replace(b"2020-01-02T03:04:05Z", b""),
    "a date that is none": GOOD.replace(b"2020-02-03", b"2020-02-31"),
    "an error": GOOD.replace(b"arxiv.org/abs/2001.00001v1", b"arxiv.org/api/errors#1"),
}


def found(pages: Iterator[tuple[Paper, ...]]) -> list[str]:
    return [paper.id for page in pages for paper in page]


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_feed_is_asked_for_again(broken: bytes) -> None:
    server, asked = replies(broken, GOOD)
    assert found(api(server).search("all:ants")) == IDS[:1]
    assert len(asked) == 2


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_feed_that_stays_broken_is_no_end(broken: bytes) -> None:
    server, asked = replies(broken)
    with pytest.raises(SourceError, match="3 times"):
        list(api(server, tries=3).search("all:ants"))
    assert len(asked) == 3


def test_all_facts_of_an_entry() -> None:
    more = (
        '<comment xmlns="http://arxiv.org/schemas/atom">8 pages,\n 2 figures</comment>'
        '<journal_ref xmlns="http://arxiv.org/schemas/atom">J. Ants 1</journal_ref>'
        '<doi xmlns="http://arxiv.org/schemas/atom">10.1000/ANTS.1</doi>'
    )
    title = "A  Tale of\n  <Two> Erd\\H{o}s Ants"
    body = feed([entry("2001.00001", title, version="3", summary=" We ask.\nWhy? ", more=more)])
    assert atom.parse(body).papers == (
        Paper(
            id="2001.00001",
            title="A Tale of <Two> Erdős Ants",
            authors=("Ada Author",),
            abstract="We ask. Why?",
            published=date(2020, 1, 2),
            updated=date(2020, 2, 3),
            year=2020,
            arxiv_id="2001.00001",
            doi="10.1000/ants.1",
            url="https://arxiv.org/abs/2001.00001",
            categories=("cs.LG", "cs.CL"),
            comment="8 pages, 2 figures",
            journal_ref="J. Ants 1",
            version=3,
        ),
    )


def test_arxivs_own_doi_is_none_and_a_withdrawn_paper_is_withdrawn() -> None:
    own = '<doi xmlns="http://arxiv.org/schemas/atom">10.48550/arXiv.2001.00001</doi>'
    gone = "This paper has been withdrawn by the author."
    (paper,) = atom.parse(feed([entry(IDS[0], more=own, summary=gone)])).papers
    assert (paper.doi, paper.withdrawn) == (None, True)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://127.0.0.1:1234", "http://127.0.0.1:1234/api/query"),
        ("http://127.0.0.1:1234/", "http://127.0.0.1:1234/api/query"),
        ("https://export.arxiv.org/api/query", "https://export.arxiv.org/api/query"),
        ("http://mirror/{a}/query", "http://mirror/%7Ba%7D/query"),
    ],
)
def test_addresses(url: str, asked: str) -> None:
    server, requests = replies(GOOD)
    list(ArxivApi(http(server), url).search("ti:ants"))
    assert str(requests[0].url).partition("?")[0] == asked
    assert dict(requests[0].url.params) == {
        "search_query": "ti:ants",
        "id_list": "",
        "sortBy": "submittedDate",
        "sortOrder": "ascending",
        "start": "0",
        "max_results": "500",
    }


def test_ids_that_exist_and_ids_that_do_not() -> None:
    asked = ["arXiv:2001.00001v2", "2001.00002", "hep-th/9901001", "abc", "2001.00002", "1,2"]
    server = serve({IDS[0]: entry(IDS[0]), "hep-th/9901001": entry("hep-th/9901001")})
    answers = list(api(server).by_ids(asked))
    papers = [paper.id for answer in answers for paper in answer.papers]
    missing = [name for answer in answers for name in answer.missing]
    assert papers == ["2001.00001", "hep-th/9901001"]
    assert sorted(missing) == ["1,2", "2001.00002", "abc"]


def test_many_ids_are_asked_for_a_hundred_at_a_time() -> None:
    client, web = counting(serve({name: entry(name) for name in IDS}))
    answers = list(client.by_ids(IDS[:250]))
    assert [len(answer.papers) for answer in answers] == [100, 100, 50]
    assert web.requests == 3
    assert list(client.by_ids([])) == []


@given(st.sets(st.integers(0, 119), max_size=4))
def test_a_refused_id_costs_no_other(bad: set[int]) -> None:
    refused = tuple(IDS[number] for number in bad)
    client, web = counting(serve({name: entry(name) for name in IDS}, refused))
    answers = list(client.by_ids(IDS[:120]))
    assert {paper.id for one in answers for paper in one.papers} == set(IDS[:120]) - set(refused)
    assert {name for one in answers for name in one.missing} == set(refused)
    assert web.requests <= 2 + 14 * len(bad)


def test_a_server_that_refuses_every_id_is_not_believed() -> None:
    client, web = counting(serve({}, tuple(IDS)))
    with pytest.raises(SourceError, match=r"HTTP 400 .*incorrect id format for 2001"):
        list(client.by_ids(IDS[:100]))
    assert web.requests < 20


def test_an_error_feed_of_status_200_costs_only_its_id() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        answered = serve({name: entry(name) for name in IDS}, (IDS[3],))(request)
        return httpx.Response(200, content=answered.content)

    (one,) = api(answer).by_ids(IDS[:10])
    assert one.missing == (IDS[3],)
    assert len(one.papers) == 9


@pytest.mark.parametrize("wrong", [IDS[5], IDS[0]])
def test_papers_that_were_not_asked_for_or_come_twice(wrong: str) -> None:
    server, asked = replies(
        feed([entry(IDS[0]), entry(wrong)]), feed([entry(IDS[0]), entry(IDS[1])])
    )
    (one,) = api(server).by_ids(IDS[:2])
    assert [paper.id for paper in one.papers] == IDS[:2]
    assert len(asked) == 2


def spoilt(bad: dict[str, str], plus: int = 0) -> tuple[Server, list[list[str]]]:
    """A server with records that spoil what they are in; it counts `plus` papers too many."""
    asked: list[list[str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        names = request.url.params["id_list"].split(",")
        asked.append(names)
        page = [entry(name, f"On {name}") for name in names]
        body = feed(page, len(page) + plus).decode()
        for name, kind in bad.items():
            whole = entry(name, f"On {name}")
            instead = {
                "untitled": whole.replace(f"<title>On {name}</title>", ""),
                "nameless": whole.replace(f"http://arxiv.org/abs/{name}v1", ""),
                "hidden": "",
                "broken": whole.replace("<summary>", "<summary>a < b"),
            }[kind]
            body = body.replace(whole, instead)
        return httpx.Response(200, content=body.encode())

    return answer, asked


@pytest.mark.parametrize("plus", [0, 1])
@pytest.mark.parametrize("kind", ["untitled", "nameless", "hidden", "broken"])
def test_one_bad_record_costs_no_other(kind: str, plus: int) -> None:
    server, asked = spoilt({IDS[37]: kind}, plus)
    (found,) = api(server).by_ids(IDS[:100])
    assert {paper.id for paper in found.papers} == set(IDS[:100]) - {IDS[37]}
    assert (found.missing, list(found.failed)) == ((), [IDS[37]])
    assert found.failed[IDS[37]]
    # Three times the whole, and then parts of it, twice each.
    assert len(asked) <= 40


@given(st.dictionaries(st.integers(0, 99), st.sampled_from(["untitled", "hidden", "nameless"])))
def test_any_bad_records_cost_no_other(bad: dict[int, str]) -> None:
    server, _ = spoilt({IDS[number]: kind for number, kind in bad.items()})
    (found,) = api(server).by_ids(IDS[:100])
    assert {paper.id for paper in found.papers} == {IDS[n] for n in range(100) if n not in bad}
    assert set(found.failed) | set(found.missing) == {IDS[number] for number in bad}


def test_a_search_passes_over_what_is_bad() -> None:
    entries = [entry(name) for name in IDS[:25]]
    entries[7] = entry(IDS[7], " ")
    client = api(lambda request: httpx.Response(200, content=paged(request, entries)), page=10)
    assert found(client.search("all:ants")) == [*IDS[:7], *IDS[8:25]]
    assert set(client.flaws) == {f"{IDS[7]} without a title"}


@pytest.mark.parametrize("breaks", ["<b>", "<hidden/>"])
def test_a_careful_search_finds_the_entry_that_breaks_a_page(breaks: str) -> None:
    entries = [entry(name) for name in IDS[:25]]
    entries[13] = entries[13].replace("<summary>", "<summary><b>") if breaks == "<b>" else ""
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(200, content=paged(request, entries))

    client = api(answer, page=25)
    with pytest.raises(SourceError) as told:
        list(client.search("all:ants"))
    assert (told.value.status, asked) == (200, 3)
    assert sorted(found(client.search("all:ants", careful=True))) == [*IDS[:13], *IDS[14:25]]
    assert client.flaws[0].startswith("entry 14 of a search: ")


def test_a_title_in_a_flawed_answer_is_doubtful() -> None:
    known = ["Merging Ants by Day and Night", "Editing Bees by Day and Night"]
    good = titles(known, [])

    def answer(request: httpx.Request) -> httpx.Response:
        body = good(request).content.replace(f"<title>{known[1]}</title>".encode(), b"")
        return httpx.Response(200, content=body)

    client = api(answer)
    assert list(client.by_titles(known)) == known[:1]
    assert client.doubtful == {known[1]}


def test_a_title_that_breaks_the_answer_costs_no_other() -> None:
    known = [f"Merging Ant {name} by Day and Night" for name in ("Ada", "Bo", "Cy", "Dee")]
    good = titles(known, [])

    def answer(request: httpx.Request) -> httpx.Response:
        body = good(request).content.replace(b"Ant Cy", b"Ant < Cy")
        return httpx.Response(200, content=body)

    client = api(answer)
    assert list(client.by_titles(known)) == [known[0], known[1], known[3]]
    assert client.doubtful == {known[2]}


def test_a_forbidden_id_list_stops() -> None:
    server, asked = replies(403)
    with pytest.raises(Forbidden):
        list(api(server).by_ids(IDS[:100]))
    assert len(asked) == 1


def test_a_search_over_several_pages() -> None:
    client, web = counting(
        lambda request: httpx.Response(200, content=paged(request, entries)), page=10
    )
    entries = [entry(name) for name in IDS[:25]]
    assert [len(page) for page in client.search("all:ants")] == [10, 10, 5]
    assert web.requests == 3
    entries = []
    assert list(client.search("all:ants")) == []


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_faults_on_the_way_lose_nothing(faults: list[int]) -> None:
    bodies = [*BROKEN.values()]
    entries = [entry(name) for name in IDS[:25]]

    def answer(request: httpx.Request) -> httpx.Response:
        fault = faults.pop() if faults else 0
        if fault:
            return httpx.Response((200, 200, 429, 500, 503)[fault - 1], content=bodies[fault])
        return httpx.Response(200, content=paged(request, entries))

    assert found(api(answer, page=10, tries=13).search("all:ants")) == IDS[:25]


def test_a_paper_on_two_pages_comes_once_and_hides_no_other() -> None:
    requests = Counter[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        requests["all"] += 1
        names = IDS[:25]
        if requests["all"] <= 3:  # The order of papers of one second is not kept.
            names = [*IDS[:9], IDS[10], IDS[10], *IDS[11:25]]
        return httpx.Response(200, content=paged(request, [entry(name) for name in names]))

    got = found(api(answer, page=10).search("all:ants"))
    assert sorted(got) == IDS[:25]
    assert requests["all"] == 6


def test_a_list_that_gets_shorter_while_it_is_read() -> None:
    names = IDS[:25]

    def answer(request: httpx.Request) -> httpx.Response:
        body = paged(request, [entry(name) for name in names])
        if IDS[0] in names:
            names.remove(IDS[0])
        return httpx.Response(200, content=body)

    assert sorted(found(api(answer, page=10).search("all:ants"))) == IDS[:25]


def test_a_list_that_gets_longer_while_it_is_read() -> None:
    names = IDS[:10]

    def answer(request: httpx.Request) -> httpx.Response:
        body = paged(request, [entry(name) for name in names])
        names.extend(IDS[len(names) : 15])
        return httpx.Response(200, content=body)

    assert found(api(answer, page=5).search("all:ants")) == IDS[:15]


def test_a_list_that_vanishes_while_it_is_read() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        entries = [entry(name) for name in IDS[:25]] if request.url.params["start"] == "0" else []
        return httpx.Response(200, content=paged(request, entries))

    assert found(api(answer, page=10).search("all:ants")) == IDS[:10]


def test_a_list_with_the_same_paper_forever() -> None:
    client, web = counting(
        lambda request: httpx.Response(200, content=paged(request, [entry(IDS[0])] * 25)), page=10
    )
    assert found(client.search("all:ants")) == IDS[:1]
    assert web.requests == 6


def test_more_entries_than_were_asked_for_are_taken() -> None:
    server, _ = replies(feed([entry(name) for name in IDS[:12]], 12, size=10))
    assert found(api(server, page=12).search("all:ants")) == IDS[:12]


def test_a_list_that_is_too_long_says_so() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        start, size = (int(request.url.params[name]) for name in ("start", "max_results"))
        asked.append(start + size)
        page = [entry(f"2001.{number:05}") for number in range(start + 1, start + size + 1)]
        return httpx.Response(200, content=feed(page, MAX_PAPERS + 1, start, size))

    pages = api(answer, page=4000).search("all:ants")
    with pytest.raises(SourceError, match="30,001"):
        for _ in pages:
            pass
    assert max(asked) == MAX_PAPERS
    assert len(asked) == 8


def titles(known: list[str], asked: list[str]) -> Server:
    """A server that finds titles by one of the phrases, as a phrase search does."""

    def answer(request: httpx.Request) -> httpx.Response:
        query = request.url.params["search_query"]
        asked.append(query)
        phrases = re.findall('ti:"([^"]*)"', query)
        hits = [
            entry(name, title)
            for name, title in zip(IDS, known, strict=False)
            if any(one.lower() in title.lower().replace(":", "") for one in phrases)
        ]
        return httpx.Response(200, content=paged(request, hits))

    return answer


def test_papers_by_title() -> None:
    known = ["Merging Ants: A Long Story", "Merging Bees: A Long Story", "Merging All the Things"]
    asked: list[str] = []
    wanted = ["merging ants a long story", "Merging Bees: A Long Story", "No Such Paper at All",
              "Things", "?", "Merging Ants: A Long"]  # fmt: skip
    got = api(titles(known, asked)).by_titles(wanted)
    assert {title: paper.id for title, paper in got.items()} == {
        "merging ants a long story": IDS[0],
        "Merging Bees: A Long Story": IDS[1],
    }
    assert len(asked) == 1


def test_a_title_that_two_papers_have_is_left_open() -> None:
    server = titles(["A Study of Merged Ants", "A Study of Merged Ants"], [])
    assert api(server).by_titles(["A study of merged ants"]) == {}


def test_many_titles_share_requests() -> None:
    known = [f"The story of one ant whose number is {n}" for n in range(60)]
    asked: list[str] = []
    got = api(titles(known, asked)).by_titles([*known, *known])
    assert {title: paper.title for title, paper in got.items()} == {one: one for one in known}
    assert len(asked) == 6
    assert max(map(len, asked)) < 1800


def test_a_crowded_answer_is_asked_for_apart() -> None:
    known = [
        *(f"Merging the Many Ants {number}" for number in range(1000, 1200)),
        "Editing Bees at Night",
    ]
    asked: list[str] = []
    wanted = ["Merging the Many Ants", "Merging the Many Ants 1000", "Editing Bees at Night"]
    got = api(titles(known, asked)).by_titles(wanted)
    # The answer for all three is full of the first's, and says nothing of the others.
    assert {title: paper.title for title, paper in got.items()} == {one: one for one in wanted[1:]}
    assert asked[1:] == [f'ti:"{wanted[0]}"', f'ti:"{wanted[1]}" OR ti:"{wanted[2]}"']


def test_a_title_that_arxiv_refuses_costs_no_other() -> None:
    good = titles(["Merging Ants by Day and Night"], [])

    def answer(request: httpx.Request) -> httpx.Response:
        bad = "Evil" in request.url.params["search_query"]
        return httpx.Response(400) if bad else good(request)

    got = api(answer).by_titles(["An Evil Title of Ants", "Merging Ants by Day and Night"])
    assert [paper.id for paper in got.values()] == IDS[:1]


@pytest.mark.shared
def test_recorded_feeds_say_what_they_say(shared: Path) -> None:
    recorded = sorted((shared / "fixtures" / "arxiv_atom").glob("*.200.xml"))
    assert len(recorded) == 19
    names = {"a": "http://www.w3.org/2005/Atom", "x": "http://arxiv.org/schemas/atom"}
    for path in recorded:
        papers = atom.parse(path.read_bytes()).papers
        entries = etree.parse(path).findall("a:entry", names)
        assert len(papers) == len(entries)
        for paper, one in zip(papers, entries, strict=True):
            link = f"http://arxiv.org/abs/{paper.id}v{paper.version}"
            assert link == one.findtext("a:id", namespaces=names)
            # One paper has half of a letter that arXiv lost: a control character.
            title, summary = (
                re.sub("[\x7f-\x9f]", "", one.findtext(f"a:{name}", "", names))
                for name in ("title", "summary")
            )
            assert paper.title == decoded(" ".join(title.split())).rstrip(".")
            assert paper.abstract is not None
            assert paper.abstract.split() == summary.split() or "\\" in summary
            days = [one.findtext(f"a:{name}", "", names)[:10] for name in ("published", "updated")]
            assert [f"{paper.published}", f"{paper.updated}"] == days
            terms = [element.get("term") for element in one.findall("a:category", names)]
            assert list(paper.categories) == terms
            assert len(paper.authors) == len(one.findall("a:author", names))
            assert (paper.doi or "") == one.findtext("x:doi", "", names).lower()
            assert bool(paper.comment) == (one.find("x:comment", names) is not None)
            assert bool(paper.journal_ref) == (one.find("x:journal_ref", names) is not None)


@pytest.mark.shared
def test_the_recorded_refusal_and_the_recorded_page(shared: Path) -> None:
    folder = shared / "fixtures" / "arxiv_atom"
    (refused,) = folder.glob("*.400.xml")
    with pytest.raises(SourceError, match="incorrect id format for abc") as caught:
        atom.parse(refused.read_bytes())
    assert caught.value.status == 400
    (page,) = folder.glob("q_testing_s5_m10_*")
    assert len(atom.parse(page.read_bytes(), 5, 10).papers) == 10
    with pytest.raises(BadResponse, match="another page"):
        atom.parse(page.read_bytes(), 0, 10)


@pytest.mark.shared
def test_recorded_answers_served_again(shared: Path) -> None:
    folder = shared / "fixtures" / "arxiv_atom"

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        ids = asked["id_list"].replace(",", "_").replace("/", "_")
        name = (
            f"id_{ids}_s0_m100" if ids else f"q_testing_s{asked['start']}_m{asked['max_results']}"
        )
        (path,) = folder.glob(f"{name}_*")
        return httpx.Response(int(path.suffixes[-2][1:]), content=path.read_bytes())

    client = api(answer, page=10)
    (one,) = client.by_ids(["1707.08567"])
    assert (one.papers[0].authors[0], one.missing) == (one.papers[0].authors[0], ())
    (old,) = client.by_ids(["astro-ph/0601001"])
    assert old.papers[0].id == "astro-ph/0601001"
    pages = client.search("all:testing")
    assert [len(next(pages)) for _ in range(6)] == [10] * 6
