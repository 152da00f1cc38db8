"""Files to take away: papers in the form of another program."""

import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.entities import Filters
from kg.errors import BadRequest
from search.library import Library
from search.pages import exports
from ui.api.responses import responded
from ui.page import filters
from ui.page.address import Address

MOST = 1_000
"""The most papers that may be named one by one."""

FILES = {
    "bibtex": ("application/x-bibtex; charset=utf-8", "bib"),
    "ris": ("application/x-research-info-systems; charset=utf-8", "ris"),
    "csl-json": ("application/vnd.citationstyles.csl+json", "json"),
    "csv": ("text/csv; charset=utf-8", "csv"),
    "jsonld": ("application/ld+json", "jsonld"),
    "list": ("text/markdown; charset=utf-8", "md"),
}
"""Format -> media type and ending of a file's name."""

LABELS = {"bibtex": "BibTeX", "ris": "RIS", "csl-json": "CSL-JSON", "csv": "CSV"}
"""Format -> what it is called where it is offered; the others are for who knows of them."""


def routes(library: Library) -> list[Route]:
    """Return what the server answers."""

    async def exported(request: Request) -> Response:
        """Answer ``/export/FORMAT`` with the papers of ``id``, or those that pass the filters."""
        name, query = request.path_params["format"], request.url.query
        return await responded(lambda: _exported(library, name, Address.parse(query)))

    return [Route("/export/{format}", exported)]


def check(name: str, papers: Sequence[str]) -> None:
    """Refuse a format that there is not, and too many papers.

    Raises
    ------
    BadRequest
    """
    if name not in FILES:
        raise BadRequest(f"unknown format '{name[:40]}'", f"use {', '.join(FILES)}")
    if len(papers) > MOST:
        raise BadRequest(f"{len(papers):,} papers are too many", f"name {MOST:,} at most")


def _exported(library: Library, name: str, address: Address) -> Response:
    return _file(name, _text(library, name, address), address.one("topic"))


def _text(library: Library, name: str, address: Address) -> str:
    papers = address.all("id")
    check(name, papers)
    if papers:
        return exports.exported_papers(library, name, papers)
    chosen = filters.filters(address, library.taxonomy)
    if chosen == Filters():
        raise BadRequest("no paper is named", "add id=2203.05482, or topic, category or since")
    return exports.exported(library, name, chosen)


def _file(name: str, text: str, topic: str | None) -> Response:
    media, ending = FILES[name]
    # A topic of one's own may have any name; a header may not.
    part = re.sub("[^a-z0-9]+", "-", (topic or "").lower()).strip("-")[:80]
    file = "-".join(filter(None, ("lfm-atlas", part)))
    return Response(
        # Bytes: some formats end their lines in their own way.
        text.encode(),
        media_type=media,
        headers={"Content-Disposition": f'attachment; filename="{file}.{ending}"'},
    )
