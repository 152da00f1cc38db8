"""How a worker hands a response to the front: whole, in order, and no later than it is there."""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ui.web import relayed
from ui.web.worker import _answer

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs Unix sockets")

START = {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]}


def body(text: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": text, "more_body": more}


def asked(app: Any, say: Callable[[asyncio.StreamReader], Awaitable[None]]) -> None:
    """Send a request to a worker that answers by `app`; `say` reads the response."""

    async def whole() -> None:
        # Such paths are limited to about a hundred characters.
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder, "s"))
            async with await asyncio.start_unix_server(
                lambda reader, writer: _answer(app, reader, writer), path=path
            ):
                reader, writer = await asyncio.open_unix_connection(path)
                scope = {"method": "GET", "path": "/", "query_string": b"", "headers": []}
                await relayed.send_request(writer, scope, b"")
                await say(reader)
                writer.close()

    asyncio.run(asyncio.wait_for(whole(), 20))


def test_the_head_of_a_response_does_not_wait_for_a_late_body() -> None:
    heard = asyncio.Event()

    async def app(_: object, __: object, send: Any) -> None:
        await send(START)
        await heard.wait()
        await send(body(b"late", more=True))
        await send(body(b"end"))

    async def say(reader: asyncio.StreamReader) -> None:
        assert await relayed.read_message(reader) == START
        heard.set()
        assert await relayed.read_message(reader) == body(b"late", more=True)
        assert await relayed.read_message(reader) == body(b"end")
        assert await reader.read() == b""

    asked(app, say)


def test_head_and_body_that_are_there_come_in_one_piece() -> None:
    async def app(_: object, __: object, send: Any) -> None:
        await send(START)
        await send(body(b"at once"))

    async def say(reader: asyncio.StreamReader) -> None:
        wanted = relayed.frame_of(START) + relayed.frame_of(body(b"at once"))
        assert await reader.read() == wanted

    asked(app, say)


def test_a_failure_after_the_head_leaves_it_without_an_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def app(_: object, __: object, send: Any) -> None:
        await send(START)
        raise OSError("no more")

    async def say(reader: asyncio.StreamReader) -> None:
        assert await relayed.read_message(reader) == START
        with pytest.raises(asyncio.IncompleteReadError):
            await relayed.read_message(reader)

    asked(app, say)
    assert "no more" in capsys.readouterr().err
