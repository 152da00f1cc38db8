"""The sign-in page, asked without a server: where it leads, what it keeps, what it tells."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette

from tests.support.serving import PASSWORDS, QUICK, AsgiResponse, asked
from ui.auth.accounts import Accounts
from ui.auth.authenticator import WRONG_PASSWORDS, Authenticator
from ui.guards.identity import Identity
from ui.web import sign_in

BROWSER = {"accept": "text/html", "content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def app(tmp_path: Path) -> Identity:
    made = Accounts(tmp_path / "users.json", QUICK)
    made.add("ada", PASSWORDS["ada"], administrator=True)
    authenticator = Authenticator(made)
    return Identity(Starlette(routes=sign_in.routes(authenticator)), authenticator, local_only=True)


async def sent(app: Any, name: str, password: str, **more: Any) -> AsgiResponse:
    fields = {"username": name, "password": password, "next": more.pop("next", "")}
    headers = {**BROWSER, **more.pop("headers", {})}
    return await asked(app, "/login", "POST", headers, urlencode(fields).encode(), **more)


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/x", "javascript:x", "\n?x", "x?y"]
)
def test_it_leads_nowhere_else(app: Identity, target: str) -> None:
    told = asyncio.run(sent(app, "ada", PASSWORDS["ada"], next=target))
    assert (told.status, told.headers["location"]) == (303, "./")


def test_it_leads_back_to_the_view(app: Identity) -> None:
    address = "?view=map&q=a b&x=ä&y=%26\r\nSet-Cookie: x"
    told = asyncio.run(sent(app, "ada", PASSWORDS["ada"], next=address))
    assert told.headers["location"] == "./?view=map&q=a%20b&x=%C3%A4&y=%26%0D%0ASet-Cookie:%20x"


def test_the_cookie_is_for_https_only_where_there_is_https(app: Identity) -> None:
    for scheme, secure in (("https", True), ("http", False)):
        told = asyncio.run(sent(app, "ada", PASSWORDS["ada"], scheme=scheme))
        cookie = told.headers["set-cookie"].lower()
        assert ("secure" in cookie) is secure
        assert "httponly" in cookie
        assert "samesite=lax" in cookie


def test_many_wrong_passwords_are_not_listened_to(app: Identity) -> None:
    async def tries() -> list[AsgiResponse]:
        for _ in range(WRONG_PASSWORDS.amount):
            assert (await sent(app, "ada", "a wrong one")).status == 401
        there = {"client": "10.0.0.9"}
        program = {"headers": {"accept": "*/*"}}
        return [
            await sent(app, "ada", PASSWORDS["ada"]),
            await sent(app, "ada", PASSWORDS["ada"], **program),
            await sent(app, "ada", PASSWORDS["ada"], **there),
        ]

    page, document, other = asyncio.run(tries())
    assert (page.status, document.status, other.status) == (429, 429, 303)
    assert b"Too many wrong passwords" in page.body
    assert b"<html" not in document.body
    assert int(page.headers["retry-after"]) > 0


def test_what_is_sent_is_never_markup(app: Identity) -> None:
    evil = '"><script>alert(1)</script>'
    told = asyncio.run(sent(app, evil, evil, next=f"?{evil}"))
    assert told.status == 401
    assert b"<script>" not in told.body


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"username=ada", b"=&=&", b"{}", b"[1]"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", ""])
def test_a_form_that_is_none_lets_nobody_in(app: Identity, body: bytes, kind: str) -> None:
    told = asyncio.run(asked(app, "/login", "POST", {"content-type": kind}, body))
    assert told.status == 401
    assert "set-cookie" not in told.headers


def test_without_accounts_there_is_nothing_to_sign_in_to(tmp_path: Path) -> None:
    authenticator = Authenticator(Accounts(tmp_path / "users.json"))
    app = Identity(Starlette(routes=sign_in.routes(authenticator)), authenticator, local_only=True)
    assert b"lfm user add" in asyncio.run(asked(app, "/login")).body
    told = asyncio.run(sent(app, "ada", "anything"))
    assert (told.status, told.headers["location"]) == (303, "./")
    assert "set-cookie" not in told.headers
