"""The view map as HTML, and what its script asks for."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ingest.embedding import embed_missing
from kg.records import PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from search.map import projection
from search.ranking.answers import Answer
from search.ranking.strength import AnswerStrength, Strength
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from ui.page.address import Address
from ui.page.visit import Visit
from ui.views import registry
from ui.web import map_points

FUSION = "model-reuse/model-fusion"
HOSTILE = paper(
    30,
    title="</script><script>alert(1)</script> $k$ merging & more",
    authors=('"><img src=x>',),
    year=2019,
)


def drawn_at_once(vectors: np.ndarray) -> np.ndarray:
    """A map in no time; that it is drawn well is for the tests of projection."""
    return np.asarray(vectors[:, :2] / 2 + np.linspace(0, 0.4, len(vectors))[:, None])


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "draw", drawn_at_once)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        many = [paper(n, title=f"merging {n}", year=2000 + n) for n in range(1, 21)]
        put_all(catalogue, *many, HOSTILE, paper(40, title="gone", withdrawn=True, year=None))
        for one in many[:8]:
            catalogue.placements.add(one.id, [Placement(FUSION, PlacedBy.LIST, "a list")])
        embed_missing(catalogue, HashedWords())
    with Library(settings, HashedWords()) as opened:
        opened.map.state(wait_s=60)
        yield opened


def empty(folder: Path, papers: int = 0) -> Library:
    settings = Settings(folder)
    with Catalogue(settings.catalogue) as catalogue:
        put_all(catalogue, paper(99), *(paper(n) for n in range(papers)))
        catalogue.papers.remove(paper(99).id)
        embed_missing(catalogue, HashedWords())
    return Library(settings, HashedWords())


def shown(library: Library, address: str = "?view=map") -> str:
    return str(registry.show(Visit(library, Address.parse(address))).body)


def hits(html: str) -> list[list[int]]:
    (found,) = re.findall('data-hits="([^"]*)"', html)
    return [[int(n) for n in pair.split(",")] for pair in re.findall(r"\[(\d+, ?\d+)\]", found)]


def ranks(html: str) -> int:
    return html.count('class="rank"')


# -- evidence ----------------------------------------------------------------------------------


def test_what_answers_nothing_is_not_numbered(library: Library) -> None:
    html = shown(library, "?view=map&q=zzzz")
    assert "The atlas does not seem to answer this" in html
    assert "may be about something else" in html
    assert "No paper found has the word “zzzz”" in html
    assert (hits(html), ranks(html)) == ([], 0)
    assert html.count("<li data-key=") == 10
    assert "answers</h2>" not in html


def test_good_evidence_is_numbered_and_needs_no_words(library: Library) -> None:
    html = shown(library, "?view=map&q=merging")
    assert len(hits(html)) == ranks(html) == html.count("<li data-key=") == 21
    assert "21 answers</h2>" in html
    assert "Weak evidence" not in html
    assert "does not seem" not in html


def test_weak_evidence_is_numbered_and_admitted(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = library.ask

    def weakly(*arguments: object, **more: object) -> Answer:
        return replace(
            ask(*arguments, **more), judgement=AnswerStrength(Strength.WEAK, ("Few <b>words</b>.",))
        )

    monkeypatch.setattr(library, "ask", weakly)
    html = shown(library, "?view=map&q=merging")
    assert "<strong>Weak evidence.</strong> <bdi>Few &lt;b&gt;words&lt;/b&gt;.</bdi>" in html
    assert ranks(html) == 21


def test_how_a_question_was_understood_is_said_on_the_map_too(library: Library) -> None:
    html = shown(library, "?view=map&q=Ada+Author3")
    assert "<bdi>Ada Author3</bdi></a>" in html
    assert 'href="?view=paper&amp;author=Ada+Author3"' in html
    assert 'class="understood"' not in shown(library, "?view=map&q=merging")


def test_no_paper_at_all_is_told_without_a_judgement(library: Library) -> None:
    html = shown(library, "?view=map&q=merging&since=2100")
    assert "0 answers</h2>" in html
    assert "Widen the years" in html
    assert "Weak" not in html


# -- states ------------------------------------------------------------------------------------


def test_an_empty_atlas_and_too_few_papers_are_told(tmp_path: Path, opened: Callable) -> None:
    assert "No papers yet" in shown(opened(empty(tmp_path / "none")))
    few = shown(opened(empty(tmp_path / "few", 4)))
    assert "Too few papers for a map" in few
    assert "4 papers" in few
    assert "<canvas" not in few


@pytest.mark.slow
def test_the_drawing_is_told_until_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable
) -> None:
    begin = threading.Event()

    def slow(vectors: np.ndarray) -> np.ndarray:
        begin.wait(60)
        return drawn_at_once(vectors)

    monkeypatch.setattr(projection, "draw", slow)
    library = opened(empty(tmp_path, 10))
    html = shown(library)
    assert "The map is being drawn" in html
    assert 'data-island="map_drawing"' in html
    begin.set()
    library.map.state(wait_s=60)
    assert "<canvas" in shown(library)


def test_a_failure_is_told_without_its_details(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable
) -> None:
    def broken(vectors: np.ndarray) -> np.ndarray:
        raise RuntimeError(f"secret {len(vectors)}")

    monkeypatch.setattr(projection, "draw", broken)
    html = shown(opened(empty(tmp_path, 10)))
    assert "could not be drawn" in html
    assert "secret" not in html


# -- the map -----------------------------------------------------------------------------------


def test_the_legend_counts_papers_by_area(library: Library) -> None:
    html = shown(library)
    assert 'aria-label="Map of 22 papers"' in html
    legend = dict(re.findall(r'data-area="([^"]*)" data-name[^>]*>.*?quiet">([\d,]+)<', html))
    assert legend["model-reuse"] == "8"
    assert legend["model-editing"] == "0"
    assert legend[""] == "14"
    paths = re.findall(r'<path d="([^"]+)"', html)
    assert len(set(paths)) == len(paths) == 6
    assert re.findall(
        r'name="(\w+)" aria-label="\w+ year" min="2001" max="2020" value="(\d+)"', html
    ) == [
        ("since", "2001"),
        ("until", "2020"),
    ]


def test_answers_are_lit_up_and_listed(library: Library) -> None:
    html = shown(library, "?view=map&q=merging+3")
    lit = hits(html)
    assert lit[0] == [library.catalogue.identifiers.key("2001.00003"), 1]
    assert [rank for _, rank in lit] == list(range(1, len(lit) + 1))
    listed = re.findall(r'<li data-key="(\d+)"', html)
    assert [int(key) for key in listed] == [key for key, _ in lit]
    assert "?view=paper&amp;paper=2001.00003" in html
    assert (
        registry.show(Visit(library, Address.parse("?view=map&q=merging"))).title == "merging: map"
    )


def test_answers_keep_to_the_topic_and_the_years(library: Library) -> None:
    html = shown(library, f"?view=map&q=merging&topic={FUSION}&since=2003&until=2005")
    keys = {library.catalogue.identifiers.key(f"2001.0000{n}") for n in (3, 4, 5)}
    assert {key for key, _ in hits(html)} == keys
    assert f'<option value="{FUSION}" selected>' in html
    assert 'aria-label="From year" min="2001" max="2020" value="2003"' in html
    html = shown(library, "?view=map&q=merging&since=1990&until=1991")
    assert "No paper of these years" in html
    assert hits(html) == []


def test_a_paper_is_marked(library: Library) -> None:
    html = shown(library, "?view=map&paper=2001.00007")
    assert f'data-marked="{library.catalogue.identifiers.key("2001.00007")}"' in html
    assert ">merging 7<" in html


def test_a_paper_without_a_vector_is_told_not_to_be_on_the_map(library: Library) -> None:
    library.catalogue.papers.put(paper(50, title="unread merging"))
    html = shown(library, "?view=map&paper=2001.00050")
    assert "it is not on the map" in html
    assert "data-marked" not in html
    assert "1 more paper is not on the map yet" in html
    assert library.catalogue.identifiers.key("2001.00050") not in {
        key for key, _ in hits(shown(library, "?view=map&q=unread"))
    }


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("?view=map&topic=no-such-topic", "no-such-topic"),
        ("?view=map&paper=0000.00000", "0000.00000"),
        ("?view=map&since=soon", "soon"),
        ("?view=map&since=2010&until=2000", "2010"),
    ],
)
def test_what_makes_no_sense_is_told(library: Library, address: str, told: str) -> None:
    html = shown(library, address)
    assert 'role="alert"' in html
    assert told in html


def test_new_papers_are_on_the_map_when_it_is_opened(library: Library) -> None:
    library.catalogue.papers.put(paper(60, title="merging anew"))
    embed_missing(library.catalogue, HashedWords())
    library.map.state(wait_s=60)
    assert 'aria-label="Map of 23 papers"' in shown(library)


# -- what the script asks for ------------------------------------------------------------------


@pytest.fixture
def client(library: Library) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=map_points.routes(library))) as client:
        yield client


def test_points_are_arrays_of_one_length(client: TestClient, library: Library) -> None:
    answer = client.get("/map/points").json()
    keys = library.catalogue.vectors.keys("hashed-words")
    assert answer["keys"] == keys
    assert {len(answer[name]) for name in ("x", "y", "years", "topics")} == {len(keys)}
    assert all(-1 <= place <= 1 for place in answer["x"] + answer["y"])
    row = keys.index(library.catalogue.identifiers.key("2001.00005"))
    assert answer["years"][row] == 2005
    assert [answer["names"][n] for n in answer["topics"][row]] == [FUSION]
    assert [label["topic"] for label in answer["labels"]] == ["model-reuse", FUSION]


def test_points_are_not_sent_twice(client: TestClient, library: Library) -> None:
    first = client.get("/map/points")
    known = {"If-None-Match": first.headers["etag"]}
    again = client.get("/map/points", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    library.catalogue.papers.remove("2001.00001")
    changed = client.get("/map/points", headers=known)
    assert changed.status_code == 200
    assert len(changed.json()["keys"]) == 21


def test_titles_are_plain_text(client: TestClient, library: Library) -> None:
    keys = [library.catalogue.identifiers.key(name) for name in (HOSTILE.id, "2001.00040")]
    answer = client.get(f"/map/titles?keys={keys[0]},{keys[1]},999999,{keys[0]}")
    assert answer.headers["content-type"] == "application/json"
    hostile, gone = answer.json()
    assert hostile["title"] == "</script><script>alert(1)</script> k merging & more"
    assert hostile["byline"] == HOSTILE.authors[0]
    assert (gone["key"], gone["withdrawn"], gone["year"]) == (keys[1], True, None)


def test_a_hostile_title_is_escaped_in_the_list(library: Library) -> None:
    library.catalogue.papers.put(replace(HOSTILE, title="<img src=x onerror=alert(1)> merging 999"))
    html = shown(library, "?view=map&q=merging")
    assert "&lt;img src=x" in html
    assert "<img" not in html


@pytest.mark.parametrize("keys", ["x", "1;2", "-1", "1.5", "²", "9" * 16, ",".join(["1"] * 201)])
def test_keys_that_make_no_sense_are_refused(client: TestClient, keys: str) -> None:
    answer = client.get("/map/titles", params={"keys": keys})
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("keys", ["", ",", "0"])
def test_no_key_gives_no_title(client: TestClient, keys: str) -> None:
    assert client.get("/map/titles", params={"keys": keys}).json() == []
