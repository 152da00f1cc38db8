"""The front's way to its workers: each request goes to one of them, and its response comes back.

Gradio keeps the events of a session in one process, so a client's later requests go to the worker
that got its first.
"""

import asyncio
import json
import re
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from ui.guards.guard import BUSY_RETRY_AFTER_S, Guard, Refused
from ui.guards.page_routes import CALL_PATH, COLLECT_PATH
from ui.web import relayed
from ui.web.fleet import Fleet, Worker

MAX_KEPT = 20_000
"""Sessions and events whose worker is remembered; the least recently used is forgotten."""

READY_TIMEOUT_S = 10.0
"""Seconds to wait where no worker is ready."""

_HEARTBEAT = re.compile(r"/gradio_api/heartbeat/([\w-]+)")
_EVENTS = "/gradio_api/queue/data"
_BY_SESSION = ("/gradio_api/queue/join", "/gradio_api/cancel", "/gradio_api/call/")
_COMPONENT = "/gradio_api/component_server"


@dataclass(frozen=True, slots=True)
class _Request:
    """What decides where a request goes."""

    key: str | None
    """Session or event that one worker has; None where any may answer."""
    repeatable: bool
    """Whether another worker may be asked where one died over it."""
    opens_event: bool
    """Whether the response names an event, which is collected later."""


class Relay(Guard):
    """Hands requests to the workers of a fleet."""

    def __init__(self, fleet: Fleet, ready_timeout_s: float = READY_TIMEOUT_S) -> None:
        super().__init__(self._relay)
        self._fleet, self._ready_timeout_s = fleet, ready_timeout_s
        self._kept: OrderedDict[str, Worker] = OrderedDict()
        self._turn = 0

    async def _relay(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        if scope["method"] not in ("GET", "HEAD"):
            body = (await receive()).get("body", b"")  # Whole: `size_limits` has read it.
        request = _request(scope, body)
        failed: set[Worker] = set()
        while True:
            worker = await self._worker(request.key, failed)
            worker.busy += 1
            try:
                await self._ask(worker, request, scope, body, receive, send)
                return
            except _Died:
                failed.add(worker)
                if not request.repeatable or len(failed) > 2:
                    raise _gone("the process that answered has ended") from None
            finally:
                worker.busy -= 1

    async def _worker(self, key: str | None, failed: set[Worker]) -> Worker:
        """Return the worker of a session or event, or else the least busy one."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._ready_timeout_s
        while not (ready := [one for one in self._fleet.ready if one not in failed]):
            if loop.time() >= deadline:
                raise _gone("the processes that answer are starting")
            await asyncio.sleep(0.05)
        if key is not None and (known := self._kept.get(key)) in ready:
            self._kept.move_to_end(key)
            return known
        self._turn += 1
        turn = self._turn
        worker = min(ready, key=lambda one: (one.busy, (one.number - turn) % self._fleet.count))
        if key is not None:
            self._keep(key, worker)
        return worker

    def _keep(self, key: str, worker: Worker) -> None:
        self._kept[key] = worker
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)

    async def _ask(
        self,
        worker: Worker,
        request: _Request,
        scope: Scope,
        body: bytes,
        receive: Receive,
        send: Send,
    ) -> None:
        """Relay one request to one worker; raises `_Died` where no response has begun."""
        try:
            reader, writer = await asyncio.open_unix_connection(worker.path)
        except OSError:
            raise _Died from None
        gone = asyncio.ensure_future(_disconnected(receive))
        # The worker hears of it, and so does the loop below.
        gone.add_done_callback(lambda _: writer.close())
        begun, sent = False, bytearray()
        try:
            try:
                await relayed.send_request(writer, scope, body)
                more = True
                while more:
                    message = await relayed.read_message(reader)
                    if message["type"] == "http.response.body":
                        more = message["more_body"]
                        if request.opens_event:
                            sent += message["body"]
                            if not more and (event := _fields(bytes(sent)).get("event_id")):
                                self._keep(f"event {event}", worker)
                    else:
                        begun = True
                    await send(message)
            except (asyncio.IncompleteReadError, OSError):
                if gone.done():
                    return  # Nobody waits for the response.
                if begun:
                    raise
                raise _Died from None
        finally:
            gone.cancel()
            writer.close()


class _Died(Exception):
    """A worker has died over a request, before its response."""


def _gone(what: str) -> Refused:
    line = f"{what}; try again in {BUSY_RETRY_AFTER_S} s"
    return Refused(503, line, {"Retry-After": str(BUSY_RETRY_AFTER_S)})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _request(scope: Scope, body: bytes) -> _Request:
    method, path = scope["method"], scope["path"]
    if method in ("GET", "HEAD"):
        if path == _EVENTS:
            query = parse_qs(scope["query_string"].decode("latin-1"))
            return _Request(f"session {query.get('session_hash', [''])[0]}", False, False)
        if found := _HEARTBEAT.fullmatch(path):
            return _Request(f"session {found[1]}", True, False)
        if found := COLLECT_PATH.fullmatch(path):
            return _Request(f"event {found[1]}", False, False)
        return _Request(None, True, False)
    if path.startswith(_BY_SESSION):
        session = _fields(body).get("session_hash")
        key = f"session {session}" if isinstance(session, str) else None
        return _Request(key, True, bool(CALL_PATH.fullmatch(path)))
    if path.rstrip("/") == "/gradio_api/reset":
        return _Request(f"event {_fields(body).get('event_id')}", True, False)
    # An action changes the atlas, so that it is not tried twice.
    acts = path.rstrip("/") == _COMPONENT and _fields(body).get("fn_name") != "show"
    return _Request(None, not acts, False)


def _fields(body: bytes) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        found = json.loads(body)
        if isinstance(found, dict):
            return found
    return {}
