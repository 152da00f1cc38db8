"""The view Ask as HTML: what an address asks for, and what is told of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ingest.embedding import embed_missing
from kg.entities.entity import Entity, EntityType, Name, Relation, Source
from kg.records import Citation, Filters, PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.reports import Report
from search.library import Library
from search.ranking.answers import Hit
from search.ranking.mode import Mode
from tests.support.embedders import HashedWords
from tests.support.factories import card, describe, paper, put_all
from ui.page import filters
from ui.page.address import Address
from ui.page.visit import Visit
from ui.views import registry
from ui.views.ask import SORTS, in_order

FUSION = "model-reuse/model-fusion"
SOUPS = paper(
    1,
    title="Model soups",
    authors=("Mitchell Wortsman", "Gabriel Ilharco"),
    abstract="Tuning is costly. Averaging the weights of $weights$ merges models. It is free.",
    venue="ICML",
    year=2022,
    categories=("cs.LG", "cs.CV"),
)
LATER = paper(2, title="Averaging weights again", abstract=None, year=2023, url=None)
GONE = paper(3, title="Averaging weights, withdrawn", withdrawn=True, year=2021, url=None)
HOSTILE = paper(
    4,
    title="<img src=x onerror=alert(1)> averaging",
    abstract='Averaging <script>alert("1")</script> weights & <b>models</b>.',
    authors=("<i>A</i>", "B\u202eC"),
    venue='"><svg onload=alert(1)>',
    url="javascript:alert(1)",
    categories=("<u>x</u>",),
    year=None,
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    settings = Settings(tmp_path_factory.mktemp("atlas"))
    with Catalogue(settings.catalogue) as catalogue:
        many = (paper(n, title=f"subject{n} of{n}", abstract=None, year=2010) for n in range(9, 69))
        put_all(catalogue, SOUPS, LATER, GONE, HOSTILE, *many)
        for one in (SOUPS, LATER, GONE):
            catalogue.placements.add(one.id, [Placement(FUSION, PlacedBy.LIST, "a list")])
        catalogue.citations.add([Citation(LATER.id, SOUPS.id, "test")])
        for one, citations in ((LATER, 30), (GONE, 20), (SOUPS, 10)):
            report = Report("openalex", date(2026, 8, 1), citations)
            describe(catalogue, one.id, None, reports=[report])
        relate(catalogue)
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords()) as opened:
            yield opened


def relate(catalogue: Catalogue) -> None:
    """Two methods of one name: one described, the other introduced by nobody."""
    soup, other = (
        catalogue.entities.put(Entity(id, EntityType.METHOD, (Name("Uniform Soup"),), about))
        for id, about in (("method/soup", "Means of <b>weights</b>."), ("method/soup-of-day", None))
    )
    first, second = (catalogue.identifiers.key(one.id) for one in (SOUPS, LATER))
    rows = [(soup, Relation.INTRODUCES, first), (soup, Relation.BUILDS_ON, second)]
    rows.append((other, Relation.MENTIONS, second))
    related = [(*row[:2], row[2], Source.LIST) for row in rows]
    catalogue.relations.replace({first: "", second: ""}, related)


class Read(HTMLParser):
    """Elements of a page: name, attributes and the text within."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[list[str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))
        if tag not in ("input", "meter", "br"):
            self._open.append(self.elements[-1][2])

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("input", "meter", "br"):
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for texts in self._open:
            texts.append(data)

    def all(self, tag: str, **wanted: str) -> list[tuple[dict[str, str | None], str]]:
        """Attributes and text of the elements that have these attributes."""
        return [
            (attributes, " ".join("".join(texts).split()))
            for name, attributes, texts in self.elements
            if name == tag
            and all(
                value in (attributes.get(key.rstrip("_")) or "").split()
                for key, value in wanted.items()
            )
        ]


def page(library: Library, address: str) -> Read:
    body = str(registry.show(Visit(library, Address.parse(address))).body)
    read = Read(body)
    assert len(read.all("h1")) == 1
    assert read.all("div")[0][0]["data-view-name"] == "ask"
    return read


