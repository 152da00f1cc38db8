"""What the views show of cards, links and reports, and the filters by them."""

from collections.abc import Iterator

import lxml.html
import pytest

from search.library import Library
from tests.support.factories import card, paper
from tests.support.serving import described_library
from ui.page.address import Address
from ui.page.visit import Visit
from ui.views import registry

ONE, TWO, THREE, FOUR = (paper(number).id for number in range(1, 5))
FUSION = "model-reuse/model-fusion"
LABELS = ["method", "no data needed", "white-box", "no training", "text", "vision"]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with described_library(tmp_path_factory.mktemp("atlas")) as opened:
        yield opened


def shown(library: Library, address: str, **state: object) -> lxml.html.HtmlElement:
    visit = Visit(library, Address.parse(address), browser_state=state)
    return lxml.html.fromstring(registry.show(visit).body)


def words(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def card_of(found: lxml.html.HtmlElement, name: str) -> lxml.html.HtmlElement:
    (one,) = found.xpath(f".//article[@data-paper='{name}']")
    return one


def does(element: lxml.html.HtmlElement) -> list[str]:
    return [words(one) for one in element.find_class("does")]


def labels(element: lxml.html.HtmlElement) -> list[str]:
    return [words(one) for one in element.find_class("label")]


KEPT = {
    "lists": [{"name": "Mine", "papers": 1}],
    "using": "Mine",
    "papers": [{"id": ONE, "title": "x", "added": "", "read": False}],
}


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("?q=paper number 1", {}),
        (f"?like={TWO}", {}),
        (f"?view=topics&topic={FUSION}", {}),
        ("?view=paper&author=Ada Author1", {}),
        (f"?view=lists&shared={ONE}", {}),
        ("?view=lists", KEPT),
    ],
)
def test_wherever_a_paper_is_listed_it_says_what_it_does(
    address: str, state: dict[str, object], library: Library
) -> None:
    one = card_of(shown(library, address, **state), ONE)
    assert does(one) == [card().summary]
    assert labels(one) == LABELS
    (code,) = one.find_class("code")
    assert words(code) == "Code: ada/moved (opens in a new tab)"
    assert code.find("a").get("href") == "https://github.com/ada/moved"
    assert code.find("a").get("rel") == "noopener noreferrer"
    (cited,) = one.find_class("cited")
    assert words(cited) == "cited 1,234 times"
    assert cited.get("title") == "Over all papers, says semantic-scholar on 2026-08-01"


def test_what_is_predicted_is_marked_for_eyes_and_ears(library: Library) -> None:
    two = card_of(shown(library, "?q=paper number 2"), TWO)
    assert does(two) == []
    assert labels(two) == ["method? (predicted)", "labeled data? (predicted)"]
    (_, data) = two.find_class("predicted")
    assert data.get("title") == "Predicted by a model, 83% sure"


def test_a_papers_page_begins_with_it(library: Library) -> None:
    page = shown(library, f"?view=paper&paper={ONE}")
    (short,) = page.find_class("short")
    assert does(short) == [card().summary]
    assert words(short.find_class("problem")[0]) == "Problem: one model for several tasks"
    assert labels(short) == LABELS
    assert [words(one) for one in short.find_class("links")[0]] == [
        "Code ada/code1 (opens in a new tab) official · moved to https://github.com/ada/moved ·"
        " from a-list",
        "Code ada/code2 (opens in a new tab) by others · from a-list",
        "Project ada.example/page (opens in a new tab) from comment",
    ]
    assert words(short).endswith(
        "Cited 1,234 times over all papers · Free copy (opens in a new tab) (semantic-scholar,"
        " 2026-08-01) Cited 1,200 times over all papers (openalex, 2026-08-01)"
    )
    (names,) = page.xpath(".//section[@aria-labelledby='paper-names']")
    assert [words(one) for one in names.iter("dt")] == [
        *("Introduces", "Builds on", "Compares with", "Evaluates on", "Models"),
    ]
    # The atlas has no entities: what the names mean is not known.
    assert not list(names.iter("a"))
    # Before the abstract, after the title.
    text = words(page)
    assert text.index("Paper number 1") < text.index(str(card().summary)) < text.index("Abstract")


