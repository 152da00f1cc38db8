"""Reading lists as a browser stores them, put there and read back."""

import json

from tests.support.browsing import Browser

LIST = "?view=lists&list=Merging"
"""Address of the list that `stored` makes."""


def entry(id: str, **more: object) -> dict[str, object]:
    return {
        "id": id,
        "title": "",
        "added": "2026-05-01T10:00:00Z",
        "read": False,
        "note": "",
    } | more


def stored(*papers: dict[str, object], **more: object) -> str:
    made = {"name": "Merging", "former": None, "latest": None, "papers": papers} | more
    return json.dumps({"version": 1, "using": made["name"], "lists": [made]})


def keep(browser: Browser, text: str) -> None:
    """Let the browser have kept a text before."""
    browser.open("?view=lists&show=import")
    browser.page.evaluate("text => localStorage.setItem('atlas-lists', text)", text)


def lists(browser: Browser) -> dict[str, list[str]]:
    """Return what the browser keeps: ids by list."""
    text = browser.page.evaluate("localStorage.getItem('atlas-lists')")
    return {one["name"]: [p["id"] for p in one["papers"]] for one in json.loads(text)["lists"]}


def cards(browser: Browser) -> list[str]:
    return browser.page.locator(".body .card").evaluate_all("all => all.map(c => c.dataset.paper)")
