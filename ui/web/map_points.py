"""`/map/points` and `/map/titles`: positions of all papers, and titles of some, for the map."""

import hashlib

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from kg.errors import BadRequest
from search.library import Library
from search.map.points import Points
from ui.page.templating import byline, cut
from ui.text.mathematics import with_mathematics

MAX_TITLES = 200
"""Papers whose titles one request may ask for."""


def routes(library: Library) -> list[Route]:
    """Return the routes of the map's script."""
    made: tuple[Points, bytes, str] | None = None

    # Not coroutines: Starlette runs them in threads, so that they do not block the event loop.
    def points(request: Request) -> Response:
        """Answer ``/map/points``: arrays with an element for each paper, and the topics' names."""
        nonlocal made
        found = library.map.points()
        last = made
        if last is None or last[0] is not found:
            body = points_json(found)
            last = made = (found, body, f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"')
        # The browser may cache it, and revalidates each time.
        headers = {"ETag": last[2], "Cache-Control": "private, no-cache"}
        if request.headers.get("if-none-match", "").removeprefix("W/") == last[2]:
            return Response(status_code=304, headers=headers)
        return Response(last[1], media_type="application/json", headers=headers)

    def titles(request: Request) -> Response:
        """Answer ``/map/titles?keys=1,2`` with the title, byline and year of these papers."""
        try:
            found = _titles(library, _keys(request.query_params.get("keys", "")))
        except BadRequest as error:
            return PlainTextResponse(f"{error}\n", 400)
        headers = {"Cache-Control": "private, no-store"}
        return Response(orjson.dumps(found), media_type="application/json", headers=headers)

    return [Route("/map/points", points), Route("/map/titles", titles)]


def points_json(found: Points) -> bytes:
    """Serialise the points for the map's script."""
    numbers: dict[str, int] = {}
    topics = [[numbers.setdefault(topic, len(numbers)) for topic in own] for own in found.topics]
    return orjson.dumps(
        {
            "keys": found.keys,
            "x": found.x,
            "y": found.y,
            "years": found.years,
            "topics": topics,
            "names": list(numbers),
            "labels": found.labels,
        }
    )


def _keys(text: str) -> list[int]:
    parts = [part for part in text.split(",") if part]
    if len(parts) > MAX_TITLES:
        raise BadRequest(f"{len(parts):,} papers are too many", f"name {MAX_TITLES} at most")
    if not all(part.isascii() and part.isdigit() and len(part) <= 15 for part in parts):
        raise BadRequest("keys must be whole numbers", "write keys=1,2")
    return [int(part) for part in parts]


def _titles(library: Library, keys: list[int]) -> list[dict[str, object]]:
    with library.reading():
        there = library.catalogue.papers.existing(keys)
        keys = [key for key in dict.fromkeys(keys) if key in there]
        papers = library.catalogue.papers.get(keys)
    return [
        {
            "key": key,
            "id": paper.id,
            # Plain text; the script inserts it as such.
            "title": with_mathematics(cut(paper.title)).striptags() or paper.id,
            "byline": byline(paper),
            "year": paper.year,
            "withdrawn": paper.withdrawn,
        }
        for key, paper in zip(keys, papers, strict=True)
    ]
