"""Answers compressed by gzip: the page's own files, and its document.

Nothing else of ours is. Where an answer holds a secret beside what a stranger may put into it, its
length tells the secret bit by bit (the BREACH attack), so a document that names who is signed in
goes out as it is; and news that is streamed must not wait for a block to fill.
"""

import gzip
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles

if TYPE_CHECKING:
    import os

    from starlette.types import Scope

TEXTS = frozenset((".css", ".js", ".svg"))
"""Endings of the files that get smaller."""

FEWEST_BYTES = 500
"""Below this, one packet carries it either way."""


def accepts_gzip(headers: Headers) -> bool:
    """Return whether a request takes gzip (RFC 9110, section 12.5.3).

    >>> accepts_gzip(Headers({"accept-encoding": "br, gzip;q=0.5"}))
    True
    >>> accepts_gzip(Headers({"accept-encoding": "gzip;q=0, *"}))
    False
    """
    told = {}
    for part in headers.get("accept-encoding", "").lower().split(","):
        coding, *parameters = (piece.strip() for piece in part.split(";"))
        weights = [one.removeprefix("q=") for one in parameters if one.startswith("q=")]
        told[coding] = not weights or weights[0].strip("0.") != ""
    return told.get("gzip", told.get("*", False))


def gzipped(body: bytes) -> bytes:
    """Return bytes compressed, the same for the same."""
    return gzip.compress(body, compresslevel=6, mtime=0)


class OwnFiles(StaticFiles):
    """Files that a browser keeps, and asks about each time: a new release is seen at once."""

    def file_response(
        self,
        full_path: "os.PathLike[str] | str",
        stat_result: "os.stat_result",
        scope: "Scope",
        status_code: int = 200,
    ) -> Response:
        """Return a file, compressed for whom it may be, or that it has not changed."""
        asked = Headers(scope=scope)
        response: Response = FileResponse(full_path, status_code, stat_result=stat_result)
        path = Path(full_path)
        if path.suffix in TEXTS and stat_result.st_size >= FEWEST_BYTES:
            if accepts_gzip(asked):
                response = _packed_response(response, path, stat_result)
            response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "no-cache"
        if self.is_not_modified(response.headers, asked):
            return NotModifiedResponse(response.headers)
        return response


def _packed_response(plain: Response, path: Path, stat_result: "os.stat_result") -> Response:
    told = plain.headers
    headers: dict[str, Any] = {
        "Content-Encoding": "gzip",
        # Other bytes under another tag, or a cache would mix the two.
        "ETag": f'{told["etag"].removesuffix(chr(34))}-gzip"',
        "Last-Modified": told["last-modified"],
    }
    body = _packed(path, stat_result.st_mtime_ns, stat_result.st_size)
    return Response(body, plain.status_code, headers, told["content-type"])


@lru_cache(maxsize=128)
def _packed(path: Path, changed: int, size: int) -> bytes:
    del changed, size  # They tell one state of the file from another.
    return gzipped(path.read_bytes())
