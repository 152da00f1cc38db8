"""The MCP server, asked by the client of the `mcp` package over stdio and over HTTP."""

import asyncio
import json
import logging
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError

from ingest.embedding import embed_missing
from kg.records import PlacedBy, Placement
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from tests.support.tool_cases import (
    CASES,
    EDITING,
    QUESTION,
    Case,
    command_says,
    snapshot,
    timeless,
)
from ui.api import mcp, tools
from ui.web.server import Serving, in_background

T = TypeVar("T")
SERVER = [sys.executable, "-m", "ui", "mcp"]
MANY = mcp.MAX_LIST_ENTRIES + 12


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, unpacked_snapshot: Path) -> Iterator[Library]:
    with snapshot(tmp_path_factory.mktemp("home"), unpacked_snapshot) as library:
        yield library


@pytest.fixture(scope="module")
def over_http(home: Library) -> Iterator[str]:
    with in_background(home, Serving(port=0, mcp=True, rate=0)) as address:
        yield f"{address}mcp"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Library]:
    settings = Settings(tmp_path)
    with Catalogue(settings.catalogue) as catalogue:
        put_all(catalogue, *(paper(n) for n in range(MANY)))
        with catalogue.writing():
            for n in range(MANY):
                placed = Placement(EDITING, PlacedBy.LIST, "a list")
                catalogue.placements.add(paper(n).id, [placed])
        embed_missing(catalogue, HashedWords())
    with Library(settings, HashedWords()) as opened:
        yield opened


def over_stdio(library: Library) -> Any:
    environment = {"LFM_HOME": str(library.settings.home)}
    return stdio_client(StdioServerParameters(command=SERVER[0], args=SERVER[1:], env=environment))


def talk(server: Any, say: Callable[[Client], Awaitable[T]]) -> T:
    """Open a session, let `say` use it, and return what it returns."""

    async def session() -> T:
        async with Client(server) as client:
            return await say(client)

    return asyncio.run(asyncio.wait_for(session(), 120))


def told(result: Any) -> Any:
    """Return what a tool answered: as data, and the same as text."""
    assert not result.is_error, result.content
    (content,) = result.content
    if result.structured_content is None:
        return content.text
    assert json.loads(content.text) == result.structured_content
    return timeless(result.structured_content)


async def all_answers(client: Client) -> list[Any]:
    return [told(await client.call_tool(case.tool, case.arguments)) for case in CASES]


@pytest.fixture(scope="module")
def stdio_answers(home: Library) -> list[Any]:
    return talk(over_stdio(home), all_answers)


@pytest.fixture(scope="module")
def http_answers(over_http: str) -> list[Any]:
    return talk(over_http, all_answers)


