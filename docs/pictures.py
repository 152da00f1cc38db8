"""Takes the README's pictures of the page: `python docs/pictures.py`.

Of the bundled snapshot, as who installs the atlas meets it: it has no abstracts, so no picture
quotes one. Needs Debian's `chromium` and `pip install -e ".[dev]"`; nothing but the page itself is
fetched.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from kg.settings import Settings
from search.library import Library
from ui.server import Serving, in_background

FOLDER = Path(__file__).with_name("pictures")
VIEWS = {
    "ask": ("?q=Which methods edit a fact in a language model without retraining%3F", "light"),
    "topics": ("?view=topics", "light"),
    "map": ("?view=map&q=merging models", "dark"),
}
QUIET = "--disable-gpu --disable-background-networking --disable-component-update --disable-sync"


def taken(page: Page, address: str, file: Path) -> None:
    page.goto(address)
    page.wait_for_function("window.atlasIdle === true")
    page.wait_for_timeout(1500)  # Drawings settle.
    page.screenshot(path=file)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        in_background(Library(Settings(home=Path(home))), Serving(port=0)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", *QUIET.split()]
        )
        for name, (view, scheme) in VIEWS.items():
            page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme=scheme)
            taken(page, address + view, FOLDER / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
