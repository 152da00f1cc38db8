"""Calls of the endpoints, in the protocol of Gradio's queue."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from kg.errors import BadRequest
from tests.support.serving import AsgiResponse, asked, echo
from ui.web.calls import Calls

RUN, CALL = "/gradio_api/run/double", "/gradio_api/call/double"
JOIN, NEWS = "/gradio_api/queue/join", "/gradio_api/queue/data"


class Endpoints:
    """`double`, which waits for `go`, and keeps what became of each call."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.go.set()
        self.cancelled: list[int] = []

    async def double(self, number: int) -> dict[str, int]:
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise
        if number < 0:
            raise BadRequest("the number is negative", "give another")
        return {"doubled": 2 * number}


def run(scenario: Callable[[Calls, Endpoints], Awaitable[None]], **how: Any) -> None:
    async def whole() -> None:
        endpoints = Endpoints()
        await scenario(Calls(echo, {"double": endpoints.double}, {7: "double"}, **how), endpoints)

    asyncio.run(asyncio.wait_for(whole(), 20))


async def post(app: Calls, path: str, **sent: Any) -> AsgiResponse:
    return await asked(app, path, "POST", body=json.dumps(sent).encode())


async def join(app: Calls, number: int, session: str | None = "s") -> str:
    told = await post(app, JOIN, data=[number], fn_index=7, session_hash=session)
    assert told.status == 200
    return str(json.loads(told.body)["event_id"])


def messages(told: AsgiResponse) -> list[dict[str, Any]]:
    assert told.headers["content-type"] == "text/event-stream; charset=utf-8"
    parts = told.body.decode().split("\n\n")[:-1]
    return [json.loads(part.removeprefix("data: ")) for part in parts]


def test_one_request_is_enough() -> None:
    async def scenario(app: Calls, _: Endpoints) -> None:
        told = await post(app, RUN, data=[21])
        found = json.loads(told.body)
        assert (told.status, found["data"], found["is_generating"]) == (
            200,
            [{"doubled": 42}],
            False,
        )
        assert found["duration"] >= 0
        told = await post(app, RUN + "/", data=[-1])
        wanted = {"duration": 10, "visible": True, "title": "Error"}
        wanted["error"] = "the number is negative: give another"
        assert (told.status, json.loads(told.body)) == (500, wanted)

    run(scenario)


@pytest.mark.parametrize("number", [21, -1])
def test_a_call_is_collected_once(number: int) -> None:
    async def scenario(app: Calls, _: Endpoints) -> None:
        for path, sent in (
            (CALL, {"data": [number]}),
            ("/gradio_api/call/v2/double", {"number": number}),
        ):
            told = await post(app, path, **sent)
            event = json.loads(told.body)["event_id"]
            told = await asked(app, f"{path}/{event}")
            kind, data = told.body.decode().strip().split("\n")
            if number > 0:
                assert (kind, data) == ("event: complete", 'data: [{"doubled":42}]')
            else:
                assert kind == "event: error"
                assert "the number is negative" in data
            again = (await asked(app, f"{path}/{event}")).body.decode()
            wrong = "nobody asked, or the answer has been collected: ask again"
            assert again == f'event: error\ndata: "{wrong}"\n\n'

    run(scenario)


def test_a_session_hears_of_all_its_events_and_of_no_other() -> None:
    async def scenario(app: Calls, endpoints: Endpoints) -> None:
        endpoints.go.clear()
        mine = [await join(app, 1), await join(app, -1)]
        other = await join(app, 3, "another")
        stream = asyncio.ensure_future(asked(app, f"{NEWS}?session_hash=s"))
        await asyncio.sleep(0)
        mine.append(await join(app, 2))  # While the stream is open.
        endpoints.go.set()
        told = messages(await stream)
        ended = {one["event_id"]: one for one in told if one["msg"] == "process_completed"}
        assert set(ended) == set(mine)
        assert [ended[one]["success"] for one in mine] == [True, False, True]
        assert ended[mine[2]]["output"]["data"] == [{"doubled": 4}]
        assert ended[mine[1]]["title"] == "Error"
        assert {one["event_id"] for one in told if one["msg"] == "process_starts"} == set(mine)
        assert told[-1] == {"msg": "close_stream", "event_id": None}
        told = messages(await asked(app, f"{NEWS}?session_hash=another"))
        assert [one["event_id"] for one in told if one["msg"] == "process_completed"] == [other]
        # And again, by a stream that is opened anew.
        again = await join(app, 5)
        told = messages(await asked(app, f"{NEWS}?session_hash=s"))
        assert [one["event_id"] for one in told if one["msg"] == "process_completed"] == [again]

    run(scenario)


