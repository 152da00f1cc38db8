"""Answers that nobody collects are thrown away; who collects none is asked to."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.serving import AsgiResponse, asked, served, small_library
from ui.guards.pending_answers import MAX_PENDING_PER_CLIENT, PendingAnswers


class Keeper:
    """Keeps an answer to each question until it is collected, as Gradio does."""

    def __init__(self) -> None:
        self.kept: dict[str, str | None] = {}
        self.number = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        if scope["method"] == "POST":
            body = json.loads((await receive())["body"] or b"{}")
            self.number += 1
            event = f"event{self.number}"
            self.kept[event] = body.get("session_hash")
            parts = [json.dumps({"event_id": event}).encode()]
        elif path == "/gradio_api/queue/data":
            session = scope["query_string"].decode().partition("=")[2]
            events = [one for one, of in self.kept.items() if of == session]
            told = ({"msg": "process_completed", "event_id": one} for one in events)
            parts = ["\n\n".join(map(json.dumps, told)).encode()]
            for one in events:
                del self.kept[one]
        else:
            del self.kept[path.rpartition("/")[2]]
            parts = [b"data"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


CALL, JOIN, NEWS = "/gradio_api/call/ask", "/gradio_api/queue/join", "/gradio_api/queue/data"


def run(scenario: Callable[[], Any]) -> Any:
    return asyncio.run(scenario())


async def join(app: Any, session: str, **more: Any) -> AsgiResponse:
    return await asked(
        app, JOIN, "POST", body=json.dumps({"session_hash": session}).encode(), **more
    )


def event(told: AsgiResponse) -> str:
    return str(json.loads(told.body)["event_id"])


def test_what_is_collected_in_time_is_whole() -> None:
    async def scenario() -> None:
        keeper = Keeper()
        app = PendingAnswers(keeper, max_per_client=2)
        for path in (CALL, "/gradio_api/call/v2/ask/"):
            for _ in range(3):  # Each collected makes room for the next.
                told = await asked(app, path, "POST")
                found = await asked(app, f"{path.rstrip('/')}/{event(told)}")
                assert found.body == b"data"
        for _ in range(3):
            await join(app, "s")
            await join(app, "s")
            found = await asked(app, f"{NEWS}?session_hash=s")
            assert found.body.count(b"process_completed") == 2
        assert keeper.kept == {}

    run(scenario)


def test_what_nobody_collects_is_thrown_away() -> None:
    async def scenario() -> None:
        keeper = Keeper()
        app = PendingAnswers(keeper, timeout_s=0.05)
        await asked(app, CALL, "POST")
        await join(app, "s")
        await join(app, "s")
        assert len(keeper.kept) == 3
        while keeper.kept:  # The test's own time limit is that of the whole run.
            await asyncio.sleep(0.01)
        assert (await asked(app, CALL, "POST")).status == 200

    run(scenario)


def test_who_collects_none_is_told_to() -> None:
    async def scenario() -> None:
        app = PendingAnswers(Keeper(), max_pending=5, max_per_client=3)
        mine = [(await asked(app, CALL, "POST")).status for _ in range(2)]
        mine += [(await join(app, "s")).status for _ in range(2)]
        assert mine == [200, 200, 200, 429]
        told = await asked(app, CALL, "POST")
        assert told.headers["retry-after"] == "60"
        assert b"collect them" in told.body
        others = [(await asked(app, CALL, "POST", client="192.0.2.9")).status for _ in range(3)]
        assert others == [200, 200, 503]
        # A user is one, wherever they come from.
        state = {"user": "ada"}
        assert (await asked(app, CALL, "POST", state=state)).status == 503

    run(scenario)


def test_what_is_no_answer_is_not_waited_for() -> None:
    async def refusing(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b'{"detail": "full"}'})

    async def scenario() -> None:
        app = PendingAnswers(refusing, max_per_client=1)
        assert [(await asked(app, CALL, "POST")).status for _ in range(3)] == [503] * 3

    run(scenario)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    with small_library(tmp_path) as library, served(library) as made:
        yield made


@pytest.mark.slow
def test_programs_of_gradio_are_served_as_before(client: httpx.Client) -> None:
    from gradio_client import Client

    program = Client(str(client.base_url), verbose=False)
    jobs = [program.submit(question=f"merging {n}", api_name="/ask") for n in range(40)]
    assert all(job.result(60)["results"] for job in jobs)
    program.close()
    told = client.post("gradio_api/call/v2/ask", json={"question": "merging"}).json()
    found = client.get(f"gradio_api/call/ask/{told['event_id']}")
    assert "event: complete" in found.text


@pytest.mark.slow
def test_one_who_asks_and_never_collects_is_stopped(client: httpx.Client) -> None:
    statuses = [
        client.post("gradio_api/call/v2/ask", json={"question": "merging"}).status_code
        for _ in range(MAX_PENDING_PER_CLIENT + 8)
    ]
    assert statuses == [200] * MAX_PENDING_PER_CLIENT + [429] * 8
