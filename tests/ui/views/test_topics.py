"""The views of topics: what they show of a small atlas, and that their addresses mean something."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import html

from ingest.embedding import embed_missing
from kg.records import Citation, PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.clock import StandingClock
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from ui.page.address import Address
from ui.page.visit import Page, Visit
from ui.views import registry
from ui.views.topic import PER_PAGE

FUSION, EDITING, EMPTY = "model-reuse/model-fusion", "model-editing", "meta-learning/bayesian"
DEEP = f"{FUSION}/task-arithmetic"
HOSTILE = "<img src=x onerror=alert(1)> & $x^2$ \u202eevil"
LAST = 2031
View = Callable[[str], html.HtmlElement]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Sixty papers of fusion, ten of them of task arithmetic too, and eight of editing."""
    papers = [paper(n, title=f"Merging {n}", abstract=None, year=LAST - n % 20) for n in range(60)]
    papers += [paper(n, title=f"Editing {n}", abstract=None, year=2021) for n in range(60, 67)]
    papers.append(paper(67, title=HOSTILE, abstract=None, year=None, authors=("<b>A</b>",)))
    nowhere = paper(99, title="In no topic", year=2021)
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, *papers, nowhere)
        for n, one in enumerate(papers):
            topic = EDITING if n >= 60 else DEEP if n < 10 else FUSION
            catalogue.placements.add(one.id, [Placement(topic, PlacedBy.LIST, "a list")])
        catalogue.placements.add(papers[0].id, [Placement(EDITING, PlacedBy.MODEL, "placer", 0.9)])
        catalogue.citations.add(Citation(papers[n].id, papers[7].id, "test") for n in (1, 2, 3, 61))
        embed_missing(catalogue, HashedWords())
    clock = StandingClock(datetime(LAST, 3, 15, tzinfo=UTC))
    with Library(Settings(tmp_path), HashedWords(), clock=clock) as opened:
        yield opened


def page(library: Library, address: str) -> Page:
    return registry.show(Visit(library, Address.parse(address)))


@pytest.fixture
def view(library: Library) -> View:
    return lambda address: html.fromstring(str(page(library, address).body))


def text(found: html.HtmlElement | list[html.HtmlElement]) -> str:
    one = found[0] if isinstance(found, list) else found
    return " ".join(one.text_content().split())


def section(found: html.HtmlElement, name: str) -> html.HtmlElement:
    return found.xpath(f"//section[@aria-labelledby='topic-{name}']")[0]


def cards(found: html.HtmlElement) -> list[str]:
    return found.xpath("//article/@data-paper")


def test_the_tree_and_the_sunburst_hold_every_topic_with_its_number(
    library: Library, view: View
) -> None:
    found = view("?view=topics")
    assert text(found.xpath("//h1")) == "Topics"
    assert "69 papers under" in text(found)
    assert "1 of them is in no topic yet" in text(found)
    leaves = {
        leaf.xpath("a/@href")[0]: text(leaf.find_class("count"))
        for leaf in found.find_class("tree")[0].find_class("leaf")
    }
    assert leaves.keys() == {f"?view=topics&topic={topic.id}" for topic in library.taxonomy}
    assert leaves[f"?view=topics&topic={FUSION}"] == "60 papers"
    assert leaves[f"?view=topics&topic={EDITING}"] == "9 papers"
    assert leaves[f"?view=topics&topic={EMPTY}"] == "0 papers"
    slices = found.find_class("burst")[0].xpath(".//a")
    assert len(slices) == len(library.taxonomy)
    assert "Bayesian Meta-Learning, 0 papers: open its page" in [
        s.get("aria-label") for s in slices
    ]
    assert "empty" in next(s for s in slices if EMPTY in s.get("href")).get("class")


def test_no_link_stands_in_a_disclosure(view: View) -> None:
    found = view("?view=topics")
    assert found.xpath("//summary")
    assert not found.xpath("//summary//a | //summary//button | //a//a")


