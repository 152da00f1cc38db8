"""The frame of the page in a real browser: it opens, goes, comes back, and follows nobody else."""

import pytest
from browsing import Browser

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
