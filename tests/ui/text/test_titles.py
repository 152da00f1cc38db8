"""A title opens its paper in the atlas on every view; what leads out of the atlas says so."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from search.library import Library
from tests.support.factories import paper
from tests.support.graphs.atlas import MADE, atlas
from tests.support.graphs.facts import TOPICS
from ui.background import BackgroundRefresh
from ui.page.address import Address
from ui.page.visit import Page, Visit
from ui.views import registry

PUBLISHED = paper(
    40,
    id="doi:10.1000/a(b)<c>",
    arxiv_id=None,
    doi="10.1000/a(b)<c>",
    title="Paper of a publisher",
    url="https://publisher.example/40",
)
NOWHERE = paper(
    41, id="title:41", arxiv_id=None, title="Paper of nowhere", url="javascript:alert(1)"
)
WAITING = paper(42, title="Paper that waits", abstract="We wait, <b>long</b>.")
TITLES = {f"Paper number {n}" for n in range(1, 10)} | {
    PUBLISHED.title,
    NOWHERE.title,
    WAITING.title,
}
KEPT = {
    "lists": [{"name": "Mine", "papers": 3}],
    "using": "Mine",
    "papers": [{"id": paper(1).id}, {"id": PUBLISHED.id}, {"id": NOWHERE.id}],
}


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    with atlas(MADE, PUBLISHED, NOWHERE) as opened:
        opened.catalogue.reviews.add(WAITING, [(TOPICS[0], 0.6)], 0.9)
        yield opened


def shown(library: Library, query: str, administrator: bool = True) -> Page:
    background = BackgroundRefresh(library, None, True)
    address = Address.parse(query)
    return registry.show(Visit(library, address, KEPT, None, administrator, background))


class Links(HTMLParser):
    """The links of a page: what they say and their attributes."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self._open = False
        self.feed(str(page.body))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._open = True
            self.found.append(("", dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            text, attrs = self.found[-1]
            self.found[-1] = (" ".join(f"{text}{data}".split()), attrs)


VIEWS = (
    "?q=paper",
    "?q=paper&mode=keyword&k=50",
    "?like=2001.00001",
    f"?topic={TOPICS[1]}",
    f"?topic={TOPICS[1]}&sort=influential",
    f"?topic={TOPICS[0]}&with={TOPICS[3]}",
    "?paper=2001.00001",
    "?view=paper&author=Writer",
    "?view=graph",
    "?view=graph&paper=2001.00001",
    "?view=graph&topic=model-reuse",
    "?view=graph&find=number+3+of+paper",
    "?view=graph&from=number+3+of+paper&to=2001.00001",
    "?view=graph&from=2001.00005&to=2001.00006",
    "?view=graph&lineage=2001.00001",
    "?view=lists",
    "?view=lists&show=related",
    "?view=lists&show=news&since=2001-01-01",
    "?view=lists&shared=2001.00001,2001.00002",
    "?view=status",
)


@pytest.mark.slow
@pytest.mark.parametrize("query", VIEWS)
def test_a_title_opens_its_paper(query: str, library: Library) -> None:
    links = Links(shown(library, query)).found
    # Within the list of a graph, names lead to their places in it.
    titled = [one for one in links if one[0] in TITLES and "#" not in str(one[1]["href"])]
    assert titled or "find" in query or "show=" in query
    for text, attrs in titled:
        address = Address.parse(str(attrs["href"]))
        assert address.view == "paper", (text, attrs)
        assert shown(library, str(address)).title == text
        assert "target" not in attrs


@pytest.mark.parametrize("query", VIEWS)
def test_what_leads_out_says_so(query: str, library: Library) -> None:
    for text, attrs in Links(shown(library, query)).found:
        outward = "//" in str(attrs["href"])
        assert outward == ("target" in attrs) == text.endswith("(opens in a new tab)"), text
        assert not outward or attrs["rel"] == "noopener noreferrer"
        assert "javascript" not in str(attrs["href"])


def outward(library: Library, query: str) -> set[tuple[str, str]]:
    links = Links(shown(library, query)).found
    return {
        (text.removesuffix(" (opens in a new tab)"), str(attrs["href"]))
        for text, attrs in links
        if "target" in attrs
    }


@pytest.mark.parametrize("query", ["?q=paper+publisher&k=50", "?view=lists", "?view=status"])
def test_a_card_leads_to_where_else_the_paper_is(query: str, library: Library) -> None:
    found = outward(library, query)
    if query == "?view=status":
        assert ("arXiv", "https://arxiv.org/abs/2001.00042") in found
        return
    doi = ("DOI", "https://doi.org/10.1000/a%28b%29%3Cc%3E")
    assert {doi, ("Its page", "https://publisher.example/40")} <= found
    assert ("arXiv", "https://arxiv.org/abs/2001.00001") in found


def test_a_paper_that_waits_is_shown_to_whoever_decides(library: Library) -> None:
    page = shown(library, f"?paper={WAITING.id}")
    assert page.title == WAITING.title
    assert "waits for a decision" in page.body
    assert "We wait, &lt;b&gt;long" in page.body
    other = shown(library, f"?paper={WAITING.id}", administrator=False)
    assert (other.title, "We wait" in other.body) == ("Not found", False)
