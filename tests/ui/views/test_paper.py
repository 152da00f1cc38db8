"""The view of a paper, and of an author, as HTML."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

import lxml.html
import pytest
from markupsafe import Markup

from ingest.embedding import embed_missing
from kg.records import Citation, PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind
from search.library import Library
from tests.support.clock import StandingClock
from tests.support.embedders import HashedWords
from tests.support.factories import full_paper, paper, put_all
from ui.page.address import Address
from ui.page.visit import Page, Visit
from ui.views import graph, registry

FUSION = "model-reuse/model-fusion"
SOUPS = full_paper(
    title=r"Model \emph{soups} of $k$ models",
    authors=("Mitchell Wortsman", "Gabriel Ilharco"),
    abstract="We average $w_i$. Code is at https://github.com/soups.",
    withdrawn=False,
    year=2022,
)
ALONE = replace(paper(2), id="doi:10.1/a b&c", arxiv_id=None, doi="10.1/a b&c", abstract=None)
GONE = paper(3, withdrawn=True, comment="An error in the proof", title="Gone")
ACCENTS = paper(4, authors=("Márta Ács", "Gabriel Ilharco"), year=2019)
MANY = [paper(n, year=1990 + n) for n in range(10, 33)]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    settings = Settings(tmp_path_factory.mktemp("atlas"))
    clock = StandingClock(datetime(2024, 5, 6, 7, 8, tzinfo=UTC))
    with Catalogue(settings.catalogue, clock=clock) as catalogue:
        put_all(catalogue, SOUPS, ALONE, GONE, ACCENTS, *MANY)
        catalogue.placements.add(
            SOUPS.id,
            [
                Placement(FUSION, PlacedBy.LIST, "model-merging"),
                Placement(FUSION, PlacedBy.MODEL, "nearest", 0.874),
                Placement("model-editing", PlacedBy.PERSON, "Ada"),
            ],
        )
        catalogue.placements.add(ACCENTS.id, [Placement("meta-learning", PlacedBy.LIST, "a list")])
        catalogue.citations.add(
            [Citation(SOUPS.id, ACCENTS.id, "t"), Citation(GONE.id, SOUPS.id, "t")]
        )
        catalogue.citations.add(Citation(one.id, SOUPS.id, "t") for one in MANY)
        catalogue.journal.log_change(SOUPS.id, ChangeKind.REVISED, "version 3")
        catalogue.journal.log_change(GONE.id, ChangeKind.WITHDRAWN)
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords()) as opened:
            yield opened


def page(library: Library, **params: str) -> Page:
    address = Address.parse("?" + urlencode({"view": "paper", **params}))
    return registry.show(Visit(library, address))


def shown(library: Library, **params: str) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(page(library, **params).body)


def words(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def section(found: lxml.html.HtmlElement, heading: str) -> str:
    """Return what the part with a heading says."""
    (one,) = (h for h in found.iter("h1", "h2") if words(h).startswith(heading))
    return " ".join(" ".join(one.getparent().itertext()).split())


def links(found: lxml.html.HtmlElement) -> list[str]:
    return [a.get("href") for a in found.iter("a")]


def test_a_page_has_one_first_heading_and_the_others_in_order(library: Library) -> None:
    for params in (
        {"paper": SOUPS.id},
        {"paper": "no"},
        {"author": "ilharco"},
        {"author": "x"},
        {},
    ):
        found = shown(library, **params)
        name_zooms = [int(h.tag[1]) for h in found.iter("h1", "h2", "h3")]
        assert name_zooms.count(1) == 1
        assert name_zooms[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(name_zooms))
        assert found.get("data-view-name") == "paper"


def test_facts_of_a_paper_are_told(library: Library) -> None:
    found = shown(library, paper=SOUPS.id)
    assert page(library, paper=SOUPS.id).title == "Model soups of k models"
    assert words(found.find(".//h1")) == "Model soups of k models"
    facts = section(found, "Facts")
    for fact in ("2020-01-02", "2021-03-04", "Version 3", "cs.LG", "9 pages", "J. of X 7"):
        assert fact in facts
    assert "10.1000/x" in facts
    assert "Named by no list" in facts
    assert "Mitchell Wortsman, Gabriel Ilharco 2022 · ICML · 2001.00001" in words(found)
    assert "?view=paper&author=Mitchell+Wortsman" in links(found)


def test_links_lead_to_arxiv_and_by_the_doi(library: Library) -> None:
    outside = [url for url in links(shown(library, paper=SOUPS.id)) if url.startswith("http")]
    assert outside == [
        "https://arxiv.org/abs/2001.00001",
        "https://doi.org/10.1000/x",
        "https://github.com/soups",
    ]
    outside = [url for url in links(shown(library, paper=ALONE.id)) if url.startswith("http")]
    assert outside == ["https://doi.org/10.1/a%20b%26c", "https://arxiv.org/abs/2001.00002"]


@pytest.mark.parametrize(
    "name",
    [
        SOUPS.id,
        "arXiv:2001.00001v2",
        "https://arxiv.org/pdf/2001.00001.pdf",
        "https://doi.org/10.1000/X",
        SOUPS.title,
    ],
)
def test_a_paper_is_found_under_all_its_names(library: Library, name: str) -> None:
    assert words(shown(library, paper=name).find(".//h1")) == "Model soups of k models"


def test_topics_tell_who_placed_it_and_how_sure_that_is(library: Library) -> None:
    found = section(shown(library, paper=SOUPS.id), "Topics")
    assert "Model Reuse / Model Fusion Placed by the list model-merging" in found
    assert "; the model nearest, 87% sure" in found
    assert "Placed by Ada, a person" in found
    assert "No list, model or person" in section(shown(library, paper=ALONE.id), "Topics")


def test_citations_come_newest_first_and_their_end_is_folded_away(library: Library) -> None:
    found = shown(library, paper=SOUPS.id)
    (citing,) = (h for h in found.iter("h2") if words(h) == "Cited in the atlas by 24")
    first, rest = citing.getnext(), citing.getnext().getnext()
    years = [int(words(li.find("span")).split(" · ")[1]) for li in first.iter("li")]
    assert years == sorted(years, reverse=True)
    assert len(years) == 20
    assert words(rest.find("summary")) == "4 more"
    assert len(list(rest.iter("li"))) == 4
    assert "References in the atlas 1" in words(found)
    (cited,) = (li for li in found.iter("li") if li.get("data-area") == "meta-learning")
    assert words(cited).endswith("Meta Learning")


def test_it_is_told_of_how_many_papers_citations_are_known(library: Library) -> None:
    told = section(shown(library, paper=ALONE.id), "Citations")
    assert "citations are known of 26 of 27 papers of the atlas" in told
    assert "No paper of the atlas is known to cite it" in words(shown(library, paper=GONE.id))


def test_similar_papers_tell_how_similar_and_how_linked_they_are(library: Library) -> None:
    told = section(shown(library, paper=ALONE.id), "Similar papers")
    assert told.count("similarity ") == 8
    told = section(shown(library, paper=ACCENTS.id), "Similar papers")
    assert "similarity" in told
    by_soups = shown(library, paper=SOUPS.id)
    assert "cites this" in section(by_soups, "Similar papers")


def test_the_line_of_work_goes_by_the_paper(library: Library) -> None:
    told = section(shown(library, paper=SOUPS.id), "Line of work")
    assert told.startswith("Line of work 2019 Paper number 4 2022 This paper")
    assert "it builds on 1 paper of the atlas, and 23 papers build on it; see it drawn" in told


def test_a_withdrawn_paper_says_so_first(library: Library) -> None:
    told = words(shown(library, paper=GONE.id))
    assert told.startswith("Withdrawn. Its authors took this paper back")
    assert "They say: An error in the proof" in told
    assert "Withdrawn" not in words(shown(library, paper=SOUPS.id))


def test_the_history_of_a_paper_is_its_own(library: Library) -> None:
    assert section(shown(library, paper=SOUPS.id), "History") == (
        "History 2024-05-06 revised: version 3"
    )
    assert "History" not in words(shown(library, paper=ALONE.id))


def test_citing_is_one_click_away(library: Library) -> None:
    found = shown(library, paper=ALONE.id)
    assert found.find(".//pre").text.startswith("@misc{author22020paper,\n  title = {{Paper")
    assert "export/ris?id=doi%3A10.1/a%20b%26c" in links(found)
    assert "keywords = {model-editing, model-reuse/model-fusion}" in words(
        shown(library, paper=SOUPS.id)
    )


def test_from_a_paper_one_goes_on(library: Library) -> None:
    found = shown(library, paper=SOUPS.id)
    assert {"?like=2001.00001", "?view=graph&paper=2001.00001"} <= set(links(found))
    fields = {one.get("name"): one.get("value") for one in found.find(".//form").iter("input")}
    assert fields == {"view": "graph", "from": SOUPS.id, "to": None}
    (keep,) = found.xpath(".//button[@data-keep]")
    assert keep.get("data-keep") == SOUPS.id


def test_the_neighbourhood_is_drawn_where_it_can_be(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def canvas(_: Library, paper_id: str, most: int) -> Markup:
        return Markup("<svg data-of='{}' data-most='{}'></svg>").format(paper_id, most)

    monkeypatch.setattr(graph, "canvas", canvas, raising=False)
    (drawn,) = shown(library, paper=SOUPS.id).iter("svg")
    assert dict(drawn.attrib) == {"data-of": SOUPS.id, "data-most": "40"}
    monkeypatch.setattr(graph, "canvas", lambda *_, **__: Markup(""))
    assert "Neighbourhood" not in words(shown(library, paper=SOUPS.id))


def test_what_is_not_there_is_told_with_what_is_nearest(library: Library) -> None:
    found = shown(library, paper="Paper <b>number</b> 12 or so")
    assert "The atlas has no paper “Paper <b>number</b> 12 or so”." in words(found)
    assert "?view=paper&paper=2001.00012" in links(found)
    assert "?q=Paper+%3Cb%3Enumber%3C/b%3E+12+or+so" in links(found)
    assert page(library, paper="xyz").title == "Not found"


def test_without_a_name_one_is_asked_for_it(library: Library) -> None:
    assert page(library).title == "Open a paper"
    fields = [one.get("name") for one in shown(library).iter("input")]
    assert fields == ["view", "paper"]


def test_an_author_has_papers_and_co_authors(library: Library) -> None:
    found = shown(library, author="ILHARCO gabriel")
    assert page(library, author="ILHARCO gabriel").title == "Gabriel Ilharco"
    assert [words(h) for h in found.iter("h3")] == ["Model soups of k models", "Paper number 4"]
    assert "2 papers of the atlas, 2019–2022" in words(found)
    assert "With Mitchell Wortsman (1), Márta Ács (1)" in words(found)
    assert words(shown(library, author="marta acs").find(".//h1")) == "Márta Ács"


def test_the_papers_of_a_withdrawn_author_are_flagged(library: Library) -> None:
    assert "Gone withdrawn" in words(shown(library, author="Author3"))


@pytest.mark.parametrize("name", ["Nobody <i>", "…", "' OR 1=1"])
def test_an_author_who_is_not_there_is_told(library: Library, name: str) -> None:
    found = shown(library, author=name)
    assert words(found.find(".//h1")) == "No such author"
    assert name in words(found)


def test_days_are_written_alike(library: Library) -> None:
    days = [t.get("datetime") for t in shown(library, paper=SOUPS.id).iter("time")]
    assert days[:2] == [str(date(2020, 1, 2)), str(date(2021, 3, 4))]


def test_a_home_without_writing_shows_papers_as_well(library: Library, tmp_path: Path) -> None:
    del tmp_path
    before = library.catalogue.revision
    page(library, paper=SOUPS.id)
    assert library.catalogue.revision == before
