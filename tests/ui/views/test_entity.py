"""The view of a method, benchmark or model, and the links of names to it."""

from collections.abc import Iterator
from pathlib import Path

import lxml.html
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from search.library import Library
from tests.support.entities import ENTITIES, entity, entity_library
from tests.support.factories import paper
from tests.support.serving import small_library
from ui.feeds.feeds import announced, of_entity, routes
from ui.page.address import Address
from ui.page.visit import Page, Visit
from ui.views import registry
from ui.web.previews import preview

ADDUP = "?view=entity&id=method/addup"
HOSTILE = "<script>alert(1)</script>\u202e"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    bad = entity(
        "method/bad", HOSTILE, HOSTILE + "2", about=f'<img src=x onerror="a()">{"W" * 999}'
    )
    with entity_library(tmp_path_factory.mktemp("atlas"), 32, (*ENTITIES, bad), users=30) as opened:
        yield opened


def shown(library: Library, query: str) -> Page:
    return registry.show(Visit(library, Address.parse(query)))


def page(library: Library, query: str) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(shown(library, query).body)


def words(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def section(found: lxml.html.HtmlElement, name: str) -> lxml.html.HtmlElement:
    (one,) = found.xpath(f".//section[@aria-labelledby='entity-{name}']")
    return one


def links(element: lxml.html.HtmlElement) -> dict[str, str]:
    return {words(one): str(one.get("href")) for one in element.iter("a")}


@pytest.mark.parametrize("name", ["method/addup", "AddUp", "adding up", paper(1).id])
def test_an_entity_is_found_by_id_name_and_alias(library: Library, name: str) -> None:
    found = shown(library, str(Address.of("entity", id=name)))
    assert found.title == "AddUp"
    assert "Also called Adding-Up." in words(lxml.html.fromstring(found.body))


def test_a_page_begins_with_what_it_is_and_who_introduced_it(library: Library) -> None:
    found = page(library, ADDUP)
    (header,) = found.iter("header")
    assert words(header).startswith(
        "Method ● Model Reuse / Model Fusion AddUp Adds the weights of models."
    )
    (origin,) = found.find_class("origin")
    assert links(origin)["Paper number 1"] == f"?view=paper&paper={paper(1).id}"
    assert "Ada Author1, Bo Writer · 2020" in words(origin)
    assert "Code: ada/code1 (opens in a new tab)" in links(origin)
    (ask,) = found.xpath(".//form[@role='search']")
    assert dict(ask.form_values()) == {"about": "method/addup"}


def test_papers_stand_by_relation_with_the_first_ten(library: Library) -> None:
    found = page(library, ADDUP)
    (nav,) = found.find_class("relations")
    assert links(nav) == {"30 build on it": "#entity-builds_on"}
    builds = section(found, "builds_on")
    assert len(builds.find_class("papers")[0]) == 10
    assert links(builds)["All 30 papers that build on it"] == f"{ADDUP}&relation=builds_on"


def test_a_list_of_many_is_turned_by_pages_and_years(library: Library) -> None:
    second = section(page(library, f"{ADDUP}&relation=builds_on&part=2"), "papers")
    assert "26 to 30 of 30 papers, newest first" in words(second)
    assert links(second)["Previous"] == f"{ADDUP}&relation=builds_on"
    (column,) = section(page(library, ADDUP), "years").xpath(".//svg//a")
    assert (column.get("aria-label"), column.get("href")) == (
        "2020: 31 papers of AddUp",
        f"{ADDUP}&year=2020",
    )
    of_year = section(page(library, f"{ADDUP}&year=2020"), "papers")
    assert words(of_year).startswith("Papers that name it, 2020 1 to 25 of 31 papers")
    assert "None;" in words(section(page(library, f"{ADDUP}&until=2000"), "papers"))


def test_the_family_is_drawn_and_told(library: Library) -> None:
    family = section(page(library, ADDUP), "family")
    marks = family.xpath(".//svg//a")
    assert [(one.get("class"), one.get("aria-label")) for one in marks] == [
        ("above", "task arithmetic: 2020, used by 0 papers"),
        ("here", "AddUp: 2020, extends task arithmetic, used by 30 papers"),
        ("below", "AddUp More: 2020, extends AddUp, used by 0 papers"),
    ]
    assert marks[2].get("href") == "?view=entity&id=method/addmore"
    rows = [[words(cell) for cell in row] for row in family.iter("tr")]
    assert rows[2:] == [
        ["AddUp", "2020", "task arithmetic", "30"],
        ["AddUp More", "2020", "AddUp", "0"],
    ]
    assert not page(library, "?view=entity&id=GLUE").xpath(".//*[@id='entity-family']")


def test_what_is_beside_it_leads_on(library: Library) -> None:
    found = page(library, ADDUP)
    beside = {
        name: links(section(found, name))
        for name in ("compared", "measured", "extends", "extended")
    }
    assert beside == {
        "compared": {"weight averaging": "?view=entity&id=method/weight-averaging"},
        "measured": {"GLUE": "?view=entity&id=benchmark/glue"},
        "extends": {"task arithmetic": "?view=entity&id=method/task-arithmetic"},
        "extended": {"AddUp More": "?view=entity&id=method/addmore"},
    }


def test_a_name_of_several_leads_to_each(library: Library) -> None:
    found = page(library, "?view=entity&id=cola")
    assert words(found.find("h1")) == "2 are called “cola”"
    told = [words(one) for one in found.find_class("card")]
    assert [one.split("Introduced")[0] for one in told] == [
        "CoLA Benchmark Which sentences are acceptable.",
        "COLA Method · Ada Author2, Bo Writer · 2020 Chains of thin products.",
    ]
    assert links(found)["CoLA"] == "?view=entity&id=benchmark/cola"


@pytest.mark.parametrize(
    "address",
    ["graph&entity=cola", "graph&from=cola&to=T5", "entity&id=cola", "compare&id=T5&id=cola"],
)
def test_a_name_of_several_lists_them_in_every_view(library: Library, address: str) -> None:
    shown_words = words(page(library, f"?view={address}"))
    assert "failed" not in shown_words
    assert shown_words.count("Chains of thin products") == 1


def test_an_atlas_without_entities_says_what_brings_them(tmp_path: Path) -> None:
    with small_library(tmp_path, 2) as empty:
        assert "run `lfm refresh`" in words(page(empty, "?view=entity&id=LoRA"))


def test_an_unknown_name_has_its_nearest(library: Library) -> None:
    found = page(library, "?view=entity&id=Addupp")
    assert words(found.find("h1")) == "No method, benchmark or model “Addupp”"
    assert links(found)["AddUp"] == "?view=entity&id=AddUp"
    assert links(found)["Ask for it"] == "?q=Addupp"


def test_without_a_name_the_most_used_are_offered(library: Library) -> None:
    found = page(library, "?view=entity")
    assert "6 methods, 2 benchmarks and 1 model" in words(found)
    methods = found.xpath(".//section[@aria-labelledby='most-method']")[0]
    assert [words(one) for one in methods.iter("li")] == [
        "AddUp 30 papers",
        "weight averaging 1 paper",
    ]


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("&relation=loves", "no paper relates by 'loves': use one of introduces,"),
        ("&relation=builds_on&part=9", "there is no page 9 of these papers: use part=2 at most"),
        ("&year=soon", "year must be a whole number, not 'soon'"),
    ],
)
def test_a_wrong_address_says_what_is_wrong(library: Library, query: str, line: str) -> None:
    assert line in words(page(library, ADDUP + query))


