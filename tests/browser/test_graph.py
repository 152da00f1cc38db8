"""The view graph in a real browser: seen, moved, read and grown, by mouse, keys and fingers."""

import re
from collections.abc import Iterator

import pytest

from tests.support.browsing import Browser, query, watched
from tests.support.graphs.atlas import MADE, atlas
from tests.support.graphs.facts import name, node
from ui.web.server import Serving, in_background

pytestmark = pytest.mark.model

LORA, ROME, SOUPS = "2106.09685", "2202.05262", "2203.05482"


@pytest.fixture(scope="module")
def small_address() -> Iterator[str]:
    """Address of a served atlas whose links are known."""
    with atlas(MADE) as library, in_background(library, Serving(port=0)) as address:
        yield address


@pytest.fixture
def small(chromium: object, small_address: str) -> Iterator[Browser]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    window = watched(context, small_address)
    yield window
    context.close()
    assert window.other_hosts == []
    assert window.console_errors == []


def one(browser: Browser, number: int) -> object:
    return browser.page.locator(f'.node[data-id="{node(number)}"]')


def drawn(browser: Browser) -> set[int]:
    ids = browser.page.locator(".node").evaluate_all("all => all.map((a) => a.dataset.id)")
    return {int(found.rpartition(".")[2]) for found in ids}


def place(browser: Browser, number: int) -> tuple[float, float]:
    """Where the middle of a node is on the screen."""
    box = one(browser, number).locator(".mark").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def apart(browser: Browser) -> float:
    """How far two nodes are from each other on the screen."""
    (x, y), (u, v) = place(browser, 1), place(browser, 2)
    return ((x - u) ** 2 + (y - v) ** 2) ** 0.5


def line(browser: Browser, source: int, target: int, kind: str = "cites") -> str | None:
    """The way of a line on the screen."""
    ends = [one(browser, number).get_attribute("data-node") for number in (source, target)]
    path = browser.page.locator(f'g[data-kind={kind}] > .line[data-ends="{" ".join(ends)}"]')
    return path.get_attribute("d")


def rest(browser: Browser, parameter: str) -> str:
    """Wait until the address tells a parameter, and return it."""
    browser.page.wait_for_function(
        "name => new URLSearchParams(location.search).has(name)", arg=parameter
    )
    return query(browser)[parameter][0]


# -- looking -----------------------------------------------------------------------------------


def test_keys_and_buttons_zoom_and_the_address_keeps_it(small: Browser) -> None:
    small.open(f"?view=graph&paper={name(1)}")
    page, whole = small.page, apart(small)
    page.get_by_role("button", name="Zoom in").click()
    assert float(rest(small, "zoom")) == pytest.approx(1.4)
    assert apart(small) == pytest.approx(1.4 * whole, rel=0.02)
    page.locator(".drawing").focus()
    page.keyboard.press("+")
    page.wait_for_function("new URLSearchParams(location.search).get('zoom') === '1.96'")
    page.reload()
    small.shown()
    assert apart(small) == pytest.approx(1.96 * whole, rel=0.02)
    page.get_by_role("button", name="Zoom out").click()
    page.locator(".drawing").focus()
    page.keyboard.press("-")
    page.keyboard.press("0")
    page.wait_for_function("!new URLSearchParams(location.search).has('zoom')")
    assert apart(small) == pytest.approx(whole, rel=0.01)


def test_arrows_dragging_and_the_wheel_move_the_picture(small: Browser) -> None:
    small.open(f"?view=graph&paper={name(1)}")
    page, (x, y) = small.page, place(small, 1)
    page.locator(".drawing").focus()
    page.keyboard.press("ArrowRight")
    rest(small, "x")
    assert place(small, 1)[0] < x - 50
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("!new URLSearchParams(location.search).has('x')")
    box = page.locator(".drawing").bounding_box()
    page.mouse.move(box["x"] + 15, box["y"] + 15)
    page.mouse.down()
    page.mouse.move(box["x"] + 75, box["y"] + 45, steps=4)
    page.mouse.up()
    rest(small, "x")
    assert place(small, 1) == pytest.approx((x + 60, y + 30), abs=2)
    page.mouse.wheel(0, -100)
    page.wait_for_function("new URLSearchParams(location.search).get('zoom') === '1.5'")


def test_pointing_lights_up_a_node_and_tells_of_it(small: Browser) -> None:
    small.open(f"?view=graph&paper={name(1)}")
    panel = small.page.locator(".about")
    assert "The paper in the middle." in panel.inner_text()
    one(small, 5).hover()
    assert "Is alike Paper number 1 in meaning (cosine 0.75)." in panel.inner_text()
    lit = small.page.locator(".node.lit").evaluate_all("all => all.map((a) => a.dataset.id)")
    assert set(lit) == {node(1), node(5)}
    assert small.page.locator(".line.lit").count() == 1
    small.page.mouse.move(5, 5)
    small.page.locator(".pointing").wait_for(state="detached")
    assert "The paper in the middle." in panel.inner_text()


