"""`/health`: whether the server works, for monitoring."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from kg.errors import AtlasError
from kg.snapshot import following
from ui.background import BackgroundRefresh
from ui.text.refresh_report import without_files


def routes(background: BackgroundRefresh) -> list[Route]:
    """Return the route of the health check."""

    release = version("lfm-atlas")

    def health(request: Request) -> JSONResponse:
        del request
        catalogue = background.library.catalogue
        try:
            last = catalogue.journal.last_refresh()
            facts: dict[str, Any] = {
                "papers": catalogue.size(),
                "revision": catalogue.revision,
                "last_refresh": last.isoformat() if last else None,
            }
        except AtlasError:
            # The error names files of this machine; `lfm status` shows it.
            return JSONResponse({"status": "the catalogue cannot be read"}, 503)
        if background.following:
            facts["following"] = _following(background.library.settings.home)
        refreshing = background.running() is not None
        return JSONResponse({"status": "ok", "version": release, "refreshing": refreshing, **facts})

    return [Route("/health", health)]


def _following(home: Path) -> dict[str, str | None]:
    """Return when the snapshot was looked at and loaded, and why it was not, without its place."""
    state = following.read(home)
    problem = without_files(state.problem) if state and state.problem else None
    return {
        "checked": state.checked if state else None,
        "loaded": state.loaded if state else None,
        "problem": problem,
    }
