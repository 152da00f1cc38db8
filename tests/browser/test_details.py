"""Summaries, labels, code and the filters by them in a real browser."""

from collections.abc import Iterator

import pytest

from tests.support import browsing
from tests.support.browsing import Browser, query
from tests.support.factories import card, paper
from tests.support.serving import described_library
from ui.web.server import Serving, in_background

ONE, TWO, THREE, FOUR = (paper(number).id for number in range(1, 5))
STATES = ("?q=paper&data=none&code=1", f"?view=paper&paper={ONE}", f"?view=paper&paper={TWO}")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        described_library(tmp_path_factory.mktemp("described")) as library,
        in_background(library, Serving(port=0, rate=0)) as found,
    ):
        yield found


@pytest.fixture
def window(chromium: object, address: str) -> Iterator[Browser]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    opened = browsing.watched(context, address)
    yield opened
    context.close()
    # Links to code and free copies are shown, and none is fetched.
    assert opened.other_hosts == []
    assert opened.console_errors == []


def found(browser: Browser) -> list[str]:
    return browser.page.locator(".hit").evaluate_all("all => all.map((e) => e.dataset.paper)")


def test_papers_are_filtered_by_keys_alone(window: Browser) -> None:
    window.open("?q=paper")
    page = window.page
    assert len(found(window)) == 6
    page.get_by_text("Filters", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Needs", exact=True).focus()
    page.keyboard.type("no data")
    page.get_by_label("With code").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Apply").press("Enter")
    page.wait_for_url("**code=1**")
    window.shown()
    assert query(window) == {"q": ["paper"], "data": ["none"], "code": ["1"]}
    assert found(window) == [ONE]
    page.get_by_role("link", name="Remove the filter no data needed").press("Enter")
    page.wait_for_url(lambda url: "data=" not in url)
    window.shown()
    assert set(found(window)) == {ONE, FOUR}


def test_a_result_leads_to_its_code_and_not_elsewhere(window: Browser) -> None:
    window.open("?q=paper number 1&k=1")
    hit = window.page.locator(".hit").first
    assert hit.locator(".does").inner_text() == card().summary
    code = hit.get_by_role("link", name="Code: ada/moved")
    assert code.get_attribute("href") == "https://github.com/ada/moved"
    window.open(f"?view=paper&paper={FOUR}")
    hrefs = window.page.locator("#atlas-view a").evaluate_all(
        "all => all.map((e) => e.getAttribute('href'))"
    )
    assert not [one for one in hrefs if one.startswith(("javascript:", "data:"))]
    assert window.page.locator("#atlas-view .links").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_it_is_readable(scheme: str, window: Browser) -> None:
    window.page.emulate_media(color_scheme=scheme)
    for state in STATES:
        window.open(state)
        assert window.violations() == [], state


def test_all_of_it_fits_a_phone(window: Browser) -> None:
    window.page.set_viewport_size({"width": 390, "height": 844})
    for state in STATES:
        window.open(state)
        assert window.page.evaluate("document.documentElement.scrollWidth") <= 390, state
        assert window.violations() == [], state
