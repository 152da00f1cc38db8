"""The page's HTML as those read it who run no script: messengers and feed readers."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import feedparser
import httpx
import pytest

from search.library import Library
from tests.support.factories import paper, put_all
from tests.support.serving import PASSWORDS, accounts, served, small_library
from ui.web.document import with_head

HOSTILE = '"><script>alert(1)</script><meta property="og:title" content="x'
FUSION = "model-reuse/model-fusion"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with small_library(tmp_path_factory.mktemp("atlas")) as opened:
        facts = {"venue": "ICML", "year": 2023, "authors": ("Ada One", "Bo Two")}
        put_all(
            opened.catalogue,
            paper(50, title="Merging by $\\mu$-averages", **facts),
            paper(51, title=HOSTILE),
            paper(52, title="Taken back", withdrawn=True),
        )
        yield opened


@dataclass
class Read(HTMLParser):
    """What a fetcher that runs no script finds in a document's head."""

    html: str
    metas: list[tuple[str, str]] = field(default_factory=list)
    feeds: list[tuple[str, str]] = field(default_factory=list)
    title: str = ""

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)
        self._inside = ""
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self._inside = tag
        if tag == "meta" and (name := told.get("property") or told.get("name")):
            self.metas.append((name, told["content"]))
        if tag == "link" and told.get("rel") == "alternate":
            assert told["type"] == "application/atom+xml"
            self.feeds.append((told["href"], told["title"]))

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data.strip()

    def __getitem__(self, name: str) -> str:
        (value,) = [told for one, told in self.metas if one == name]
        return value


def read(client: httpx.Client, query: str = "", **more: object) -> Read:
    answer = client.get(query, **more)
    assert answer.status_code == 200
    return Read(answer.text)


TOLD = {
    "": ("LFM Atlas", "Papers on learning from models"),
    "?q=model+merging": ("model merging", "answer this question, nearest first"),
    "?q=merging&topic=model-editing": ("merging", "answer this question under Model Editing"),
    "?view=map&q=merging": ("merging", "on the map"),
    "?paper=2001.00050": ("Merging by μ-averages", "Ada One, Bo Two · 2023 · ICML · 2001.00050"),
    "?paper=2001.00052": ("Taken back", "Withdrawn. "),
    "?like=2001.00001": ("Papers like Paper number 1", "2001.00001"),
    "?view=graph&paper=2001.00001": ("Around Paper number 1", "2001.00001"),
    "?view=paper&author=Ada+Author2": ("Ada Author2", "1 paper in LFM Atlas."),
    f"?topic={FUSION}": ("Model Fusion", "2 papers. Combining the weights"),
    "?view=graph&topic=model-editing": ("Graph of Model Editing", "2 papers. "),
    "?view=topics&at=model-editing": ("Model Editing", "2 papers. "),
    "?view=status": ("Status · LFM Atlas", "Papers on learning from models"),
    "?view=lists&shared=2001.1,2001.2&name=Mine": ("Mine", "2 papers, shared in LFM Atlas."),
    "?paper=nothing": ("LFM Atlas", "Papers on learning from models"),
    "?view=nothing": ("LFM Atlas", "Papers on learning from models"),
    "?q=" + "x" * 500: ("x" * 118 + " …", "answer this question"),
}


@pytest.mark.slow
@pytest.mark.parametrize("query", TOLD)
def test_a_shared_link_tells_of_its_view(query: str, client: httpx.Client) -> None:
    told, (title, about) = read(client, query), TOLD[query]
    assert told["og:title"] == title
    assert about in told["og:description"]
    assert told["description"] == told["og:description"]
    assert told.title == (title if "LFM Atlas" in title else f"{title} · LFM Atlas")
    assert told["og:url"] == str(client.base_url) + query
    assert told["og:site_name"] == "LFM Atlas"


@pytest.mark.slow
@pytest.mark.parametrize("query", TOLD)
def test_nothing_is_told_twice_and_nothing_of_gradio(query: str, client: httpx.Client) -> None:
    told = read(client, query)
    names = [name for name, _ in told.metas]
    assert len(set(names)) == len(names)
    assert not [value for name, value in told.metas if "gradio" in (name + value).lower()]


@pytest.mark.slow
def test_the_picture_is_ours_and_at_the_address_that_was_asked(client: httpx.Client) -> None:
    picture = client.get(read(client)["og:image"])
    assert picture.headers["content-type"] == "image/png"
    width, height = (int.from_bytes(picture.content[at : at + 4]) for at in (16, 20))
    assert (width, height) == (1200, 630)
    assert len(picture.content) < 100_000
    port = client.base_url.port
    told = read(client, headers={"Host": f"localhost:{port}"})
    assert told["og:image"] == f"http://localhost:{port}/atlas/share.png"


