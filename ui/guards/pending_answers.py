"""Answers that wait for whoever asked: only for a time, and only so many.

Of two calls (`/gradio_api/call`, `/gradio_api/queue/join`) the first asks and the second collects
the answer, which Gradio keeps in memory meanwhile. What nobody collects is collected here, as its
asker would, and thrown away.
"""

import asyncio
import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from ui.guards.guard import Guard, first_then, refuse
from ui.guards.rate import asker

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT = 60.0
"""Seconds that an answer waits."""

MOST = 256
"""Answers that wait at a time."""

MOST_OF_ONE = 128
"""Of these, answers for one user or address."""

_RETRY = 5
_CALL = re.compile(r"/gradio_api/call/(?:v2/)?[\w-]+/?")
_COLLECT = re.compile(r"/gradio_api/call/(?:v2/)?[\w-]+/([\w-]+)")
_JOIN, _NEWS = "/gradio_api/queue/join", "/gradio_api/queue/data"


_COMPLETED = re.compile(rb'"event_id": ?"([^"]+)"')


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One answer that nobody has collected yet."""

    who: str
    session: str | None
    """Whose news tell the answer; None where it is collected by its own address."""
    path: str
    query: bytes
    """Where it is to be collected."""
    timer: asyncio.TimerHandle


class Collected(Guard):
    """Throws away what nobody collects, and takes no more questions of who collects none.

    Parameters
    ----------
    app : ASGIApp
        Gradio's.
    kept : float
        Seconds that an answer waits.
    most, most_of_one : int
        Answers that wait at a time: all, and those for one user or address.
    """

    def __init__(
        self,
        app: "ASGIApp",
        kept: float = KEPT,
        most: int = MOST,
        most_of_one: int = MOST_OF_ONE,
    ) -> None:
        super().__init__(app)
        self._kept, self._most, self._most_of_one = kept, most, most_of_one
        self._waiting: dict[str, _Waiting] = {}
        self._asking: Counter[str] = Counter()
        self._listening: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def _asked(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        path, method = scope["path"], scope["method"]
        if method == "POST" and path == _JOIN:
            first = await receive()  # The whole body: `sizes` has read it.
            session = _field(first.get("body", b""), "session_hash") or ""
            await self._ask(scope, first_then(first, receive), send, session)
        elif method == "POST" and _CALL.fullmatch(path):
            await self._ask(scope, receive, send, None)
        elif method == "GET" and path == _NEWS:
            await self._listen(scope, receive, send)
        else:
            if method == "GET" and (found := _COLLECT.fullmatch(path)):
                self._drop(found[1])
            await self.app(scope, receive, send)

    async def _listen(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass on the news of a session, and note which answers they have told."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        session = query.get("session_hash", [""])[0]

        async def sent(message: "Message") -> None:
            await send(message)
            body = message.get("body", b"")
            if b'"process_completed"' in body and (found := _COMPLETED.search(body)):
                self._drop(found[1].decode())

        self._listening[session] += 1
        try:
            await self.app(scope, receive, sent)
        finally:
            self._listening[session] -= 1
            self._listening += Counter()  # Drops those of nought.

    async def _ask(
        self, scope: "Scope", receive: "Receive", send: "Send", session: str | None
    ) -> None:
        who = asker(scope)
        of_one = sum(one.who == who for one in self._waiting.values()) + self._asking[who]
        if of_one >= self._most_of_one:
            line = f"{of_one} answers wait for you; collect them, or try again in {KEPT:.0f} s"
            await refuse(scope, receive, send, 429, line, {"Retry-After": f"{KEPT:.0f}"})
            return
        if len(self._waiting) + self._asking.total() >= self._most:
            line = f"too many answers wait; try again in {_RETRY} s"
            await refuse(scope, receive, send, 503, line, {"Retry-After": str(_RETRY)})
            return
        body = bytearray()

        async def sent(message: "Message") -> None:
            body.extend(message.get("body", b""))
            # Before whoever asked can come to collect it.
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._keep(scope, who, session, bytes(body))
            await send(message)

        self._asking[who] += 1
        try:
            await self.app(scope, receive, sent)
        finally:
            self._asking[who] -= 1
            self._asking += Counter()

    def _keep(self, scope: "Scope", who: str, session: str | None, body: bytes) -> None:
        """Note that an answer waits, where Gradio's answer to the question names it."""
        event = _field(body, "event_id")
        if event is None:
            return
        if session is None:
            path, query = f"{scope['path'].rstrip('/')}/{event}", b""
        else:
            path, query = _NEWS, urlencode({"session_hash": session}).encode()
        timer = asyncio.get_running_loop().call_later(self._kept, self._expire, event, scope)
        self._waiting[event] = _Waiting(who, session, path, query, timer)

    def _drop(self, event: str) -> _Waiting | None:
        waiting = self._waiting.pop(event, None)
        if waiting is not None:
            waiting.timer.cancel()
        return waiting

    def _expire(self, event: str, scope: "Scope") -> None:
        waiting = self._waiting[event]
        if waiting.session in self._listening:
            # It is on its way, or its work takes long; who does not read loses the connection.
            again = asyncio.get_running_loop().call_later(self._kept, self._expire, event, scope)
            self._waiting[event] = replace(waiting, timer=again)
            return
        self._drop(event)
        task = asyncio.ensure_future(self._collect(waiting, scope))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _collect(self, waiting: _Waiting, scope: "Scope") -> None:
        """Collect an answer as its asker would, and throw it away."""
        asked = {
            **scope,
            "method": "GET",
            "path": waiting.path,
            "raw_path": waiting.path.encode(),
            "query_string": waiting.query,
            "state": dict(scope.get("state", {})),
        }

        async def receive() -> "Message":
            await asyncio.Event().wait()  # Nobody goes away.
            raise AssertionError

        async def send(_: "Message") -> None:
            pass

        with suppress(Exception):  # Whatever is wrong with it, nobody wants it.
            await self.app(asked, receive, send)


def _field(body: bytes, name: str) -> str | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) else None
