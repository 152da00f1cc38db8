"""Calls of the API as any program may send them: Gradio sees only what it expects."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.support.serving import asked, called, served, small_library, view
from ui.api.tools import signatures
from ui.guards.call_checks import CallChecks

RUN, V2 = "/gradio_api/run/ask", "/gradio_api/call/v2/ask"
JOIN, COMPONENT = "/gradio_api/queue/join", "/gradio_api/component_server/"
ARGUMENTS = len(signatures()["ask"].parameters)
JSON = {"content-type": "application/json"}


async def _repeat(scope: Any, receive: Any, send: Any) -> None:
    body = await Request(scope, receive).body()
    assert dict(scope["headers"])[b"content-length"] == str(len(body)).encode()
    await Response(body)(scope, receive, send)


def sent(path: str, body: object, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Return the status, and what Gradio would see or the line in its place."""
    app = CallChecks(_repeat, signatures(), {7: "ask"}, {1})
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = headers or {"content-type": "application/json; charset=utf-8", "content-length": "9"}
    told = asyncio.run(asked(app, path, "POST", headers, data))
    return told.status, json.loads(told.body) if told.status == 200 else told.body.decode()


@pytest.mark.parametrize("path", [RUN, RUN.replace("run", "call"), f"{RUN}/"])
def test_what_may_be_left_out_is_null(path: str) -> None:
    wanted = ["merging", 3, *[None] * (ARGUMENTS - 2)]
    status, seen = sent(path, {"data": ["merging", 3], "fn_index": 99, "trigger_id": 5, "x": 1})
    assert (status, seen) == (200, {"data": wanted, "session_hash": None})
    assert sent(path, {"data": wanted, "session_hash": "a"})[1] == {
        "data": wanted,
        "session_hash": "a",
    }


def test_the_page_and_the_client_of_python_name_functions_by_numbers() -> None:
    body = {"data": ["merging"], "fn_index": 7, "session_hash": "a", "trigger_id": None}
    assert sent(JOIN, body) == (200, {**body, "data": ["merging", *[None] * (ARGUMENTS - 1)]})
    shown = {"data": {"address": ""}, "component_id": 1, "fn_name": "show", "session_hash": "a"}
    assert sent(COMPONENT, shown) == (200, shown)
    assert sent(V2, {"question": "merging"}) == (200, {"question": "merging"})