@pytest.mark.slow
def test_a_strangers_host_is_in_no_address(client: httpx.Client) -> None:
    for host in ("evil.example", 'localhost"><b>', "localhost/evil"):
        assert client.get("", headers={"Host": host}).status_code == 421
    told = read(client, headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    assert told["og:image"].startswith(str(client.base_url))


@pytest.mark.slow
@pytest.mark.parametrize("query", [f"?q={HOSTILE}", "?paper=2001.00051", f"?view={HOSTILE}"])
def test_text_from_outside_stays_text(query: str, client: httpx.Client) -> None:
    answer = client.get(query)
    assert "<script>alert" not in answer.text
    told = Read(answer.text)
    if "view" not in query:
        assert told["og:title"] == HOSTILE
    assert len({name for name, _ in told.metas}) == len(told.metas)


@pytest.mark.slow
def test_every_script_of_the_document_is_in_its_policy(client: httpx.Client) -> None:
    answer = client.get("?q=merging")
    scripts = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", answer.text, re.DOTALL)
    assert len(scripts) >= 3
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]


FEEDS = {
    "": [],
    "?view=status": [],
    "?paper=2001.00001": [],
    f"?topic={FUSION}": ["Model Reuse / Model Fusion · LFM Atlas"],
    "?view=topics&topic=Model+Fusion": ["Model Reuse / Model Fusion · LFM Atlas"],
    "?view=graph&topic=model-editing": ["Model Editing · LFM Atlas"],
    "?view=map&topic=model-editing": ["Model Editing · LFM Atlas"],
    "?view=map&q=subject+3": ["subject 3 · LFM Atlas"],
    "?q=subject+3": ["subject 3 · LFM Atlas"],
    "?q=%22a%3E%3Cb%26+%27c&author=O%27Neil&k=50&sort=title": ["\"a><b& 'c · LFM Atlas"],
    f"?q=subject&topic={FUSION}&since=2020&category=cs.LG&category=cs.CL": ["subject · LFM Atlas"],
    "?q=subject&topic=nowhere": [],
    "?topic=nowhere": [],
    "?q=" + "x" * 2_001: [],
}
"""By address, the titles of the feeds of the view itself."""


@pytest.mark.slow
@pytest.mark.parametrize("query", FEEDS)
def test_a_feed_reader_finds_the_views_feed(query: str, client: httpx.Client) -> None:
    feeds = read(client, query).feeds
    assert [title for _, title in feeds] == [*FEEDS[query], "What is new in LFM Atlas"]
    for href, title in feeds:
        found = client.get(urljoin(str(client.base_url) + query, href))
        assert found.headers["content-type"].startswith("application/atom+xml")
        named = feedparser.parse(found.content).feed.title
        assert named == title or href == "feeds/changes.atom"


@pytest.mark.slow
def test_a_head_is_as_long_as_the_document(client: httpx.Client) -> None:
    head, whole = client.head("?q=x"), client.get("?q=x")
    assert (head.status_code, head.content) == (200, b"")
    # Gradio's own part differs by a few digits each time.
    assert abs(int(head.headers["content-length"]) - int(whole.headers["content-length"])) < 20


@pytest.mark.slow
def test_who_has_no_account_is_told_nothing(tmp_path: Path) -> None:
    with small_library(tmp_path) as library:
        accounts(library)
        with served(library, rate=0) as client:
            refused = client.get("?paper=2001.00001", headers={"Accept": "text/html"})
            assert "Paper number 1" not in refused.text
            told = read(client, "?paper=2001.00001", auth=("bo", PASSWORDS["bo"]))
            assert told["og:title"] == "Paper number 1"


@pytest.mark.slow
def test_a_damaged_atlas_still_gives_its_page(tmp_path: Path) -> None:
    with small_library(tmp_path) as library, served(library, rate=0) as client:
        for name in ("-wal", "-shm"):
            library.settings.catalogue.with_name(f"atlas.sqlite{name}").unlink(missing_ok=True)
        library.settings.catalogue.write_bytes(b"this is no catalogue" * 500)
        told = read(client, "?paper=2001.00001")
        assert told["og:title"] in ("LFM Atlas", "Paper number 1")


def test_only_the_head_is_ours() -> None:
    theirs = b'<head lang="en"><meta charset="utf-8"><base href="./"><meta\nname="twitter:card"\n'
    theirs += b'content="a"><script>"<title>"+"<meta name=description>"</script></head>'
    body = b'<body><meta property="og:title" content="theirs"></body>'
    found = with_head(b"<html>" + theirs + body, b"<title>ours</title>")
    assert found.index(b"<base") < found.index(b"<title>ours") < found.index(b"<script>")
    assert b"twitter" not in found
    assert found.endswith(b'"<title>"+"<meta name=description>"</script></head>' + body)
    assert with_head(b"no page", b"ours") == b"no page"
