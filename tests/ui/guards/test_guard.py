"""The guards one by one: what each lets through, and what it refuses."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.serving import AsgiResponse, accounts, asked, echo, small_library
from ui.auth.authenticator import Authenticator
from ui.guards.concurrency import ConcurrencyLimit
from ui.guards.forwarded import Forwarded
from ui.guards.headers import SecurityHeaders
from ui.guards.origin import Origin, is_loopback
from ui.guards.page_routes import PageRoutes
from ui.guards.rate_limit import RateLimit
from ui.guards.size_limits import (
    MAX_ADDRESS_BYTES,
    MAX_BODY_BYTES,
    MAX_PUBLIC_BODY_BYTES,
    SizeLimits,
)
from ui.guards.stack import with_guards


def ask(app: Any, *args: Any, **more: Any) -> AsgiResponse:
    return asyncio.run(asked(app, *args, **more))


def test_every_answer_has_the_security_headers() -> None:
    told = ask(SecurityHeaders(echo), "/anything")
    policy = told.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy.replace("style-src 'self' 'unsafe-inline'", "")
    assert told.headers["x-content-type-options"] == "nosniff"
    assert told.headers["referrer-policy"] == "same-origin"
    assert told.headers["cross-origin-opener-policy"] == "same-origin"
    assert "permissions-policy" in told.headers
    assert "server" not in told.headers


def html(body: bytes) -> Any:
    async def page(_: Any, __: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/html"), (b"access-control-allow-origin", b"*")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body[:9], "more_body": True})
        await send({"type": "http.response.body", "body": body[9:]})

    return page


def test_the_page_may_run_its_own_scripts_and_no_others() -> None:
    body = b"<script>start()</script><script src='a.js'></script><p>"
    told = ask(SecurityHeaders(html(body)), "/")
    assert told.body == body
    scripts = told.headers["content-security-policy"].split("script-src ")[1].split(";")[0]
    # printf 'start()' | openssl dgst -sha256 -binary | base64
    assert scripts.split() == [
        "'self'",
        "'unsafe-eval'",
        "'sha256-DIm7WJS6ZKDYe5qFLPy+h4JFI9Bol5QmYC57mt3Fb00='",
    ]
    assert "access-control-allow-origin" not in told.headers


async def broken(*_: Any) -> None:
    raise RuntimeError("/home/ada/secret.py")


def test_an_error_becomes_a_plain_line() -> None:
    told = ask(SecurityHeaders(broken), "/")
    assert told.status == 500
    assert b"log" in told.body
    assert b"secret" not in told.body
    assert "content-security-policy" in told.headers


def test_nothing_speaks_websocket() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(SecurityHeaders(echo)({"type": "websocket"}, None, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(
    "name", ["localhost", "LOCALHOST.", "127.0.0.1", "127.8.9.1", "[::1]", "a.localhost"]
)
def test_loopback_names(name: str) -> None:
    assert is_loopback(name)


@pytest.mark.parametrize(
    "name", ["", "0.0.0.0", "::", "example.org", "localhost.example.org", "127.0.0.1.nip.io"]
)
def test_other_names(name: str) -> None:
    assert not is_loopback(name)


@pytest.mark.parametrize(
    ("bound", "names", "host", "status"),
    [
        ("127.0.0.1", (), "127.0.0.1:7860", 200),
        ("127.0.0.1", (), "localhost", 200),
        ("::1", (), "[::1]:7860", 200),
        ("127.0.0.1", (), "evil.example", 421),
        ("127.0.0.1", (), "127.0.0.1.evil.example:7860", 421),
        ("127.0.0.1", (), "", 421),
        ("127.0.0.1", ("atlas.example",), "Atlas.example:443", 200),
        ("127.0.0.1", ("atlas.example",), "evil.example", 421),
        ("0.0.0.0", (), "anything.example", 200),
        ("0.0.0.0", (), "<script>", 421),
        ("0.0.0.0", ("atlas.example",), "evil.example", 421),
        ("0.0.0.0", ("atlas.example",), "localhost", 200),
    ],
)
def test_names_that_are_answered(
    bound: str, names: tuple[str, ...], host: str, status: int
) -> None:
    assert ask(Origin(echo, bound, names), headers={"host": host}).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),  # A program.
        ({"origin": "http://localhost:7860"}, 200),
        ({"origin": "http://localhost:7860", "sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://localhost:3000"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "http://localhost:7860", "sec-fetch-site": "same-site"}, 403),
    ],
)
def test_other_sites_cannot_act(headers: dict[str, str], status: int) -> None:
    app = Origin(echo, "127.0.0.1")
    told = ask(app, method="POST", headers={"host": "localhost:7860", **headers})
    assert told.status == status
    # Reading is for the browser to forbid, and a link from elsewhere may lead here.
    assert ask(app, headers={"host": "localhost:7860", **headers}).status == 200


def test_an_address_and_a_body_have_an_end() -> None:
    app = SizeLimits(echo)
    assert ask(app, "/?q=" + "x" * (MAX_ADDRESS_BYTES - 10)).status == 200
    assert ask(app, "/?q=" + "x" * MAX_ADDRESS_BYTES).status == 414
    body = b"x" * MAX_BODY_BYTES
    assert json.loads(ask(app, method="POST", body=body).body)["body"] == body.decode()
    assert ask(app, method="POST", body=body + b"x").status == 413
    # What is told to be too large is not even read.
    big = {"content-length": str(MAX_BODY_BYTES + 1)}
    assert ask(app, method="POST", headers=big).status == 413


def test_who_needs_no_account_sends_little() -> None:
    app = SizeLimits(echo)
    assert ask(app, "/login", "POST", body=b"x" * MAX_PUBLIC_BODY_BYTES).status == 200
    told = ask(app, "/login", "POST", body=b"x" * (MAX_PUBLIC_BODY_BYTES + 1))
    assert (told.status, told.headers["connection"]) == (413, "close")


def test_bodies_do_not_fill_the_memory_together() -> None:
    async def unfinished(app: Any, size: int, client: str) -> Any:
        """Send a part of a body, and wait until the rest is wanted."""
        more, came = asyncio.Event(), asyncio.Event()
        given = [b"x" * size]

        async def receive() -> Any:
            if given:
                return {"type": "http.request", "body": given.pop(), "more_body": True}
            came.set()
            await more.wait()
            return {"type": "http.request", "body": b"", "more_body": False}

        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b""}
        scope |= {"headers": [], "client": (client, 1), "scheme": "http", "state": {}}
        task = asyncio.ensure_future(app(scope, receive, send))
        await asyncio.wait(
            (task, asyncio.ensure_future(came.wait())), return_when="FIRST_COMPLETED"
        )

        async def finish() -> int:
            more.set()
            await task
            return int(sent[0]["status"])

        return finish

    async def many() -> list[int]:
        app = SizeLimits(echo, max_bytes=100, max_bytes_per_client=60)
        first = await unfinished(app, 50, "10.0.0.1")
        same = await unfinished(app, 20, "10.0.0.1")
        other = await unfinished(app, 50, "10.0.0.2")
        third = await unfinished(app, 10, "10.0.0.3")
        found = [await one() for one in (same, third, first, other)]
        # All is given back when it is answered.
        return [*found, (await asked(app, method="POST", body=b"x" * 60)).status]

    assert asyncio.run(many()) == [503, 503, 200, 200, 200]


def test_a_body_is_read_when_it_is_known_who_sends_it(tmp_path: Path) -> None:
    with small_library(tmp_path) as library:
        authenticator = Authenticator(accounts(library))
    app = with_guards(echo, authenticator, bound="127.0.0.1", local_only=True)

    async def never() -> Any:
        raise AssertionError("nobody who is not known is read")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/gradio_api/run/ask", "query_string": b""}
    scope |= {"headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1)}
    asyncio.run(app(scope, never, send))
    assert sent[0]["status"] == 401


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def never() -> Any:
        await asyncio.Event().wait()

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    asyncio.run(SizeLimits(echo, timeout_s=0.01)(scope, never, send))
    assert sent[0]["status"] == 408


def test_a_proxy_is_believed_only_where_it_is_ours() -> None:
    headers = {
        "x-forwarded-for": "203.0.113.9",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "evil",
    }
    for app, client, scheme in (
        (Forwarded(echo), "127.0.0.1", "http"),
        (Forwarded(echo, ["10.0.0.0/8"]), "127.0.0.1", "http"),
        (Forwarded(echo, ["127.0.0.1"]), "203.0.113.9", "https"),
    ):
        told = json.loads(ask(app, headers=headers).body)
        assert (told["client"], told["scheme"]) == (client, scheme)
        assert told["state"]["forwarded"]
        assert not [name for name in told["headers"] if name.startswith("x-forwarded")]
    assert not json.loads(ask(Forwarded(echo)).body)["state"]["forwarded"]


@pytest.mark.parametrize(
    "name", ["forwarded", "via", "x-forwarded-for", "x-forwarded-port", "x-real-ip"]
)
def test_what_any_proxy_passed_on_came_from_afar(name: str) -> None:
    told = json.loads(ask(Forwarded(echo), headers={name: "1.1 a"}).body)
    assert told["state"]["forwarded"]
    assert name not in told["headers"]


def test_who_asks_too_often_is_told_when_to_come_again() -> None:
    async def ask_often() -> list[AsgiResponse]:
        app = RateLimit(echo, 3)
        found = [await asked(app, "/gradio_api/run/ask", "POST") for _ in range(4)]
        found.append(await asked(app, "/atlas/router.js"))  # Files are free.
        found.append(await asked(app, "/gradio_api/queue/data"))  # So is waiting for news.
        found.append(await asked(app, "/gradio_api/run/ask", "POST", client="10.0.0.1"))
        found.append(await asked(app, "/config", state={"user": "ada"}))
        return found

    found = asyncio.run(ask_often())
    assert [one.status for one in found] == [200, 200, 200, 429, 200, 200, 200, 200]
    assert 1 <= int(found[3].headers["retry-after"]) <= 60
    assert b"try again in" in found[3].body


def test_a_rate_of_nought_is_no_limit() -> None:
    async def ask_often() -> set[int]:
        app = RateLimit(echo, 0)
        return {(await asked(app, "/config")).status for _ in range(1000)}

    assert asyncio.run(ask_often()) == {200}


class Slow:
    """Answers when it is told to, and counts."""

    def __init__(self) -> None:
        self.go, self.now, self.most = asyncio.Event(), 0, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await self.go.wait()
        self.now -= 1
        await echo(scope, receive, send)


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_so_many_are_answered_at_a_time_and_the_line_has_an_end() -> None:
    async def crowd() -> tuple[Slow, list[AsgiResponse]]:
        slow = Slow()
        app = ConcurrencyLimit(slow, max_concurrent=2, max_queued=3)
        coming = [asyncio.ensure_future(asked(app, "/config")) for _ in range(6)]
        await settled()
        free = await asked(ConcurrencyLimit(echo, max_concurrent=0), "/health")
        slow.go.set()
        return slow, [*await asyncio.gather(*coming), free]

    slow, found = asyncio.run(crowd())
    assert slow.most == 2
    assert [one.status for one in found] == [200] * 5 + [503, 200]
    assert found[5].headers["retry-after"]


def test_who_waits_too_long_is_turned_away() -> None:
    async def crowd() -> AsgiResponse:
        slow = Slow()
        app = ConcurrencyLimit(slow, max_concurrent=1, timeout_s=0.01)
        first = asyncio.ensure_future(asked(app, "/config"))
        await settled()
        second = await asked(app, "/config")
        slow.go.set()
        assert (await first).status == 200
        assert (await asked(app, "/config")).status == 200  # The place is free again.
        return second

    assert asyncio.run(crowd()).status == 503


def test_who_goes_away_while_waiting_is_not_answered() -> None:
    async def crowd() -> tuple[Slow, list[Any]]:
        slow = Slow()
        app = ConcurrencyLimit(slow, max_concurrent=1)
        first = asyncio.ensure_future(asked(app, "/config"))
        await settled()
        messages = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]
        sent: list[Any] = []

        async def receive() -> Any:
            return messages.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        await app(
            {"type": "http", "method": "GET", "path": "/config", "headers": []}, receive, send
        )
        slow.go.set()
        await first
        assert (await asked(app, "/config")).status == 200  # Its place is free.
        return slow, sent

    slow, sent = asyncio.run(crowd())
    assert slow.most == 1
    assert sent == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/file/etc/passwd"),
        ("GET", "/gradio_api/proxy=https://a.hf.space/"),
        ("GET", "/monitoring"),
        ("GET", "/gradio_api/dev/reload"),
        ("GET", "/gradio_api/token"),
        ("GET", "/gradio_api/runs"),
        ("POST", "/gradio_api/vibe-edit"),
        ("POST", "/gradio_api/stream/x"),
        ("POST", "/gradio_api/process_recording"),
        ("POST", "/gradio_api/run/unknown"),
        ("POST", "/login"),
        ("PUT", "/config"),
        ("OPTIONS", "/config"),
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
    ],
)
def test_what_of_gradio_is_of_no_use_here_is_not_there(method: str, path: str) -> None:
    assert ask(PageRoutes(echo, ["ask"]), path, method).status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("HEAD", "/"),
        ("GET", "/config"),
        ("GET", "/assets/index.js"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/queue/data"),
        ("GET", "/gradio_api/heartbeat/7e3b0d6c-12"),
        ("GET", "/gradio_api/call/ask/0123abcd"),
        ("POST", "/gradio_api/component_server/"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/call/ask"),
        ("POST", "/gradio_api/call/v2/ask"),
        ("POST", "/gradio_api/run/ask/"),
    ],
)
def test_what_the_page_and_programs_need_is_there(method: str, path: str) -> None:
    assert ask(PageRoutes(echo, ["ask"]), path, method).status == 200
