"""Arguments as programs send them, and the schemas by which they are described."""

import asyncio
import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest
from mcp.client.client import Client

from kg.export import formats
from search.library import Library
from search.ranking.mode import Mode
from tests.support.serving import small_library
from ui.api import mcp, tools
from ui.api.arguments import names, without_null
from ui.api.async_calls import as_async

NEEDED = {
    "question": "subject 3",
    "id": "2001.00001",
    "ids": ["2001.00001", "2001.00002"],
    "a": "model-editing",
    "b": "model-reuse/model-fusion",
    "format": "ris",
}
"""An argument for each parameter that must be given."""

CLOCK = ("took_ms",)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with small_library(tmp_path_factory.mktemp("atlas")) as opened:
        yield opened


@pytest.fixture(scope="module")
def schemas(library: Library) -> dict[str, Any]:
    """The published schemas of arguments, as the protocol carries them, by tool."""

    async def listed() -> dict[str, Any]:
        async with Client(mcp.server(library)) as client:
            tools = json.loads((await client.list_tools()).model_dump_json(by_alias=True))["tools"]
            return {tool["name"]: tool["inputSchema"] for tool in tools}

    return asyncio.run(listed())


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every JSON object within a schema."""
    if isinstance(schema, dict):
        yield schema
    if isinstance(schema, (dict, list)):
        for one in schema.values() if isinstance(schema, dict) else schema:
            yield from parts(one)


@pytest.mark.parametrize("name", tools.NAMES)
def test_no_published_schema_has_a_union_a_reference_or_null(
    name: str, schemas: dict[str, Any]
) -> None:
    for part in parts(schemas[name]):
        assert {"anyOf", "oneOf", "allOf", "$ref", "$defs"}.isdisjoint(part)
        assert part.get("type") != "null"
        assert not isinstance(part.get("type"), list)
        assert None not in part.values()
        assert None not in part.get("enum", ())


@pytest.mark.parametrize("name", tools.NAMES)
def test_every_published_parameter_has_one_type(name: str, schemas: dict[str, Any]) -> None:
    schema = schemas[name]
    signature = inspect.signature(getattr(tools.Tools, name))
    needed = [one for one in signature.parameters.values() if one.name != "self"]
    assert list(schema["properties"]) == [one.name for one in needed]
    assert schema.get("required", []) == [one.name for one in needed if one.default is one.empty]
    for parameter in schema["properties"].values():
        assert parameter["type"] in ("string", "integer", "boolean", "array")
        assert parameter["description"]
        if parameter["type"] == "array":
            assert parameter["items"]["type"] == "string"


def test_what_has_few_values_is_an_enumeration(schemas: dict[str, Any]) -> None:
    assert schemas["export"]["properties"]["format"]["enum"] == list(formats.NAMES)
    assert set(schemas["ask"]["properties"]["mode"]["enum"]) == set(Mode)
    assert "pattern" in schemas["changes"]["properties"]["since"]


def optional() -> Iterator[tuple[str, str]]:
    for tool in tools.NAMES:
        for parameter in inspect.signature(getattr(tools.Tools, tool)).parameters.values():
            if parameter.name != "self" and parameter.default is not parameter.empty:
                yield tool, parameter.name


@pytest.fixture(scope="module")
def answers(library: Library) -> dict[tuple[str, str, Any], Any]:
    """What each tool answers with each optional argument null, blank and left out."""

    def needed(tool: str) -> dict[str, Any]:
        parameters = inspect.signature(getattr(tools.Tools, tool)).parameters.values()
        return {
            one.name: NEEDED[one.name]
            for one in parameters
            if one.default is one.empty and one.name != "self"
        }

    async def all_asked() -> dict[tuple[str, str, Any], Any]:
        found = {}
        async with Client(mcp.server(library)) as client:
            for tool, name in optional():
                for value in (None, "", " "):
                    sent = {**needed(tool), name: value}
                    found[tool, name, value] = plain(await client.call_tool(tool, sent))
                found[tool, name, "left out"] = plain(await client.call_tool(tool, needed(tool)))
        return found

    return asyncio.run(all_asked())


def plain(result: Any) -> Any:
    if result.structured_content is None:
        return result.is_error, result.content[0].text
    return {k: v for k, v in result.structured_content.items() if k not in CLOCK}


@pytest.mark.slow
@pytest.mark.parametrize(("tool", "name"), list(optional()))
def test_null_and_blank_are_what_is_left_out(
    tool: str, name: str, answers: dict[tuple[str, str, Any], Any]
) -> None:
    wanted = answers[tool, name, "left out"]
    assert wanted
    if tool not in ("similar", "compare"):  # Which want one of two.
        assert wanted[0] is False if isinstance(wanted, tuple) else wanted
    for value in (None, "", " "):
        assert answers[tool, name, value] == wanted


def test_the_api_takes_null_and_blank_alike(library: Library) -> None:
    async def asked() -> list[Any]:
        made = {name: as_async(tool) for name, tool in tools.Tools(library).all().items()}
        return [
            len((await made["ask"]("subject", value, since=value, mode=value))["results"])
            for value in (None, "")
        ] + [(await made["influential"](since=value))["papers"] for value in (None, "")]

    three, too, first, second = asyncio.run(asked())
    assert three == too == 6
    assert first == second


@pytest.mark.parametrize(
    "ids",
    [
        ["2001.00001", "2001.00002"],
        "2001.00001, 2001.00002",
        "2001.00001 arXiv:2001.00002",
        "2001.00001\nPaper number 2",
        "https://arxiv.org/abs/2001.00001;2001.00002v3",
    ],
)
def test_papers_are_named_by_a_list_or_a_text(library: Library, ids: Any) -> None:
    async def asked() -> Any:
        async with Client(mcp.server(library)) as client:
            return await client.call_tool("export", {"format": "ris", "ids": ids})

    found = asyncio.run(asked())
    assert not found.is_error
    text = found.content[0].text
    assert text.count("TY  -") == 2
    assert text.index("Paper number 1") < text.index("Paper number 2")


def test_one_paper_needs_no_list(library: Library) -> None:
    async def asked() -> Any:
        async with Client(mcp.server(library)) as client:
            return await client.call_tool("related", {"ids": "2001.00001"})

    found = asyncio.run(asked())
    assert not found.is_error, found.content


def test_a_title_with_commas_and_a_doi_with_one_stay_whole() -> None:
    assert names("Tuning, merging, editing") == ["Tuning, merging, editing"]
    assert names("10.1000/a,b") == ["10.1000/a,b"]
    assert names(" ") == []
    assert names(["x"]) == ["x"]
    assert names(7) == 7


def test_a_union_of_more_than_null_stays_one() -> None:
    integer, text = {"type": "integer"}, {"type": "string"}
    assert without_null({"oneOf": [integer, text, {"type": "null"}]}) == {"oneOf": [integer, text]}
    assert without_null({"items": [{"anyOf": [{"type": "null"}, text], "title": "T"}]}) == {
        "items": [{"type": "string", "title": "T"}]
    }
