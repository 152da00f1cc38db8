"""Compress the page's files, and its document where nobody is signed in, by gzip.

Nothing else is compressed. Where a response holds a secret beside text that an attacker chooses,
its compressed length reveals the secret bit by bit (the BREACH attack); and a stream of events
must not wait for a block to fill.
"""

import gzip
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

COMPRESSED_SUFFIXES = frozenset((".css", ".js", ".svg"))
"""File names that end so are worth compressing."""

MIN_COMPRESSED_BYTES = 500
"""Smaller files fit into one packet either way."""


def accepts_gzip(headers: Headers) -> bool:
    """Return whether a request takes gzip (RFC 9110, section 12.5.3).

    >>> accepts_gzip(Headers({"accept-encoding": "br, gzip;q=0.5"}))
    True
    >>> accepts_gzip(Headers({"accept-encoding": "gzip;q=0, *"}))
    False
    """
    accepted = {}
    for part in headers.get("accept-encoding", "").lower().split(","):
        coding, *parameters = (piece.strip() for piece in part.split(";"))
        weights = [one.removeprefix("q=") for one in parameters if one.startswith("q=")]
        accepted[coding] = not weights or weights[0].strip("0.") != ""
    return accepted.get("gzip", accepted.get("*", False))


def gzipped(body: bytes) -> bytes:
    """Return compressed bytes, always the same for the same input."""
    return gzip.compress(body, compresslevel=6, mtime=0)


class PageFiles(StaticFiles):
    """Files that a browser caches and revalidates each time, so that a release is seen at once."""

    def file_response(
        self,
        full_path: os.PathLike[str] | str,
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return a file, compressed where the client accepts it, or 304 Not Modified."""
        asked = Headers(scope=scope)
        response: Response = FileResponse(full_path, status_code, stat_result=stat_result)
        path = Path(full_path)
        if path.suffix in COMPRESSED_SUFFIXES and stat_result.st_size >= MIN_COMPRESSED_BYTES:
            if accepts_gzip(asked):
                response = _gzip_response(response, path, stat_result)
            response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "no-cache"
        if self.is_not_modified(response.headers, asked):
            return NotModifiedResponse(response.headers)
        return response


def _gzip_response(plain: Response, path: Path, stat_result: os.stat_result) -> Response:
    given = plain.headers
    headers: dict[str, Any] = {
        "Content-Encoding": "gzip",
        # Compressed and plain bytes need different tags, or a cache would mix the two.
        "ETag": f'{given["etag"].removesuffix(chr(34))}-gzip"',
        "Last-Modified": given["last-modified"],
    }
    body = _gzipped_file(path, stat_result.st_mtime_ns, stat_result.st_size)
    return Response(body, plain.status_code, headers, given["content-type"])


@lru_cache(maxsize=128)
def _gzipped_file(path: Path, changed: int, size: int) -> bytes:
    del changed, size  # They are part of the cache's key.
    return gzipped(path.read_bytes())
