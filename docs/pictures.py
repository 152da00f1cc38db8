"""Takes the README's pictures of the page: `python docs/pictures.py docs/pictures [DUMP]`.

DUMP is a dump of arXiv's metadata, as `lfm add` reads it: with abstracts the answers quote.
Needs Debian's
`chromium` and `pip install -e ".[dev]"`; nothing but the page itself is fetched.
"""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from kg import settings
from search.library import Library
from ui.cli import main as lfm
from ui.server import Serving, in_background

VIEWS = {
    "ask": ("?q=Which methods edit a fact in a language model without retraining%3F", "light"),
    "map": ("?view=map&q=merging models", "dark"),
    "topics": ("?view=topics", "light"),
    "graph": ("?view=graph&paper=2203.05482", "light"),
}
QUIET = "--disable-gpu --disable-background-networking --disable-component-update --disable-sync"


def taken(page: Page, address: str, file: Path) -> None:
    page.goto(address)
    page.wait_for_function("window.atlasIdle === true")
    page.wait_for_timeout(1500)  # Drawings settle.
    page.screenshot(path=file)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["LFM_HOME"] = home
        for dump in sys.argv[2:]:
            lfm(["add", dump, "--only-known"])
        with (
            in_background(Library(settings.load()), Serving(port=0)) as address,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox", *QUIET.split()]
            )
            for name, (view, scheme) in VIEWS.items():
                page = browser.new_page(
                    viewport={"width": 1280, "height": 860}, color_scheme=scheme
                )
                taken(page, address + view, folder / f"{name}.png")
            browser.close()


if __name__ == "__main__":
    main()