def test_a_hostile_name_is_read_as_it_is_written(library: Library) -> None:
    found = page(library, "?view=entity&id=method/bad")
    assert found.find(".//h1/bdi").text_content().startswith("<script>")
    assert not [*found.iter("script"), *found.iter("img")]


@pytest.mark.parametrize(
    ("query", "title", "text"),
    [
        (ADDUP, "AddUp", "Method of 2020, used by 30 papers of LFM Atlas. Adds the weights"),
        ("?view=entity&id=cola", "cola: which one?", "Which sentences are acceptable."),
        ("?view=entity&id=nobody", "LFM Atlas", "Papers on learning"),
        ("?view=entity", "Methods · LFM Atlas", "Papers on learning"),
    ],
)
def test_a_shared_link_says_what_it_is(library: Library, query: str, title: str, text: str) -> None:
    told = preview(library, query)
    assert told.title == title
    assert told.description.startswith(text)


def test_names_of_a_card_lead_to_what_they_mean(library: Library) -> None:
    found = page(library, f"?view=paper&paper={paper(1).id}")
    (names,) = found.xpath(".//section[@aria-labelledby='paper-names']")
    assert links(names) == {
        "AddUp": "?view=entity&id=method/addup",
        "task arithmetic": "?view=entity&id=method/task-arithmetic",
        "weight averaging": "?view=entity&id=method/weight-averaging",
        # Two have that name, and the paper does not tell which.
        "CoLA": "?view=entity&id=CoLA",
        "GLUE": "?view=entity&id=benchmark/glue",
        "T5": "?view=entity&id=model/t5",
    }
    assert "nothing known" in words(names)


