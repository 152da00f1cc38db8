"""Papers that attack their reader: every view shows them as text, and nothing of them runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from kg.records import Paper
from tests.support.browsing import Browser, watched
from tests.support.hostile.papers import (
    DIRECTION,
    LITERAL,
    MARKED,
    OTHERS,
    TOPIC,
    WRITTEN,
    hostile_library,
)
from ui.web.server import Serving, in_background

pytestmark = pytest.mark.model

AUDIT = Path(__file__).with_name("hostile_audit.js").read_text("utf-8")


@pytest.fixture(scope="module")
def window(chromium: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A telephone on the hostile atlas, opened once: the router then goes from view to view."""
    with (
        hostile_library(tmp_path_factory.mktemp("hostile")) as library,
        in_background(library, Serving(port=0, rate=0)) as address,
    ):
        context = chromium.new_context(viewport={"width": 390, "height": 844})
        window = watched(context, address)
        window.page.set_default_timeout(90_000)
        window.dialogs = []

        def opened(dialog: object) -> None:
            window.dialogs.append(dialog.message)
            dialog.dismiss()

        window.page.on("dialog", opened)
        window.open("?view=status")
        yield window
        context.close()


@pytest.fixture
def browser(window: Browser) -> Iterator[Browser]:
    """The same window, in which nothing may ask, run or complain."""
    yield window
    # A script that the page's policy stopped would be among the complaints.
    told = window.dialogs, window.other_hosts, window.console_errors
    window.dialogs, window.other_hosts, window.console_errors = [], [], []
    assert told == ([], [], [])


def asked(browser: Browser, question: str) -> Any:
    """Return the answer of a function of `hostile_audit.js`."""
    return browser.page.evaluate(f"({AUDIT}).{question}()")


def go(browser: Browser, view: str) -> None:
    """Go to a view as the back button does, and wait until it is there."""
    browser.page.evaluate(
        """(view) => {
          window.atlasIdle = false;
          history.pushState({}, "", view);
          dispatchEvent(new PopStateEvent("popstate"));
        }""",
        view,
    )
    browser.page.wait_for_function("window.atlasIdle === true")


def safely(browser: Browser, view: str) -> None:
    """Go to a view, and fail if there is anything in it that may not be."""
    go(browser, view)
    assert asked(browser, "audit") == [], view[:200]


def address(view: str, **params: object) -> str:
    return f"?{urlencode({'view': view, **params})}"


@pytest.mark.parametrize("name", WRITTEN)
def test_a_hostile_paper_is_read_as_it_is_written(browser: Browser, name: str) -> None:
    one = WRITTEN[name]
    safely(browser, address("paper", paper=one.id))

    def texts(selector: str) -> list[str]:
        found = browser.page.locator(selector)
        return found.evaluate_all("all => all.map((one) => one.textContent)")

    assert texts("#atlas-view h1") == [one.title]
    assert texts("#atlas-view .authors a") == list(one.authors)
    assert texts("#atlas-view .abstract bdi") == [one.abstract]
    assert texts("#atlas-view")[0].count(LITERAL[name]) >= 6


@pytest.mark.parametrize("one", OTHERS, ids=lambda one: one.id[:10])
def test_other_hostile_papers_do_no_harm(browser: Browser, one: Paper) -> None:
    safely(browser, address("paper", paper=one.id))
    number = one.title.rpartition(" ")[2]
    assert f"averaging {number}" in browser.page.locator("#atlas-view h1").inner_text()


