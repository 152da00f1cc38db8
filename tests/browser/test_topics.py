"""The views of topics in a real browser: sunburst, tree and a topic's page, by hand and by key."""

import re

import pytest

from tests.support.browsing import Browser
from tests.support.bundled_counts import papers_under

pytestmark = pytest.mark.model

FUSION = "?view=topics&topic=model-reuse/model-fusion"
SMALL = "?view=topics&topic=meta-learning/white-box-data-free"
LEAST_CONTRAST = 4.5

CONTRASTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const luminance = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  return [...document.querySelectorAll(".burst svg a")].flatMap((slice) => {
    const ground = luminance(getComputedStyle(slice.querySelector("path")).fill);
    return [...slice.querySelectorAll("text")].map((text) => {
      const ink = luminance(getComputedStyle(text).fill);
      return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    });
  });
}"""

STRAY = """() => [...document.querySelectorAll(".burst svg a")].flatMap((slice) => {
  const path = slice.querySelector("path"), point = path.ownerSVGElement.createSVGPoint();
  const leaves = (text) => {
    const { x, y, width, height } = text.getBBox();
    const turn = path.getCTM().inverse().multiply(text.getCTM());
    return ![[0, 0], [1, 0], [0, 1], [1, 1]].every(([right, down]) => {
      point.x = x + right * width;
      point.y = y + down * height;
      return path.isPointInFill(point.matrixTransform(turn));
    });
  };
  const shown = [...slice.querySelectorAll("text")].filter((text) => text.getClientRects().length);
  return shown.filter(leaves).map((text) => text.textContent.trim());
})"""


def hole(browser: Browser) -> str:
    return browser.page.locator(".burst .hole .name").inner_text()


def test_both_views_are_accessible_in_light_and_dark(browser: Browser) -> None:
    for address in ("?view=topics&at=model-editing", FUSION):
        browser.open(address)
        assert browser.violations() == []
        browser.page.locator("#atlas-theme").click()
        assert browser.violations() == []


def test_labels_are_legible_and_keep_within_their_slices(browser: Browser) -> None:
    for dark in (False, True):
        for address in ("?view=topics", "?view=topics&at=model-distillation"):
            browser.open(address)
            assert browser.page.evaluate("document.body.matches('.dark')") is dark
            contrasts = browser.page.evaluate(CONTRASTS)
            assert len(contrasts) > 5
            assert min(contrasts) >= LEAST_CONTRAST
            assert browser.page.evaluate(STRAY) == []
        browser.page.locator("#atlas-theme").click()


@pytest.mark.parametrize("width", [1280, 360])
def test_a_number_of_papers_is_on_one_line(browser: Browser, width: int) -> None:
    browser.page.set_viewport_size({"width": width, "height": 800})
    browser.open("?view=topics")
    wrapped = """() => [...document.querySelectorAll(".tree .count")].filter((count) => {
      const range = document.createRange();
      range.selectNode(count.firstChild);
      return range.getClientRects().length > 1;
    }).map((count) => count.textContent)"""
    assert browser.page.locator(".tree .count", has_text=",").count()
    assert browser.page.evaluate(wrapped) == []


def test_a_slice_is_named_in_the_hole_and_leads_down_and_back(browser: Browser) -> None:
    browser.open("?view=topics")
    assert hole(browser) == "All topics"
    reuse = browser.page.get_by_role("link", name=re.compile("^Model Reuse, "))
    shown = reuse.get_attribute("data-count")
    reuse.hover()
    assert hole(browser) == "Model Reuse"
    assert browser.page.locator(".burst .count").inner_text() == shown
    reuse.click()
    browser.page.wait_for_url("**/?view=topics&at=model-reuse")
    browser.shown()
    # Whoever goes by key is in the picture still.
    assert browser.page.evaluate("document.activeElement.closest('.burst') !== null")
    browser.page.get_by_role("link", name="Back up to All topics").click()
    browser.page.wait_for_url("**/?view=topics")
    browser.page.go_back()
    browser.page.wait_for_url("**/?view=topics&at=model-reuse")
    browser.page.reload()
    browser.shown()
    browser.page.mouse.move(0, 0)
    assert hole(browser) == "Model Reuse"
    count = papers_under("model-reuse/model-ensemble")
    browser.page.get_by_role("link", name=re.compile(f"^Model Ensemble, {count:,} papers")).click()
    browser.page.get_by_role("heading", level=1, name="Model Ensemble").wait_for()
    browser.page.go_back()
    browser.page.get_by_role("heading", level=1, name="Topics").wait_for()
    browser.page.go_forward()
    browser.page.get_by_role("heading", level=1, name="Model Ensemble").wait_for()


def test_the_arrow_keys_walk_the_sunburst(browser: Browser) -> None:
    browser.open("?view=topics")
    keys = browser.page.keyboard
    # The sunburst is one stop of the Tab key, after the intro and before the tree.
    browser.page.locator("#atlas-view").focus()
    keys.press("Tab")
    assert hole(browser) == "Model Tuning"
    keys.press("ArrowRight")
    assert hole(browser) == "Model Distillation"
    keys.press("ArrowLeft")
    keys.press("ArrowLeft")
    assert hole(browser) == "Model Editing"
    keys.press("ArrowDown")
    assert hole(browser) in ("Parameter-Based Editing", "Analysis of Model Editing")
    keys.press("ArrowUp")
    assert hole(browser) == "Model Editing"
    keys.press("Tab")
    assert hole(browser) == "All topics"
    assert browser.page.evaluate("document.activeElement.type") == "search"
    keys.press("Shift+Tab")
    assert hole(browser) == "Model Editing"
    keys.press("Enter")
    browser.page.wait_for_url("**/?view=topics&at=model-editing")
    browser.shown()
    assert browser.page.evaluate("document.activeElement.className") == "up"
    keys.press("Enter")
    browser.page.wait_for_url("**/?view=topics")


def test_a_topic_is_found_in_the_tree(browser: Browser) -> None:
    browser.open("?view=topics")
    tree = browser.page.locator(".tree")
    leaf = tree.get_by_role("link", name="Locate and Edit")
    assert not leaf.is_visible()
    box = browser.page.get_by_label("Find a topic in the tree")
    box.fill("edit locate")
    assert leaf.is_visible()
    assert tree.locator(".leaf a:visible").all_inner_texts() == [
        "Model Editing",
        "Parameter-Based Editing",
        "Locate and Edit",
    ]
    said = browser.page.locator("#atlas-said")
    assert said.inner_text() == "1 topic found"
    box.fill("no such thing")
    assert browser.page.get_by_text("No topic of that name").is_visible()
    box.press("Escape")
    assert not leaf.is_visible()
    assert tree.get_by_role("link", name="Model Tuning").is_visible()
    tree.get_by_role("button", name="Open all").click()
    assert leaf.is_visible()
    box.fill("locate")
    box.press("Enter")
    browser.page.get_by_role("heading", level=1, name="Locate and Edit").wait_for()


def test_a_bar_shows_the_papers_of_its_year(browser: Browser) -> None:
    browser.open(FUSION)
    bar = browser.page.get_by_role("link", name=re.compile("^2023: "))
    papers = re.search(r"(\d+) papers", bar.get_attribute("aria-label"))
    assert papers
    bar.hover()
    assert browser.page.locator(".chart .told").inner_text() == bar.get_attribute("aria-label")
    bar.click()
    browser.page.wait_for_url("**&year=2023")
    browser.page.get_by_role("heading", name="Papers of 2023").wait_for()
    browser.shown()
    assert browser.page.evaluate("document.activeElement.id") == "topic-papers"
    assert browser.page.get_by_text(f"1 to 25 of {papers[1]} papers").is_visible()
    facts = browser.page.locator(".card .facts").all_inner_texts()
    assert all("2023" in one for one in facts)
    browser.page.get_by_role("link", name="Next").click()
    browser.page.wait_for_url("**&year=2023&part=2")
    browser.page.get_by_text(f"26 to 50 of {papers[1]} papers").wait_for()
    browser.page.reload()
    browser.page.get_by_text(f"26 to 50 of {papers[1]} papers").wait_for()
    browser.page.get_by_role("link", name="show all years").click()
    browser.page.get_by_role("heading", name="All papers").wait_for()
    browser.page.go_back()
    browser.page.get_by_text(f"26 to 50 of {papers[1]} papers").wait_for()


def test_one_asks_within_a_topic_and_for_bridges(browser: Browser) -> None:
    browser.open(FUSION)
    browser.page.get_by_label("Papers that connect this topic with").select_option("model-editing")
    browser.page.get_by_role("button", name="Show").click()
    browser.page.get_by_role("heading", name="Papers that bridge to Model Editing").wait_for()
    assert browser.page.url.endswith("topic=model-reuse/model-fusion&with=model-editing") or (
        browser.page.url.endswith("topic=model-reuse%2Fmodel-fusion&with=model-editing")
    )
    assert "placed in Model Fusion" in browser.page.locator("#atlas-view").inner_text()
    box = browser.page.get_by_label("Ask within Model Fusion")
    box.fill("federated")
    box.press("Enter")
    browser.page.wait_for_url(re.compile(r"\?topic=model-reuse.*&q=federated"))
    browser.page.locator(".card").first.wait_for()


def test_a_phone_shows_all_in_one_column(browser: Browser) -> None:
    browser.page.set_viewport_size({"width": 390, "height": 844})
    for address in ("?view=topics&gaps=1", FUSION, SMALL):
        browser.open(address)
        assert browser.page.evaluate("document.documentElement.scrollWidth") == 390
    browser.open("?view=topics")
    assert browser.page.evaluate(STRAY) == []
    picture = browser.page.locator(".burst").bounding_box()
    tree = browser.page.locator(".tree").bounding_box()
    assert picture
    assert tree
    assert picture["width"] > 350
    assert tree["y"] > picture["y"] + picture["height"]
    assert browser.violations() == []
