"""The page: what it shows, what it lets no one smuggle in, and its API."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from kg.entities import Paper
from search.library import Answer, Hit
from ui import app

HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>"


def hit(paper: Paper, **values: object) -> Hit:
    given = {"rank": 1, "topics": (), "score": 0.5, "evidence": None, "dense": 1, "keyword": None}
    return Hit(paper=paper, **{**given, **values})


def test_text_from_outside_never_becomes_html() -> None:
    paper = Paper(id=HOSTILE, title=HOSTILE, authors=(HOSTILE,), venue=HOSTILE, url="https://e.org")
    html = app.results(Answer("q", 1.0, (hit(paper, evidence=HOSTILE, topics=("a'><b",)),)))
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert html.count("&lt;script&gt;") == 5


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", None])
def test_only_web_addresses_become_links(url: str | None) -> None:
    html = app.results(Answer("q", 1.0, (hit(Paper(id="1", title="A title", url=url)),)))
    assert "<h3>A title</h3>" in html


def test_an_empty_answer_says_so() -> None:
    assert "No paper" in app.results(Answer("q", 1.0, ()))


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start `lfm serve` in a process of its own."""
    environment = {**os.environ, "LFM_HOME": str(tmp_path_factory.mktemp("home"))}
    started = []

    def start(*arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "ui.cli", "serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.communicate()


@pytest.fixture(scope="module")
def address(serve: Callable[..., subprocess.Popen]) -> str:
    line = serve("--port", "0").stdout.readline()
    return line.split()[4]


@pytest.mark.model
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # gradio_client's own sockets
def test_the_page_answers_through_its_api(address: str) -> None:
    from gradio_client import Client

    client = Client(address, verbose=False, analytics_enabled=False)
    html = client.predict("model soups", "model-reuse/model-fusion", 5, api_name="/ask")
    assert html.count("class='atlas-hit'") == 5
    assert "https://arxiv.org/abs/2203.05482" in html
    assert "the question is empty" in client.predict("", None, 5, api_name="/ask")


@pytest.mark.model
def test_a_port_in_use_is_told_in_one_line(
    address: str, serve: Callable[..., subprocess.Popen]
) -> None:
    port = address.rstrip("/").rpartition(":")[2]
    process = serve("--port", port)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.count("\n") == 1
    assert "--port" in err
