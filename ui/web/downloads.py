"""`/export/FORMAT` and `/compare/FORMAT`: papers, or a comparison, as a file."""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.errors import BadRequest
from kg.records import Filters
from search.library import Library
from search.pages.comparison import formats as comparison_formats
from ui.api.async_calls import response_of
from ui.page import filters
from ui.page.address import Address
from ui.page.downloads import paper_format
from ui.views import compare

_TEXT_WIDTH = 100
"""Columns of a comparison as plain text."""


def routes(library: Library) -> list[Route]:
    """Return the route of downloads."""

    async def exported(request: Request) -> Response:
        """Answer ``/export/FORMAT`` with the papers of ``id``, or those that pass the filters."""
        name, query = request.path_params["format"], request.url.query
        return await response_of(lambda: _exported(library, name, Address.parse(query)))

    async def compared(request: Request) -> Response:
        """Answer ``/compare/FORMAT`` with the comparison at an address of that view."""
        name, query = request.path_params["format"], request.url.query
        return await response_of(lambda: _compared(library, name, Address.parse(query)))

    return [Route("/export/{format}", exported), Route("/compare/{format}", compared)]


def _exported(library: Library, name: str, address: Address) -> Response:
    papers = address.all("id")
    form = paper_format(name, papers)
    if papers:
        text = library.export_papers(name, papers)
    else:
        chosen = filters.parse_strict(address, library)
        if chosen == Filters():
            raise BadRequest("no paper is named", "add id=2203.05482, or topic, category or since")
        text = library.export(name, chosen)
    return _file(form.media_type, form.suffix, text, address.one("topic"))


def _compared(library: Library, name: str, address: Address) -> Response:
    form = comparison_formats.named(name)
    text = form.write(compare.compared(library, address), _TEXT_WIDTH)
    return _file(form.media_type, form.suffixes[0], text, "compared")


def _file(media_type: str, suffix: str, text: str, topic: str | None) -> Response:
    # A topic of one's own may have any name; a header may not.
    part = re.sub("[^a-z0-9]+", "-", (topic or "").lower()).strip("-")[:80]
    file = "-".join(filter(None, ("lfm-atlas", part)))
    return Response(
        # Bytes: some formats end their lines in their own way.
        text.encode(),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{file}.{suffix}"'},
    )