def test_a_slice_leads_down_and_the_hole_leads_up(view: View) -> None:
    top = view("?view=topics")
    assert not top.find_class("up")
    (reuse,) = [a for a in top.xpath("//svg//a") if (a.get("data-name") == "Model Reuse")]
    assert reuse.get("href") == "?view=topics&at=model-reuse"
    found = view(reuse.get("href"))
    assert text(found.find_class("hole")) == "Model Reuse 60 papers ↑ Back up to All topics"
    assert found.find_class("up")[0].get("href") == "?view=topics"
    below = [a.get("data-name") for a in found.find_class("burst")[0].xpath(".//a[@data-name]")]
    assert below[:2] == ["Model Ensemble", "Model Fusion"]
    assert "Model Tuning" not in below
    deeper = view(f"?view=topics&at={FUSION}")
    assert deeper.find_class("up")[0].get("href") == "?view=topics&at=model-reuse"
    assert f"?view=topics&topic={DEEP}" in deeper.find_class("burst")[0].xpath(".//a/@href")
    assert deeper.xpath("//details[.//a[contains(@class, 'here')]]/@open")


def test_a_topic_without_subtopics_has_no_picture_and_says_so(view: View) -> None:
    found = view(f"?view=topics&at={EMPTY}")
    assert "Bayesian Meta-Learning has no subtopics" in text(found)


def test_what_grows_is_told_in_words_and_numbers(view: View) -> None:
    found = view("?view=topics")
    years = found.xpath("//section[@aria-labelledby='topics-years']")[0]
    assert "What grows" in text(years)
    assert "1 paper without a year is not drawn" in text(years)
    rows = [[text(cell) for cell in row] for row in years.xpath(".//tbody/tr")]
    assert rows[-1][0] == "unknown"
    assert rows[-2][0] == f"{LAST} so far"
    assert sum(int(row[-1]) for row in rows) == 69
    heads = [text(cell) for cell in years.xpath(".//thead//th")]
    reuse = heads.index("Model Reuse")
    assert sum(int(row[reuse] or 0) for row in rows) == 60


def test_gaps_are_looked_for_when_asked_and_said_to_be_unknown(view: View) -> None:
    assert "gaps=1" in view("?view=topics").xpath("//a[@data-stay='topics-gaps']/@href")[0]
    found = text(view("?view=topics&gaps=1"))
    assert "pairs were compared" in found or "pair were compared" in found


def test_a_topic_tells_what_it_is(view: View) -> None:
    found = view(f"?view=topics&topic={FUSION}")
    assert text(found.xpath("//h1")) == "Model Fusion"
    assert found.xpath("//nav[@aria-label='Topics above']/a/@href") == [
        "?view=topics",
        "?view=topics&topic=model-reuse",
    ]
    assert "Combining the weights" in text(found)
    assert "60 papers, 50 of them in no subtopic" in text(found)
    assert "Learn-From-Model survey" in text(found)
    below = {text(li.xpath("a")): text(li.find_class("count")) for li in section(found, "below")[1]}
    assert below["Task Arithmetic"] == "10 papers"
    assert below["Mode Connectivity"] == "0 papers"
    assert "Shares 1 of 60 papers" in text(section(found, "related"))
    assert "Cited by 3 papers of this topic" in text(section(found, "influential"))
    assert "citations are known of 4 of 60 papers" in text(section(found, "influential"))
    assert len(section(found, "newest").xpath(".//li")) == 5


def test_a_topic_leads_to_the_other_views(view: View) -> None:
    found = view(f"?view=topics&topic={DEEP}")
    links = set(found.xpath("//a/@href"))
    assert {
        f"?view=graph&topic={DEEP}",
        f"?view=map&topic={DEEP}",
        f"?view=topics&at={FUSION}",
        f"feeds/topic/{DEEP}.atom",
        f"export/bibtex?topic={DEEP}",
    } <= links
    form = found.xpath("//form[@role='search']")[0]
    assert dict(form.fields) == {"topic": DEEP, "q": None}
    assert Address.parse(f"topic={DEEP}&q=merging").view == "ask"


def test_a_topic_is_found_by_an_alias(view: View) -> None:
    assert text(view("?view=topics&topic=Model+Merging").xpath("//h1")) == "Model Fusion"


