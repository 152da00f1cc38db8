"""Takes the README's pictures of the page, and draws what messengers show beside a link to it.

`python docs/pictures.py` takes all; `python docs/pictures.py share` draws the latter alone.

Of the bundled snapshot, as who installs the atlas meets it: it has no abstracts, so no picture
quotes one. Needs Debian's `chromium` and `pip install -e ".[dev]"`; nothing but the page itself is
fetched.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from kg.settings import Settings
from search.library import Library
from ui.web.server import Serving, in_background

FOLDER = Path(__file__).with_name("pictures")
VIEWS = {
    "ask": ("?q=Which methods edit a fact in a language model without retraining%3F", "light"),
    "understood": (
        "?q=data-free model merging since 2024 with code, not for vision",
        "light",
    ),
    "topics": ("?view=topics", "light"),
    "map": ("?view=map&q=merging models", "dark"),
    "entity": ("?view=entity&id=method/task-arithmetic", "light"),
    "compare": ("?view=compare&id=method/lora&id=method/qlora&id=method/dora", "light"),
}
STATIC = Path(__file__).parents[1] / "ui" / "static"
SHARE = """
<body style="margin: 0; height: 630px; display: flex; align-items: center; gap: 60px;
    padding: 0 90px; box-sizing: border-box; background: #fff; color: #111827;
    font-family: system-ui, sans-serif">
  <div style="width: 330px; flex: none">{icon}</div>
  <div>
    <div style="font-size: 92px; font-weight: 700">LFM Atlas</div>
    <div style="font-size: 40px; line-height: 1.35; color: #4b5563">
      Papers on learning from models, found by meaning
    </div>
  </div>
</body>
"""
QUIET = "--disable-gpu --disable-background-networking --disable-component-update --disable-sync"


def taken(page: Page, address: str, file: Path) -> None:
    page.goto(address)
    page.wait_for_function("window.atlasIdle === true")
    page.wait_for_timeout(1500)  # Drawings settle.
    page.screenshot(path=file)


def drawn(browser: Browser, file: Path) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 630})
    page.set_content(SHARE.format(icon=(STATIC / "icon.svg").read_text("utf-8")))
    page.screenshot(path=file)


def main(share_alone: bool) -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", *QUIET.split()]
        )
        drawn(browser, STATIC / "share.png")
        if not share_alone:
            views_taken(browser)
        browser.close()


def views_taken(browser: Browser) -> None:
    with (
        tempfile.TemporaryDirectory() as home,
        Library(Settings(home=Path(home))) as library,
        in_background(library, Serving(port=0)) as address,
    ):
        for name, (view, scheme) in VIEWS.items():
            page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme=scheme)
            taken(page, address + view, FOLDER / f"{name}.png")


if __name__ == "__main__":
    main(share_alone="share" in sys.argv[1:])
