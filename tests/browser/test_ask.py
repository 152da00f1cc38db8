"""The view Ask in a real browser: asking, filtering, selecting, taking away, on any screen."""

import re

import pytest

from tests.support.browsing import Browser, query

pytestmark = pytest.mark.model

SOUPS = "2203.05482"


def cards(browser: Browser) -> list[str]:
    return browser.page.locator(".hit").evaluate_all("all => all.map((e) => e.dataset.paper)")


def ask(browser: Browser, question: str) -> None:
    browser.page.get_by_label("Question").fill(question)
    browser.page.keyboard.press("Enter")
    browser.page.locator(".hit").first.wait_for()
    browser.shown()


def test_a_first_question_needs_no_mouse(browser: Browser) -> None:
    browser.open()
    focused = browser.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused == "Question"
    browser.page.keyboard.type("model soups")
    browser.page.keyboard.press("Enter")
    browser.page.locator(".hit").first.wait_for()
    assert cards(browser)[0] == SOUPS
    assert browser.page.title() == "model soups · LFM Atlas"
    link = browser.page.locator(".hit h3 a").first
    assert link.get_attribute("href") == f"?view=paper&paper={SOUPS}"
    out = browser.page.locator(".hit").first.get_by_role("link", name="arXiv")
    assert out.get_attribute("href") == f"https://arxiv.org/abs/{SOUPS}"
    said = browser.page.locator(".summary").inner_text()
    assert said.startswith("Model soups")
    assert "What the papers say" in said


def test_an_example_is_asked_by_a_click(browser: Browser) -> None:
    browser.open()
    example = browser.page.locator(".examples a").first
    question = example.inner_text().split("\n")[-1].strip()
    example.click()
    browser.page.locator(".hit").first.wait_for()
    assert browser.page.get_by_label("Question").input_value() in question
    assert len(cards(browser)) == 10


def test_the_box_grows_with_a_pasted_abstract_and_takes_lines(browser: Browser) -> None:
    browser.open()
    box = browser.page.get_by_label("Question")
    small = box.bounding_box()["height"]
    box.fill("We average the weights of several fine-tuned models. " * 12)
    assert box.bounding_box()["height"] > 2 * small
    box.press("Shift+Enter")
    assert "q" not in query(browser)
    box.press("Enter")
    browser.page.locator(".hit").first.wait_for()
    assert "model-reuse" in browser.page.locator(".hit").first.get_attribute("data-area")


def test_filters_sort_and_size_stand_in_the_address_and_survive(browser: Browser) -> None:
    browser.open("?q=merging")
    page = browser.page
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Topic").select_option("model-editing")
    page.get_by_label("From year").fill("2022")
    page.get_by_label("Show", exact=True).select_option("20")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**since=2022**")
    browser.shown()
    page.get_by_role("navigation", name="Sort by").get_by_text("newest").click()
    page.wait_for_url("**sort=newest**")
    browser.shown()
    wanted = {"q": ["merging"], "topic": ["model-editing"], "since": ["2022"], "k": ["20"]}
    assert query(browser) == {**wanted, "sort": ["newest"]}
    found = cards(browser)
    assert len(found) == 20

    def same() -> None:
        browser.shown()
        assert cards(browser) == found
        assert page.get_by_label("From year").input_value() == "2022"
        assert page.get_by_label("Topic").input_value() == "model-editing"

    page.reload()
    same()
    page.get_by_role("link", name="Remove the filter Model Editing").click()
    page.wait_for_function("!location.search.includes('topic')")
    browser.shown()
    assert "topic" not in query(browser)
    page.go_back()
    page.wait_for_url("**topic=model-editing**")
    same()
    page.go_forward()
    page.wait_for_function("!location.search.includes('topic')")
    browser.shown()
    assert cards(browser) != found


def test_several_categories_widen_what_is_found(browser: Browser) -> None:
    browser.open("?q=learning&category=cs.HC&k=50")
    few = cards(browser)
    # The rest is open, as one of it is chosen.
    browser.page.get_by_label("cs.MA").check()
    browser.page.get_by_role("button", name="Apply").click()
    browser.page.wait_for_url("**category=cs.MA**")
    browser.shown()
    assert set(query(browser)["category"]) == {"cs.HC", "cs.MA"}
    assert set(few) < set(cards(browser))
    assert len(cards(browser)) < 50  # All of both are shown.