@pytest.mark.parametrize(
    ("path", "body", "line"),
    [
        (RUN, {"data": []}, "ask: question is missing"),
        (RUN, {"data": ["x"] * (ARGUMENTS + 1)}, f"ask takes {ARGUMENTS} arguments at most"),
        (RUN, {"data": "merging"}, "`data` is no list of arguments"),
        (RUN, {}, "`data` is no list of arguments"),
        (RUN, {"data": ["x"], "session_hash": 5}, "`session_hash` is no text"),
        (RUN, [1], "this is no JSON object"),
        (RUN, b"", "this is no JSON"),
        (RUN, b'{"data": [', "this is no JSON"),
        (RUN, b'{"data": ["\xff"]}', "this is no JSON"),
        (RUN, b'{"data": ' + b"[" * 100_000, "this is no JSON"),
        (RUN, b'{"data": [' + b"9" * 5_000 + b"]}", "this is no JSON"),
        (RUN, b'{"data": ["x", NaN]}', "NaN is no number"),
        (RUN, b'{"data": NaN}', "NaN is no number"),
        (RUN, b'{"data": ["x", -Infinity]}', "-Infinity is no number"),
        (RUN, b'{"data": ["x", 1e999]}', "1e999 is no number"),
        (V2, {}, "ask: question is missing"),
        (V2, {"question": "x", "zeal": 1}, "ask has no argument 'zeal': it takes question, k,"),
        (JOIN, {"data": [], "fn_index": 8}, "no function of this `fn_index`"),
        (JOIN, {"data": [], "fn_index": [7]}, "no function of this `fn_index`"),
        (JOIN, {"data": [], "fn_index": 7}, "ask: question is missing"),
        (COMPONENT, {"data": {}, "component_id": 2}, "no such component"),
        (COMPONENT, {"data": {}, "component_id": True}, "no such component"),
        (COMPONENT, {"data": [1], "component_id": 1}, "`data` is no JSON object"),
    ],
)
def test_what_gradio_would_fail_over_is_told_in_one_line(
    path: str, body: object, line: str
) -> None:
    status, told = sent(path, body)
    assert status == 400
    assert line in told
    assert told.count("\n") == 1
    assert len(told) < 200


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data; boundary=a"])
def test_only_json_is_read(kind: str) -> None:
    assert sent(RUN, {"data": ["x"]}, {"content-type": kind})[0] == 415


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        small_library(tmp_path_factory.mktemp("home")) as library,
        served(library, rate=0, mcp=True) as client,
    ):
        yield client


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("run/ask", b'{"data": ["merging"]}', 200),
        ("run/topics", b'{"data": []}', 200),
        ("run/changes", b'{"data": ["0001-01-01"]}', 200),
        ("call/v2/changes", b'{"since": "0001-01-01"}', 200),
        ("call/ask", b'{"data": ["merging"]}', 200),
        ("call/v2/ask", b'{"question": "merging"}', 200),
        ("run/ask", b'{"data": []}', 400),
        ("run/ask", b'{"data": ["merging", NaN]}', 400),
        ("run/ask", b'{"data": NaN}', 400),
        ("run/ask", b'{"data": [{"path": "/etc/passwd", "meta": {"_type": "a"}}]}', 500),
        ("run/ask", b'{"data": ["\\ud800"]}', 500),
        ("call/v2/ask", b'{"question": "merging", "k": Infinity}', 400),
        ("queue/join", b'{"data": [], "fn_index": 99999, "session_hash": "a"}', 400),
        ("component_server", b'{"data": 1, "component_id": 99999, "fn_name": "show"}', 400),
        ("cancel", b'{"session_hash": "a", "fn_index": NaN, "event_id": "b"}', 400),
    ],
)
def test_no_call_leaves_a_traceback(
    path: str, body: bytes, status: int, client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = client.post(f"gradio_api/{path}", content=body, headers=JSON)
    assert answer.status_code == status
    if "event_id" in answer.text:
        event = answer.json()["event_id"]
        answer = client.get(f"gradio_api/{path.replace('/v2', '')}/{event}")
        assert answer.text.startswith("event: complete\n")
    assert '"error":null' not in answer.text.replace(" ", "")
    assert "Traceback" not in answer.text + capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1, 2]",
        b"[" * 100_000,
        b'{"jsonrpc": "2.0", "id": 1, "method": "nothing"}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params":'
        b' {"name": "ask", "arguments": {"question": "x", "k": NaN}}}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params":'
        b' {"name": "changes", "arguments": {"since": "0001-01-01"}}}',
    ],
)
def test_no_message_of_mcp_leaves_a_traceback(
    body: bytes, client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    accepted = {**JSON, "Accept": "application/json, text/event-stream"}
    answer = client.post("mcp", content=body, headers=accepted)
    assert answer.status_code in (200, 400)
    assert answer.json()["jsonrpc"] == "2.0"
    assert "Traceback" not in answer.text + capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        "export/bibtex?id=%00&id=%FF%ED%A0%80",
        "export/ris?since=0001-01-01&until=NaN",
        "feeds/changes.atom?since=0001-01-01&topic=%00",
        "feeds/ask.atom?q=%00%ED%A0%80&k=NaN",
        "map.json?k=NaN",
        "gradio_api/call/ask/nothing",
    ],
)
def test_no_file_or_feed_leaves_a_traceback(
    path: str, client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = client.get(path)
    assert answer.status_code in (200, 400, 404)
    assert "Traceback" not in answer.text + capfd.readouterr().err


@pytest.mark.slow
def test_the_page_goes_on(client: httpx.Client) -> None:
    assert view(client).status_code == 200
    assert called(client, "show", {"address": "?view=topics", "kept": float("1")}).is_success
    assert called(client, "show", ["?view=topics"]).status_code == 400
