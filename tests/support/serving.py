"""An atlas that is served for tests, and ASGI applications that are asked without a server."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx

from ingest.embedding import embed_missing
from kg.links import Link, LinkKind, LinkState
from kg.records import PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.database import utc_now
from kg.store.reports import Report
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import card, code_link, describe, paper, predicted_card, put_all
from ui.auth.accounts import Accounts, Cost
from ui.background import BackgroundRefresh
from ui.web.server import Serving, in_background

QUICK = Cost(n=16, r=1, p=1)
"""Hashing that takes no time."""

TOPICS = ("model-reuse/model-fusion", "model-editing", "meta-learning/white-box-data-free")


def small_library(home: Path, papers: int = 6, clock: Callable[[], datetime] = utc_now) -> Library:
    """Return an atlas of a few papers, with a tiny embedder."""
    settings = Settings(home)
    with Catalogue(settings.catalogue) as catalogue:
        made = [paper(number) for number in range(1, papers + 1)]
        put_all(catalogue, *made)
        for number, one in enumerate(made):
            topic = TOPICS[number % len(TOPICS)]
            catalogue.placements.add(one.id, [Placement(topic, PlacedBy.LIST, "a list")])
        embed_missing(catalogue, HashedWords())
    return Library(settings, HashedWords(), clock=clock)


def described_library(home: Path) -> Library:
    """Return `small_library` in which some papers have a card, links and reports.

    The first has all of these, its code moved; the second a predicted card; the third code that is
    gone; the fourth links that are none, as a hostile snapshot may hold them.
    """
    library = small_library(home)
    day, ids = date(2026, 8, 1), [paper(number).id for number in range(1, 5)]
    moved = code_link(1, official=True, state=LinkState.MOVED, checked=day)
    moved = replace(moved, moved_to="https://github.com/ada/moved")
    page = Link(LinkKind.PROJECT, "https://ada.example/page", "comment")
    reports = [
        Report("semantic-scholar", day, 1234, "https://ada.example/free.pdf", "ICML"),
        Report("openalex", day, 1200),
    ]
    catalogue = library.catalogue
    describe(catalogue, ids[0], card(), code_link(2, official=False), moved, page, reports=reports)
    describe(catalogue, ids[1], predicted_card(), reports=[Report("openalex", day, 7)])
    describe(catalogue, ids[2], None, code_link(3, state=LinkState.GONE, checked=day))
    with catalogue.writing():
        key = catalogue.identifiers.key(ids[3])
        for url in HOSTILE_LINKS:
            catalogue.database.execute(
                "INSERT INTO links (paper, kind, url, source) VALUES (?, 'code', ?, 'x')",
                (key, url),
            )
        catalogue.reports.put(key, Report("openalex", day, None, "javascript:alert(1)"))
    return library


HOSTILE_LINKS = (
    "javascript:alert(1)",
    "data:text/html,x",
    "http://127.0.0.1/x",
    "https://a\x07.b/",
)
"""Links that no face may show as such."""


@contextmanager
def served(
    library: Library, background: BackgroundRefresh | None = None, **how: Any
) -> Iterator[httpx.Client]:
    """Serve an atlas for the length of the block, and give a client of it."""
    serving = Serving(port=0, **how)
    with (
        in_background(library, serving, background) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        yield client


def accounts(library: Library) -> Accounts:
    """Make an administrator, ada, and a user, bo; their passwords are `PASSWORDS`."""
    made = Accounts(library.settings.users, QUICK)
    made.add("ada", PASSWORDS["ada"], administrator=True)
    made.add("bo", PASSWORDS["bo"])
    return made


PASSWORDS = {"ada": "correct horse", "bo": "battery staple"}


def view(client: httpx.Client, address: str = "", **more: Any) -> httpx.Response:
    """Ask for a view as the page's script does."""
    return called(client, "show", {"address": address}, **more)


def called(client: httpx.Client, name: str, sent: object, **more: Any) -> httpx.Response:
    """Call a server function of the page as its script does."""
    body = {"data": sent, "component_id": _frame(client), "fn_name": name, "session_hash": "test"}
    return client.post("gradio_api/component_server/", json=body, **more)


def _frame(client: httpx.Client) -> int:
    """Return the id of the page's one component, which is another in each server."""
    if str(client.base_url) not in _FRAMES:
        told = client.get("config", auth=("ada", PASSWORDS["ada"])).json()
        ids = [one["id"] for one in told["components"] if one["props"].get("elem_id") == "atlas"]
        _FRAMES[str(client.base_url)] = ids[0]
    return _FRAMES[str(client.base_url)]


_FRAMES: dict[str, int] = {}


@dataclass(frozen=True)
class AsgiResponse:
    """The response of an ASGI application."""

    status: int
    headers: dict[str, str]
    body: bytes


async def asked(
    app: Any,
    path: str = "/",
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    client: str = "127.0.0.1",
    **scope: Any,
) -> AsgiResponse:
    """Ask an ASGI application, without a server."""
    path, _, query = path.partition("?")
    sent = [
        (k.lower().encode(), v.encode())
        for k, v in {"host": "localhost", **(headers or {})}.items()
    ]
    whole = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": sent,
        "client": (client, 50000),
        "server": ("localhost", 80),
        "state": {},
        **scope,
    }
    messages: list[dict[str, Any]] = []
    given = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if given:
            return given.pop()
        await asyncio.Event().wait()  # Nobody goes away.
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(whole, receive, send)
    start = messages[0]
    told = {k.decode().lower(): v.decode() for k, v in start["headers"]}
    return AsgiResponse(
        start["status"], told, b"".join(one.get("body", b"") for one in messages[1:])
    )


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer any request by what it was, as JSON."""
    body = (await receive())["body"]
    told = {
        "path": scope["path"],
        "headers": {k.decode(): v.decode() for k, v in scope["headers"]},
        "client": scope["client"][0],
        "scheme": scope["scheme"],
        "state": scope["state"],
        "body": body.decode(),
    }
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})
