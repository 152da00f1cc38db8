"""The map in a real browser: what is seen, moved, lit up and opened, and what the address says."""

import json
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from tests.support.browsing import Browser, watched
from tests.support.bundled_counts import COUNTS, papers_under

pytestmark = pytest.mark.model

PAPERS = COUNTS["papers"]
QUESTION = "?view=map&q=merging+models+without+training+data"


def opened(browser: Browser, address: str = "?view=map") -> None:
    browser.open(address)
    listed(browser)


def listed(browser: Browser) -> None:
    """Wait for the list of the papers in view."""
    browser.page.locator(".in-view[aria-busy=false] .counted:not(:empty)").wait_for()


def in_view(browser: Browser) -> int:
    listed(browser)
    return int(browser.page.locator(".counted").inner_text().split()[0].replace(",", ""))


def query(browser: Browser) -> dict[str, str]:
    return {name: value[0] for name, value in parse_qs(urlsplit(browser.page.url).query).items()}


def wait_for_query(browser: Browser, name: str, there: bool = True) -> None:
    browser.page.wait_for_function(
        "([name, there]) => new URLSearchParams(location.search).has(name) === there",
        arg=[name, there],
    )


def fewer_than(browser: Browser, count: int) -> int:
    browser.page.wait_for_function(
        "most => parseInt(document.querySelector('.counted').textContent.replace(',', '')) < most",
        arg=count,
    )
    return in_view(browser)


def colours(browser: Browser) -> int:
    """How many different strong colours the picture has."""
    return browser.page.evaluate(
        """() => {
          const canvas = document.querySelector(".map canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const seen = new Map();
          for (let at = 0; at < data.length; at += 4) {
            if (data[at + 3] < 255) continue;
            const colour = data.slice(at, at + 3).join();
            seen.set(colour, (seen.get(colour) || 0) + 1);
          }
          return [...seen.values()].filter((count) => count > 40).length;
        }"""
    )


def middle(browser: Browser) -> tuple[float, float]:
    box = browser.page.locator(".map canvas").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# -- seeing and moving -------------------------------------------------------------------------


def test_all_papers_are_drawn_and_the_nearest_listed(browser: Browser) -> None:
    opened(browser)
    assert in_view(browser) == PAPERS
    assert browser.page.locator(".in-view li").count() == 25
    assert colours(browser) >= 5
    assert browser.violations() == []
    browser.page.get_by_role("button", name="Dark").click()
    assert browser.violations() == []


def test_the_picture_follows_light_and_dark(browser: Browser) -> None:
    opened(browser)
    script = "document.querySelector('.map canvas').toDataURL()"
    light = browser.page.evaluate(script)
    browser.page.get_by_role("button", name="Dark").click()
    browser.page.wait_for_function(f"light => {script} !== light", arg=light)
    assert colours(browser) >= 5


def test_where_one_looks_is_in_the_address_and_survives(browser: Browser) -> None:
    opened(browser)
    browser.page.mouse.move(*middle(browser))
    browser.page.mouse.wheel(0, -300)
    few = fewer_than(browser, PAPERS)
    wait_for_query(browser, "zoom")
    before = query(browser)
    browser.page.mouse.down()
    browser.page.mouse.move(middle(browser)[0] + 120, middle(browser)[1] + 40, steps=4)
    browser.page.mouse.up()
    browser.page.wait_for_function(
        "x => new URLSearchParams(location.search).get('x') !== x", arg=before["x"]
    )
    after, count = query(browser), in_view(browser)
    assert float(after["x"]) < float(before["x"])
    assert after["zoom"] == before["zoom"]
    assert count != few
    browser.page.reload()
    listed(browser)
    assert (query(browser), in_view(browser)) == (after, count)
    browser.page.locator(".in-view a").first.click()
    browser.page.wait_for_url("**view=paper**")
    browser.shown()
    browser.page.go_back()
    listed(browser)
    assert (query(browser), in_view(browser)) == (after, count)
    browser.page.get_by_role("button", name="Show all").click()
    wait_for_query(browser, "zoom", there=False)
    assert in_view(browser) == PAPERS


