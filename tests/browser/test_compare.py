"""A comparison in a real browser: reached from an answer by one click, read on a telephone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browsing import Browser, query, watched
from tests.support.factories import paper
from tests.support.serving import described_library
from ui.web.server import Serving, in_background


@pytest.fixture
def small(chromium: object, tmp_path: Path) -> Iterator[Browser]:
    """A window on a small atlas."""
    with (
        described_library(tmp_path) as library,
        in_background(library, Serving(port=0)) as address,
    ):
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        window = watched(context, address)
        yield window
        context.close()
    assert window.other_hosts == window.console_errors == []


def test_an_answer_and_picked_papers_are_compared_by_one_click(small: Browser) -> None:
    page = small.page
    small.open("?q=We study subject 2")
    page.get_by_role("link", name="Compare these 6").click()
    page.locator(".compare thead th").nth(5).wait_for()
    assert query(small) == {"view": ["compare"], "q": ["We study subject 2"]}
    page.go_back()
    for place in (0, 2):
        page.locator(".pick input").nth(place).check()
    picked = page.locator(".pick input:checked").evaluate_all("all => all.map(one => one.value)")
    page.locator("[data-compare]").click()
    page.wait_for_url("**/?view=compare&id=*")
    small.shown()
    assert query(small)["id"] == picked
    field = page.get_by_label("Add a paper or method")
    field.fill(paper(6).title)
    field.press("Enter")
    page.locator(".compare thead th").nth(2).wait_for()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    assert Path(waiting.value.path()).read_text("utf-8").count("\n") == 4

    page.set_viewport_size({"width": 390, "height": 844})
    table = page.get_by_role("region", name="Comparison")
    table.focus()
    left = page.locator(".compare tbody th").first.bounding_box()["x"]
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.compare .scroll').scrollLeft > 20")
    assert page.locator(".compare tbody th").first.bounding_box()["x"] == left
    assert len(set(page.locator("#atlas").evaluate("e => [e.scrollWidth, e.clientWidth]"))) == 1
    assert small.violations() == []
    page.get_by_role("button", name="Dark").click()
    assert small.violations() == []