def test_dragging_moves_a_node_with_its_lines_for_good(small: Browser) -> None:
    small.open(f"?view=graph&paper={name(1)}")
    page, (x, y), other = small.page, place(small, 3), place(small, 4)
    before, beside = line(small, 3, 1), line(small, 4, 1)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 10, steps=2)
    page.mouse.move(x + 90, y + 40, steps=4)
    page.mouse.up()
    assert rest(small, "moved").startswith(f"{node(3)}@")
    assert place(small, 3) == pytest.approx((x + 90, y + 40), abs=2)
    assert place(small, 4) == pytest.approx(other, abs=1)
    assert line(small, 3, 1) != before
    assert line(small, 4, 1) == beside
    # What was dragged was not clicked.
    assert "at" not in query(small)
    page.reload()
    small.shown()
    assert place(small, 3) == pytest.approx((x + 90, y + 40), abs=2)


def test_methods_are_switched_on_and_become_the_middle(small: Browser) -> None:
    small.open(f"?view=graph&paper={name(1)}")
    page = small.page
    page.get_by_role("checkbox", name="Methods, benchmarks, models").check()
    lora = page.locator('.node[data-id="entity:method/lora"]')
    lora.wait_for()
    assert query(small)["kind"] == ["cites", "similar_to", "entities"]
    lora.click()
    panel = page.locator(".about")
    assert "Is introduced by Paper number 1." in panel.inner_text()
    assert panel.get_by_role("link", name="Open the method").get_attribute("href") == (
        "?view=entity&id=method/lora"
    )
    panel.get_by_role("link", name="Centre here").click()
    page.get_by_role("heading", name="Around LORA").wait_for()
    assert query(small)["entity"] == ["method/lora"]
    assert page.locator('g[data-kind="builds_on"] > .line[data-ends]').count() == 1
    page.locator(".drawing").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?view=entity&id=method/lora")


# -- reading and opening -----------------------------------------------------------------------


def test_a_click_reads_and_a_second_one_opens(small: Browser) -> None:
    small.open(f"?view=graph&paper={name(1)}")
    one(small, 2).click()
    assert query(small)["at"] == [node(2)]
    small.page.mouse.move(5, 5)
    panel = small.page.locator(".about")
    assert "Is cited by Paper number 1." in panel.inner_text()
    assert small.page.locator(".chosen").get_attribute("data-id") == node(2)
    small.page.reload()
    small.shown()
    assert "Is cited by Paper number 1." in panel.inner_text()
    small.page.keyboard.press("Escape")
    one(small, 2).click()
    small.page.wait_for_url(f"**/?view=paper&paper={name(2)}")


def test_a_double_click_and_the_panel_open_a_paper(small: Browser) -> None:
    small.open(f"?view=graph&paper={name(1)}")
    one(small, 4).dblclick()
    small.page.wait_for_url(f"**/?view=paper&paper={name(4)}")
    small.page.go_back()
    small.shown()
    one(small, 3).click()
    small.page.get_by_role("link", name="Open the paper").click()
    small.page.wait_for_url(f"**/?view=paper&paper={name(3)}")


def test_the_keys_alone_walk_read_and_open(small: Browser) -> None:
    small.open(f"?view=graph&paper={name(1)}")
    page = small.page
    page.locator(".drawing").focus()
    page.keyboard.press("Tab")
    here = "document.activeElement.dataset.id"
    assert page.evaluate(here) == node(1)
    met = set()
    for arrow in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(arrow)
        met.add(page.evaluate(here))
    assert len(met) >= 3
    found = page.evaluate(here)
    page.keyboard.press(" ")
    assert query(small)["at"] == [found]
    # All nodes are one stop: the next is the first button.
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.zoom") == "in"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(here) == found
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/?view=paper&paper={found.partition(':')[2]}")


def test_a_name_in_the_panel_leads_to_its_node(small: Browser) -> None:
    small.open(f"?view=graph&paper={name(1)}")
    small.page.locator(".about .links a", has_text="Paper number 5").click()
    assert query(small)["at"] == [node(5)]
    assert "cosine 0.75" in small.page.locator(".about").inner_text()


# -- growing and choosing ----------------------------------------------------------------------


def test_expanding_adds_nodes_and_back_removes_them(small: Browser) -> None:
    small.open(f"?view=graph&paper={name(1)}")
    assert drawn(small) == {1, 2, 3, 4, 5}
    one(small, 2).click()
    small.page.get_by_role("link", name="Expand here").click()
    one(small, 7).wait_for()
    assert drawn(small) == {1, 2, 3, 4, 5, 6, 7}
    assert query(small)["expand"] == [node(2)]
    small.shown()
    small.page.go_back()
    one(small, 7).wait_for(state="detached")
    assert drawn(small) == {1, 2, 3, 4, 5}
    small.page.go_forward()
    one(small, 7).wait_for()
    small.shown()
    small.page.get_by_role("link", name="Take back").click()
    one(small, 7).wait_for(state="detached")


def test_another_node_becomes_the_middle(small: Browser) -> None:
    small.open(f"?view=graph&paper={name(1)}&layout=time")
    one(small, 2).click()
    small.page.get_by_role("link", name="Centre here").click()
    one(small, 6).wait_for()
    assert query(small) == {"view": ["graph"], "paper": [name(2)], "layout": ["time"]}
    assert small.page.get_by_role("heading", level=1).inner_text() == "Around Paper number 2"


