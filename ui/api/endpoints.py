"""The named endpoints of the page's API, for programs; each answers what `--json` prints."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from kg.errors import AtlasError
from search.library import Library
from ui.api.async_calls import answering
from ui.api.tools import Tools

Answer = dict[str, Any] | str


def add(library: Library) -> None:
    """Add the endpoints to the Gradio app under construction."""
    from gradio.context import get_blocks_context
    from gradio.events import api

    app = get_blocks_context()
    for name, tool in Tools(library).all().items():
        added = api(
            _endpoint(answering(tool)),
            api_name=name,
            api_description=" ".join((inspect.getdoc(tool) or "").split()),
            # `ui.api.async_calls` says how many are answered at a time. Without the queue, a program
            # gets its answer by one request as well: POST /gradio_api/run/NAME.
            concurrency_limit=None,
            queue=False,
        )
        _describe(app, added, tool)


def _endpoint(call: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    from gradio import Error

    @functools.wraps(call)
    async def endpoint(*args: Any, **kwargs: Any) -> Answer:
        try:
            return await call(*args, **kwargs)
        except AtlasError as error:
            raise Error(str(error), print_exception=False) from error

    return endpoint


def _describe(app: Any, added: Any, tool: Callable[..., Answer]) -> None:
    """Let `view_api` show the description of each parameter."""
    from pydantic import TypeAdapter

    as_type: Any = tool
    schemas = TypeAdapter(as_type).json_schema()["properties"].values()
    for key, parameter in zip(added["inputs"], schemas, strict=True):
        schema = app.blocks[key]._api_info
        # Its default shows already that it may be null.
        schema = next((one for one in schema.get("oneOf", ()) if one != {"type": "null"}), schema)
        app.blocks[key]._api_info = {
            **schema,
            "additional_description": parameter["description"],
        }
    for key in added["outputs"]:
        app.blocks[key].label = "answer"