@pytest.mark.parametrize("query", ["?q=paper number 1", "?topic=model-reuse"])
def test_a_listed_paper_leads_to_what_it_introduces(library: Library, query: str) -> None:
    card = page(library, query).xpath(f".//article[@data-paper='{paper(1).id}']")[0]
    assert links(card.find_class("introduces")[0]) == {"AddUp": "?view=entity&id=method/addup"}


def test_names_are_looked_up_in_one_query_a_page(library: Library) -> None:
    cards = {one.paper.id: one.details.card for one in library.listed([paper(1).id, paper(3).id])}
    asked: list[str] = []
    connection = library.catalogue.database.connection
    connection.set_trace_callback(asked.append)
    try:
        assert len(library.entity_links(cards)) == 11
    finally:
        connection.set_trace_callback(None)
    assert len(asked) == 1


def test_a_topic_begins_with_what_its_methods_need(library: Library) -> None:
    found = page(library, "?topic=model-reuse")
    (told,) = found.find_class("told")[:1]
    assert words(told).startswith("1 paper of this topic introduces 1 method in 2020; most used:")
    of_topic = "q=Model+Reuse&topic=model-reuse"
    assert links(told) == {
        "AddUp": "?view=entity&id=method/addup",
        "1 of 1 needs no data of one's own": f"?{of_topic}&data=none",
        "1 of 1 needs no training": f"?{of_topic}&training=none",
        "GLUE": "?view=entity&id=benchmark/glue",
        "1 paper": f"?{of_topic}&about=model/t5",
        "T5": "?view=entity&id=model/t5",
    }
    (table,) = found.xpath(".//section[@aria-labelledby='topic-methods']//tbody")
    assert [[words(cell) for cell in row] for row in table] == [
        [
            *("AddUp", "2020", "no data needed, white-box, no training"),
            *("Code of AddUp (opens in a new tab)", "30 papers"),
        ]
    ]


def test_all_methods_of_a_topic_are_a_table_in_an_order(library: Library) -> None:
    found = page(library, "?view=entity&topic=model-reuse")
    assert words(found.find(".//h1")) == "Methods of Model Reuse"
    assert "Adds the weights of models." in words(found.find(".//tbody"))
    assert links(found)["newest first"] == "?view=entity&topic=model-reuse&sort=newest"
    wrong = page(library, "?view=entity&topic=model-reuse&sort=size")
    assert "methods cannot be sorted by 'size': use one of used, newest, name" in words(wrong)
    assert "no topic" in words(page(library, "?view=entity&topic=nowhere"))
    none = page(library, "?view=entity&topic=meta-learning/black-box-data-free")
    assert "No paper of this topic introduces a method" in words(none)


def test_an_entity_has_a_feed_that_its_view_announces(library: Library) -> None:
    own, changes = announced(library, Address.parse("?view=entity&id=adding-up"))
    assert (own.title, own.href) == ("AddUp · LFM Atlas", "feeds/about/method/addup.atom")
    assert own.href in links(page(library, ADDUP)).values()
    assert announced(library, Address.parse("?view=entity&id=cola")) == (changes,)
    feed = of_entity(library, "method/addup", "https://atlas.example/", "since=2020")
    assert (feed.title, feed.subtitle) == (own.title, "Adds the weights of models.")
    assert len(feed.entries) == 31
    assert feed.links[0].href.endswith(f"{own.href}?since=2020")
    assert feed.links[1].href == f"https://atlas.example/{ADDUP}"
    none = of_entity(library, "method/addup", "https://atlas.example/", "since=2021")
    assert none.entries == ()


def test_a_feed_of_a_name_of_several_says_so(library: Library) -> None:
    with TestClient(Starlette(routes=routes(library))) as client:
        answer = client.get("/feeds/about/cola.atom")
    assert (answer.status_code, answer.text.count("cola")) == (404, 4)
