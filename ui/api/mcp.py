"""The atlas as an MCP server: the tools of `ui.api.tools` for language models.

Over stdin and stdout (`lfm mcp`) or under `/mcp` of the page's server (`lfm serve --mcp`).
"""

import functools
import inspect
import json
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import (
    ResourceError,
    ResourceNotFoundError,
    ToolError,
    UnexpectedToolError,
)
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import CallToolResult, InputRequiredResult, TextContent, Tool, ToolAnnotations
from pydantic import Field, ValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route

from kg.errors import AtlasError, NotFound
from search.library import Library
from ui.api.arguments import given, without_null
from ui.api.async_calls import as_async, error_line
from ui.api.tools import Document, Tools
from ui.signals import end_as_done, end_at_once, handling

PATH = "/mcp"
"""Where the page's server answers."""

MAX_LIST_ENTRIES = 50
"""Entries of one list in an answer: a language model reads all of it."""

MAX_EXPORT_CHARS = 200_000
"""Characters of one export."""

INSTRUCTIONS = """\
LFM Atlas is a catalogue of research papers on learning from models: model tuning, distillation, \
reuse and merging, meta learning and model editing. It answers from what it holds and from nothing \
else, and never from the network.

Begin with `ask`. Its `strength` says how strong the evidence is. Where that is \
"none", the atlas is not about the question: say so. Where it is "weak", say that too. The results \
of `ask` and `similar` are the nearest papers there are, fitting or not.

What supports a statement is `evidence`, a sentence of the paper's own abstract, or `summary`, a \
sentence of the atlas's own on that abstract; where both are null, the atlas knows the paper by \
its title only, so do not state what it found. Quote evidence with the paper's id and url. A field \
of `card` that `confidence` names is predicted: say so.

Topic ids are paths, such as model-reuse/model-fusion; `topics` lists them. Papers are named by \
arXiv id, DOI or exact title. A placement by a list or a person is sure; one by a model is a guess \
with a confidence.

Citations are known for a part of the papers only. `coverage` tells for how many; that no citation \
is known never means that there is none. A withdrawn paper says so; do not rely on it.

Long lists are cut; `left_out` then says by how many entries.
"""

_READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)

_Result = Annotated[CallToolResult, Document]


def server(library: Library) -> MCPServer[Any]:
    """Return the server, not yet connected to anything."""
    # The package writes its log to stderr in colours, unless there is a log already.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="mcp: %(message)s")
    made = _Server(
        "lfm-atlas",
        title="LFM Atlas",
        description="A catalogue of papers on learning from models, with search and citations",
        version=version("lfm-atlas"),
        instructions=INSTRUCTIONS,
        log_level="WARNING",
    )
    tools = {name: as_async(tool) for name, tool in Tools(library).all().items()}
    for name, tool in tools.items():
        about = inspect.getdoc(tool) or ""
        title = about.partition("\n")[0].rstrip(".")
        made.add_tool(_for_models(tool), name, title, about, _READS)
        made.signatures[name] = inspect.signature(tool)
    _add_resources(made, tools)
    _add_prompts(made)
    return made