def test_a_page_says_what_is_predicted_gone_or_unknown(library: Library) -> None:
    two, three, five = (
        shown(library, f"?view=paper&paper={name}") for name in (TWO, THREE, paper(5).id)
    )
    assert "What has a ? is predicted by a model" in words(two.find_class("short")[0])
    assert "gone on 2026-08-01 · from a-list" in words(three.find_class("short")[0])
    assert not five.find_class("short")


@pytest.mark.parametrize("address", [f"?view=paper&paper={FOUR}", "?q=paper number 4"])
def test_a_hostile_link_is_no_link(address: str, library: Library) -> None:
    page = shown(library, address)
    text = lxml.html.tostring(page, encoding="unicode")
    assert not [one for one in ("javascript:", "data:text", "127.0.0.1", "\x07") if one in text]


def choices(page: lxml.html.HtmlElement, name: str) -> dict[str, str]:
    (select,) = page.xpath(f".//select[@name='{name}']")
    return {one.get("value"): words(one) for one in select.iter("option")}


def test_the_form_offers_what_papers_have_with_counts(library: Library) -> None:
    page = shown(library, "?q=paper&training=full")
    assert choices(page, "kind") == {"": "Any", "method": "method (2)"}
    wanted = {"": "Any", "labeled": "labeled data (1)", "none": "no data needed (1)"}
    assert choices(page, "data") == wanted
    # What is set is offered, even where no paper has it.
    assert choices(page, "training")["full"] == "full training (0)"
    (code,) = page.xpath(".//input[@name='code']")
    assert words(code.getparent()) == "With code 2"
    assert page.xpath(".//input[@name='cited']")


def test_filters_are_addresses_and_chips(library: Library) -> None:
    page = shown(library, "?q=paper&kind=method&data=none&code=1&cited=1000")
    assert [one.get("data-paper") for one in page.find_class("hit")] == [ONE]
    chips = {words(one): one.get("href") for one in page.find_class("chip")}
    assert chips == {
        "Remove the filter method ×": "?q=paper&data=none&code=1&cited=1000",
        "Remove the filter no data needed ×": "?q=paper&kind=method&code=1&cited=1000",
        "Remove the filter with code ×": "?q=paper&kind=method&data=none&cited=1000",
        "Remove the filter cited 1,000 times or more ×": "?q=paper&kind=method&data=none&code=1",
    }
    assert page.xpath(".//select[@name='data']/option[@selected]/@value") == ["none"]


@pytest.mark.parametrize(
    ("query", "line"),
    [
        (
            "data=nothing",
            "there is no data 'nothing': use labeled, few, unlabeled, synthetic, none",
        ),
        ("cited=many", "cited must be a whole number, not 'many'"),
        ("cited=-3", "no paper is cited -3 times: use 0 to 10,000,000"),
    ],
)
def test_a_wrong_filter_is_marked_with_what_is_known(
    query: str, line: str, library: Library
) -> None:
    page = shown(library, f"?q=paper&{query}")
    name = query.partition("=")[0]
    (wrong,) = page.xpath(f".//*[@id='wrong-{name}']")
    assert words(wrong).startswith(line)
    (marked,) = page.xpath(".//*[@aria-invalid='true']")
    assert marked.get("name") == name


def test_citations_order_a_topic_where_any_are_known(library: Library) -> None:
    orders = shown(library, f"?view=topics&topic={FUSION}").find_class("sorts")[0]
    assert "most cited first" in words(orders)
    unknown = shown(library, "?view=topics&topic=meta-learning/white-box-data-free")
    assert "most cited first" not in words(unknown.find_class("sorts")[0])


def test_citations_order_answers_where_any_are_known(library: Library) -> None:
    page = shown(library, "?q=paper&sort=cited")
    assert [one.get("data-paper") for one in page.find_class("hit")][:2] == [ONE, TWO]
    sorts = [words(one) for one in page.find_class("sorts")[0].iter("a")]
    assert sorts == ["relevance", "newest", "oldest", "cited", "title"]
    without = shown(library, "?q=paper&author=Author5")
    assert "cited" not in [words(one) for one in without.find_class("sorts")[0].iter("a")]