def shown(read: Read) -> list[str | None]:
    return [attributes["data-paper"] for attributes, _ in read.all("article", class_="hit")]


def links(read: Read) -> dict[str, str | None]:
    return {text: attributes["href"] for attributes, text in read.all("a")}


# -- the first page ----------------------------------------------------------------------------


def test_the_first_page_has_questions_of_every_area(library: Library) -> None:
    read = page(library, "")
    examples = [(a["data-area"], a["href"]) for a, _ in read.all("a") if "data-area" in a]
    assert {area for area, _ in examples} == {one.id for one in library.taxonomy.roots}
    assert all(Address.parse(href or "").one("q") for _, href in examples)
    assert links(read)["map"] == "?view=map"
    assert f"{len(library.taxonomy)} topics" in links(read)
    assert "data-first" in read.all("form")[0][0]


def test_filters_without_a_question_wait_for_one(library: Library) -> None:
    (notice,) = page(library, "?author=wortsman").all("p", class_="notice")
    assert "1 paper passes" in notice[1]


# -- results -----------------------------------------------------------------------------------


def test_a_card_tells_what_the_paper_is_and_why_it_is_there(library: Library) -> None:
    read = page(library, f"?q=Model soups&topic={FUSION}")
    assert shown(read) == [SOUPS.id, LATER.id]
    (first, text), (_, second) = read.all("article", class_="hit")
    assert first["id"] == "hit-1"
    assert first["data-area"] == "model-reuse"
    assert "Mitchell Wortsman, Gabriel Ilharco · 2022 · ICML · 2001.00001" in text
    assert "meaning #1, words #1" in text
    assert "Model Reuse / Model Fusion" in text
    assert "cites 1 Details" in second
    assert [text for _, text in read.all("a", class_="cite", href="#hit-1")][-1] == "1"
    (meter, _), *_ = read.all("meter")
    assert meter["value"] == "1.000"
    outward = [a for a, _ in read.all("a", target="_blank")]
    assert outward[0]["href"] == SOUPS.url
    assert all(a["rel"] == "noopener noreferrer" for a in outward)
    ways = [text for text in links(read) if text in ("Details", "More like this", "Graph")]
    assert ways == ["Details", "More like this", "Graph"]
    assert {a["href"] for a, text in read.all("a") if text == "More like this"} >= {
        f"?like={SOUPS.id}"
    }


def test_the_questions_words_are_marked_and_formulas_stay_whole(library: Library) -> None:
    read = page(library, "?q=average weight model")
    (_, sentence) = read.all("p", class_="evidence")[0]
    assert sentence.startswith("Averaging the weights of")
    marks = [text for _, text in read.all("mark")]
    assert marks[:3] == ["Averaging", "weights", "models"]
    body = str(registry.show(Visit(library, Address.parse("?q=average weight model"))).body)
    assert "<math" in body


def test_in_a_paper_known_by_title_only_the_titles_words_are_marked(library: Library) -> None:
    read = page(library, f"?q=average weight model&topic={FUSION}")
    cards = dict(zip(shown(read), read.all("h3"), strict=True))
    assert cards[LATER.id][1] == "Averaging weights again"
    titles = str(registry.show(Visit(library, Address.parse("?q=average weight model"))).body)
    assert "<bdi><mark>Averaging weights</mark> again</bdi>" in titles
    assert "<bdi>Model soups</bdi>" in titles  # Its evidence is marked instead.


def test_text_from_outside_stays_text(library: Library) -> None:
    hostile = '?q="><script>alert(1)</script>&since=<b>&topic=<i>&category=<img src=x>&author=<b>'
    for address in ("?q=averaging", f"?like={HOSTILE.id}", hostile):
        read = page(library, address)
        assert not read.all("script")
        assert not read.all("img")
        assert not read.all("svg")
        assert not read.all("i")
        assert not read.all("b")
        assert not [a for a, _ in read.all("a") if (a["href"] or "").startswith("javascript")]


def test_a_paper_without_a_safe_link_leads_to_its_page(library: Library) -> None:
    read = page(library, "?q=averaging&author=A")
    assert shown(read) == [HOSTILE.id]
    (heading,) = read.all("h3")
    assert links(read)[heading[1]] == f"?view=paper&paper={HOSTILE.id}"


