"""Calls of tools by programs, and the command that answers the same."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ui.cli import main

SOUPS = "2203.05482"
TIES = "2306.01708"
EDITING = "model-editing"
FUSION = "model-reuse/model-fusion"
QUESTION = "How can models be merged without data?"


class Case(NamedTuple):
    """One question, as programs and as people ask it."""

    tool: str
    arguments: dict[str, Any]
    command: tuple[str, ...]


CASES = [
    Case("ask", {"question": QUESTION}, ("ask", QUESTION)),
    Case(
        "ask",
        {"question": QUESTION, "k": 3, "topic": FUSION, "since": 2022, "until": 2024},
        ("ask", QUESTION, "-k", "3", "--topic", FUSION, "--since", "2022", "--until", "2024"),
    ),
    Case(
        "ask",
        {"question": "editing", "category": "cs.CL, cs.LG", "author": "meng", "mode": "keyword"},
        (
            *("ask", "editing", "--category", "cs.CL", "--category", "cs.LG"),
            *("--author", "meng", "--mode", "keyword"),
        ),
    ),
    Case(
        "ask",
        {"question": "editing since 2023", "literal": True},
        ("ask", "editing since 2023", "--literal"),
    ),
    Case("compare", {"names": ["LoRA", TIES]}, ("compare", "LoRA", TIES)),
    Case(
        "compare",
        {"question": QUESTION, "k": 3, "topic": FUSION},
        ("compare", "-q", QUESTION, "-k", "3", "--topic", FUSION),
    ),
    Case("paper", {"id": SOUPS}, ("paper", SOUPS)),
    Case("topics", {}, ("topics",)),
    Case("topics", {"topic": f"{EDITING}/memory-based"}, ("topics", f"{EDITING}/memory-based")),
    Case("about", {"name": "low-rank adaptation"}, ("about", "low-rank adaptation")),
    Case("methods", {"topic": EDITING, "k": 4}, ("methods", "--topic", EDITING, "-k", "4")),
    Case("similar", {"id": SOUPS, "k": 4}, ("similar", SOUPS, "-k", "4")),
    Case("path", {"a": SOUPS, "b": EDITING, "n": 2}, ("path", SOUPS, EDITING, "-n", "2")),
    Case(
        "related",
        {"ids": [SOUPS, "2212.04089"], "k": 5},
        ("related", SOUPS, "2212.04089", "-k", "5"),
    ),
    Case(
        "influential",
        {"topic": EDITING, "since": 2022, "k": 4},
        ("influential", "--topic", EDITING, "--since", "2022", "-k", "4"),
    ),
    Case(
        "influential",
        {"topic": FUSION, "k": 3, "methods": True},
        ("influential", "--topic", FUSION, "-k", "3", "--methods"),
    ),
    Case("lineage", {"id": SOUPS, "n": 5}, ("lineage", SOUPS, "-n", "5")),
    Case(
        "bridges",
        {"a": EDITING, "b": "meta-learning", "k": 2},
        ("bridges", EDITING, "meta-learning", "-k", "2"),
    ),
    Case("timeline", {"topic": EDITING}, ("timeline", EDITING)),
    Case("gaps", {"k": 2}, ("gaps", "-k", "2")),
    Case("changes", {"since": "2020-01-01"}, ("changes", "--since", "2020-01-01")),
    Case("digest", {"since": "2020-01-01"}, ("digest", "--since", "2020-01-01")),
    Case(
        "digest",
        {"since": "2020-01-01", "topic": FUSION, "questions": [QUESTION]},
        ("digest", "--since", "2020-01-01", "--topic", FUSION, "--question", QUESTION),
    ),
    Case(
        "export",
        {"format": "ris", "topic": f"{EDITING}/memory-based"},
        ("export", "ris", "--topic", f"{EDITING}/memory-based"),
    ),
]
"""Each tool but `health`, which no command prints."""


def command_says(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> Any:
    """Return what the command prints: JSON, or text where it knows no JSON."""
    is_json = command[0] != "export"
    assert main.main([*command, "--json"] if is_json else list(command)) == 0
    printed = capsys.readouterr().out
    return timeless(json.loads(printed)) if is_json else printed


def timeless(document: Any) -> Any:
    """Return an answer without the time that it took, or at which it was given."""
    return {k: v for k, v in document.items() if k not in ("took_ms", "until")}


@contextmanager
def snapshot(folder: Path, unpacked: Path) -> Iterator[Any]:
    """Open a copy of the bundled snapshot, and let the commands of the block use it too."""
    from kg.settings import Settings
    from search.library import Library

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LFM_HOME", str(folder))
        shutil.copy(unpacked, Settings(home=folder).catalogue)
        with Library(Settings(home=folder)) as library:
            with library.catalogue.writing():
                # A day on which something happened.
                library.catalogue.journal.log_change(SOUPS, "revised", "version 2")
                library.catalogue.journal.log_change(TIES, "added")
            yield library
