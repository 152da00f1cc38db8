"""The named endpoints of the page's API, for programs; each answers what `--json` prints."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from search.library import Library
from ui.api.async_calls import as_async
from ui.api.tools import Document, Tools

Endpoint = Callable[..., Awaitable[Document | str]]
"""A tool as programs call it; raises `AtlasError` alone."""


def add(library: Library) -> dict[str, Endpoint]:
    """Add the endpoints to the Gradio app under construction; returns them by name.

    Gradio describes them to programs; `ui.web.calls` answers them.
    """
    from gradio.context import get_blocks_context
    from gradio.events import api

    app, made = get_blocks_context(), {}
    for name, tool in Tools(library).all().items():
        made[name] = as_async(tool)
        added = api(
            made[name],
            api_name=name,
            api_description=" ".join((inspect.getdoc(tool) or "").split()),
            queue=False,  # One request is enough as well: POST /gradio_api/run/NAME.
        )
        _describe(app, added, tool)
    return made


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
