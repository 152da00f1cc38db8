"""The status view in a real browser: a refresh watched, and the review queue worked through."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.refresh.runner import Runner
from ingest.report import RefreshReport, SourceReport
from kg.records import PlacedBy
from kg.store.journal import ChangeKind
from search.library import Library
from tests.support import browsing
from tests.support.browsing import Browser
from tests.support.factories import paper
from tests.support.serving import small_library
from ui.background import BackgroundRefresh
from ui.web.server import Serving, in_background

pytestmark = pytest.mark.model

LAYER = "model-reuse/model-fusion/weight-interpolation"
HOSTILE = "<img src=x onerror=alert(1)> $\\alpha$ \u202eabc"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with small_library(tmp_path) as opened:
        for number in range(12):
            one = paper(100 + number, title=f"{HOSTILE} waiting {number}")
            opened.catalogue.reviews.add(
                one, [(LAYER, 0.6), ("model-editing", 0.2)], 0.9 - number / 100
            )
            opened.catalogue.journal.log_change(paper(1).id, ChangeKind.REVISED, HOSTILE)
        source = SourceReport("openalex", added=3)
        source.fail(HOSTILE)
        now = opened.catalogue.database.now()
        report = RefreshReport(now, now, sources=[source])
        opened.catalogue.journal.log_fetch("openalex", source.document())
        opened.catalogue.journal.log_fetch("refresh", report.document())
        yield opened


@pytest.fixture
def stop(tmp_path: Path) -> Path:
    """A file that ends the refresh."""
    return tmp_path / "stop"


@pytest.fixture
def status(chromium: object, library: Library, stop: Path) -> Iterator[Browser]:
    """The status view of a small atlas, whose refresh lasts until it is told to end."""
    waits = (
        f"import pathlib, time\nwhile not pathlib.Path({str(stop)!r}).exists(): time.sleep(0.05)"
    )
    background = BackgroundRefresh(library, runner=Runner([sys.executable, "-c", waits]))
    with in_background(library, Serving(port=0, rate=0), background) as address:
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        window = browsing.watched(context, address)
        window.open("?view=status")
        yield window
        context.close()
        background.stop()
    assert window.other_hosts == []
    assert window.console_errors == []


def test_it_is_accessible_and_nothing_from_outside_is_markup(status: Browser) -> None:
    page = status.page
    assert page.locator("[data-waiting]").count() == 10
    assert page.locator("#atlas-view img").count() == 0
    assert "<img src=x" in page.locator("[data-waiting] h3").first.inner_text()
    assert status.violations() == []
    page.get_by_role("button", name="Dark").click()
    assert status.violations() == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert status.violations() == []


def test_pages_of_the_queue_are_addresses(status: Browser) -> None:
    page = status.page
    page.get_by_role("navigation", name="Pages of the review queue").get_by_text("Next").click()
    page.get_by_text("Page 2 of 2").wait_for()
    assert page.url.endswith("?view=status&waiting=2")
    page.reload()
    page.get_by_text("Page 2 of 2").wait_for()
    page.go_back()
    page.get_by_text("Page 1 of 2").wait_for()
    page.go_forward()
    page.get_by_text("Page 2 of 2").wait_for()


def test_the_queue_is_worked_through_by_keyboard(status: Browser, library: Library) -> None:
    page = status.page
    first = page.locator("[data-waiting]").first
    first.get_by_role("button", name="Accept").focus()
    page.keyboard.press("Enter")
    page.locator("[data-waiting='2001.00100']").wait_for(state="detached")
    # The keyboard stands on the paper that came in its place.
    page.wait_for_function(
        "document.activeElement.closest('[data-waiting]')?.dataset.waiting === '2001.00101'"
    )
    assert "Under Model Reuse" in page.locator("#atlas-said").inner_text()
    key = library.catalogue.identifiers.key("2001.00100")
    (placed,) = library.catalogue.placements.get([key])[key]
    assert (placed.topic, placed.placed_by) == (LAYER, PlacedBy.PERSON)

    first.get_by_label("Other topic").select_option(value="meta-learning")
    first.get_by_role("button", name="Move there").focus()
    page.keyboard.press("Enter")
    page.locator("[data-waiting='2001.00101']").wait_for(state="detached")
    key = library.catalogue.identifiers.key("2001.00101")
    assert [one.topic for one in library.catalogue.placements.get([key])[key]] == ["meta-learning"]

    first.get_by_role("button", name="Reject").focus()
    page.keyboard.press("Enter")
    page.locator("[data-waiting='2001.00102']").wait_for(state="detached")
    assert library.catalogue.size() == 8
    assert "9 papers wait" in page.locator("#atlas-view").inner_text()


def test_a_refresh_is_begun_watched_and_ended(status: Browser, stop: Path) -> None:
    page = status.page
    page.get_by_role("button", name="Refresh now").click()
    page.get_by_text("A refresh is under way").wait_for()
    assert page.get_by_role("button", name="Refresh now").count() == 0
    assert status.violations() == []
    # Someone in the middle of a decision keeps what they chose while the refresh is watched.
    chosen = page.get_by_label("Other topic").first
    chosen.select_option(value="meta-learning")
    page.evaluate("document.querySelector('.now').dataset.before = '1'")
    page.wait_for_function("!document.querySelector('.now').dataset.before")
    assert chosen.input_value() == "meta-learning"
    stop.touch()
    page.get_by_role("button", name="Refresh now").wait_for()
    assert "The refresh has ended" in page.locator("#atlas-said").inner_text()
