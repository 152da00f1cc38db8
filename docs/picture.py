"""Takes the README's picture of the page: `python docs/picture.py docs/page.png`.

Needs Debian's `chromium` and `pip install playwright`; nothing but the page itself is fetched.
"""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from kg import settings
from search.library import Library
from ui import app

QUESTION = "Which methods edit a fact in a language model without retraining?"
QUIET = "--disable-gpu --disable-background-networking --disable-component-update --disable-sync"


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["LFM_HOME"] = home
        page_of = app.build(Library(settings.load()))
        _, address, _ = app.launch(page_of, "127.0.0.1", 0)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox", *QUIET.split()]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 860})
            page.goto(address)
            page.get_by_label("Question").fill(QUESTION)
            page.get_by_role("button", name="Ask").click()
            page.locator(".atlas-hit").first.wait_for()
            page.wait_for_timeout(500)
            page.screenshot(path=Path(sys.argv[1]))
            browser.close()
        page_of.close()


if __name__ == "__main__":
    main()
