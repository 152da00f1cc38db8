from collections import Counter
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.arxiv.api import MAX_PAPERS
from kg.errors import SourceError
from kg.records import Paper
from tests.support.services.arxiv import (
    IDS,
    api,
    counting,
    entry,
    feed,
    paged,
    replies,
)

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


@pytest.mark.slow
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
