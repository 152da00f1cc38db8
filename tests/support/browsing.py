"""A real browser for tests, and what every page must keep to."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest

QUIET = (
    "--disable-gpu --disable-background-networking --disable-component-update --disable-sync"
    " --no-first-run --disable-dev-shm-usage"
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator["object"]:
    """Start Chromium, or skip the test where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("there is no chromium here")
    from playwright.sync_api import sync_playwright

    # A sandbox cannot be had as root, where CI often runs.
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET.split(), *alone])
        yield browser
        browser.close()


@dataclass
class Browser:
    """A window on one server, which records requests to other hosts and errors.

    `page` is Playwright's own; go to a view by `open("?view=map")`.
    """

    page: "object"
    address: str
    other_hosts: list[str] = field(default_factory=list)
    """Requests to any other host."""
    console_errors: list[str] = field(default_factory=list)
    """Errors on the console."""

    def open(self, address: str = "") -> None:
        """Open a view and wait until it is shown."""
        self.page.goto(self.address + address)
        self.shown()

    def shown(self) -> None:
        """Wait until the view of the present address is shown."""
        self.page.locator(
            "#atlas-view[aria-busy=false] [data-view-name], #atlas-view .notice"
        ).first.wait_for()
        self.page.wait_for_function("window.atlasIdle === true")

    def violations(self) -> list[str]:
        """Return what axe-core finds against WCAG AA and good practice on the page as it is."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        return [
            f"{one['id']}: {node['html'][:160]}"
            for one in found.response["violations"]
            for node in one["nodes"]
        ]


def watched(context: "object", address: str) -> Browser:
    """Return a new window of a browser context, which is watched."""
    page = context.new_page()
    browser = Browser(page, address)
    host = urlsplit(address).netloc

    def asked(request: "object") -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != host:
            browser.other_hosts.append(request.url)

    page.on("request", asked)
    page.on("pageerror", lambda error: browser.console_errors.append(str(error)))
    page.on(
        "console",
        lambda line: browser.console_errors.append(line.text) if line.type == "error" else None,
    )
    return browser


def query(browser: Browser) -> dict[str, list[str]]:
    """Return what the address of the page asks for."""
    return parse_qs(urlsplit(browser.page.url).query)
