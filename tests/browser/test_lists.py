"""The reading lists in a real browser: kept, changed, brought along, taken away and shared."""

from pathlib import Path

import pytest

from tests.support import browsing
from tests.support.browser_lists import LIST, cards, entry, keep, lists, stored
from tests.support.browsing import Browser

pytestmark = pytest.mark.model

SOUPS, ARITHMETIC, TIES = "2203.05482", "2212.04089", "2306.01708"
HOSTILE = '<img src=x onerror="window.hurt=1">'


def said(browser: Browser, words: str) -> None:
    browser.page.locator("#atlas-said", has_text=words).wait_for()


def do(browser: Browser, name: str, number: int = 0) -> None:
    browser.page.locator(f"[data-do={name}]").nth(number).click()


def test_papers_are_kept_from_an_answer_and_taken_out_again(browser: Browser) -> None:
    page = browser.page
    browser.open("?view=lists")
    page.get_by_text("Keep what you find").wait_for()
    page.get_by_role("link", name="How can models be merged").click()
    browser.shown()
    page.locator(".hit").first.wait_for()
    button = page.locator(".hit [data-keep]").first
    assert (button.text_content(), button.get_attribute("aria-pressed")) == ("Keep", "false")
    button.click()
    said(browser, "Kept 1 paper in Reading list")
    assert (button.text_content(), button.get_attribute("aria-pressed")) == ("Kept", "true")
    kept = button.get_attribute("data-keep")
    page.locator(".hit [data-keep]").nth(1).click()
    button.click()
    said(browser, "Taken out of Reading list")
    assert kept not in lists(browser)["Reading list"]
    page.reload()
    browser.shown()
    assert page.locator(".hit [aria-pressed=true]").count() == 1
    page.get_by_role("link", name="Reading lists").click()
    page.wait_for_url("**/?view=lists&list=Reading+list")
    assert cards(browser) == lists(browser)["Reading list"]


def test_lists_are_made_renamed_copied_and_deleted_with_a_way_back(browser: Browser) -> None:
    page = browser.page
    keep(browser, stored(entry(SOUPS, note="mine")))
    browser.open(LIST)
    page.get_by_placeholder("New list").fill("To <b>read</b>")
    page.keyboard.press("Enter")
    page.locator("h1", has_text="To <b>read</b>").wait_for()
    page.get_by_text("This list is empty").wait_for()
    page.go_back()
    page.locator("h1", has_text="Merging").wait_for()
    browser.shown()
    page.locator("summary", has_text="Rename").click()
    page.get_by_label("New name").fill("Weights")
    page.keyboard.press("Enter")
    said(browser, "Renamed to Weights")
    assert page.url.endswith("?view=lists&list=Weights")
    do(browser, "duplicate")
    page.locator("h1", has_text="Weights (copy)").wait_for()
    browser.shown()
    do(browser, "erase")
    said(browser, "Deleted Weights (copy)")
    assert list(lists(browser)) == ["Weights", "To <b>read</b>"]
    page.get_by_role("button", name="Undo").click()
    page.locator("h1", has_text="Weights (copy)").wait_for()
    assert lists(browser)["Weights (copy)"] == [SOUPS]
    browser.shown()
    assert page.locator(".kept textarea").input_value() == "mine"
    page.reload()
    page.locator("h1", has_text="Weights (copy)").wait_for()


def test_by_keyboard_papers_are_moved_read_noted_and_removed(browser: Browser) -> None:
    page = browser.page
    keep(browser, stored(entry(SOUPS), entry(ARITHMETIC), entry(TIES)))
    browser.open(LIST)

    def press(name: str, number: int) -> None:
        page.locator(f"[data-do={name}]").nth(number).focus()
        page.keyboard.press("Enter")

    press("down", 0)
    page.wait_for_function(
        f"document.activeElement.closest('li:nth-child(2) [data-id=\"{SOUPS}\"]')"
    )
    assert cards(browser) == lists(browser)["Merging"] == [ARITHMETIC, SOUPS, TIES]
    page.keyboard.press("Enter")
    # At the end there is no further down: the way up has the focus.
    page.wait_for_function("document.activeElement.dataset.do === 'up'")
    assert lists(browser)["Merging"] == [ARITHMETIC, TIES, SOUPS]
    press("read", 0)
    assert page.locator(".unread-count").text_content() == "2"
    press("note", 0)
    page.keyboard.type("Compare\nwith <i>soups</i>")
    page.reload()
    browser.shown()
    assert page.locator(".kept textarea").first.input_value() == "Compare\nwith <i>soups</i>"
    assert page.locator("[data-do=read]").first.get_attribute("aria-pressed") == "true"
    assert page.locator(".note:visible").count() == 1
    press("remove", 0)
    page.wait_for_function("document.activeElement.dataset.do === 'remove'")
    assert lists(browser)["Merging"] == [TIES, SOUPS]
    press("undo", 0)
    page.wait_for_function("document.querySelectorAll('.kept').length === 3")
    assert page.locator(".kept textarea").first.input_value() == "Compare\nwith <i>soups</i>"
    page.locator("summary", has_text="Export").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="BibTeX").wait_for()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Export"


