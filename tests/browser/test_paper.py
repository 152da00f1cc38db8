"""The view of a paper in a real browser: to read, to go on from, to take away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browsing import Browser, query, watched
from tests.support.factories import paper
from tests.support.serving import small_library
from ui.web.server import Serving, in_background

pytestmark = pytest.mark.model

SOUPS = "?view=paper&paper=2203.05482"
TITLE = "Model soups: averaging weights of multiple fine-tuned models"
DELTA = "?view=paper&paper=2504.21023"
"""Its title has a sign of mathematics."""

AUTHOR = "?view=paper&author=Ilharco"
MISSING = "?view=paper&paper=model+soup"


def heading(browser: Browser) -> str:
    return browser.page.locator("#atlas-view h1").inner_text().replace("\n", " ")


@pytest.mark.parametrize("view", [SOUPS, DELTA, AUTHOR, MISSING])
def test_anyone_can_read_it_in_light_and_dark(browser: Browser, view: str) -> None:
    browser.open(view)
    assert browser.violations() == []
    browser.page.get_by_role("button", name="Dark").click()
    assert browser.violations() == []


@pytest.mark.parametrize("view", [SOUPS, AUTHOR])
def test_it_fits_a_telephone(browser: Browser, view: str) -> None:
    browser.page.set_viewport_size({"width": 390, "height": 844})
    browser.open(view)
    wide = "e => [e.scrollWidth, e.clientWidth]"
    assert len(set(browser.page.locator("#atlas").evaluate(wide))) == 1
    assert browser.violations() == []


def test_its_address_says_all_that_it_shows(browser: Browser) -> None:
    browser.open(SOUPS)
    assert heading(browser).startswith(TITLE)
    assert browser.page.title().startswith(TITLE)
    first = browser.page.locator(".papers a").first
    other = first.inner_text()
    first.click()
    browser.page.wait_for_url("**/?view=paper&paper=*")
    browser.shown()
    assert heading(browser) == other
    browser.page.reload()
    browser.shown()
    assert heading(browser) == other
    browser.page.go_back()
    browser.page.get_by_role("heading", name=TITLE).wait_for()
    browser.page.go_forward()
    browser.page.get_by_role("heading", name=other, level=1).wait_for()


@pytest.fixture
def formula(chromium: object, tmp_path: Path) -> Iterator[Browser]:
    """A window on a paper whose title has what only mathematics can write."""
    with small_library(tmp_path, 2) as library:
        library.catalogue.papers.put(paper(1, title=r"Merging in $\frac{\Delta}{2}$ steps"))
        with in_background(library, Serving(port=0)) as address:
            context = chromium.new_context()
            window = watched(context, address)
            window.open(f"?view=paper&paper={paper(1).id}")
            yield window
            context.close()
    assert window.other_hosts == window.console_errors == []


def test_a_formula_is_drawn(formula: Browser) -> None:
    drawn = formula.page.locator("h1 math")
    assert drawn.text_content() == "Δ2"
    box = drawn.bounding_box()
    assert 5 < box["width"] < 60
    assert 20 < box["height"] < 120  # One above the other.
    assert formula.violations() == []


def test_a_sign_of_mathematics_is_a_letter(browser: Browser) -> None:
    browser.open(DELTA)
    assert heading(browser).startswith("ParamΔ for Direct Weight Mixing")


def test_its_bibtex_can_be_copied_by_the_keyboard(browser: Browser) -> None:
    browser.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    browser.open(SOUPS)
    browser.page.get_by_role("link", name="Cite", exact=True).focus()
    browser.page.keyboard.press("Enter")
    focused = "document.activeElement.id"
    assert browser.page.evaluate(focused) == "paper-cite"
    browser.page.keyboard.press("Tab")
    browser.page.keyboard.press("Tab")
    browser.page.keyboard.press("Enter")
    browser.page.get_by_role("status").filter(has_text="Copied.").wait_for()
    copied = browser.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("@inproceedings{wortsman2022model,")
    assert copied == browser.page.locator("#atlas-view pre").text_content()


def test_without_a_clipboard_the_text_is_selected(browser: Browser) -> None:
    browser.open(SOUPS)
    browser.page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }"
    )
    browser.page.get_by_role("button", name="Copy BibTeX").click()
    browser.page.get_by_role("status").filter(has_text="Cop").wait_for()
    selected = browser.page.evaluate("getSelection().toString()")
    assert selected.startswith("@inproceedings{wortsman2022model,")


def test_it_can_be_taken_away(browser: Browser) -> None:
    browser.open(SOUPS)
    for name, begins in {"BibTeX file": "@inproceedings{", "RIS file": "TY  - "}.items():
        with browser.page.expect_download() as waiting:
            browser.page.get_by_role("link", name=name).click()
        text = Path(waiting.value.path()).read_text("utf-8")
        assert text.startswith(begins)
        assert TITLE in text


def test_from_it_a_path_is_asked_for(browser: Browser) -> None:
    browser.open(SOUPS)
    field = browser.page.get_by_label("To another paper")
    field.fill("2212.04089")
    field.press("Enter")
    browser.page.wait_for_url("**/?view=graph&**")
    asked = query(browser)
    assert (asked["from"], asked["to"]) == (["2203.05482"], ["2212.04089"])
    browser.shown()
    assert browser.page.locator("[data-view-name=graph]").count() == 1


def test_its_neighbourhood_is_drawn(browser: Browser) -> None:
    browser.open(SOUPS)
    drawn = browser.page.get_by_role("region", name="Neighbourhood").locator("svg").first
    assert drawn.bounding_box()["height"] > 100


def test_an_author_leads_to_more_papers(browser: Browser) -> None:
    browser.open(SOUPS)
    browser.page.get_by_role("link", name="Gabriel Ilharco").click()
    browser.page.get_by_role("heading", name="Gabriel Ilharco").wait_for()
    assert browser.page.locator(".card").count() > 1
    browser.page.get_by_label("Ask within these papers").fill("editing")
    browser.page.keyboard.press("Enter")
    browser.page.locator(".hit").first.wait_for()
    assert query(browser) == {"author": ["Gabriel Ilharco"], "q": ["editing"]}


def test_what_is_not_there_leads_to_what_is_near(browser: Browser) -> None:
    browser.open(MISSING)
    near = browser.page.locator(".papers a").first
    title = near.inner_text()
    near.click()
    browser.page.get_by_role("heading", name=title, level=1).wait_for()
    browser.open("?view=paper")
    browser.page.get_by_label("arXiv id or link, DOI, or title").fill("arxiv.org/abs/2203.05482v3")
    browser.page.keyboard.press("Enter")
    browser.page.get_by_role("heading", name=TITLE).wait_for()


def test_the_end_of_a_long_list_is_unfolded(browser: Browser) -> None:
    browser.open("?view=paper&paper=1910.10683")
    more = browser.page.locator(".paper .more").first
    hidden = more.locator("a").last
    assert not hidden.is_visible()
    more.locator("summary").focus()
    browser.page.keyboard.press("Enter")
    hidden.wait_for()
