"""A worker of `lfm serve --workers N`: a process that answers what the front hands it.

Started by `ui.web.fleet` as ``python -m ui.web.worker``. Its first line of standard input says how
it serves; the end of its standard input, which is also the front's death, is its own end. It
prints one line when it is ready.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.types import Message

from kg.errors import AtlasError
from kg.settings import Settings
from search.library import Library
from ui.api import async_calls
from ui.web import relayed
from ui.web.content import answering

READY = "ready"
"""What a worker prints when it answers."""

_BACKLOG_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is told at its start."""

    settings: Settings
    descriptor: int
    """Number of its listening socket, which it inherits."""
    concurrent: int
    """Calls that it computes at a time."""
    mcp: bool

    def line(self) -> str:
        """Return it as one line."""
        home = str(self.settings.home)
        return json.dumps({**asdict(self), "settings": {**asdict(self.settings), "home": home}})

    @classmethod
    def parse(cls, line: str) -> "Task":
        """Return what `line` returned as a line."""
        found = json.loads(line)
        settings = {**found["settings"], "home": Path(found["settings"]["home"])}
        return cls(**{**found, "settings": Settings(**settings)})


def main() -> None:
    """Answer until standard input ends."""
    # Ctrl+C reaches all processes of a terminal, and a service manager's SIGTERM all of a service;
    # the front ends its workers itself, when they have answered.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        _work(Task.parse(sys.stdin.readline()))
    except AtlasError as error:
        print(f"lfm: {error}", file=sys.stderr)
        sys.exit(1)


def _work(task: Task) -> None:
    listener = socket.socket(fileno=task.descriptor)
    with Library(task.settings) as library:
        # Loads the model and the indexes, so that the first question is answered quickly.
        library.share_passes()
        library.ask("warm up", k=1)
        app = answering(library, mcp=task.mcp)
        asyncio.run(_serve(app, listener, task.concurrent))
    # Threads may still answer somebody who is gone.
    os._exit(0)


async def _serve(app: Starlette, listener: socket.socket, concurrent: int) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    def watch() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(over.set)

    async_calls.limit(concurrent)
    async with app.router.lifespan_context(app):
        server = await asyncio.start_unix_server(
            lambda reader, writer: _answer(app, reader, writer),
            sock=listener,
            limit=_BACKLOG_BYTES,
        )
        threading.Thread(target=watch, daemon=True).start()
        print(READY, flush=True)
        await over.wait()
        server.close()


async def _answer(
    app: Starlette, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the one request of a connection."""
    body: bytes | None
    try:
        scope, body = await relayed.read_request(reader)
    except (asyncio.IncompleteReadError, OSError):
        writer.close()
        return
    # Until the front closes the connection: its client is gone.
    gone = asyncio.ensure_future(_end_of(reader))

    async def receive() -> Message:
        nonlocal body
        if body is not None:
            whole, body = body, None
            return {"type": "http.request", "body": whole, "more_body": False}
        await asyncio.wait((gone,))  # Several may wait for it at a time, and give up.
        return {"type": "http.disconnect"}

    held = b""

    def flush() -> None:
        nonlocal held
        if held:
            writer.write(held)
            held = b""

    async def send(message: Message) -> None:
        nonlocal held
        held += relayed.frame_of(message)
        if message["type"] == "http.response.start":
            # Its first part follows at once where it is there: one write, and one to be read.
            asyncio.get_running_loop().call_soon(flush)
            return
        with suppress(OSError):  # The client is gone, as `receive` says.
            flush()
            await writer.drain()

    try:
        await app(scope, receive, send)
    except Exception:
        # The front hears of it by the end of the connection, before the response's.
        traceback.print_exc(file=sys.stderr)
    finally:
        flush()
        gone.cancel()
        writer.close()


async def _end_of(reader: asyncio.StreamReader) -> None:
    with suppress(OSError):
        await reader.read()


if __name__ == "__main__":
    main()
