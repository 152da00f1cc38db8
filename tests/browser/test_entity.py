"""The view of a method in a real browser: its family tree by key, its lists, a narrow telephone."""

from collections.abc import Iterator

import pytest

from tests.support.browsing import Browser, watched
from tests.support.entities import entity_library
from ui.web.server import Serving, in_background

ADDUP = "?view=entity&id=method/addup"


@pytest.fixture
def browser(chromium: object, tmp_path: object) -> Iterator[Browser]:
    """A window on a small atlas of methods, in place of the bundled one."""
    with (
        entity_library(tmp_path, 32, users=30) as library,
        in_background(library, Serving(port=0)) as address,
    ):
        context = chromium.new_context(viewport={"width": 360, "height": 780})
        window = watched(context, address)
        yield window
        context.close()
        assert (window.other_hosts, window.console_errors) == ([], [])


def test_anyone_can_read_them_in_light_and_dark_on_a_telephone(browser: Browser) -> None:
    views = (ADDUP, f"{ADDUP}&relation=builds_on", "?view=entity&id=cola", "?view=entity")
    for address in (*views, "?view=entity&id=nothing", "?view=entity&topic=model-reuse"):
        browser.open(address)
        assert browser.violations() == [], address
        wide = "e => e.scrollWidth - e.clientWidth"
        assert browser.page.locator("#atlas").evaluate(wide) == 0, address
        browser.page.get_by_role("button", name="Dark").click()
        assert browser.violations() == [], address


def test_the_family_is_walked_by_key_and_lists_stay_in_place(browser: Browser) -> None:
    page = browser.page
    browser.open(ADDUP)
    page.locator(".family a[tabindex='0']").focus()
    told = page.locator(".family .told")
    assert told.inner_text().startswith("AddUp: 2020, extends task arithmetic")
    page.keyboard.press("ArrowDown")
    assert told.inner_text().startswith("AddUp More: 2020")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="AddUp More", level=1).wait_for()
    assert page.url.endswith("?view=entity&id=method/addmore")
    page.go_back()
    page.get_by_role("heading", name="AddUp", level=1).wait_for()
    page.get_by_role("link", name="All 30 papers that build on it").click()
    page.get_by_text("1 to 25 of 30 papers").wait_for()
    assert page.evaluate("document.activeElement.id") == "entity-papers"
    page.get_by_role("link", name="Next").click()
    page.get_by_text("26 to 30 of 30 papers").wait_for()