def test_selected_papers_are_taken_away_and_kept(browser: Browser) -> None:
    context = browser.page.context
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    browser.open("?q=model+soups")
    page, found = browser.page, cards(browser)
    bar = page.get_by_role("region", name="Selected papers")
    assert not bar.is_visible()
    page.locator(".pick input").nth(2).check()
    page.locator(".pick input").nth(0).check()
    assert bar.is_visible()
    assert query(browser)["picked"] == [f"{found[0]} {found[2]}"]

    with page.expect_download() as download:
        bar.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "lfm-atlas.csv"
    rows = download.value.path().read_text(encoding="utf-8").splitlines()
    assert [row.partition(",")[0] for row in rows[1:]] == [found[0], found[2]]

    bar.get_by_role("button", name="Copy BibTeX").click()
    page.get_by_text("BibTeX copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.count("\n@") + copied.startswith("@") == 2

    bar.get_by_role("button", name="Send to reading list").click()
    page.locator(".hit").nth(4).locator("[data-keep]").click()
    kept = page.locator(".hit [aria-pressed=true]").evaluate_all(
        "all => all.map((e) => e.dataset.keep)"
    )
    assert kept == [found[0], found[2], found[4]]

    page.get_by_role("link", name="newest").click()
    page.wait_for_url("**sort=newest**")
    browser.shown()
    picked = page.locator(".pick input:checked").evaluate_all("all => all.map((e) => e.value)")
    assert set(picked) == {found[0], found[2]}
    page.get_by_label("Select all").check()
    assert bar.get_by_role("status").inner_text() == "10 selected"
    bar.get_by_role("button", name="Clear").click()
    assert not bar.is_visible()
    assert "picked" not in query(browser)


def test_the_bar_stays_in_sight_and_a_number_leads_to_its_card(browser: Browser) -> None:
    browser.open("?q=prompt+tuning&k=50")  # Of fifty, some cite another.
    browser.page.locator(".pick input").first.check()
    bar = browser.page.locator(".selection").bounding_box()
    assert bar["y"] + bar["height"] <= browser.page.viewport_size["height"]
    cite = browser.page.locator(".hit .cite").first
    cite.click()
    focused = browser.page.evaluate("document.activeElement.id")
    assert focused == cite.get_attribute("href")[1:]


def test_more_like_a_paper_is_an_address_with_the_paper_on_top(browser: Browser) -> None:
    browser.open("?q=model+soups")
    browser.page.locator(".hit").first.get_by_role("link", name="More like this").click()
    browser.page.wait_for_url(f"**/?like={SOUPS}")
    browser.shown()
    assert browser.page.locator("article").first.get_attribute("data-paper") == SOUPS
    assert SOUPS not in cards(browser)
    browser.page.reload()
    browser.shown()
    assert len(cards(browser)) == 10


STATES = (
    "",
    "?q=merging&picked=2411.09263&since=2020",
    "?q=pizza+in+rome",
    "?q=m&since=x&k=99&topic=y",
    "?q=merging&since=2030&category=cs.LG",
    "?q=recent+surveys+of+merging+for+vision+since+2020+with+code+-soups&off=code:yes",
)
"""The first page, papers found, a question off the field, wrong fields, nothing found, and a
question that states much."""


def test_every_state_is_accessible_in_light_and_dark(browser: Browser) -> None:
    # The first page is tested with the frame; what is not of colour is the same in both.
    _, found, off, wrong, nothing, stating = STATES
    for state in (found, wrong, stating):
        browser.open(state)
        assert browser.violations() == [], state
    browser.page.get_by_role("button", name="Dark").click()
    for state in (found, off, wrong, nothing, stating):
        browser.open(state)
        assert browser.violations() == [], state


def test_a_phone_shows_all_of_it(browser: Browser) -> None:
    browser.page.set_viewport_size({"width": 390, "height": 844})
    for state in STATES:
        browser.open(state)
        width = browser.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, state
    browser.open("?q=merging")
    browser.page.locator(".pick input").first.check()
    bar = browser.page.locator(".selection").bounding_box()
    assert bar["x"] >= 0
    assert bar["x"] + bar["width"] <= 390


def test_the_filter_in_the_way_is_taken_off_by_its_link(browser: Browser) -> None:
    browser.open("?q=merging&topic=model-reuse&since=2030")
    offer = browser.page.get_by_role("link", name="without “from 2030 on”")
    assert re.search(r"\d+ papers", offer.locator("..").inner_text())
    offer.click()
    browser.page.locator(".hit").first.wait_for()
    assert query(browser) == {"q": ["merging"], "topic": ["model-reuse"]}


def test_a_reading_is_taken_off_put_back_and_changed_by_keyboard(browser: Browser) -> None:
    browser.open("?q=weights+since+2023")
    readings = browser.page.get_by_role("list", name="Understood").get_by_role("listitem")
    assert readings.count() == 1
    for link, off in (("Not meant: Date: from 2023 on", ["since:2023"]), ("Read again", None)):
        browser.page.get_by_role("link", name=link).focus()
        browser.page.keyboard.press("Enter")
        browser.shown()
        assert query(browser).get("off") == off
        assert readings.count() == (0 if off else 1)
    browser.page.get_by_role("link", name="change Date: from 2023 on").click()
    browser.shown()
    browser.page.get_by_label("From year").fill("2020")
    browser.page.get_by_role("button", name="Apply").click()
    browser.shown()
    assert query(browser) == {"q": ["weights since 2023"], "since": ["2020"]}
    assert browser.page.get_by_role("note").inner_text().startswith("The filter since 2020 holds")