def test_the_notes_never_leave_the_browser(browser: Browser) -> None:
    keep(browser, stored(entry(SOUPS, note="a secret of mine")))
    sent: list[str] = []
    browser.page.on("request", lambda request: sent.append(request.post_data or ""))
    for part in ("", "&show=related", "&show=news"):
        browser.open(LIST + part)
    assert any(SOUPS in body for body in sent)
    assert not any("secret" in body for body in sent)


def test_sorting_and_choosing_are_addresses(browser: Browser) -> None:
    page = browser.page
    keep(browser, stored(entry(SOUPS), entry(ARITHMETIC, read=True), entry("1802.10026")))
    browser.open(LIST)
    page.get_by_role("link", name="newest").click()
    page.wait_for_url("**sort=year")
    page.get_by_role("link", name="Only unread").click()
    page.wait_for_url("**unread=1")
    browser.shown()
    assert cards(browser) == [SOUPS, "1802.10026"]
    page.reload()
    browser.shown()
    assert cards(browser) == [SOUPS, "1802.10026"]
    page.go_back()
    page.wait_for_function("document.querySelectorAll('.kept').length === 3")
    page.go_forward()
    page.wait_for_function("document.querySelectorAll('.kept').length === 2")


def test_a_bibliography_is_brought_and_what_is_missing_is_told(browser: Browser) -> None:
    page = browser.page
    browser.open("?view=lists&show=import")
    page.get_by_label("or paste it").fill(
        f"@misc{{a, title={{Model soups}}, eprint={{{SOUPS}}}}}\n"
        "@misc{b, title={Editing model with task arithmetics}}\n"
        f"@misc{{c, title={{{HOSTILE} of nobody}}}}\n@misc{{d, title={{cut"
    )
    page.get_by_label("Its name").fill("From my thesis")
    page.get_by_role("button", name="Import").click()
    page.get_by_role("heading", name="1 of 3 papers found").wait_for()
    said(browser, "Kept 1 paper in From my thesis")
    assert f"{HOSTILE} of nobody" in page.locator("pre.absent").text_content()
    page.get_by_text("1 entry could not be read").wait_for()
    assert browser.violations() == []
    page.locator(".unsure [data-keep]").first.click()
    said(browser, "Kept 1 paper in From my thesis")
    assert lists(browser) == {"From my thesis": [ARITHMETIC, SOUPS]}
    page.get_by_label("or paste it").fill("%PDF-1.7")
    page.get_by_role("button", name="Import").click()
    page.locator(".imported .notice", has_text="This is no text").wait_for()
    page.locator("input[type=file]").set_input_files(
        {"name": "x.bib", "mimeType": "text/plain", "buffer": b"x" * 1_000_001}
    )
    page.get_by_role("button", name="Import").click()
    page.locator(".imported .notice", has_text="too large").wait_for()
    assert page.evaluate("window.hurt") is None


def test_a_dropped_file_of_an_old_program_is_read(browser: Browser) -> None:
    page = browser.page
    browser.open("?view=lists&show=import")
    page.evaluate(
        """() => {
          const bytes = new TextEncoder().encode(

            "@misc{a, author={M@ller}, title={Editing Models with Task Arithmetic}}");
          bytes[bytes.lastIndexOf(64)] = 0xfc;  // An umlaut of Windows.
          const files = new DataTransfer();
          files.items.add(new File([bytes], "old.bib"));
          const drop = new DragEvent(
            "drop", { dataTransfer: files, bubbles: true, cancelable: true });
          document.querySelector("form.import label").dispatchEvent(drop);
        }"""
    )
    said(browser, "old.bib is ready to import")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="1 of 1 paper found").wait_for()
    assert lists(browser) == {"old": [ARITHMETIC]}


