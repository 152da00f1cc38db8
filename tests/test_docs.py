"""Documentation cannot rot: what it names exists, and what exists is named."""

import importlib.util
import re
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from ingest.delivery.targets import EmptyDigests, WebhookForm
from ingest.refresh.arxiv import OAI_SETS
from ingest.sources import registry
from ingest.sources.bibliography import readers
from kg.entities.file import OPTIONAL_KEYS, REQUIRED_KEYS, read_entities
from kg.export import formats as export_formats
from kg.settings import Settings
from kg.taxonomy.taxonomy import Taxonomy
from search.index.open import KINDS
from search.pages.comparison import formats as comparison_formats
from search.pages.comparison.comparison import COLUMNS
from search.pages.digest import formats as digest_formats
from tests.support.folders import ROOT
from ui.views.registry import VIEWS

README = (ROOT / "README.md").read_text(encoding="utf-8")
REFRESH = (ROOT / "docs" / "refresh.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")])
DIGEST = (ROOT / "docs" / "digest.md").read_text(encoding="utf-8")
ENTITIES = (ROOT / "docs" / "entities.md").read_text(encoding="utf-8")
TAXONOMY = (ROOT / "docs" / "taxonomy.md").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="argparse words its help anew")
def test_the_reference_of_commands_is_the_commands_own_help(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "90")  # Set again there; put back after the test.
    spec = importlib.util.spec_from_file_location("commands", ROOT / "docs" / "commands.py")
    assert spec
    assert spec.loader
    commands = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(commands)
    assert commands.TARGET.read_text(encoding="utf-8") == commands.text()


def test_every_setting_is_documented() -> None:
    for field in fields(Settings):
        assert f"LFM_{field.name.upper()}" in README + REFRESH + DIGEST + TAXONOMY


def test_every_source_of_a_refresh_is_documented() -> None:
    steps = REFRESH.split("## What one refresh does")[1].split("\n## ")[0]
    named = set(re.findall(r"\*\*([\w-]+)\*\*", steps)) - {"judged"}
    assert named == set(registry.NAMES)
    # cs:cs:LG is the category cs.LG.
    categories = {".".join(one.split(":")[1:]) for one in OAI_SETS}
    assert set(re.findall(r"\b[a-z-]+\.[A-Z]{2}\b", steps)) == categories


def test_every_format_of_bibliographies_is_documented() -> None:
    for one in readers.FORMATS:
        assert one.name in REFRESH, one.name


def test_every_export_format_is_documented() -> None:
    for name in export_formats.NAMES:
        assert re.search(rf"lfm export .*\b{name}\b", README), name


def test_every_format_of_digests_and_choice_of_their_delivery_is_documented() -> None:
    for name in (*digest_formats.FORMATS, *WebhookForm, *EmptyDigests):
        assert re.search(rf"\b{name}\b", DIGEST), name


def test_every_format_and_column_of_comparisons_is_documented() -> None:
    programs = (ROOT / "docs" / "programs.md").read_text("utf-8")
    for name in comparison_formats.FORMATS:
        assert re.search(rf"lfm compare .*\b{name}\b", README) or f"`{name}`" in programs, name
    columns = programs.split("The columns, in their order: ")[1].split("`confidence`")[0]
    assert [*re.findall(r"`(\w+)`", columns), "confidence"] == [one.name for one in COLUMNS]


def test_every_view_is_documented() -> None:
    views = README.split("## In the browser")[1].split("\n## ")[0]
    named = set(re.findall(r"\*\*([\w ]+)\*\*", views))
    assert named == {view.label for view in VIEWS.values()}


def test_every_kind_of_index_is_documented() -> None:
    for kind in KINDS:
        assert f"`{kind}`" in README, kind


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


@pytest.mark.parametrize("name", ["architecture.md", "contributing.md"])
def test_every_module_that_is_named_exists(name: str) -> None:
    text = (ROOT / "docs" / name).read_text("utf-8").split("## Recipes")[0]
    paths = re.findall(r"`((?:kg|search|ingest|ui|tests)/[\w./]+)`", text)
    assert paths
    for path in paths:
        assert (ROOT / path).exists(), path


def test_the_rooms_of_the_architecture_are_the_layers_that_the_linter_checks() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    table = (ROOT / "docs" / "architecture.md").read_text("utf-8").split("<!-- rooms -->")[1]
    for contract in settings["tool"]["importlinter"]["contracts"]:
        for package in contract.get("containers", ()):
            layers = [layer.replace(" | ", "`, `") for layer in contract["layers"]]
            assert f"| `{package}` | `{'`; `'.join(layers)}` |" in table


def test_the_readme_counts_the_topics() -> None:
    assert f"{len(Taxonomy.load())} topics" in README


def test_both_commands_stand_between_their_marks() -> None:
    for mark in ("ask", "test"):
        block = README.split(f"<!-- {mark} -->")[1].split(f"<!-- /{mark} -->")[0]
        assert len(re.findall(r"^pip ", block, re.MULTILINE)) == 1


def test_the_example_of_an_own_taxonomy_is_one(tmp_path: Path) -> None:
    examples = re.findall(r"```yaml\n(- id.*?|extends.*?)```", TAXONOMY, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        path = tmp_path / "taxonomy.yaml"
        path.write_text(example, encoding="utf-8")
        assert Taxonomy.load(path)


def test_every_key_of_a_file_of_entities_is_documented_and_the_examples_are_such_files(
    tmp_path: Path,
) -> None:
    keys = ENTITIES.split("| key | is |")[1].split("\n\n")[0]
    assert {*re.findall(r"^\| `(\w+)`", keys, re.MULTILINE)} == {*REQUIRED_KEYS, *OPTIONAL_KEYS}
    examples = re.findall(r"```yaml\n(.*?)```", ENTITIES, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        path = tmp_path / "entities.yaml"
        path.write_text(example, encoding="utf-8")
        assert len(read_entities(path)) == 2