VIEWS = {
    "ask": address("ask", q="averaging weights", k=50),
    "ask by words": address("ask", q="averaging", mode="keyword", withdrawn=1, k=50),
    "ask for an attack": address("ask", q=LITERAL["image"]),
    "ask with filters": address(
        "ask", q="averaging", author=LITERAL["script"], category="<b>", topic=TOPIC
    ),
    "ask for a long word": address("ask", q="W" * 3000),
    "ask for marks": address("ask", q=DIRECTION),
    "more like this": address("ask", like="2001.00001"),
    "more like nothing": address("ask", like=LITERAL["svg"]),
    "topics": address("topics"),
    "topic": address("topics", topic=TOPIC),
    "topic below": address("topics", topic=f"{TOPIC}/below", sort="influential"),
    "no topic": address("topics", topic=LITERAL["image"]),
    "no paper": address("paper", paper=LITERAL["endings"]),
    "author": address("paper", author="ada script window pwned"),
    "no author": address("paper", author=LITERAL["frames"]),
    "comparison": address("compare", q="averaging weights", k=50),
    "no comparison": f"{address('compare', id='2001.00001')}&{urlencode({'id': LITERAL['image']})}",
    "methods": address("entity"),
    "method": address("entity", id="method/0"),
    "method of marks": address("entity", id=DIRECTION),
    "papers of a method": address("entity", id="method/0", relation="introduces", part=1),
    "methods of a topic": address("entity", topic=TOPIC),
    "no method": address("entity", id=LITERAL["frames"]),
    "graph": address("graph", paper="2001.00001"),
    "graph of a topic": address("graph", topic=TOPIC),
    "path": address("graph", **{"from": "2001.00002", "to": MARKED.id}),
    "no path": address("graph", **{"from": LITERAL["image"], "to": LITERAL["script"]}),
    "lineage": address("graph", lineage="2001.00001"),
    "map": address("map"),
    "map with a question": address("map", q=LITERAL["image"]),
    "lists": address("lists"),
    "status": address("status"),
    "no view": address(LITERAL["image"]),
    "no number": address("map", x=LITERAL["script"], k=LITERAL["image"]),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_every_view_of_a_hostile_atlas_is_safe(browser: Browser, view: str) -> None:
    safely(browser, view)
    assert browser.page.locator("#atlas-view h1").count() == 1


@pytest.mark.parametrize(
    "name", ["ask", "ask for marks", "topic", "method", "graph", "path", "status"]
)
def test_marks_of_direction_end_with_the_text_that_has_them(browser: Browser, name: str) -> None:
    go(browser, VIEWS[name])
    assert asked(browser, "turned")["turned"] == []


@pytest.mark.parametrize("view", [{"paper": MARKED.id}, {"author": "ada abc"}])
def test_a_marked_paper_and_its_author_turn_nothing(browser: Browser, view: dict) -> None:
    go(browser, address("paper", **view))
    assert "\u202e" in browser.page.locator("#atlas-view").evaluate("(e) => e.textContent")
    found = asked(browser, "turned")
    assert found["turned"] == []
    assert found["seen"] > 10


def test_a_hostile_paper_can_be_kept(browser: Browser) -> None:
    go(browser, address("paper", paper="2001.00001"))
    browser.page.get_by_role("button", name="Keep").click()
    safely(browser, address("lists"))


ATTACKS = {
    "an element": "<img>",
    "a handler": "<p onfocus=''>x</p>",
    "a link": "<a href='javascript:void 0'>x</a>",
    "a link of SVG": "<svg><a xlink:href='data:text/html,x'>x</a></svg>",
    "a form": "<form action='//a.org'></form>",
    "HTML in a formula": "<math><mtext><b>x</b></mtext></math>",
    "MathML outside": "<math><mtext><mi>x</mi></mtext></math>",
    "a cover": "<p style='position:fixed'>x</p>",
    "a wide word": f"<p style='overflow-wrap:normal'>{'W' * 99}</p>",
}

HANDLER_STOPPED = ("Executing inline event handler violates", "Refused to execute inline event")
"""How Chromium's report begins when the page's policy stops an inline event handler."""


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_the_audit_sees_what_may_not_be(browser: Browser, attack: str) -> None:
    put = "html => { document.querySelector('#atlas-view').innerHTML = html }"
    browser.page.evaluate(put, attack)
    assert len(asked(browser, "audit")) == 1
    browser.page.evaluate(put, "<p><bdi>x</bdi><b>y</b></p>")
    assert asked(browser, "audit") == []
    # The page's policy stops the handler too. Browsers report that when they read the attribute,
    # or not before the event.
    stopped = [told for told in browser.console_errors if told.startswith(HANDLER_STOPPED)]
    assert stopped == [] or attack == ATTACKS["a handler"]
    browser.console_errors[:] = [told for told in browser.console_errors if told not in stopped]


def test_the_audit_sees_what_is_turned_about(browser: Browser) -> None:
    put = "html => { document.querySelector('#atlas-view').innerHTML = html }"
    browser.page.evaluate(put, "<p><b>\u202e</b><i>text</i></p>")
    assert asked(browser, "turned") == {"seen": 1, "turned": ["text"]}
    browser.page.evaluate(put, "<p><bdi>\u202e</bdi><i>text</i></p>")
    assert asked(browser, "turned") == {"seen": 1, "turned": []}
