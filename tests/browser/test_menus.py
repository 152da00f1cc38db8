"""Menus in a real browser: they close on a click or the focus elsewhere, on choosing, on Escape."""

import json

import pytest

from tests.support.browsing import Browser

pytestmark = pytest.mark.model

SOUPS = "2203.05482"
SHARED = f"?view=lists&shared={SOUPS}&name=Ada"
OPEN = "details.menu[open]"


@pytest.fixture
def window(browser: Browser) -> Browser:
    """A window on a list of one paper."""
    paper = {"id": SOUPS, "title": "", "added": "2026-05-01T10:00:00Z", "read": False, "note": ""}
    made = {"name": "Mine", "former": None, "latest": None, "papers": [paper]}
    text = json.dumps({"version": 1, "using": "Mine", "lists": [made]})
    browser.open("?view=lists&show=import")
    browser.page.evaluate("text => localStorage.setItem('atlas-lists', text)", text)
    browser.open("?view=lists&list=Mine")
    return browser


def opened(browser: Browser, name: str) -> None:
    browser.page.locator("summary", has_text=name).click()
    assert browser.page.locator(OPEN).count() == 1


def closed(browser: Browser) -> None:
    browser.page.locator(OPEN).wait_for(state="detached")


def focused(browser: Browser) -> str:
    return browser.page.evaluate("document.activeElement.textContent.trim()")


@pytest.mark.parametrize("name", ["Export", "Share", "Rename"])
def test_a_click_elsewhere_closes_a_menu(window: Browser, name: str) -> None:
    for elsewhere in ("h1", ".side", "header.bar"):
        opened(window, name)
        window.page.locator(elsewhere).first.click(position={"x": 2, "y": 2})
        closed(window)


@pytest.mark.parametrize("name", ["Export", "Share", "Rename"])
def test_escape_closes_a_menu_and_the_focus_stays_near(window: Browser, name: str) -> None:
    opened(window, name)
    window.page.keyboard.press("Escape")
    closed(window)
    assert focused(window) == name
    opened(window, name)
    window.page.keyboard.press("Tab")
    window.page.keyboard.press("Escape")
    closed(window)
    assert focused(window) == name


def test_a_click_within_a_menu_leaves_it_open(window: Browser) -> None:
    opened(window, "Export")
    window.page.locator(f"{OPEN} p").first.click()
    assert window.page.locator(OPEN).count() == 1
    window.page.locator(f"{OPEN} > summary").click()
    closed(window)


def test_choosing_closes_a_menu(window: Browser) -> None:
    opened(window, "Export")
    with window.page.expect_download():
        window.page.locator(OPEN).get_by_role("button", name="BibTeX").click()
    closed(window)
    assert focused(window) == "Export"
    opened(window, "Export")
    with window.page.expect_download():
        window.page.locator(OPEN).get_by_role("button", name="This list (JSON)").click()
    closed(window)


def test_another_menu_takes_the_place_of_the_first(window: Browser) -> None:
    opened(window, "Export")
    opened(window, "Share")
    window.page.locator(f"{OPEN} summary", has_text="Share").wait_for()


def test_the_focus_elsewhere_closes_a_menu(window: Browser) -> None:
    opened(window, "Rename")
    for _ in range(3):  # To the name, its button, and beyond.
        window.page.keyboard.press("Tab")
    closed(window)


def test_a_name_that_is_refused_can_be_mended_where_it_stands(window: Browser) -> None:
    window.page.evaluate(
        """() => {
          const state = JSON.parse(localStorage.getItem("atlas-lists"));
          state.lists.push({ ...state.lists[0], name: "Taken" });
          localStorage.setItem("atlas-lists", JSON.stringify(state));
        }"""
    )
    opened(window, "Rename")
    window.page.get_by_label("New name").fill("Taken")
    window.page.keyboard.press("Enter")
    window.page.locator("#atlas-said", has_text="There is a list Taken already").wait_for()
    assert window.page.locator(OPEN).count() == 1
    window.page.get_by_label("New name").fill("Free")
    window.page.locator(OPEN).get_by_role("button", name="Rename").click()
    window.page.locator("h1", has_text="Free").wait_for()
    closed(window)


def test_the_menu_of_a_shared_list_closes_alike(browser: Browser) -> None:
    browser.open(SHARED)
    opened(browser, "Export")
    browser.page.keyboard.press("Escape")
    closed(browser)
    opened(browser, "Export")
    browser.page.locator("h1").click()
    closed(browser)


def test_what_could_not_be_copied_stays_in_sight(window: Browser) -> None:
    page = window.page
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error());"
        " document.execCommand = () => false }"
    )
    opened(window, "Share")
    page.get_by_role("button", name="Copy the address").click()
    page.locator("#atlas-said", has_text="Copy it by Ctrl+C").wait_for()
    assert "shared=" in page.evaluate("getSelection().toString()")
    assert page.locator(OPEN).count() == 1
