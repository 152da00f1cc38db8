"""Lists read anew: an unchanged one costs nothing, and a broken page is no list."""

from collections.abc import Callable
from datetime import date

import httpx
import pytest

from ingest.net.gate import Pace
from ingest.net.http import Http, RequestPolicy
from ingest.refresh.lists import refresh_list
from ingest.report import SourceReport
from ingest.sources.lists.followed import ListSource
from kg.links import Link, LinkKind
from kg.store.catalogue import Catalogue
from kg.store.database import utc_now
from kg.store.journal import ChangeKind
from tests.support.factories import contents

DAY = date(2026, 5, 4)
SOURCE = ListSource(
    "a-list", "own/list", "https://raw.example/own/list/HEAD/README.md", "model-editing"
)
BASE = "http://lists.test"


def page(*numbers: int) -> bytes:
    lines = (
        f"- [Paper number {n} on editing models](https://arxiv.org/abs/2001.{n:05})"
        for n in numbers
    )
    return ("# A list\n\n## Papers\n\n" + "\n".join(lines) + "\n").encode()


class Host:
    """A server of one list: what it has, and what it was asked."""

    def __init__(self, body: bytes, etag: str | None = '"1"') -> None:
        self.body, self.etag, self.status = body, etag, 200
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        headers = {"ETag": self.etag} if self.etag else {}
        if self.etag and request.headers.get("if-none-match") == self.etag:
            return httpx.Response(304, headers=headers)
        return httpx.Response(self.status, content=self.body, headers=headers)


@pytest.fixture
def read(catalogue: Catalogue) -> Callable[[Host], SourceReport]:
    def run(host: Host) -> SourceReport:
        http = Http(
            RequestPolicy("lists", tries=2),
            Pace(0),
            httpx.MockTransport(host),
            clock=lambda: 0.0,
            sleep=lambda _: None,
        )
        return refresh_list(catalogue, SOURCE, http, BASE, DAY)

    return run


def kinds(catalogue: Catalogue) -> list[ChangeKind]:
    return [one.kind for one in reversed(catalogue.journal.changes(utc_now().replace(year=2000)))]


def test_a_list_is_read_from_its_path_at_the_base(catalogue: Catalogue, read) -> None:
    host = Host(page(1, 2))
    report = read(host)
    assert (report.fetched, report.added, report.failed, report.requests) == (2, 2, [], 1)
    assert str(host.asked[0].url) == f"{BASE}/own/list/HEAD/README.md"
    assert kinds(catalogue) == [ChangeKind.ADDED] * 2


def test_an_unchanged_list_is_not_read_again(catalogue: Catalogue, read) -> None:
    host = Host(page(1, 2))
    read(host)
    before = contents(catalogue.path)
    report = read(host)
    assert (report.fetched, report.unchanged) == (0, 2)
    assert host.asked[1].headers["if-none-match"] == '"1"'
    assert contents(catalogue.path) == before


def test_without_etag_the_same_bytes_are_not_read_again(catalogue: Catalogue, read) -> None:
    host = Host(page(1, 2), etag=None)
    read(host)
    before = contents(catalogue.path)
    assert read(host).fetched == 0
    assert contents(catalogue.path) == before


def test_entries_that_went_are_kept_and_marked_and_may_come_back(
    catalogue: Catalogue, read
) -> None:
    read(Host(page(1, 2, 3)))
    report = read(Host(page(2, 3, 4), etag='"2"'))
    assert (report.added, report.unchanged, report.gone) == (1, 2, 1)
    assert set(catalogue.lists.papers("a-list", gone=True).values()) == {"2001.00001"}
    assert catalogue.size() == 4
    report = read(Host(page(1, 2, 3, 4), etag='"3"'))
    assert report.gone == 0
    assert catalogue.lists.papers("a-list", gone=True) == {}
    assert kinds(catalogue)[3:] == [ChangeKind.ADDED, ChangeKind.UNLISTED, ChangeKind.RELISTED]


@pytest.mark.parametrize(
    "body",
    [
        page(1),
        b"<!DOCTYPE html><html><body>Sorry</body></html>",
        b"",
        b"# A list\n\nNothing here.\n",
        b"\xff\xfe\x00\x01",
    ],
    ids=["shrunk", "web page", "empty", "no papers", "no text"],
)
def test_a_broken_page_changes_nothing(catalogue: Catalogue, read, body: bytes) -> None:
    read(Host(page(*range(1, 21))))
    before = contents(catalogue.path)
    report = read(Host(body, etag='"2"'))
    assert report.failed
    assert contents(catalogue.path) == before


@pytest.mark.parametrize("status", [404, 403, 500])
def test_a_list_that_cannot_be_fetched_is_told(catalogue: Catalogue, read, status: int) -> None:
    host = Host(page(1))
    host.status = status
    assert f"HTTP {status}" in read(host).failed[0]
    assert catalogue.size() == 0


def test_a_list_that_is_read_anew_replaces_its_links(
    catalogue: Catalogue, read: Callable[[Host], SourceReport]
) -> None:
    host = Host(page(1, 2).replace(b"00001)", b"00001) [code](https://github.com/a/old)"))
    read(host)
    (other,) = catalogue.papers.get([catalogue.identifiers.key("2001.00001")])
    catalogue.links.add(other.id, [Link(LinkKind.CODE, "https://github.com/b/other", "another")])
    host.body = page(1, 2).replace(b"00001)", b"00001) [code](https://github.com/a/new)")
    host.etag = '"2"'
    assert (read(host).updated, read(host).updated) == (1, 0)
    assert [(url, source) for _, _, url, source, *_ in catalogue.links.all()] == [
        ("https://github.com/a/new", "a-list"),
        ("https://github.com/b/other", "another"),
    ]
