"""How the front hands a request to a worker, and the worker its response back.

A connection carries one request: a head, JSON of an ASGI scope, and the whole body, each after its
length. The response comes back in frames: a kind, a length and as many bytes. A connection that
ends without a last frame is a worker that died; a client that leaves is a connection that the
front closes.
"""

import asyncio
import json
import struct
from typing import Any

from starlette.types import Message, Scope

START, BODY, END = b"S", b"B", b"E"
"""Kinds of frames: status and headers, a part of the body, the last part of the body."""

_LENGTHS, _FRAME = struct.Struct(">II"), struct.Struct(">cI")
_SCOPE_KEYS = ("http_version", "method", "scheme", "path", "root_path", "client", "server")


async def send_request(writer: asyncio.StreamWriter, scope: Scope, body: bytes) -> None:
    """Send a request whose body has been read."""
    head = {
        **{key: scope.get(key) for key in _SCOPE_KEYS},
        "raw_path": scope.get("raw_path", b"").decode("latin-1"),
        "query_string": scope["query_string"].decode("latin-1"),
        "headers": _as_text(scope["headers"]),
        "state": scope.get("state", {}),
    }
    packed = json.dumps(head).encode()
    writer.write(_LENGTHS.pack(len(packed), len(body)) + packed + body)
    await writer.drain()


async def read_request(reader: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    """Read a request; returns its scope and its body.

    Raises
    ------
    asyncio.IncompleteReadError
        If the front has closed the connection.
    """
    head_bytes, body_bytes = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
    head = json.loads(await reader.readexactly(head_bytes))
    scope = {
        **head,
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "raw_path": head["raw_path"].encode("latin-1"),
        "query_string": head["query_string"].encode("latin-1"),
        "headers": _as_bytes(head["headers"]),
        "client": tuple(head["client"]) if head["client"] else None,
        "server": tuple(head["server"]) if head["server"] else None,
    }
    return scope, await reader.readexactly(body_bytes)


def frame_of(message: Message) -> bytes:
    """Return the frame of an ASGI message of a response."""
    payload: bytes = message.get("body", b"")
    kind = BODY if message.get("more_body") else END
    if message["type"] == "http.response.start":
        told = {"status": message["status"], "headers": _as_text(message.get("headers", ()))}
        kind, payload = START, json.dumps(told).encode()
    return _FRAME.pack(kind, len(payload)) + payload


async def read_message(reader: asyncio.StreamReader) -> Message:
    """Read the next ASGI message of a response.

    Raises
    ------
    asyncio.IncompleteReadError
        If the worker has died.
    """
    kind, size = _FRAME.unpack(await reader.readexactly(_FRAME.size))
    payload = await reader.readexactly(size)
    if kind == START:
        told = json.loads(payload)
        headers = _as_bytes(told["headers"])
        return {"type": "http.response.start", "status": told["status"], "headers": headers}
    return {"type": "http.response.body", "body": payload, "more_body": kind == BODY}


def _as_text(headers: Any) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


def _as_bytes(headers: Any) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