def test_more_can_be_shown_while_there_are_more(library: Library) -> None:
    read = page(library, "?q=averaging")
    assert len(shown(read)) == 10
    assert "The 10 nearest of 63 papers" in [text for _, text in read.all("h2")]
    assert links(read)["Show 20 papers"] == "?q=averaging&k=20"
    assert "Show 50 papers" in links(page(library, "?q=averaging&k=20"))
    most = page(library, "?q=averaging&k=50")
    assert len(shown(most)) == 50
    assert not [text for text in links(most) if text.startswith("Show")]
    few = page(library, "?q=averaging&mode=keyword")
    assert "3 of 3 papers that have any of the words" in [text for _, text in few.all("h2")]
    assert not [text for text in links(few) if text.startswith("Show")]


def test_an_answer_leads_to_the_map_and_to_its_feed(library: Library) -> None:
    asked = "q=averaging+%26&since=2020"
    ways = links(page(library, f"?{asked}&author=Mitchell&picked=1"))
    assert ways["See them on the map"] == f"?view=map&{asked}"
    assert ways["Feed of this question"] == f"feeds/ask.atom?{asked}&author=Mitchell"


@pytest.mark.parametrize("sort", SORTS)
def test_the_papers_found_are_put_in_order(library: Library, sort: str) -> None:
    found = shown(page(library, f"?q=averaging&mode=keyword&withdrawn=1&sort={sort}"))
    if sort == "relevance":
        assert found == [hit.paper.id for hit in by_words(library, "averaging")]
    else:
        assert (
            found
            == {
                "newest": [LATER.id, SOUPS.id, GONE.id, HOSTILE.id],
                "oldest": [GONE.id, SOUPS.id, LATER.id, HOSTILE.id],
                "cited": [LATER.id, GONE.id, SOUPS.id, HOSTILE.id],
                "title": [HOSTILE.id, LATER.id, GONE.id, SOUPS.id],
            }[sort]
        )


def by_words(library: Library, question: str) -> tuple[Hit, ...]:
    return library.ask(question, filters=Filters(withdrawn=True), mode=Mode.KEYWORD).hits


def test_a_day_is_more_exact_than_a_year(library: Library) -> None:
    hit = library.ask("averaging").hits[0]

    def dated(year: int | None, day: date | None) -> Hit:
        return replace(hit, paper=replace(hit.paper, year=year, published=day))

    spring, autumn = dated(2023, date(2023, 3, 1)), dated(2023, date(2023, 9, 1))
    unknown, early = dated(None, None), dated(1, None)
    hits = [unknown, spring, early, autumn]
    assert in_order(hits, "newest") == [autumn, spring, early, unknown]
    assert in_order(hits, "oldest") == [early, spring, autumn, unknown]


def test_what_is_picked_stands_in_the_address(library: Library) -> None:
    read = page(library, f"?q=averaging&picked={SOUPS.id} 9999.99999")
    picked = [a["value"] for a, _ in read.all("input", type="checkbox") if "checked" in a]
    assert picked == [SOUPS.id]
    assert all("picked" not in (a["href"] or "") for a, _ in read.all("a"))


# -- summary -----------------------------------------------------------------------------------


def test_a_summary_quotes_and_names_its_papers(library: Library) -> None:
    read = page(library, f"?q=merging models by averaging weights&topic={FUSION}")
    assert "What the papers say" in [text for _, text in read.all("h2")]
    (_, quoted), *_ = read.all("q")
    assert quoted.startswith("Averaging the weights of")
    (cite, _), *_ = read.all("a", class_="cite")
    assert cite["href"] == f"#hit-{shown(read).index(SOUPS.id) + 1}"


