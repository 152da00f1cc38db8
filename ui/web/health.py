"""`/health`: whether the server works, for monitoring."""

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from kg.errors import AtlasError
from ui.background import BackgroundRefresh


def routes(background: BackgroundRefresh) -> list[Route]:
    """Return the route of the health check."""

    release = version("lfm-atlas")

    def health(request: Request) -> JSONResponse:
        del request
        catalogue = background.library.catalogue
        try:
            last = catalogue.journal.last_refresh()
            facts = {
                "papers": catalogue.size(),
                "revision": catalogue.revision,
                "last_refresh": last.isoformat() if last else None,
            }
        except AtlasError:
            # The error names files of this machine; `lfm status` shows it.
            return JSONResponse({"status": "the catalogue cannot be read"}, 503)
        refreshing = background.running() is not None
        return JSONResponse({"status": "ok", "version": release, "refreshing": refreshing, **facts})

    return [Route("/health", health)]