def test_the_papers_come_in_pages(view: View) -> None:
    found = view(f"?view=topics&topic={FUSION}")
    first, shown = cards(found), [text(found.find_class("pages")).split(" Next")[0]]
    assert len(first) == PER_PAGE
    assert "1 to 25 of 60 papers" in text(section(found, "papers"))
    (following,) = [a for a in found.find_class("pages")[0] if a.text == "Next"]
    second = view(following.get("href"))
    last = view(f"?view=topics&topic={FUSION}&part=3")
    assert shown == ["Page 1 of 3"]
    assert len({*first, *cards(second), *cards(last)}) == 60
    assert not second.xpath("//section[@aria-labelledby='topic-newest']")
    assert [a.text for a in last.find_class("pages")[0] if a.tag == "a"] == ["First", "Previous"]


def test_the_pages_keep_order_and_years(view: View) -> None:
    found = view(f"?view=topics&topic={FUSION}&sort=title&until={LAST}")
    assert cards(found)[0] == "2001.00000"
    (following,) = [a for a in found.find_class("pages")[0] if a.text == "Next"]
    asked = Address.parse(following.get("href"))
    assert (asked.one("sort"), asked.one("until"), asked.one("part")) == ("title", str(LAST), "2")
    (newest,) = [a for a in found.find_class("sorts")[0] if a.text == "newest first"]
    assert newest.get("href") == f"?view=topics&topic={FUSION}&until={LAST}"


@pytest.mark.slow
def test_each_bar_leads_to_as_many_papers_as_it_says(view: View) -> None:
    bars = section(view(f"?view=topics&topic={FUSION}"), "years").xpath(".//svg/a")
    assert len(bars) == 13
    for bar in bars:
        told = re.search(r": (\d+) papers? of Model Fusion$", bar.get("aria-label"))
        assert told
        found = view(bar.get("href"))
        assert f"of {told[1]} papers" in text(section(found, "papers"))
        assert len(found.xpath("//a[@aria-current='true'][ancestor::svg]")) == 1
    assert "to " in bars[0].get("aria-label")
    assert "so far" in bars[-1].get("aria-label")


def test_papers_of_one_year_are_of_that_year(library: Library, view: View) -> None:
    found = view(f"?view=topics&topic={FUSION}&year={LAST - 3}")
    assert text(section(found, "papers").xpath(".//h2")) == f"Papers of {LAST - 3}"
    assert {library.paper(one).paper.year for one in cards(found)} == {LAST - 3}
    (oldest,) = [a for a in found.find_class("sorts")[0] if a.text == "oldest first"]
    assert oldest.get("href") == f"?view=topics&topic={FUSION}&year={LAST - 3}&sort=oldest"
    none = view(f"?view=topics&topic={FUSION}&year=1950")
    assert "None of this topic's papers is known to be of then" in text(none)
    assert none.xpath("//a[text()='show all years']")


def test_influence_sorts_all_papers_and_says_what_it_does_not_know(view: View) -> None:
    found = view(f"?view=topics&topic={FUSION}&sort=influential")
    assert cards(found)[0] == "2001.00007"
    assert "comes last" in text(section(found, "papers"))


def test_papers_bridge_to_another_topic(view: View) -> None:
    found = view(f"?view=topics&topic={FUSION}&with={EDITING}")
    told = text(section(found, "bridges"))
    assert "Papers that bridge to Model Editing" in told
    assert "It is placed in Model Fusion and in Model Editing." in told
    options = view(f"?view=topics&topic={FUSION}").xpath("//select[@name='with']//option/@value")
    assert EDITING in options
    assert not {FUSION, DEEP, "model-reuse"} & set(options)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "told"),
    [
        (f"?view=topics&topic={FUSION}&part=4", "there is no page 4 of these papers"),
        (f"?view=topics&topic={FUSION}&part=0", "there is no page 0"),
        (f"?view=topics&topic={FUSION}&part=x", "part must be a whole number"),
        (f"?view=topics&topic={FUSION}&sort=beauty", "use one of newest"),
        (f"?view=topics&topic={FUSION}&with={DEEP}", "are not apart"),
    ],
)
def test_what_cannot_be_is_told(view: View, address: str, told: str) -> None:
    found = view(address)
    assert "notice" in found.get("class")
    assert told in text(found)


