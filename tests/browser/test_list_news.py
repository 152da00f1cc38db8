"""What is new for a reading list, in a real browser over an atlas that a test changes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.embedding import embed_missing
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.journal import ChangeKind
from search.library import Library
from tests.support import browsing
from tests.support.browser_lists import LIST, cards, entry, keep, lists, stored
from tests.support.browsing import Browser
from tests.support.clock import StandingClock
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from ui.web.server import Serving, in_background

pytestmark = pytest.mark.model

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOW)


@pytest.fixture
def young(
    chromium: object, tmp_path: Path, clock: StandingClock
) -> Iterator[tuple[Browser, Catalogue]]:
    """A window on a small atlas whose clock stands still."""
    settings = Settings(home=tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        put_all(catalogue, *(paper(n, title=f"Merging weights {n}") for n in (1, 2)))
        embed_missing(catalogue, HashedWords())
    with (
        Library(settings, HashedWords(), clock=clock) as library,
        in_background(library, Serving(port=0)) as address,
    ):
        context = chromium.new_context()
        window = browsing.watched(context, address)
        yield window, library.catalogue
        context.close()
        assert window.other_hosts == window.console_errors == []


def test_news_are_what_came_after_the_last_visit(
    young: tuple[Browser, Catalogue], clock: StandingClock
) -> None:
    browser, catalogue = young
    page = browser.page
    keep(browser, stored(entry("2001.00001"), entry("2001.00002")))
    browser.open(LIST + "&show=news")
    page.get_by_text("This is your first look.").wait_for()
    later = NOW + timedelta(days=2)
    clock.now = later
    put_all(
        catalogue,
        paper(3, title="Galaxies", abstract="Dust and stars."),
        paper(4, title="Merging weights once more"),
        paper(2, title="Merging weights 2", withdrawn=True),
    )
    for number, kind in ((3, "added"), (4, "added"), (2, "withdrawn")):
        catalogue.journal.log_change(f"2001.{number:05}", ChangeKind(kind))
    embed_missing(catalogue, HashedWords())
    clock.now = later + timedelta(hours=2)
    browser.open(LIST)
    page.locator(".badge", has_text="3").wait_for()
    for _ in range(2):  # A second look of the same sitting shows the same.
        page.get_by_role("link", name="New since your last visit").click()
        page.get_by_role("heading", name="2 new papers").wait_for()
        browser.shown()
        assert cards(browser) == ["2001.00004", "2001.00003"]
        page.locator(".changes li", has_text="withdrawn").wait_for()
        page.reload()
        browser.shown()
    page.locator(".card [data-keep]").first.click()
    assert lists(browser)["Merging"] == ["2001.00004", "2001.00001", "2001.00002"]
    clock.now = later + timedelta(days=1)
    browser.open(LIST + "&show=news")
    page.get_by_text("Nothing came into the atlas since then").wait_for()
    page.get_by_role("link", name="a month").click()
    page.get_by_role("heading", name="New since 2026-04-07").wait_for()
    browser.shown()
    # What was kept is no news any more.
    assert cards(browser) == ["2001.00003"]


def test_a_paper_that_moved_is_followed_for_good(young: tuple[Browser, Catalogue]) -> None:
    browser, catalogue = young
    keep(browser, stored(entry("2001.00001", note="one"), entry("2001.00002", note="two")))
    catalogue.papers.rename("2001.00001", "2001.00002")
    browser.open(LIST)
    browser.page.locator(".followed", has_text="2001.00001 is now 2001.00002").wait_for()
    assert lists(browser) == {"Merging": ["2001.00002"]}
    browser.page.reload()
    browser.shown()
    assert browser.page.locator(".followed").count() == 0
    assert browser.page.locator(".kept textarea").input_value() == "one\ntwo"