def test_what_is_not_quoted_is_told_to_be_the_atlas_s_own(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        put_all(catalogue, LATER, SOUPS)
        catalogue.cards.put(LATER.id, card(), "snapshot")
        embed_missing(catalogue, HashedWords())
        with Library(settings, HashedWords()) as library:
            read = page(library, "?q=averaging weights again")
    (_, told), *_ = read.all("section", class_="summary")
    assert card().summary in told
    assert "the atlas's own summary" in told
    assert "by title only" not in told
    assert not read.all("q")


def test_titles_alone_give_no_summary(library: Library) -> None:
    read = page(library, "?q=averaging weights again&since=2023")
    (_, told), *_ = read.all("section", class_="summary")
    assert "by title only" in told
    assert "lfm refresh" in told
    assert not read.all("q")


def test_a_question_off_the_field_is_told_so(library: Library) -> None:
    read = page(library, "?q=best pizza in rome")
    (_, told), *_ = read.all("section", class_="summary")
    assert "does not seem to answer" in told
    assert "“pizza”" in told
    assert not read.all("q")
    assert shown(read)


# -- more like this ----------------------------------------------------------------------------


def test_a_paper_is_shown_above_those_like_it(library: Library) -> None:
    read = page(library, f"?like={SOUPS.id}&since=2020")
    (entry, *_) = read.all("article")
    assert entry[0]["data-paper"] == SOUPS.id
    assert shown(read) == [LATER.id]
    assert read.all("input", name="like")[0][0]["value"] == SOUPS.id
    assert not read.all("select", name="mode")


def test_a_question_comes_before_a_likeness(library: Library) -> None:
    read = page(library, f"?like={SOUPS.id}&q=averaging")
    assert not read.all("input", name="like")
    assert SOUPS.id in shown(read)


# -- the form ----------------------------------------------------------------------------------


def test_the_form_holds_what_the_address_says(library: Library) -> None:
    address = (
        f"?q=a+%3C&topic={FUSION}&category=cs.LG&category=cs.CV&author=Li&since=2020&until=2024"
    )
    read = page(library, address + "&withdrawn=1&mode=dense&k=20&sort=title")
    assert read.all("textarea")[0][1] == "a <"
    chosen = {(a["value"]) for a, _ in read.all("option") if "selected" in a}
    assert chosen == {FUSION, "dense", "20"}
    checked = [a["value"] for a, _ in read.all("input", type="checkbox") if "checked" in a]
    assert checked == ["cs.LG", "cs.CV", "1"]
    values = {a["name"]: a["value"] for a, _ in read.all("input") if a.get("name")}
    assert (values["author"], values["since"], values["until"]) == ("Li", "2020", "2024")
    assert values["sort"] == "title"
    assert "open" in read.all("details", class_="filters")[0][0]


def test_defaults_leave_the_address_short(library: Library) -> None:
    read = page(library, "?q=averaging")
    assert not read.all("input", name="sort")
    assert all(not a["value"] for a, _ in read.all("option") if "selected" in a)
    assert "open" not in read.all("details", class_="filters")[0][0]


def test_each_filter_that_is_set_can_be_taken_off(library: Library) -> None:
    read = page(library, f"?q=x&topic={FUSION}&category=cs.LG&category=cs.CV&since=2020&mode=dense")
    chips = {text: a["href"] for a, text in read.all("a", class_="chip")}
    assert len(chips) == 5
    rest = f"?q=x&topic={FUSION}&since=2020&mode=dense&category=cs.CV"
    assert rest in chips.values()
    assert "?q=x&category=cs.LG&category=cs.CV&since=2020&mode=dense" in chips.values()


def test_topics_are_told_with_their_depth_and_counts(library: Library) -> None:
    options = {a["value"]: text for a, text in page(library, "").all("option")}
    assert options[FUSION] == "Model Fusion (2)"
    assert "model-editing" not in options
    body = str(registry.show(Visit(library, Address.parse(""))).body)
    assert "\u2003Model Fusion (2)" in body


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("since", "since=abc"),
        ("until", "until=12.5"),
        ("until", "since=2024&until=2020"),
        ("since", "since=2024-13"),
        ("until", "since=2024-05-17&until=2024-04"),
        ("topic", "topic=nowhere"),
        ("k", "k=51"),
        ("k", "k=0"),
        ("k", "k=ten"),
        ("mode", "mode=magic"),
        ("sort", "sort=magic"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(
    library: Library, field: str, address: str
) -> None:
    read = page(library, f"?q=averaging&author=Li&{address}")
    assert [a["id"] for a, _ in read.all("span", class_="wrong")] == [f"wrong-{field}"]
    assert read.all("textarea")[0][1] == "averaging"
    values = {a["name"]: a["value"] for a, _ in read.all("input") if a.get("name")}
    assert values["author"] == "Li"
    if field in ("since", "until"):
        assert values[field] == Address.parse(f"?{address}").one(field)
        (bad,) = [a for a, _ in read.all("input") if a.get("aria-invalid")]
        assert bad["aria-describedby"] == f"wrong-{field}"
    assert not shown(read)


def test_an_unknown_paper_is_told_in_the_form(library: Library) -> None:
    read = page(library, "?like=2001.99999")
    assert "no paper '2001.99999'" in read.all("span", class_="wrong")[0][1]


# -- no results --------------------------------------------------------------------------------


def test_the_filter_in_the_way_is_named_with_what_its_removal_gives(library: Library) -> None:
    read = page(library, f"?q=averaging&topic={FUSION}&since=2030")
    (notice, *_) = read.all("div", class_="notice")
    assert "No paper found" in notice[1]
    assert "2 papers without “from 2030 on”" in notice[1]
    assert "63 papers without any filter" in notice[1]
    # Without the topic there would be none either.
    assert "Model Fusion”" not in notice[1]
    assert links(read)["without “from 2030 on”"] == f"?q=averaging&topic={FUSION}"
    assert links(read)["without any filter"] == "?q=averaging"


def test_words_that_nobody_has_are_looked_for_by_meaning(library: Library) -> None:
    read = page(library, "?q=gorilla&mode=keyword&since=2020")
    assert "2 papers by meaning as well" in read.all("div", class_="notice")[0][1]
    assert links(read)["by meaning as well"] == "?q=gorilla&since=2020"


# -- filters of an address ---------------------------------------------------------------------


def test_filters_are_read_from_an_address(library: Library) -> None:
    address = Address.parse("?q=x&category=a&category=b&category=a&since=2020&withdrawn=1")
    assert filters.parse_strict(address, library) == Filters(
        categories=("a", "b"), since=2020, withdrawn=True
    )


def test_a_filter_by_entity_takes_a_name_of_one_or_says_which_there_are(library: Library) -> None:
    address = Address.parse("?q=averaging&about=method/soup")
    assert filters.parse_strict(address, library) == Filters(about="method/soup")
    read = page(library, "?q=averaging&about=method/soup")
    assert set(shown(read)) == {SOUPS.id, LATER.id}
    assert "related to method/soup" in read.all("a", class_="chip")[0][1]
    for name, told in (("uniform soup", "method/soup-of-day"), ("nosuch", "no method, benchmark")):
        read = page(library, f"?q=averaging&about={name}")
        assert shown(read) == []
        (wrong,) = [text for a, text in read.all("span") if a.get("id") == "wrong-about"]
        assert told in wrong


def test_an_empty_atlas_is_no_obstacle(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue), Library(settings, HashedWords()) as library:
        assert page(library, "").all("textarea")
        assert "No paper found" in page(library, "?q=anything").all("div", class_="notice")[0][1]


# -- what the question states ------------------------------------------------------------------


def chips(read: Read) -> list[str]:
    return [" ".join(text.split()) for _, text in read.all("span", class_="reading")]


def test_how_a_question_was_understood_is_said_and_counted(library: Library) -> None:
    asked = '?q=averaging -again title:"model soups"'
    read = page(library, asked)
    assert chips(read)[:2] == [
        "Without again Not meant: Without: again×",
        "Title “model soups” Not meant: Title: “model soups”×",
    ]
    assert shown(read) == [SOUPS.id]
    assert any("1 paper" in text for _, text in read.all("h2"))
    plain = page(library, "?q=averaging")
    assert not plain.all("section", class_="understood")


def test_what_was_not_meant_is_taken_off_and_put_back(library: Library) -> None:
    read = page(library, "?q=averaging until 2010&k=20")
    assert chips(read)[0].startswith("Date until 2010")
    off = links(read)["Not meant: Date: until 2010×"]
    assert off == "?q=averaging+until+2010&k=20&off=until:2010"
    left = page(library, off)
    assert SOUPS.id in shown(left)
    assert SOUPS.id not in shown(read)
    assert chips(left) == ["Date until 2010 Read again: Date: until 2010+"]
    assert [a["value"] for a, _ in left.all("input") if a.get("name") == "off"] == ["until:2010"]
    assert links(left)["Read again: Date: until 2010+"] == "?q=averaging+until+2010&k=20"


def test_an_operator_is_taken_off_by_leaving_it_out_of_the_question(library: Library) -> None:
    read = page(library, "?q=averaging -soups weights")
    assert links(read)["Not meant: Without: soups×"] == "?q=averaging+weights"
    assert not any("Not meant" in one for one in chips(page(library, "?q=-soups")))


def test_the_words_are_asked_as_they_are(library: Library) -> None:
    read = page(library, "?q=averaging until 2010&off=x:y")
    literal = links(read)["Ask the words as they are"]
    assert literal == "?q=averaging+until+2010&literal=1"
    asked = page(library, literal)
    assert chips(asked) == []
    assert SOUPS.id in shown(asked)
    assert "Ask the words as they are" not in links(asked)
    assert links(asked)["Read the question"] == "?q=averaging+until+2010"


def test_a_reading_becomes_a_filter_of_the_form_which_holds(library: Library) -> None:
    read = page(library, "?q=averaging until 2010")
    change = links(read)["change Date: until 2010"]
    assert change == "?q=averaging+until+2010&until=2010"
    changed = page(library, change)
    assert chips(changed) == []
    assert links(changed)["Remove the filter until 2010 ×"] == "?q=averaging+until+2010"
    held = page(library, "?q=averaging until 2010&until=2023")
    assert chips(held) == []
    assert SOUPS.id in shown(held)
    (note,) = [text for a, text in held.all("p") if a.get("role") == "note"]
    assert note == "The filter until 2023 holds in place of “until 2010”"


def test_an_id_shows_its_paper_and_one_that_is_missing_is_named(library: Library) -> None:
    assert shown(page(library, f"?q=arXiv:{LATER.id}v2"))[0] == LATER.id
    read = page(library, "?q=2401.00001")
    assert shown(read) == []
    (note,) = [text for _, text in read.all("section", class_="understood")]
    assert "2401.00001 is not in the atlas: `lfm add 2401.00001` brings it" in note


def test_an_author_s_papers_need_no_score(library: Library) -> None:
    read = page(library, "?q=papers by gabriel ilharco")
    assert shown(read)[0] == SOUPS.id
    assert chips(read)[0].startswith("Author gabriel ilharco preferred require")


def test_what_is_asked_for_by_name_is_defined_above_the_results(library: Library) -> None:
    read = page(library, "?q=what is uniform soup?")
    assert shown(read)[:2] == [SOUPS.id, LATER.id]
    (defined, other) = [text for _, text in read.all("div", class_="defined")]
    introduced = "Introduced by Mitchell Wortsman et al., 2022 [1]"
    assert defined == f"Uniform Soup method Means of <b>weights</b>. {introduced}"
    assert other == "Uniform Soup method"
    own = {a["href"] for a, _ in read.all("a") if "view=entity" in (a["href"] or "")}
    assert own >= {"?view=entity&id=method/soup", "?view=entity&id=method/soup-of-day"}
    assert any("uniform soup is a name of" in text for _, text in read.all("p"))


def test_an_authors_name_leads_to_the_authors_page(library: Library) -> None:
    for question in ("Mitchell Wortsman", "papers by Wortsman"):
        read = page(library, f"?q={question}")
        assert shown(read)[0] == SOUPS.id
        (href,) = [a["href"] for a, _ in read.all("a", class_="value")]
        author = registry.show(Visit(library, Address.parse(str(href))))
        assert author.title == "Mitchell Wortsman"
    assert not page(library, "?q=Model soups").all("section", class_="understood")