@pytest.mark.parametrize("name", ["topic", "at"])
def test_an_unknown_topic_leads_to_its_nearest(view: View, name: str) -> None:
    found = view(f"?view=topics&{name}=model-fusoin")
    assert text(found.xpath("//h1")) == "There is no topic “model-fusoin”"
    assert f"?view=topics&topic={FUSION}" in found.xpath("//li/a/@href")
    far = view(f"?view=topics&{name}=<b>zzzzqqqq</b>")
    assert not far.xpath("//li | //b")
    assert "<b>zzzzqqqq</b>" in text(far)


def test_a_topic_without_papers_says_where_to_go(view: View) -> None:
    found = view(f"?view=topics&topic={EMPTY}")
    assert "No list, model or person has placed a paper here" in text(found)
    assert "?view=topics&topic=meta-learning" in found.find_class("notice")[0].xpath(".//a/@href")


def test_an_atlas_without_papers_says_what_to_do(tmp_path: Path) -> None:
    Catalogue(tmp_path / "atlas.sqlite").close()
    with Library(Settings(tmp_path), HashedWords()) as opened:
        found = html.fromstring(str(page(opened, "?view=topics").body))
        assert "lfm refresh" in text(found.find_class("notice"))
        assert len(found.find_class("burst")[0].xpath(".//a")) == len(opened.taxonomy)


def test_text_from_outside_stays_text(view: View) -> None:
    found = view(f"?view=topics&topic={EDITING}&sort=title")
    assert not found.xpath("//img | //b | //script")
    assert "<img src=x onerror=alert(1)>" in text(found)
    assert "<b>A</b>" in text(found)
    assert all(
        one.xpath("ancestor::bdi") for one in found.xpath("//*[contains(text(), 'evil')]/node()")
    )


def test_a_taxonomy_of_ones_own_may_be_deep_and_say_anything(tmp_path: Path) -> None:
    """Five name_zooms, an area of no known colour, and a name that looks like markup."""
    ids = ["robots", "robots/a", "robots/a/b", "robots/a/b/c", "robots/a/b/c/d"]
    own = tmp_path / "taxonomy.yaml"
    own.write_text(
        "".join(
            f"- id: {one}\n  name: <i>N{n}</i>\n  definition: D.\n" for n, one in enumerate(ids)
        )
    )
    with Catalogue(tmp_path / "atlas.sqlite") as catalogue:
        put_all(catalogue, paper(1))
        catalogue.placements.add("2001.00001", [Placement(ids[-1], PlacedBy.LIST, "a list")])
    with Library(Settings(tmp_path, taxonomy=str(own)), HashedWords()) as opened:
        found = html.fromstring(str(page(opened, "?view=topics").body))
        deepest = html.fromstring(str(page(opened, f"?view=topics&topic={ids[-1]}").body))
        assert not found.xpath("//i") + deepest.xpath("//i")
        assert len(found.find_class("burst")[0].xpath(".//a")) == 3
        assert len(found.find_class("leaf")) == 5
        assert "own taxonomy file" in text(deepest)


def test_every_link_to_topics_shows_something(library: Library) -> None:
    """Walk on from the overview and from three topics, two steps far."""
    seen: set[str] = set()
    todo = ["?view=topics", "?view=topics&gaps=1"]
    todo += [f"?view=topics&topic={topic}" for topic in (FUSION, DEEP, EMPTY)]
    for _ in range(2):
        found: set[str] = set()
        for address in todo:
            seen.add(address)
            shown = page(library, address)
            assert 'class="notice" role="alert"' not in shown.body, address
            links = html.fromstring(str(shown.body)).xpath("//a/@href")
            found |= {link for link in links if Address.parse(link).view == "topics"}
        # One of a kind will do: all topics' pages are alike.
        kinds = {re.sub(r"=[^&]*", "", link): link for link in sorted(found - seen)}
        todo = list(kinds.values())
    assert len(seen) > 8