def test_keys_move_and_every_paper_in_view_is_a_link(browser: Browser) -> None:
    opened(browser)
    browser.page.get_by_role("application", name=f"Map of {PAPERS:,} papers").focus()
    for _ in range(6):
        browser.page.keyboard.press("+")
    count = fewer_than(browser, 600)
    wait_for_query(browser, "x")
    x = query(browser)["x"]
    browser.page.keyboard.press("ArrowLeft")
    browser.page.wait_for_function(
        "x => +new URLSearchParams(location.search).get('x') < +x", arg=x
    )
    browser.page.keyboard.press("-")
    browser.page.keyboard.press("-")
    browser.page.wait_for_function(
        "least => parseInt(document.querySelector('.counted').textContent) > least", arg=count
    )
    # From the picture on, Tab comes to the papers.
    for _ in range(30):
        browser.page.keyboard.press("Tab")
        if browser.page.evaluate("!!document.activeElement.closest('.in-view li')"):
            break
    title = browser.page.evaluate("document.activeElement.textContent")
    browser.page.keyboard.press("Enter")
    browser.page.wait_for_url("**view=paper**")
    browser.shown()
    assert title


def test_a_paper_pointed_at_is_told_and_opens_by_a_click(browser: Browser) -> None:
    opened(browser, "?view=map&paper=2203.05482")
    browser.page.mouse.move(*middle(browser))
    tip = browser.page.locator(".map .tip:not([hidden])")
    tip.wait_for()
    assert tip.inner_text().startswith("Model soups")
    assert "2022 · Model Reuse" in tip.inner_text()
    assert browser.violations() == []
    browser.page.mouse.click(*middle(browser))
    browser.page.wait_for_url("**?view=paper&paper=2203.05482")


# -- what is shown and lit up ------------------------------------------------------------------


def test_answers_are_lit_up(browser: Browser) -> None:
    opened(browser)
    script = "document.querySelector('.map canvas').toDataURL()"
    whole = browser.page.evaluate(script)
    browser.page.get_by_label("Light up the papers that answer").fill("editing facts in models")
    browser.page.keyboard.press("Enter")
    browser.page.get_by_role("heading", name="50 answers").wait_for()
    listed(browser)
    browser.page.wait_for_function(f"whole => {script} !== whole", arg=whole)
    assert query(browser) == {"view": "map", "q": "editing facts in models"}
    assert browser.page.locator(".answers li").count() == 50
    assert browser.violations() == []
    browser.page.get_by_role("button", name="Dark").click()
    assert browser.violations() == []
    browser.page.locator(".answers a").first.click()
    browser.page.wait_for_url("**view=paper**")
    browser.shown()
    browser.page.go_back()
    browser.page.get_by_role("heading", name="50 answers").wait_for()


def test_answers_of_other_years_come_with_the_slider(browser: Browser) -> None:
    opened(browser, QUESTION)
    slider = browser.page.get_by_label("From year")
    slider.focus()
    browser.page.keyboard.press("End")
    wait_for_query(browser, "since")
    newest = query(browser)["since"]
    browser.page.wait_for_function(
        "year => [...document.querySelectorAll('.answers li > .quiet')]"
        ".every((one) => one.textContent.trim() === year)",
        arg=newest,
    )
    # Where the focus was, it stays.
    assert browser.page.evaluate("document.activeElement.name") == "since"
    count = fewer_than(browser, PAPERS)
    browser.page.reload()
    listed(browser)
    assert in_view(browser) == count
    assert browser.page.get_by_label("From year").input_value() == newest
    # The other one cannot be before it: it is pushed along.
    browser.page.get_by_label("To year").focus()
    browser.page.keyboard.press("Home")
    wait_for_query(browser, "until")
    assert query(browser).keys() == {"view", "q", "until"}


def test_a_topic_is_lit_up_and_its_papers_listed(browser: Browser) -> None:
    opened(browser)
    browser.page.get_by_label("Topic", exact=True).select_option("model-editing")
    browser.page.wait_for_url("**?view=map&topic=model-editing")
    assert fewer_than(browser, PAPERS) == papers_under("model-editing")
    assert set(
        browser.page.locator(".in-view li").evaluate_all("all => all.map((e) => e.dataset.area)")
    ) <= {"model-editing", "model-tuning", "model-reuse", "model-distillation", "meta-learning"}
    browser.page.get_by_role("link", name="Clear").click()
    browser.page.wait_for_url("**?view=map")
    browser.page.get_by_text(f"{PAPERS:,} papers;").wait_for()


