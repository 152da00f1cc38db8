"""How many requests are answered at a time, and how many wait in line."""

import asyncio
from typing import TYPE_CHECKING

from ui.guards.guard import Guard, first_then, refuse
from ui.guards.work import is_work

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

AT_A_TIME = 8
"""More only share the same processors, and the memory of each comes on top."""

LINE = 128
"""Requests that wait; beyond, one hears at once that the server is busy."""

PATIENCE = 30.0
"""Seconds that a request waits."""

_RETRY = 5


class Crowd(Guard):
    """Answers so many requests at a time; the others wait in line, and the line has an end."""

    def __init__(
        self,
        app: "ASGIApp",
        at_a_time: int = AT_A_TIME,
        line: int = LINE,
        patience: float = PATIENCE,
    ) -> None:
        super().__init__(app)
        self._places = asyncio.Semaphore(at_a_time)
        self._line, self._waiting, self._patience = line, 0, patience

    async def _asked(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if not is_work(scope):
            await self.app(scope, receive, send)
            return
        if self._places.locked() and self._waiting >= self._line:
            await self._turn_away(scope, receive, send)
            return
        try:
            receive = await self._place(receive)
        except TimeoutError:
            await self._turn_away(scope, receive, send)
            return
        except _Gone:
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self._places.release()

    async def _place(self, receive: "Receive") -> "Receive":
        """Wait for a place; who goes away meanwhile is not answered."""
        if not self._places.locked():
            await self._places.acquire()
            return receive
        # The body was read whole by the guard before: it comes first, and then only the end.
        body = await receive()
        self._waiting += 1
        place = asyncio.ensure_future(self._places.acquire())
        gone = asyncio.ensure_future(receive())
        taken = False
        try:
            await asyncio.wait(
                (place, gone), timeout=self._patience, return_when=asyncio.FIRST_COMPLETED
            )
            if gone.done():
                raise _Gone
            if not place.done():
                raise TimeoutError
            taken = True
            return first_then(body, receive)
        finally:
            self._waiting -= 1
            gone.cancel()
            if not place.cancel() and not taken:
                self._places.release()

    async def _turn_away(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        line = f"the server is busy; try again in {_RETRY} s"
        await refuse(scope, receive, send, 503, line, {"Retry-After": str(_RETRY)})


class _Gone(Exception):
    pass
