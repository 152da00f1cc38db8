"""`/health`: whether the atlas answers, for whoever watches over the server."""

from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from kg.errors import AtlasError

if TYPE_CHECKING:
    from ui.background import Operations


def routes(operations: "Operations") -> list[Route]:
    """Return what the server answers."""

    def health(request: Request) -> JSONResponse:
        del request
        catalogue = operations.library.catalogue
        try:
            last = catalogue.last_refresh()
            facts = {
                "papers": catalogue.size(),
                "revision": catalogue.revision,
                "last_refresh": last.isoformat() if last else None,
            }
        except AtlasError:
            # What is wrong names files of this machine; `lfm status` tells it.
            return JSONResponse({"status": "the catalogue cannot be read"}, 503)
        return JSONResponse(
            {
                "status": "ok",
                "version": _version(),
                "refreshing": operations.refreshing(),
                **facts,
            }
        )

    return [Route("/health", health)]


@cache
def _version() -> str:
    return version("lfm-atlas")