def test_a_kind_of_link_is_left_out_and_one_stays(small: Browser) -> None:
    small.open(f"?view=graph&paper={name(1)}")
    page = small.page
    page.get_by_label("Citations").uncheck()
    one(small, 2).wait_for(state="detached")
    assert drawn(small) == {1, 5}
    assert query(small)["kind"] == ["similar_to"]
    small.shown()
    assert page.evaluate("document.activeElement.value") == "cites"
    page.get_by_label("Alike").click()
    page.get_by_text("One kind of link stays.").wait_for()
    assert page.get_by_label("Alike").is_checked()
    page.get_by_label("at most").select_option("100")
    page.wait_for_url("**most=100**")
    page.go_back()
    page.wait_for_url("**most=40**")


# -- paths -------------------------------------------------------------------------------------


def test_a_path_is_asked_for_drawn_and_told(small: Browser) -> None:
    small.open("?view=graph")
    page = small.page
    page.get_by_label("From", exact=True).fill(name(3))
    page.get_by_label("to", exact=True).fill("Paper number 7")
    page.get_by_role("button", name="Find the path").click()
    page.locator(".routes li").first.wait_for()
    assert drawn(small) == {3, 1, 2, 7}
    steps = page.locator(".routes ol").first.locator("li").all_inner_texts()
    assert steps == [
        "“Paper number 3” cites “Paper number 1”.",
        "“Paper number 1” cites “Paper number 2”.",
        "“Paper number 7” cites “Paper number 2”.",
    ]
    across = [place(small, number)[0] for number in (3, 1, 2, 7)]
    assert across == sorted(across)
    assert small.violations() == []
    small.open(f"?view=graph&from={name(3)}&to={name(9)}")
    page.get_by_role("heading", name="They are not connected").wait_for()
    assert small.violations() == []


def test_the_path_from_the_middle_is_one_click_away(small: Browser) -> None:
    small.open(f"?view=graph&paper={name(1)}&depth=2")
    one(small, 6).click()
    small.page.get_by_role("link", name="Path from the middle").click()
    small.page.locator(".routes").wait_for()
    assert query(small)["from"] == [node(1)]
    assert query(small)["to"] == [node(6)]


# -- the bundled atlas -------------------------------------------------------------------------


def test_a_dense_neighbourhood_says_what_it_left_out(browser: Browser) -> None:
    browser.open(f"?view=graph&paper={LORA}&depth=2")
    assert browser.page.locator(".node").count() == 41
    told = browser.page.locator(".told").inner_text()
    assert re.search(r"Left out: \d+ papers; shown are those with the most links", told)
    assert re.search(r"Citations are known of \d+ of 41 papers", told)
    names = browser.page.locator(".labels text:visible").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().toJSON())"
    )
    assert len(names) > 15
    # Names are of any width; a little touching is not overlapping.
    for at, a in enumerate(names):
        for b in names[:at]:
            wide = min(a["right"], b["right"]) - max(a["left"], b["left"])
            high = min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
            assert wide < 8 or high < 5


@pytest.mark.parametrize(
    "address",
    [
        "?view=graph",
        f"?view=graph&paper={ROME}&kind=cites&kind=entities&kind=in_topic&kind=written_by",
        "?view=graph&topic=model-editing&layout=time",
        f"?view=graph&lineage={ROME}",
        "?view=graph&find=model+soups",
    ],
)
def test_every_graph_is_accessible_in_light_and_dark(browser: Browser, address: str) -> None:
    browser.open(address)
    assert browser.violations() == []
    browser.page.get_by_role("button", name="Dark").click()
    assert browser.violations() == []


def test_the_list_says_the_same(browser: Browser) -> None:
    browser.open(f"?view=graph&paper={ROME}")
    browser.page.get_by_text("The same as a list").click()
    entries = browser.page.locator(".listed li")
    assert entries.count() == browser.page.locator(".node").count()
    assert browser.violations() == []


def test_a_phone_has_room_for_it_and_fingers_move_it(
    chromium: object, small_address: str, atlas_address: str
) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True
    )
    window = watched(context, atlas_address)
    for address in ("?view=graph&entity=method/rome", f"?view=graph&from={SOUPS}&to={ROME}"):
        window.open(address)
        assert window.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert window.violations() == []
    window.address = small_address
    window.open(f"?view=graph&paper={name(1)}")
    whole = apart(window)
    box = window.page.locator(".drawing").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = context.new_cdp_session(window.page)

    def touch(kind: str, gap: float | None = None) -> None:
        points = [] if gap is None else [{"x": x - gap, "y": y}, {"x": x + gap, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 30)
    for gap in (40, 50, 60):
        touch("touchMove", gap)
    touch("touchEnd")
    assert float(rest(window, "zoom")) == pytest.approx(2, rel=0.05)
    assert apart(window) == pytest.approx(2 * whole, rel=0.05)
    one(window, 1).tap()
    assert query(window)["at"] == [node(1)]
    context.close()
    assert window.console_errors == []
