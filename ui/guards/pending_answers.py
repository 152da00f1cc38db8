"""Limit the answers that Gradio holds in memory until their clients collect them.

Of two calls (`/gradio_api/call`, `/gradio_api/queue/join`) the first asks and the second collects
the answer, which Gradio keeps meanwhile. An answer that is not collected in time is collected
here, as its client would, and dropped.
"""

import asyncio
import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.guards.guard import BUSY_RETRY_AFTER_S, Guard, Refused, replayed
from ui.guards.page_routes import CALL_PATH, COLLECT_PATH
from ui.guards.rate_limit import client_key

COLLECT_TIMEOUT_S = 60.0
"""Seconds after which an answer is dropped."""

MAX_PENDING = 256
"""Answers that wait, of all clients."""

MAX_PENDING_PER_CLIENT = 128
"""Answers that wait, of one user or address."""

_JOIN, _EVENTS = "/gradio_api/queue/join", "/gradio_api/queue/data"


_COMPLETED = re.compile(rb'"msg": ?"process_completed", ?"event_id": ?"([^"]+)"')


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One answer that has not been collected yet."""

    client: str
    """User or address; see `ui.guards.rate_limit.client_key`."""
    session: str | None
    """Session whose event stream carries the answer; None where its own address gives it."""
    path: str
    query: bytes
    """Of the address at which it is collected."""
    timer: asyncio.TimerHandle


class PendingAnswers(Guard):
    """Drop answers that are not collected, and refuse clients that leave too many.

    Parameters
    ----------
    timeout_s : float
        Seconds after which an answer is dropped.
    max_pending, max_per_client : int
        Answers that wait: of all clients, and of one user or address.
    """

    def __init__(
        self,
        app: ASGIApp,
        timeout_s: float = COLLECT_TIMEOUT_S,
        max_pending: int = MAX_PENDING,
        max_per_client: int = MAX_PENDING_PER_CLIENT,
    ) -> None:
        super().__init__(app)
        self._timeout_s = timeout_s
        self._max_pending, self._max_per_client = max_pending, max_per_client
        self._waiting: dict[str, _Waiting] = {}
        self._asking: Counter[str] = Counter()
        self._listening: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if method == "POST" and path == _JOIN:
            first = await receive()  # The whole body: `size_limits` has read it.
            session = _field(first.get("body", b""), "session_hash") or ""
            await self._ask(scope, replayed(first, receive), send, session)
        elif method == "POST" and CALL_PATH.fullmatch(path):
            await self._ask(scope, receive, send, None)
        elif method == "GET" and path == _EVENTS:
            await self._listen(scope, receive, send)
        else:
            if method == "GET" and (found := COLLECT_PATH.fullmatch(path)):
                self._drop(found[1])
            await self.app(scope, receive, send)

    async def _listen(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the events of a session, and note which answers they carried."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        session = query.get("session_hash", [""])[0]

        async def sent(message: Message) -> None:
            await send(message)
            body = message.get("body", b"")
            if b'"process_completed"' in body:
                for found in _COMPLETED.finditer(body):
                    self._drop(found[1].decode())

        self._listening[session] += 1
        try:
            await self.app(scope, receive, sent)
        finally:
            self._listening[session] -= 1
            self._listening += Counter()  # Removes zeros.

    async def _ask(self, scope: Scope, receive: Receive, send: Send, session: str | None) -> None:
        client = client_key(scope)
        own = sum(one.client == client for one in self._waiting.values()) + self._asking[client]
        if own >= self._max_per_client:
            wait = f"{COLLECT_TIMEOUT_S:.0f}"
            line = f"{own} answers wait for you; collect them, or try again in {wait} s"
            raise Refused(429, line, {"Retry-After": wait})
        if len(self._waiting) + self._asking.total() >= self._max_pending:
            line = f"too many answers wait; try again in {BUSY_RETRY_AFTER_S} s"
            raise Refused(503, line, {"Retry-After": str(BUSY_RETRY_AFTER_S)})
        body = bytearray()

        async def sent(message: Message) -> None:
            body.extend(message.get("body", b""))
            # Before the client can collect it.
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._record(scope, client, session, bytes(body))
            await send(message)

        self._asking[client] += 1
        try:
            await self.app(scope, receive, sent)
        finally:
            self._asking[client] -= 1
            self._asking += Counter()

    def _record(self, scope: Scope, client: str, session: str | None, body: bytes) -> None:
        """Record a waiting answer, if Gradio's response names one."""
        event = _field(body, "event_id")
        if event is None:
            return
        if session is None:
            path, query = f"{scope['path'].rstrip('/')}/{event}", b""
        else:
            path, query = _EVENTS, urlencode({"session_hash": session}).encode()
        timer = asyncio.get_running_loop().call_later(self._timeout_s, self._expire, event, scope)
        self._waiting[event] = _Waiting(client, session, path, query, timer)

    def _drop(self, event: str) -> _Waiting | None:
        waiting = self._waiting.pop(event, None)
        if waiting is not None:
            waiting.timer.cancel()
        return waiting

    def _expire(self, event: str, scope: Scope) -> None:
        waiting = self._waiting[event]
        if waiting.session in self._listening:
            # Its client is listening: the answer is on its way, or its work takes long.
            again = asyncio.get_running_loop().call_later(
                self._timeout_s, self._expire, event, scope
            )
            self._waiting[event] = replace(waiting, timer=again)
            return
        self._drop(event)
        task = asyncio.ensure_future(self._collect(waiting, scope))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _collect(self, waiting: _Waiting, scope: Scope) -> None:
        """Collect an answer as its client would, and drop it."""
        request = {
            **scope,
            "method": "GET",
            "path": waiting.path,
            "raw_path": waiting.path.encode(),
            "query_string": waiting.query,
            "state": dict(scope.get("state", {})),
        }

        async def receive() -> Message:
            await asyncio.Event().wait()  # Never disconnects.
            raise AssertionError

        async def send(_: Message) -> None:
            pass

        with suppress(Exception):  # Nobody waits for it.
            await self.app(request, receive, send)


def _field(body: bytes, name: str) -> str | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) else None
