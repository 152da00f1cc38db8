from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.arxiv.api import ArxivApi
from kg.errors import Forbidden, SourceError
from tests.support.services.arxiv import (
    IDS,
    Server,
    api,
    counting,
    entry,
    feed,
    http,
    replies,
    serve,
)

GOOD = feed([entry(IDS[0])], size=500)


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


@pytest.mark.slow
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


@pytest.mark.slow
@given(st.dictionaries(st.integers(0, 99), st.sampled_from(["untitled", "hidden", "nameless"])))
def test_any_bad_records_cost_no_other(bad: dict[int, str]) -> None:
    server, _ = spoilt({IDS[number]: kind for number, kind in bad.items()})
    (found,) = api(server).by_ids(IDS[:100])
    assert {paper.id for paper in found.papers} == {IDS[n] for n in range(100) if n not in bad}
    assert set(found.failed) | set(found.missing) == {IDS[number] for number in bad}


def test_a_forbidden_id_list_stops() -> None:
    server, asked = replies(403)
    with pytest.raises(Forbidden):
        list(api(server).by_ids(IDS[:100]))
    assert len(asked) == 1


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
