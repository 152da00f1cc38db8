"""Safety in a real browser: what the headers forbid, who signs in, how a refusal looks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.library import Library
from tests.support import browsing
from tests.support.browsing import Browser
from tests.support.serving import PASSWORDS, accounts, small_library
from ui.views import registry
from ui.web.server import Serving, in_background

pytestmark = pytest.mark.model

VIEWS = [f"?view={name}" for name in registry.VIEWS if name not in ("ask", "paper")]


def test_every_view_asks_this_host_only_and_breaks_no_policy(browser: Browser) -> None:
    # The fixture itself sees to it: a foreign request or a complaint of the console fails the test.
    paths = ("?q=model+soups", "?view=paper&paper=2203.05482", "?view=topics&topic=model-editing")
    for address in ("", *paths, *VIEWS):
        browser.open(address)
        assert browser.page.locator("#atlas-view h1").count() == 1, address
    assert browser.page.evaluate("performance.getEntriesByType('resource').length") > 0


def test_markup_that_got_into_the_page_runs_nothing(browser: Browser) -> None:
    browser.open()
    page = browser.page
    page.evaluate(
        """() => {
            window.ran = [];
            const view = document.querySelector("#atlas-view");
            view.innerHTML = '<img src="x" onerror="window.ran.push(1)">'
                + '<a id="link" href="javascript:window.ran.push(2)">x</a>';
            const script = document.createElement("script");
            script.textContent = "window.ran.push(3)";
            view.append(script);
            const foreign = document.createElement("script");
            foreign.src = "https://evil.example/x.js";
            view.append(foreign);
        }"""
    )
    page.locator("#link").evaluate("link => link.click()")
    page.wait_for_function(
        "performance.getEntriesByType('resource').some(one => one.name.endsWith('/x'))"
    )
    assert page.evaluate("window.ran") == []
    # These are what was to be seen: the browser refused to run or ask each of them.
    refused = [one for one in browser.console_errors if "Content Security Policy" in one]
    assert len(refused) >= 3
    browser.console_errors.clear()
    browser.other_hosts.clear()


# -- accounts ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, str]]:
    """A small atlas with accounts, and its address."""
    with small_library(tmp_path_factory.mktemp("locked")) as library:
        accounts(library)
        with in_background(library, Serving(port=0, rate=0)) as address:
            yield library, address


@pytest.fixture
def visitor(chromium: object, locked: tuple[Library, str]) -> Iterator[Browser]:
    """A window on the atlas with accounts; the status of a refusal is told in the console."""
    context = chromium.new_context(viewport={"width": 900, "height": 800})
    window = browsing.watched(context, locked[1])
    yield window
    context.close()
    assert window.other_hosts == []
    assert [one for one in window.console_errors if "status of 401" not in one] == []


def sign_in(browser: Browser, name: str, password: str) -> None:
    browser.page.get_by_label("Name").fill(name)
    browser.page.get_by_label("Password").fill(password)
    browser.page.keyboard.press("Enter")


def test_one_signs_in_sees_the_view_and_signs_out(visitor: Browser) -> None:
    page = visitor.page
    page.goto(visitor.address + "?view=topics&topic=model-editing")
    assert page.get_by_role("heading", level=1).inner_text() == "Sign in"
    assert visitor.violations() == []
    sign_in(visitor, "bo", "a wrong password")
    page.get_by_role("alert").wait_for()
    assert visitor.violations() == []
    sign_in(visitor, "bo", PASSWORDS["bo"])
    visitor.shown()
    assert page.url.endswith("?view=topics&topic=model-editing")
    page.get_by_role("link", name="Account: bo").click()
    assert "signed in as bo" in page.locator("main").inner_text()
    assert visitor.violations() == []
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.go_back()
    page.go_back()
    page.get_by_role("heading", name="Sign in").wait_for()  # What was seen is not kept.


def test_the_sign_in_page_is_readable_in_the_dark_and_on_a_phone(visitor: Browser) -> None:
    page = visitor.page
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(visitor.address + "login")
    assert visitor.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ground = page.evaluate("getComputedStyle(document.querySelector('#atlas')).backgroundColor")
    assert ground == "rgb(15, 20, 28)"


def test_the_administrator_has_buttons_and_a_user_has_none(visitor: Browser) -> None:
    page = visitor.page
    page.goto(visitor.address + "?view=status")
    sign_in(visitor, "bo", PASSWORDS["bo"])
    visitor.shown()
    assert page.get_by_role("button", name="Refresh now").count() == 0
    page.context.clear_cookies()
    page.goto(visitor.address + "?view=status")
    sign_in(visitor, "ada", PASSWORDS["ada"])
    visitor.shown()
    assert page.get_by_role("button", name="Refresh now").count() == 1


def test_whose_session_has_ended_is_asked_to_sign_in_again(visitor: Browser) -> None:
    page = visitor.page
    page.goto(visitor.address)
    sign_in(visitor, "bo", PASSWORDS["bo"])
    visitor.shown()
    page.context.clear_cookies()
    page.get_by_role("link", name="Status").first.click()
    page.get_by_role("heading", name="Signed out").wait_for()
    assert visitor.violations() == []
    page.get_by_role("alert").get_by_role("link", name="Sign in").click()
    sign_in(visitor, "bo", PASSWORDS["bo"])
    visitor.shown()
    assert page.url.endswith("?view=status")


def test_who_asks_too_often_is_told_so_on_the_page(chromium: object, tmp_path: Path) -> None:
    with small_library(tmp_path) as library:
        with in_background(library, Serving(port=0, rate=6)) as address:
            context = chromium.new_context()
            window = browsing.watched(context, address)
            window.open("?view=status")
            for _ in range(6):
                window.page.get_by_role("link", name="Status").first.click()
                window.shown()
            notice = window.page.get_by_role("alert").inner_text()
            context.close()
        assert "Too many requests: 6 a minute are answered; try again in" in notice
        assert "Try again" in notice
