"""The frame of the page in a real browser: it opens, goes, comes back, and follows nobody else."""

import pytest

from tests.support.browsing import Browser

pytestmark = pytest.mark.model


def test_the_first_page_is_accessible_in_light_and_dark(browser: Browser) -> None:
    browser.open()
    assert browser.page.title() == "LFM Atlas"
    assert browser.violations() == []
    browser.page.get_by_role("button", name="Dark").click()
    assert browser.violations() == []


def test_back_forward_and_reload_show_the_view_of_the_address(browser: Browser) -> None:
    browser.open()
    browser.page.get_by_label("Question").fill("model soups")
    browser.page.keyboard.press("Enter")
    browser.page.locator(".card").first.wait_for()
    assert browser.page.url.endswith("?q=model+soups")
    browser.page.get_by_role("link", name="Topics").first.click()
    browser.page.wait_for_url("**/?view=topics")
    browser.page.go_back()
    browser.page.locator(".card").first.wait_for()
    browser.page.reload()
    browser.page.locator(".card").first.wait_for()
    browser.page.go_back()
    browser.page.wait_for_url(browser.address)
    browser.page.go_forward()
    browser.page.locator(".card").first.wait_for()
    assert browser.page.get_by_label("Question").input_value() == "model soups"


def test_the_views_stand_in_one_line_on_a_phone(browser: Browser) -> None:
    browser.page.set_viewport_size({"width": 390, "height": 800})
    browser.open("?view=status")
    boxes = [link.bounding_box() for link in browser.page.locator("nav [data-view]").all()]
    assert len(boxes) == 7
    assert len({box["y"] for box in boxes}) == 1
    # The one that is shown is in sight, however narrow the screen.
    assert 0 <= boxes[-1]["x"] <= boxes[-1]["x"] + boxes[-1]["width"] <= 390


def test_a_part_that_does_not_start_takes_nothing_else_along(browser: Browser) -> None:
    browser.page.route("**/atlas/map.js", lambda route: route.abort())
    browser.page.goto(f"{browser.address}?view=map")
    browser.page.wait_for_function("window.atlasIdle === true")
    browser.page.get_by_text("A part of this page did not start").wait_for()
    browser.page.get_by_role("link", name="Topics").first.click()
    browser.page.locator("h1", has_text="Topics").wait_for()
    assert browser.console_errors  # The console tells whoever looks for it.
    browser.console_errors.clear()


def test_a_feed_reader_that_is_given_the_address_finds_the_feed(browser: Browser) -> None:
    browser.open()
    feed = browser.page.locator("link[rel=alternate][type='application/atom+xml']")
    href = feed.evaluate("link => link.href")
    assert browser.page.request.get(href).text().startswith("<?xml")


def test_the_feeds_that_are_announced_are_those_of_the_view(browser: Browser) -> None:
    feeds = browser.page.locator("head link[rel=alternate][type='application/atom+xml']")
    changes = "What is new in LFM Atlas"

    def announced() -> list[str]:
        return feeds.evaluate_all("links => links.map((link) => link.title)")

    browser.open("?topic=model-editing")
    assert announced() == ["Model Editing · LFM Atlas", changes]
    browser.page.get_by_role("link", name="Status").first.click()
    browser.page.locator("h1", has_text="Status").wait_for()
    assert announced() == [changes]
    browser.page.go_back()
    browser.page.locator("h1", has_text="Model Editing").wait_for()
    assert announced() == ["Model Editing · LFM Atlas", changes]
    href = feeds.first.evaluate("link => link.href")
    assert browser.page.request.get(href).text().startswith("<?xml")


def test_what_gradio_would_take_of_an_address_does_no_harm(browser: Browser) -> None:
    for address in ("?page=2", "?deep_link=../x", "?view=topics&page=topics"):
        browser.open(address)
    assert browser.page.locator("h1").inner_text() == "Topics"


def test_who_asks_before_all_scripts_are_there_is_answered(browser: Browser) -> None:
    def late(route: object) -> None:
        browser.page.wait_for_timeout(700)
        route.continue_()

    browser.page.route("**/atlas/question.js", late)
    browser.page.goto(browser.address)
    browser.page.get_by_label("Question").fill("model soups")
    browser.page.keyboard.press("Enter")
    browser.page.wait_for_url("**/?q=model+soups")