@pytest.mark.model
@pytest.mark.parametrize(
    ("number", "case"), list(enumerate(CASES)), ids=[" ".join(case.command) for case in CASES]
)
def test_a_tool_answers_what_the_command_prints(
    number: int,
    case: Case,
    stdio_answers: list[Any],
    http_answers: list[Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    wanted = command_says(case.command, capsys)
    if isinstance(wanted, dict):
        wanted = mcp.shortened(wanted)
    assert stdio_answers[number] == wanted
    assert http_answers[number] == wanted


@pytest.mark.model
def test_two_clients_are_answered_at_once(over_http: str) -> None:
    async def asks(client: Client, topic: str) -> list[Any]:
        calls = (
            client.call_tool("ask", {"question": f"{QUESTION} {n}", "topic": topic})
            for n in range(8)
        )
        return [told(one) for one in await asyncio.gather(*calls)]

    async def both() -> list[list[Any]]:
        async with Client(over_http) as one, Client(over_http) as other:
            return await asyncio.gather(asks(one, EDITING), asks(other, "model-distillation"))

    for topic, answers in zip((EDITING, "model-distillation"), asyncio.run(both()), strict=True):
        for number, answer in enumerate(answers):
            assert answer["question"] == f"{QUESTION} {number}"
            assert len(answer["results"]) == 10
            for hit in answer["results"]:
                assert any(name.startswith(topic) for name in hit["topics"])


@pytest.mark.model
@pytest.mark.usefixtures("home")
def test_only_protocol_is_on_stdout_and_the_end_of_input_ends_it() -> None:
    process = subprocess.Popen(
        SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    call = {"name": "ask", "arguments": {"question": ""}}
    asked = (
        {
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            },
        },
        {"method": "tools/call", "params": call},
    )
    for number, message in enumerate(asked):
        process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": number, **message}) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        assert answer["id"] == number
    assert "the question is empty" in answer["result"]["content"][0]["text"]
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "")
    assert "Traceback" not in err


@pytest.mark.model
@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 130)]
)
def test_a_signal_ends_it(number: signal.Signals, status: int) -> None:
    process = subprocess.Popen(
        SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    # It answers, so it waits for the next line.
    process.stdin.write('{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
    process.stdin.flush()
    assert process.stdout.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (out, "Traceback" in err) == ("", False)
    assert process.returncode == status


PING = b'{"jsonrpc": "2.0", "id": 9, "method": "ping"}\n'
GARBAGE = (
    *(b"garbage", b"", b"{", b"[]", b"[1, 2]", b"null", b"42", b'"x"', b"\xff\xfe\x00"),
    b"[" * 500_000,
    b'{"jsonrpc": "2.0", "id": 1.5, "method": "ping"}',
    b'{"jsonrpc": "2.0", "method": "notifications/nothing"}',
    b'{"jsonrpc": "2.0", "id": 1, "result": {}}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "nothing"}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": [1]}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"x": "\\ud800"}}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "' + b"a" * 2_000_000 + b'"}',
)


@pytest.mark.model
@pytest.mark.usefixtures("home")
def test_any_line_may_come_over_stdin() -> None:
    process = subprocess.Popen(
        SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    for line in GARBAGE:
        process.stdin.write(line + b"\n" + PING)
        process.stdin.flush()
        # It may be told what is wrong first; then the next line is answered.
        while (answer := json.loads(process.stdout.readline()))["id"] != 9:
            assert answer["error"]["message"]
    out, err = process.communicate(PING[:-9], timeout=60)
    assert (process.returncode, out, err) == (0, b"", b"")


@pytest.mark.model
@pytest.mark.usefixtures("home")
def test_a_client_that_goes_without_a_word_ends_it() -> None:
    process = subprocess.Popen(
        SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdin.write(PING)
    process.stdin.flush()
    assert process.stdout.readline()
    process.stdout.close()
    # It hears of that when it answers; its stdin stays open.
    process.stdin.write(PING)
    process.stdin.flush()
    assert process.wait(60) == 0
    assert process.stderr.read() == b""
    process.stdin.close()
    process.stderr.close()


@pytest.mark.slow
def test_tools_are_described_and_only_read(small: Library) -> None:
    async def listed(client: Client) -> tuple[Any, str | None]:
        return (await client.list_tools()).tools, client.instructions

    found, instructions = talk(mcp.server(small), listed)
    assert [tool.name for tool in found] == list(tools.NAMES)
    for tool in found:
        assert tool.title
        assert tool.title in tool.description
        assert "\n  " not in tool.description
        assert tool.annotations.read_only_hint
        assert not tool.annotations.open_world_hint
        for name, parameter in tool.input_schema.get("properties", {}).items():
            assert parameter["description"], (tool.name, name)
        assert (tool.output_schema is None) == (tool.name == "export")
    for word in ("evidence", "coverage", "left_out", "model-reuse/model-fusion"):
        assert word in instructions


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "arguments", "line"),
    [
        ("ask", {"question": ""}, "the question is empty: ask something, such as 'model merging'"),
        ("ask", {"question": "x", "k": 500}, "k: input should be less than or equal to 200"),
        ("ask", {}, "question: field required"),
        ("ask", {"question": "x", "topic": "nowhere"}, "no topic 'nowhere' in the atlas"),
        ("paper", {"id": "nothing"}, "no paper 'nothing' in the atlas"),
        ("changes", {"since": "now"}, "'now' is no day: write it as 2026-01-31"),
        ("export", {"format": "word"}, "format: input should be 'bibtex'"),
        ("search", {}, "Unknown tool: search"),
    ],
)
def test_what_is_wrong_is_an_error_of_one_line(
    name: str, arguments: dict[str, Any], line: str, small: Library
) -> None:
    result = talk(mcp.server(small), lambda client: client.call_tool(name, arguments))
    assert result.is_error
    (content,) = result.content
    assert line in content.text
    assert "\n" not in content.text


@pytest.mark.slow
def test_a_failure_of_ours_names_nothing_of_this_machine(
    small: Library, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise OSError(2, "No such file", "/home/somebody/secret")

    monkeypatch.setattr(small, "ask", fails)
    result = talk(mcp.server(small), lambda client: client.call_tool("ask", {"question": "x"}))
    assert (result.is_error, result.content[0].text) == (
        True,
        "this failed: the server's log says how",
    )
    assert "/home/somebody/secret" in capfd.readouterr().err


@pytest.mark.slow
def test_no_answer_passes_on_what_steers(small: Library) -> None:
    # As a catalogue has it that was filled before anything was cleaned.
    steering = "Model\x1b[2J\u202e soups\u2066\U000e0041\x9b"
    path = small.settings.catalogue
    with closing(sqlite3.connect(path)) as old, old:
        # What the catalogue's own triggers call is of no use here.
        for name in ("one_field", "searched_title"):
            old.create_function(name, -1, lambda *values: values[-1])
        for (trigger,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            old.execute(f"DROP TRIGGER {trigger}")
        old.execute("UPDATE papers SET title = ?, venue = ?, abstract = ?", (steering,) * 3)

    async def said(client: Client) -> list[str]:
        resource = await client.read_resource("atlas://paper/2001.00007")
        calls = [("paper", {"id": "2001.00007"}), ("topics", {"topic": EDITING})]
        calls += [("export", {"format": name}) for name in ("graphml", "gexf", "csl-json", "list")]
        answers = [await client.call_tool(name, arguments) for name, arguments in calls]
        assert not any(answer.is_error for answer in answers)
        found = [str(resource.contents[0].text)]
        for answer in answers:
            found += [answer.content[0].text, json.dumps(answer.structured_content)]
        return found

    with Library(small.settings, HashedWords()) as opened:
        found = talk(mcp.server(opened), said)
    assert any("soups" in text for text in found)
    for text in found:
        assert not set(text) & set("\x1b\x9b\u202e\u2066\U000e0041"), text[:200]
        for escaped in ("\\u001b", "\\u009b", "\\u202e", "\\u2066", "\\udb40", "&#x"):
            assert escaped not in text


@pytest.mark.slow
def test_long_lists_are_cut_and_say_so(small: Library) -> None:
    async def asked(client: Client) -> tuple[Any, Any]:
        return (
            told(await client.call_tool("topics", {"topic": EDITING})),
            told(await client.call_tool("ask", {"question": "subject", "k": MANY})),
        )

    topic, answer = talk(mcp.server(small), asked)
    assert len(topic["papers"]) == mcp.MAX_LIST_ENTRIES
    assert topic["left_out"] == {"papers": MANY - mcp.MAX_LIST_ENTRIES}
    assert topic["topics"][0]["papers"] == MANY
    # Whoever asks for so many papers gets them.
    assert len(answer["results"]) == MANY
    assert "left_out" not in answer


@pytest.mark.slow
def test_a_text_that_no_model_can_read_is_not_sent(
    small: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp, "MAX_EXPORT_CHARS", 1_000)
    result = talk(
        mcp.server(small), lambda client: client.call_tool("export", {"format": "bibtex"})
    )
    assert result.is_error
    assert "fewer papers" in result.content[0].text


@pytest.mark.slow
def test_resources_and_prompts(small: Library) -> None:
    async def read(client: Client) -> dict[str, Any]:
        found = {
            address: json.loads((await client.read_resource(address)).contents[0].text)
            for address in (
                "atlas://topics",
                "atlas://topic/model-reuse/model-fusion",
                "atlas://paper/2001.00007",
            )
        }
        with pytest.raises(MCPError, match="no paper 'nothing' in the atlas"):
            await client.read_resource("atlas://paper/nothing")
        prompt = await client.get_prompt("related_work", {"abstract": "We merge models."})
        return {**found, "prompt": prompt.messages[0].content.text}

    found = talk(mcp.server(small), read)
    assert found["atlas://paper/2001.00007"]["id"] == "2001.00007"
    assert found["atlas://topic/model-reuse/model-fusion"]["topics"][0]["name"] == "Model Fusion"
    assert {one["id"] for one in found["atlas://topics"]["topics"]} >= {EDITING}
    assert found["prompt"].endswith("We merge models.")


@pytest.mark.model
def test_another_sites_page_and_name_are_refused(over_http: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accepted = {"Accept": "application/json, text/event-stream"}
    for header, status in (
        ({}, 200),
        ({"Host": "evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
    ):
        answer = httpx.post(over_http, json=body, headers={**accepted, **header})
        assert answer.status_code == status


@pytest.mark.model
def test_nobody_keeps_a_connection_open_for_nothing(over_http: str) -> None:
    stream = {"Accept": "text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
    assert httpx.get(over_http, headers=stream).status_code == 405
    assert httpx.delete(over_http).status_code == 405


@pytest.mark.model
def test_without_the_option_there_is_no_such_address(atlas_address: str) -> None:
    assert httpx.post(f"{atlas_address}mcp", json={}).status_code == 404


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Leave the log as it was: a server sets it up where there is none."""
    before = logging.getLogger().handlers[:]
    yield
    logging.getLogger().handlers[:] = before