def test_a_list_is_taken_away_and_comes_back_with_its_notes(
    browser: Browser, tmp_path: Path
) -> None:
    page = browser.page
    lost = entry("2199.99999", title="Lost", note="kept all the same", read=True)
    keep(browser, stored(entry(SOUPS, note="é ☃"), lost, name="Ünder/way"))
    browser.open("?view=lists")
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as bibtex:
        page.get_by_role("button", name="BibTeX").click()
    assert bibtex.value.suggested_filename == "U-nder-way.bib"
    assert SOUPS in Path(bibtex.value.path()).read_text()
    said(browser, "1 left out that the atlas does not have")
    page.locator("summary", has_text="Export").click()  # It closed when something was chosen.
    with page.expect_download() as saved:
        page.get_by_role("button", name="This list (JSON)").click()
    file = tmp_path / "list.json"
    saved.value.save_as(file)
    browser.open("?view=lists&show=import")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Import").click()
    page.locator("h1", has_text="Ünder/way 2").wait_for()
    browser.shown()
    assert page.locator(".kept textarea").input_value() == "é ☃"
    page.locator(".lost", has_text="Lost").wait_for()
    page.goto(f"{browser.address}?view=lists&show=import")
    browser.shown()
    page.get_by_label("or paste it").fill('{"format": "lfm-atlas-reading-lists", "vers')
    page.get_by_role("button", name="Import").click()
    page.locator(".imported .notice", has_text="damaged").wait_for()


def test_a_shared_address_shows_the_list_and_keeps_it(browser: Browser) -> None:
    page = browser.page
    keep(browser, stored(entry(SOUPS, note="mine"), entry("doi:10.1000/a,b")))
    browser.open(LIST)
    page.locator("summary", has_text="Share").click()
    address = page.locator("pre.share").text_content()
    assert "mine" not in address
    page.evaluate("localStorage.clear()")
    page.goto(address)
    browser.shown()
    assert page.locator("h1").text_content() == "Merging"
    assert cards(browser) == [SOUPS]
    page.get_by_text("doi:10.1000/a,b").wait_for()
    page.get_by_role("button", name="Keep this list").click()
    page.locator(".kept").wait_for()
    assert lists(browser) == {"Merging": [SOUPS, "doi:10.1000/a,b"]}


def test_what_another_tab_does_is_shown_here(browser: Browser) -> None:
    keep(browser, stored(entry(SOUPS)))
    other = browsing.watched(browser.page.context, browser.address)
    other.open(LIST)
    browser.open(f"?view=paper&paper={ARITHMETIC}")
    browser.page.locator(f"[data-keep='{ARITHMETIC}']").first.click()
    other.page.wait_for_function("document.querySelectorAll('.kept').length === 2")
    # Both changes are there: neither tab wrote over the other.
    other.page.locator("[data-do=remove]").nth(1).click()
    browser.page.wait_for_function(
        "JSON.parse(localStorage.getItem('atlas-lists')).lists[0].papers.length === 1"
    )
    assert lists(browser) == {"Merging": [ARITHMETIC]}
    other.page.locator("[data-do=remove]").first.click()
    browser.page.locator(f"[data-keep='{ARITHMETIC}'][aria-pressed=false]").first.wait_for()
    assert other.console_errors == other.other_hosts == []


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"version": 1}',
        '{"version": 1, "lists": [{"name": "Merging", "papers": [7, {"id": "2203.05482"}]}]}',
    ],
)
def test_damaged_lists_are_set_aside_and_never_lost(browser: Browser, text: str) -> None:
    page = browser.page
    keep(browser, text)
    browser.open("?view=lists")
    page.get_by_role("alert").get_by_text("could not be read").wait_for()
    with page.expect_download() as saved:
        do(browser, "save-damaged")
    assert Path(saved.value.path()).read_text() == text
    assert lists(browser) == ({"Merging": [SOUPS]} if SOUPS in text else {})
    do(browser, "forget-damaged")
    page.wait_for_function("!document.querySelector('.trouble')")