def test_areas_are_hidden_and_shown_again(browser: Browser) -> None:
    opened(browser)
    button = browser.page.get_by_role("button", name="Model Distillation")
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    count = fewer_than(browser, PAPERS)
    assert query(browser)["hide"] == "model-distillation"
    browser.page.reload()
    listed(browser)
    assert in_view(browser) == count
    button.click()
    wait_for_query(browser, "hide", there=False)
    browser.page.get_by_text(f"{PAPERS:,} papers;").wait_for()


def test_addresses_that_say_nonsense_show_the_whole(browser: Browser) -> None:
    opened(browser, "?view=map&x=NaN&y=1e999&zoom=-7&hide=no-such-area")
    assert in_view(browser) == PAPERS


def name_all(browser: Browser, title: str) -> None:
    """Let all papers have one title."""
    paper = {"id": "1", "title": title, "byline": "<b>A</b>", "year": 2020, "withdrawn": False}

    def answer(route: object) -> None:
        keys = parse_qs(urlsplit(route.request.url).query)["keys"][0].split(",")
        route.fulfill(json=[{**paper, "key": int(key)} for key in keys])

    browser.page.route("**/map/titles**", answer)


# -- elsewhere ---------------------------------------------------------------------------------


def test_a_hundred_thousand_papers(browser: Browser) -> None:
    rng, count = np.random.default_rng(0), 100_000
    topics = ["model-tuning", "model-reuse", "model-editing", "meta-learning", "model-distillation"]
    of = rng.integers(0, 5, count)
    places = np.clip(rng.normal(size=(count, 2)) * 0.15 + np.stack([of - 2, of % 2], 1) / 3, -1, 1)
    made = {
        "keys": list(range(1, count + 1)),
        "x": places[:, 0].round(4).tolist(),
        "y": places[:, 1].round(4).tolist(),
        "years": rng.integers(1990, 2026, count).tolist(),
        "topics": [[int(one)] for one in of],
        "names": topics,
        "labels": [],
    }
    body = json.dumps(made)
    browser.page.route("**/map/points", lambda route: route.fulfill(body=body))
    name_all(browser, "Made up")
    opened(browser)
    assert in_view(browser) == count
    assert colours(browser) >= 5
    browser.page.mouse.move(*middle(browser))
    browser.page.mouse.wheel(0, -400)
    fewer_than(browser, count)
    browser.page.mouse.down()
    browser.page.mouse.move(middle(browser)[0] + 100, middle(browser)[1], steps=10)
    browser.page.mouse.up()
    wait_for_query(browser, "x")
    browser.page.mouse.move(*middle(browser))
    browser.page.locator(".map .tip:not([hidden])").wait_for()


def test_a_hostile_title_is_text(browser: Browser) -> None:
    title = "</script><img src=x onerror=document.title='taken'> \u202etitle"
    name_all(browser, title)
    opened(browser, "?view=map&paper=2203.05482")
    browser.page.mouse.move(*middle(browser))
    browser.page.locator(".map .tip:not([hidden])").wait_for()
    assert browser.page.locator(".map .tip a").inner_text() == title
    assert browser.page.locator(".in-view a").first.inner_text() == title
    assert browser.page.locator(".map img").count() == 0
    assert browser.page.title().startswith("Map")


def test_fingers_on_a_phone(chromium: object, atlas_address: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    browser = watched(context, atlas_address)
    opened(browser, "?view=map&paper=2203.05482")
    assert browser.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert browser.violations() == []
    # The first touch tells what it is, and the link there opens it.
    browser.page.touchscreen.tap(*middle(browser))
    link = browser.page.locator(".map .tip:not([hidden]) a")
    link.wait_for()
    # Two fingers that part magnify.
    wait_for_query(browser, "zoom", there=False)
    x, y = middle(browser)
    fingers = context.new_cdp_session(browser.page)
    for kind, apart in (("Start", 20), ("Move", 40), ("Move", 60), ("End", 0)):
        points = [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}] if apart else []
        fingers.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    wait_for_query(browser, "zoom")
    assert float(query(browser)["zoom"]) == pytest.approx(18, abs=0.5)
    browser.page.touchscreen.tap(*middle(browser))
    link.wait_for()
    link.tap()
    browser.page.wait_for_url("**?view=paper&paper=2203.05482")
    context.close()
    assert browser.other_hosts == browser.console_errors == []