class _Server(MCPServer[Any]):
    """A server that takes arguments as programs send them, and reports an error in one line."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.signatures: dict[str, inspect.Signature] = {}
        """Of the tools, by name."""

    async def list_tools(self) -> list[Tool]:
        return [
            tool.model_copy(update={"input_schema": without_null(tool.input_schema)})
            for tool in await super().list_tools()
        ]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Any = None
    ) -> CallToolResult | InputRequiredResult:
        if signature := self.signatures.get(name):
            # The package checks them before the tool is called.
            arguments = given(signature, arguments)
        try:
            return await super().call_tool(name, arguments, context)
        except UnexpectedToolError:
            raise
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError(error_line(error.__cause__)) from error
            if isinstance(error.__cause__, ToolError):
                raise ToolError(str(error.__cause__)) from error
            raise


def _for_models(
    call: Callable[..., Awaitable[Document | str]],
) -> Callable[..., Awaitable[_Result]]:
    """Return a tool that answers in the form that MCP gives to a language model."""

    @functools.wraps(call)
    async def tool(**arguments: Any) -> CallToolResult:
        try:
            found = await call(**arguments)
        except AtlasError as error:
            raise ToolError(str(error)) from error
        if isinstance(found, str):
            if len(found) > MAX_EXPORT_CHARS:
                raise ToolError(
                    f"that makes {len(found):,} characters: ask for fewer papers, by ids or filters"
                )
            return CallToolResult(content=[TextContent(text=found)])
        document = shortened(found)
        # Once for programs, and once as text for models: without the spaces that only cost.
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        return CallToolResult(content=[TextContent(text=text)], structured_content=document)

    kind = inspect.signature(call)
    result = CallToolResult if kind.return_annotation is str else _Result
    tool.__signature__ = kind.replace(return_annotation=result)  # type: ignore[attr-defined]
    return tool


def shortened(document: Document, longest: int = MAX_LIST_ENTRIES) -> Document:
    """Return a document with its long lists cut, and `left_out` with what was cut of each.

    The results, whose number the caller chose, stay.

    >>> shortened({"papers": [1, 2, 3], "results": [1, 2, 3]}, 2)
    {'papers': [1, 2], 'results': [1, 2, 3], 'left_out': {'papers': 1}}
    """
    lists = {
        name: value
        for name, value in document.items()
        if isinstance(value, list) and name != "results"
    }
    left_out = {name: len(value) - longest for name, value in lists.items() if len(value) > longest}
    if not left_out:
        return document
    short = {name: document[name][:longest] for name in left_out}
    return {**document, **short, "left_out": left_out}


def _add_resources(
    made: MCPServer[Any], tools: dict[str, Callable[..., Awaitable[Document | str]]]
) -> None:
    async def read(name: str, *arguments: str) -> str:
        try:
            return json.dumps(await tools[name](*arguments), ensure_ascii=False)
        except NotFound as error:
            raise ResourceNotFoundError(str(error)) from error
        except AtlasError as error:
            raise ResourceError(str(error)) from error

    async def topics() -> str:
        """Return the topic tree, each topic with its number of papers."""
        return await read("topics")

    async def topic(id: str) -> str:
        """Return one topic: definition, subtopics, papers and related topics."""
        return await read("topics", id)

    async def paper(id: str) -> str:
        """Return one paper: facts, abstract, topics, citations and similar papers."""
        return await read("paper", id)

    # Ids have slashes: cs/0112017, model-reuse/model-fusion.
    for address, resource in (
        ("atlas://topics", topics),
        ("atlas://topic/{+id}", topic),
        ("atlas://paper/{+id}", paper),
    ):
        about = inspect.getdoc(resource)
        made.resource(address, description=about, mime_type="application/json")(resource)


def _add_prompts(made: MCPServer[Any]) -> None:
    def literature_review(
        subject: Annotated[str, Field(description="what to review: task arithmetic")],
    ) -> str:
        """Write a short review of what the atlas holds on a subject."""
        return (
            f"Write a short literature review on: {subject}\n\n"
            "Ask the atlas in several wordings with summary=true, look at the topics that come up,"
            " at their influential papers and at their timeline. Group the papers by approach."
            " State only what evidence or an abstract says, each time with the paper's id and url."
            " End with what the atlas does not cover and how far its citations are known."
        )

    def related_work(
        abstract: Annotated[str, Field(description="the draft's abstract, or its introduction")],
    ) -> str:
        """Find the related work of a draft, and say what may be missing."""
        return (
            "Find the related work of this draft with the atlas (`similar` by its text, `ask` for"
            " its questions, `related` for the best papers found). List the papers that it should"
            " cite, each with one sentence why, and export them as BibTeX.\n\n" + abstract
        )

    for prompt in (literature_review, related_work):
        made.prompt(description=inspect.getdoc(prompt))(prompt)


def serve_stdio(library: Library) -> None:
    """Answer one client over stdin and stdout until it leaves."""
    if sys.stdin.isatty():
        print(
            "lfm: this speaks MCP; a client starts it as `lfm mcp` (end it with Ctrl+D)",
            file=sys.stderr,
        )
    # Nothing here needs an orderly end, and the thread that waits for a line would not see one.
    try:
        with handling(SIGINT=end_at_once, SIGPIPE=end_as_done):
            anyio.run(server(library).run_stdio_async)
    except* (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        pass  # The client has gone.


def mounted(
    library: Library,
) -> tuple[list[BaseRoute], Callable[[], AbstractAsyncContextManager[None]]]:
    """Return the routes of the server for HTTP, and what must be open while they answer."""
    made = server(library)
    app = made.streamable_http_app(
        streamable_http_path=PATH,
        # Each request stands for itself: nothing is kept of a client that has gone.
        stateless_http=True,
        json_response=True,
        # The guard `ui.guards.origin` looks at the names for all that is served.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )

    @asynccontextmanager
    async def open_() -> AsyncIterator[None]:
        async with made.session_manager.run():
            yield

    # A GET would wait, for as long as the client likes, for news that never comes.
    return [Route(PATH, _no_stream, methods=["GET", "DELETE"]), *app.routes], open_


async def _no_stream(request: Request) -> PlainTextResponse:
    del request
    return PlainTextResponse("send a POST: there is no stream here\n", 405, {"Allow": "POST"})