def test_lists_of_a_newer_atlas_are_left_as_they_are(browser: Browser) -> None:
    newer = '{"version": 2, "lists": {}}'
    keep(browser, newer)
    browser.open(f"?view=paper&paper={SOUPS}")
    browser.page.locator(f"[data-keep='{SOUPS}']").first.click()
    said(browser, "Kept 1 paper")
    browser.page.get_by_role("link", name="Reading lists").click()
    browser.page.get_by_role("alert").get_by_text("written by a newer").wait_for()
    assert cards(browser) == [SOUPS]
    assert browser.page.evaluate("localStorage.getItem('atlas-lists')") == newer


def test_a_full_browser_says_so_and_changes_nothing(browser: Browser) -> None:
    keep(browser, stored(entry(ARITHMETIC)))
    browser.open(f"?view=paper&paper={SOUPS}")
    browser.page.evaluate(
        "() => { Storage.prototype.setItem ="
        " () => { throw new DOMException('', 'QuotaExceededError') } }"
    )
    button = browser.page.locator(f"[data-keep='{SOUPS}']").first
    button.click()
    said(browser, "no room left: nothing was changed")
    assert button.get_attribute("aria-pressed") == "false"
    assert lists(browser) == {"Merging": [ARITHMETIC]}


def test_a_browser_that_keeps_nothing_works_until_the_page_is_closed(browser: Browser) -> None:
    page = browser.page
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage',"
        " { get() { throw new DOMException('', 'SecurityError') } })"
    )
    browser.open(f"?view=paper&paper={SOUPS}")
    page.locator(f"[data-keep='{SOUPS}']").first.click()
    said(browser, "Kept 1 paper")
    page.get_by_role("link", name="Reading lists").click()
    page.get_by_role("alert").get_by_text("lets the page keep nothing").wait_for()
    assert cards(browser) == [SOUPS]
    page.get_by_role("button", name="Dark").click()
    assert browser.violations() == []


def test_hostile_lists_do_no_harm(browser: Browser) -> None:
    page = browser.page
    mean = [entry(HOSTILE, title=HOSTILE, note=HOSTILE), entry(SOUPS, note=HOSTILE)]
    keep(browser, stored(*mean, name=HOSTILE))
    for part in ("", "&show=related", "&show=news", "&show=import"):
        browser.open(f"?view=lists{part}")
        page.locator("h1").wait_for()
    browser.open("?view=lists")
    assert page.locator("h1").text_content() == HOSTILE
    do(browser, "remove")
    page.locator(".undo", has_text=HOSTILE).wait_for()
    assert page.evaluate("window.hurt") is None


def test_every_part_is_accessible_in_light_and_dark(browser: Browser) -> None:
    page = browser.page
    keep(browser, stored(entry(SOUPS, note="x"), entry(ARITHMETIC, read=True), entry("gone")))
    for part in ("", "&show=related", "&show=news"):
        browser.open(LIST + part)
        assert browser.violations() == [], part
    page.get_by_role("button", name="Dark").click()
    browser.open(LIST)
    page.locator("summary", has_text="Export").click()
    assert browser.violations() == []
    page.evaluate("localStorage.removeItem('atlas-lists')")
    for part in ("", "&shared=2203.05482,gone&name=Ada"):
        browser.open(f"?view=lists{part}")
        assert browser.violations() == [], part


def test_a_phone_shows_every_part_without_scrolling_aside(browser: Browser) -> None:
    keep(
        browser,
        stored(entry(SOUPS, note="x" * 200), entry(ARITHMETIC), entry("gone"), name="M" * 80),
    )
    browser.page.set_viewport_size({"width": 390, "height": 800})
    for part in ("", "&show=related", "&show=news", "&show=import"):
        browser.open(f"?view=lists{part}")
        # Nothing reaches beyond the edge, whatever hides it.
        wide = browser.page.locator("#atlas-view *").evaluate_all(
            "all => all.filter(one => one.getBoundingClientRect().right > innerWidth + 1"
            " && !one.closest('.away, pre, math')).map(one => one.outerHTML.slice(0, 80))"
        )
        assert wide == [], part
    browser.open("?view=lists")
    for menu in ("Export", "Share", "Rename"):
        browser.page.locator("summary", has_text=menu).click()
        box = browser.page.locator(".menu[open] > .panel").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
