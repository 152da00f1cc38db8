"""Limit how many requests are answered at a time, and how many wait in a queue."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from ui.guards.guard import BUSY_RETRY_AFTER_S, Guard, Refused, replayed
from ui.guards.work import is_work

MAX_CONCURRENT = 8
"""Requests answered at a time; more would share the same processors and need more memory."""

MAX_QUEUED = 128
"""Requests in the queue; further ones are refused at once."""

QUEUE_TIMEOUT_S = 30.0
"""Seconds that a request waits in the queue before it is refused."""


class ConcurrencyLimit(Guard):
    """Answer a limited number of requests at a time; queue the others."""

    def __init__(
        self,
        app: ASGIApp,
        max_concurrent: int = MAX_CONCURRENT,
        max_queued: int = MAX_QUEUED,
        timeout_s: float = QUEUE_TIMEOUT_S,
    ) -> None:
        super().__init__(app)
        self._slots = asyncio.Semaphore(max_concurrent)
        self._max_queued, self._timeout_s = max_queued, timeout_s
        self._waiting = 0

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_work(scope):
            await self.app(scope, receive, send)
            return
        try:
            receive = await self._acquire(receive)
        except _Disconnected:
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self._slots.release()

    async def _acquire(self, receive: Receive) -> Receive:
        """Wait for a slot; stop if the client disconnects meanwhile."""
        if not self._slots.locked():
            await self._slots.acquire()
            return receive
        if self._waiting >= self._max_queued:
            raise _busy()
        # `size_limits` has read the body whole: it comes first, and then only the disconnect.
        body = await receive()
        self._waiting += 1
        slot = asyncio.ensure_future(self._slots.acquire())
        gone = asyncio.ensure_future(receive())
        taken = False
        try:
            await asyncio.wait(
                (slot, gone), timeout=self._timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
            if gone.done():
                raise _Disconnected
            if not slot.done():
                raise _busy()
            taken = True
            return replayed(body, receive)
        finally:
            self._waiting -= 1
            gone.cancel()
            if not slot.cancel() and not taken:
                self._slots.release()


def _busy() -> Refused:
    line = f"the server is busy; try again in {BUSY_RETRY_AFTER_S} s"
    return Refused(503, line, {"Retry-After": str(BUSY_RETRY_AFTER_S)})


class _Disconnected(Exception):
    pass
