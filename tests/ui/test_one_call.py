"""Faces parse, call the library and render: how an answer comes about is none of their business."""

import ast
from pathlib import Path

import pytest

from tests.support.folders import ROOT
from ui.api import documents
from ui.cli import graph_render, render
from ui.cli.main import parser

PARTS = {"catalogue", "taxonomy", "embedder", "index"}
"""What a library is made of."""

MODULES = [*(ROOT / "ui" / "api").glob("*.py"), *(ROOT / "ui" / "cli").glob("*.py")]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_command_and_api_ask_the_library_alone(module: Path) -> None:
    used = {
        f"{node.value.id if isinstance(node.value, ast.Name) else '...'}.{node.attr}"
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in PARTS
    }
    # A setting of that name.
    assert not used - {"chosen.index"}


def test_no_face_reads_the_database() -> None:
    for module in (ROOT / "ui").rglob("*.py"):
        text = module.read_text(encoding="utf-8")
        assert "kg.graph.rows" not in text, module
        assert ".database" not in text, module


def test_what_is_printed_as_json_is_printed_for_people_as_well() -> None:
    assert set(documents.DOCUMENTS) == set(render.PRINTED)


def test_each_command_of_the_graph_has_what_prints_its_answer() -> None:
    (commands,) = (one for one in parser()._actions if isinstance(one.choices, dict))
    asking = {name for name, made in commands.choices.items() if made.get_default("ask")}
    assert asking == set(graph_render.PRINTED)
