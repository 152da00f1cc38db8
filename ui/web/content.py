"""What answers requests: the Gradio app and the other routes, without the guards before all."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from search.library import Library
from ui.api.endpoints import Endpoint
from ui.api.tools import signatures
from ui.background import BackgroundRefresh
from ui.feeds import feeds
from ui.guards import concurrency
from ui.guards.call_checks import CallChecks
from ui.guards.compression import PageFiles
from ui.guards.page_routes import PageRoutes
from ui.guards.pending_answers import PendingAnswers
from ui.web import app, downloads, map_points
from ui.web.calls import Calls
from ui.web.document import HeadInjection

if TYPE_CHECKING:
    from fastapi import FastAPI
    from gradio import Blocks


def answering(
    library: Library,
    background: BackgroundRefresh | None = None,
    own: Sequence[BaseRoute] = (),
    *,
    mcp: bool = False,
    alone: bool = False,
) -> Starlette:
    """Return the application that answers whatever the guards let through.

    Parameters
    ----------
    background : BackgroundRefresh, optional
        None in a worker, whose front answers what concerns refreshes.
    own : sequence of BaseRoute
        Further routes, of the server itself.
    mcp : bool
        Whether it answers MCP clients.
    alone : bool
        Whether it limits the answers that wait itself, with no front that does.
    """
    # Without a running event loop Gradio makes several and closes none, so it is given one; in a
    # thread of its own, because this one may have a loop already, as in the browser tests.
    with ThreadPoolExecutor(1) as thread:
        made = thread.submit(asyncio.run, _page(library, background))
        page, blocks, api = made.result()
    mcp_routes: list[BaseRoute] = []
    mcp_open: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
    if mcp:
        from ui.api import mcp as over_http

        mcp_routes, mcp_open = over_http.mounted(library)

    @asynccontextmanager
    async def lifespan(served: Starlette) -> AsyncIterator[None]:
        # Starts and stops Gradio's own queue.
        async with page.router.lifespan_context(served), mcp_open():
            yield

    return Starlette(
        routes=[
            page_files(),
            *own,
            *feeds.routes(library),
            *downloads.routes(library),
            *map_points.routes(library),
            *mcp_routes,
            Mount("/", HeadInjection(_guarded(page, blocks, api, alone), library)),
        ],
        lifespan=lifespan,
    )


def page_files() -> BaseRoute:
    """Return the route of the page's own files."""
    return Mount(f"/{app.STATIC}", PageFiles(directory=str(files("ui").joinpath("static"))))


def _guarded(
    page: "FastAPI", blocks: "Blocks", api: Mapping[str, Endpoint], alone: bool
) -> ASGIApp:
    """Return the Gradio app behind what answers its API, and the guards that only these need."""
    functions = {key: str(one.api_name) for key, one in blocks.fns.items() if one.api_name}
    calls = Calls(page, api, functions)
    waiting = PendingAnswers(calls) if alone else calls
    checked = CallChecks(waiting, signatures(), functions, blocks.blocks)
    return PageRoutes(checked, functions.values())


async def _page(
    library: Library, background: BackgroundRefresh | None
) -> "tuple[FastAPI, Blocks, dict[str, Endpoint]]":
    """Return the Gradio app, its blocks, and the endpoints of its API."""
    import gradio
    from fastapi import FastAPI

    blocks, api = app.build(library, background)
    # The same limits as `ui.guards.concurrency` sets for all requests.
    blocks.max_threads = concurrency.MAX_CONCURRENT
    bare = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    icon = str(files("ui").joinpath("static", "icon.svg"))
    page = gradio.mount_gradio_app(bare, blocks, path="/", favicon_path=icon, **app.appearance())
    return page, blocks, api