@pytest.mark.parametrize("query", ["", "?session_hash=nobody", "?session_hash=%00"])
def test_a_session_that_asked_nothing_hears_so(query: str) -> None:
    async def scenario(app: Calls, _: Endpoints) -> None:
        (told,) = messages(await asked(app, NEWS + query))
        assert (told["msg"], told["session_not_found"]) == ("unexpected_error", True)

    run(scenario)


def test_a_long_call_is_heard_of_meanwhile() -> None:
    async def scenario(app: Calls, endpoints: Endpoints) -> None:
        endpoints.go.clear()
        await join(app, 1)
        stream = asyncio.ensure_future(asked(app, f"{NEWS}?session_hash=s"))
        await asyncio.sleep(0.05)
        endpoints.go.set()
        kinds = [one["msg"] for one in messages(await stream)]
        assert kinds[:3] == ["estimation", "process_starts", "heartbeat"]
        assert kinds[-2:] == ["process_completed", "close_stream"]

    run(scenario, heartbeat_s=0.01)


def test_what_nobody_waits_for_any_more_is_given_up() -> None:
    async def scenario(app: Calls, endpoints: Endpoints) -> None:
        endpoints.go.clear()
        await join(app, 1)
        left = asyncio.Event()

        async def receive() -> dict[str, str]:
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(_: object) -> None:
            left.set()

        scope = {"type": "http", "method": "GET", "path": NEWS, "query_string": b"session_hash=s"}
        await app(scope, receive, send)
        await asyncio.sleep(0)
        assert endpoints.cancelled == [1]
        (told,) = messages(await asked(app, f"{NEWS}?session_hash=s"))
        assert told["session_not_found"] is True

    run(scenario)


@pytest.mark.parametrize("path", ["/gradio_api/cancel", "/gradio_api/reset"])
def test_a_cancelled_call_ends(path: str) -> None:
    async def scenario(app: Calls, endpoints: Endpoints) -> None:
        endpoints.go.clear()
        event = await join(app, 1)
        stream = asyncio.ensure_future(asked(app, f"{NEWS}?session_hash=s"))
        await asyncio.sleep(0)
        for sent in ({}, {"event_id": 3}, {"session_hash": "s", "event_id": "nothing"}):
            told = await post(app, path, **sent)
            assert (told.status, json.loads(told.body)) == (200, {"success": True})
        assert not stream.done()
        await post(app, path, session_hash="s", event_id=event)
        ended = messages(await stream)[-2]
        assert (ended["event_id"], ended["output"]) == (event, {})
        assert endpoints.cancelled == [1]

    run(scenario)


def test_a_call_without_a_session_is_refused_and_all_else_is_passed_on() -> None:
    async def scenario(app: Calls, _: Endpoints) -> None:
        told = await post(app, JOIN, data=[1], fn_index=7, session_hash=None)
        assert (told.status, told.body) == (
            400,
            b"`session_hash` is missing: name the stream of the answer\n",
        )
        for method, path in (
            ("GET", "/config"),
            ("POST", "/gradio_api/component_server/"),
            ("GET", "/gradio_api/heartbeat/x"),
        ):
            told = await asked(app, path, method, body=b"{}")
            assert json.loads(told.body)["path"] == path

    run(scenario)
