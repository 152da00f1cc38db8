"""A paper with an endless title and endless names is cut wherever it stands among others."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from search.library import Library
from search.pages.graph_papers import GraphPaper
from tests.support.factories import paper
from tests.support.graphs.atlas import MADE, atlas
from tests.support.graphs.facts import TOPICS
from ui.background import BackgroundRefresh
from ui.drawing.graph_facts import radius
from ui.drawing.graph_labels import label
from ui.page.address import Address
from ui.page.templating import byline, cut
from ui.page.visit import Page, Visit
from ui.views import registry
from ui.web import map_points
from ui.web.previews import preview

MADE_UP = "W" * 50_000
"""One word that no line has room for."""

LONG = replace(
    paper(1), title=MADE_UP, authors=(f"{MADE_UP[:2_000]} V",) * 300, venue=MADE_UP, abstract=None
)
KEPT = {
    "lists": [{"name": "Mine", "papers": 2}],
    "using": "Mine",
    "papers": [{"id": LONG.id}, {"id": paper(2).id}],
}


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    with atlas(MADE, LONG) as opened:
        opened.catalogue.reviews.add(replace(LONG, id="2001.00077", arxiv_id="2001.00077"), [], 0.5)
        opened.catalogue.journal.log_change(LONG.id, "revised")
        yield opened


def shown(library: Library, query: str) -> Page:
    background = BackgroundRefresh(library, None, True)
    return registry.show(Visit(library, Address.parse(query), KEPT, None, True, background))


def longest_word(text: str) -> int:
    # Links lead to whom they name, in full.
    return max(map(len, re.findall("W+", re.sub('href="[^"]*"', "", text))), default=0)


@pytest.mark.parametrize(
    "query",
    [
        "?paper=2001.00002",
        "?view=graph&paper=2001.00001",
        "?view=graph&paper=2001.00002",
        "?view=graph&kind=written_by&kind=cites&most=300&paper=2001.00002",
        "?view=graph&lineage=2001.00001",
        "?view=graph&lineage=2001.00002",
        "?view=graph&from=2001.00001&to=2001.00002",
        "?view=graph&from=2001.00003&to=2001.00002",
        "?view=graph&topic=model-reuse",
        "?view=graph&find=2020+paper",
        "?view=graph",
        "?q=paper&k=50",
        "?like=2001.00001",
        "?view=compare&id=2001.00001&id=2001.00002",
        f"?topic={TOPICS[1]}",
        "?view=status",
        "?view=lists",
        "?view=lists&show=related",
        "?view=lists&shared=2001.00001",
    ],
)
def test_among_others_it_is_cut(query: str, library: Library) -> None:
    page = shown(library, query)
    assert "<h1" in page.body
    assert longest_word(str(page.body)) <= 300
    assert longest_word(page.title) <= 300


def test_its_own_page_shows_all_of_it_and_folds_most_names_away(library: Library) -> None:
    page = shown(library, "?paper=2001.00001")
    (kept,) = library.catalogue.papers.get([library.catalogue.identifiers.key(LONG.id)])
    assert len(kept.title) > 500
    assert f"<h1><bdi>{kept.title}</bdi></h1>" in page.body
    first, _, rest = page.body.partition("<summary>250 more authors</summary>")
    assert first.count('<a href="?view=paper&amp;author=W') == 50
    assert rest.partition("</details>")[0].count('<a href="?view=paper&amp;author=W') == 250
    assert len(page.title) <= 300


def test_what_is_told_beside_the_page_is_cut(library: Library) -> None:
    told = preview(library, "?paper=2001.00001")
    assert longest_word(told.title + told.description) <= 300
    assert len(label(LONG)) <= 40
    assert len(byline(LONG)) < 500
    state = library.map
    key = library.catalogue.identifiers.key(LONG.id)
    with TestClient(Starlette(routes=map_points.routes(library))) as client:
        text = client.get(f"/map/titles?keys={key}").text
    assert state is library.map
    assert '"title":"W' in text.replace('": "', '":"')
    assert longest_word(text) <= 300


def test_cutting_leaves_what_is_short() -> None:
    assert cut("x" * 300) == "x" * 300
    assert cut("x" * 301) == f"{'x' * 298} …"
    assert cut("a b c", 4) == "a …"


@pytest.mark.parametrize(("cited", "wanted"), [(0, 6.5), (10, 12.7), (50, 21), (100_000, 21)])
def test_a_mark_grows_with_citations_up_to_a_size(cited: int, wanted: float) -> None:
    found = {"paper:1": GraphPaper(paper(1), (), cited, True)}
    assert radius(found, "paper:1", None) == pytest.approx(wanted, abs=0.1)
    assert radius(found, "paper:1", "paper:1") == pytest.approx(max(wanted, 14), abs=0.1)
    assert radius(found, "topic:1", None) == 9
