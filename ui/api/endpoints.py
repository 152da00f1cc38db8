"""The named endpoints of the page's API, for programs; each answers what `--json` prints."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from kg.errors import AtlasError
from search.library import Library
from ui.api.async_calls import as_async
from ui.api.tools import Document, Tools


def add(library: Library) -> None:
    """Add the endpoints to the Gradio app under construction."""
    from gradio.context import get_blocks_context
    from gradio.events import api

    app = get_blocks_context()
    for name, tool in Tools(library).all().items():
        added = api(
            _endpoint(as_async(tool)),
            api_name=name,
            api_description=" ".join((inspect.getdoc(tool) or "").split()),
            # `ui.api.async_calls` limits how many run at a time. Without the queue, one request is
            # enough as well: POST /gradio_api/run/NAME.
            concurrency_limit=None,
            queue=False,
        )
        _describe(app, added, tool)


def _endpoint(
    call: Callable[..., Awaitable[Document | str]],
) -> Callable[..., Awaitable[Document | str]]:
    from gradio import Error

    @functools.wraps(call)
    async def endpoint(*args: Any, **kwargs: Any) -> Document | str:
        try:
            return await call(*args, **kwargs)
        except AtlasError as error:
            raise Error(str(error), print_exception=False) from error

    return endpoint


def _describe(app: Any, added: Any, tool: Callable[..., Document | str]) -> None:
    """Let `view_api` show the description of each parameter."""
    from pydantic import TypeAdapter

    as_type: Any = tool
    schemas = TypeAdapter(as_type).json_schema()["properties"].values()
    for key, parameter in zip(added["inputs"], schemas, strict=True):
        schema = app.blocks[key]._api_info
        # Its default shows already that it may be null.
        schema = next((one for one in schema.get("oneOf", ()) if one != {"type": "null"}), schema)
        app.blocks[key]._api_info = schema | {"additional_description": parameter["description"]}
    for key in added["outputs"]:
        app.blocks[key].label = "answer"
