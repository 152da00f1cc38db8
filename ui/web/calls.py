"""Calls of the endpoints by programs, answered without Gradio's queue but in its protocol.

A program asks by one request (`run/NAME`), by two (`call/NAME`, whose event it then collects), or
as `gradio_client` does: it joins the queue, and a stream of its session tells of its events.
Gradio's own queue would take three times the processor's time of all that is done here beside the
answer itself.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import uuid4

import orjson
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kg.errors import AtlasError
from ui.api.endpoints import Endpoint
from ui.guards.guard import Guard, Refused
from ui.guards.page_routes import COLLECT_PATH, ENDPOINT_PATH

HEARTBEAT_S = 15.0
"""Seconds after which a stream says that it is still there."""

_JOIN, _EVENTS = "/gradio_api/queue/join", "/gradio_api/queue/data"
_ENDS = ("/gradio_api/cancel", "/gradio_api/reset")

_Message = dict[str, Any]

_CLOSED: Final[_Message] = {"msg": "close_stream", "event_id": None}
_HEARTBEAT: Final[_Message] = {"msg": "heartbeat", "event_id": None}
_UNKNOWN: Final[_Message] = {
    "msg": "unexpected_error",
    "event_id": None,
    "message": "nobody asked, or the answer has been collected: ask again",
    "session_not_found": True,
    "success": False,
}


@dataclass(slots=True)
class _Session:
    """What waits to be told to one client, or of one event."""

    messages: list[_Message] = field(default_factory=list)
    events: "dict[str, asyncio.Task[None]]" = field(default_factory=dict)
    """Those of whose end it has not been told."""
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, *messages: _Message) -> None:
        self.messages += messages
        self.news.set()


class Calls(Guard):
    """Answer calls of the endpoints; pass on everything else.

    Parameters
    ----------
    app : ASGIApp
        Gradio's.
    endpoints : mapping of str to callable
        Name -> what answers, from arguments that `ui.guards.call_checks` has checked.
    functions : mapping of int to str
        Gradio's number -> name of an endpoint.
    """

    def __init__(
        self,
        app: ASGIApp,
        endpoints: Mapping[str, Endpoint],
        functions: Mapping[int, str],
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        super().__init__(app)
        self._endpoints, self._functions = endpoints, functions
        self._heartbeat_s = heartbeat_s
        self._sessions: dict[str, _Session] = {}

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"].rstrip("/")
        named = ENDPOINT_PATH.fullmatch(path)
        if method == "POST" and (named or path == _JOIN or path in _ENDS):
            sent = json.loads((await receive())["body"])
            response = await self._posted(path, named[1] if named else None, sent)
            await response(scope, receive, send)
        elif method == "GET" and path == _EVENTS:
            query = parse_qs(scope["query_string"].decode("latin-1"))
            await self._stream(query.get("session_hash", [""])[0], _as_message, receive, send)
        elif method == "GET" and (collected := COLLECT_PATH.fullmatch(path)):
            await self._stream(collected[1], _as_event, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _posted(self, path: str, name: str | None, sent: dict[str, Any]) -> Response:
        if path in _ENDS:
            self._cancel(sent.get("session_hash"), sent.get("event_id"))
            return JSONResponse({"success": True})
        if name is None:
            session, name = sent.get("session_hash"), self._functions[sent["fn_index"]]
            if session is None:
                raise Refused(400, "`session_hash` is missing: name the stream of the answer")
            event = self._begin(session, name, sent["data"])
        elif "/run/" in path:
            good, output = await self._output(name, sent["data"])
            return Response(_json(output), 200 if good else 500, media_type="application/json")
        else:
            event = self._begin(None, name, sent if "/call/v2/" in path else sent["data"])
        return JSONResponse({"event_id": event})

    def _begin(self, session: str | None, name: str, arguments: Any) -> str:
        """Begin to answer; returns the name of the event that tells of it."""
        event = uuid4().hex
        told = self._sessions.setdefault(event if session is None else session, _Session())
        told.tell(
            {"msg": "estimation", "event_id": event, "rank": 0, "queue_size": 1, "rank_eta": None},
            {"msg": "process_starts", "event_id": event, "eta": None},
        )
        told.events[event] = asyncio.ensure_future(self._answer(told, event, name, arguments))
        return event

    async def _answer(self, told: _Session, event: str, name: str, arguments: Any) -> None:
        good, output = await self._output(name, arguments)
        told.tell(_completed(event, output, good))

    async def _output(self, name: str, arguments: Any) -> tuple[bool, dict[str, Any]]:
        """Return whether a call succeeded, and what Gradio would make of its result."""
        endpoint, started = self._endpoints[name], perf_counter()
        try:
            found = await (
                endpoint(**arguments) if isinstance(arguments, dict) else endpoint(*arguments)
            )
        except AtlasError as error:
            # `duration` is how long a browser would show it, in seconds.
            return False, {"error": str(error), "duration": 10, "visible": True, "title": "Error"}
        took = perf_counter() - started
        return True, {
            "data": [found],
            "is_generating": False,
            "duration": took,
            "average_duration": took,
            "render_config": None,
            "changed_state_ids": [],
        }

    def _cancel(self, session: object, event: object) -> None:
        told = self._sessions.get(str(event if session is None else session))
        if told and isinstance(event, str) and (task := told.events.get(event)) and task.cancel():
            told.tell(_completed(event, {}, True))

    async def _stream(
        self, key: str, as_text: Callable[[_Message], bytes], receive: Receive, send: Send
    ) -> None:
        """Tell of the events of a session until all have ended, or the client has left."""
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        told = self._sessions.get(key)
        if told is None:
            await send({"type": "http.response.body", "body": as_text(_UNKNOWN)})
            return
        left = asyncio.ensure_future(_disconnected(receive))
        left.add_done_callback(lambda _: told.news.set())
        try:
            while not left.done():
                messages = await self._news(told)
                for one in messages:
                    if one["msg"] == "process_completed":
                        told.events.pop(one["event_id"], None)
                if not told.events:
                    messages.append(_CLOSED)
                    self._sessions.pop(key, None)
                body, more = b"".join(map(as_text, messages)), bool(told.events)
                await send({"type": "http.response.body", "body": body, "more_body": more})
                if not more:
                    return
        finally:
            left.cancel()
            if told.events:  # Nobody waits for their answers.
                self._sessions.pop(key, None)
                for task in told.events.values():
                    task.cancel()

    async def _news(self, told: _Session) -> list[_Message]:
        try:
            async with asyncio.timeout(self._heartbeat_s):
                await told.news.wait()
        except TimeoutError:
            return [_HEARTBEAT]
        told.news.clear()
        messages, told.messages = told.messages, []
        return messages


def _completed(event: str, output: dict[str, Any], good: bool) -> _Message:
    title = None if good else output["title"]
    return {
        **{"msg": "process_completed", "event_id": event, "output": output},
        **{"success": good, "title": title},
    }


def _as_message(message: _Message) -> bytes:
    """Return a message as the stream of a session tells it."""
    return b"data: " + _json(message) + b"\n\n"


def _as_event(message: _Message) -> bytes:
    """Return a message as the stream of one event tells it."""
    if message["msg"] == "heartbeat":
        kind, data = "heartbeat", None
    elif message["msg"] == "unexpected_error":
        kind, data = "error", message["message"]
    elif message["msg"] == "process_completed":
        good, output = message["success"], message["output"]
        kind, data = ("complete", output.get("data")) if good else ("error", output)
    else:
        return b""
    return b"event: " + kind.encode() + b"\ndata: " + _json(data) + b"\n\n"


def _json(document: object) -> bytes:
    return orjson.dumps(document, default=str)


async def _disconnected(receive: Receive) -> None:
    with suppress(asyncio.CancelledError):
        while (await receive())["type"] != "http.disconnect":
            pass
