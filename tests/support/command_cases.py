"""Arguments for every command, over a small atlas whose answers take no time."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

from ingest.embedding import embed_missing
from ingest.entities.update import update
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from search.embedding.open import DEFAULT
from tests.support.embedders import HashedWords
from tests.support.factories import card, describe, paper
from tests.support.graphs.facts import TOPICS, Facts, fill
from ui.cli import main

AUTHOR = "Þóra Müller-Łukasz"
"""Whose name no ASCII terminal can show."""

_FACTS = Facts(
    papers=9,
    cites=[(1, 2), (3, 1), (4, 1), (3, 4), (6, 2), (7, 2)],
    alike=[(1, 5, 0.75)],
    topics=[(1, TOPICS[1]), (2, TOPICS[0]), (5, TOPICS[3]), (8, TOPICS[3])],
)
_TITLE = "Merging “model soups” — averaged weights of many fine-tuned models"


MODEL = frozenset({"ask", "similar", "add", "embed", "serve"})
"""Commands that load the real model."""


class _Wide(HashedWords):
    """Vectors that could be the real model's, so that none has to be made by it."""

    model, dim = DEFAULT, 384


class Case(NamedTuple):
    """A command as a test runs it."""

    arguments: tuple[str, ...]
    status: int = 0
    """Exit status where nothing is in its way."""
    stdin: str = ""


def cases(folder: Path) -> dict[str, Case]:
    """Return a case for each command, by its name.

    Parameters
    ----------
    folder : Path
        Of the files that some read, made by `write_files`.
    """
    one, other = "2001.00001", "2001.00002"
    return {
        "ask": Case(("ask", "merging models")),
        "compare": Case(("compare", one, other)),
        "topics": Case(("topics",)),
        "paper": Case(("paper", one)),
        "about": Case(("about", "soup")),
        "methods": Case(("methods",)),
        "similar": Case(("similar", "-"), stdin="We average the weights of models — naïvely."),
        "read": Case(("read", str(folder / "list.md"))),
        "add": Case(("add", str(folder / "list.md"))),
        # Nobody listens there.
        "refresh": Case(("refresh", "--source", "learn-from-model", "--dry-run"), 1),
        "embed": Case(("embed",)),
        "review": Case(("review",)),
        "changes": Case(("changes", "--since", "0001-01-01")),
        "digest": Case(("digest", "--since", "0001-01-01")),
        "snapshot": Case(("snapshot", "save", str(folder / "saved.lfm"))),
        "path": Case(("path", one, other)),
        "related": Case(("related", one)),
        "influential": Case(("influential",)),
        "lineage": Case(("lineage", one)),
        "bridges": Case(("bridges", "model-editing", "model-reuse")),
        "timeline": Case(("timeline",)),
        "gaps": Case(("gaps",)),
        "export": Case(("export", "bibtex")),
        "eval": Case(("eval", str(folder / "benchmark"), "--mode", "keyword")),
        "status": Case(("status", "--check")),
        # There is no such port, so it does not wait for visitors.
        "serve": Case(("serve", "--port", "70000"), 1),
        "mcp": Case(("mcp",), stdin='{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n'),
        "user": Case(("user", "list")),
    }


def names() -> list[str]:
    """Return the names of all commands that there are."""
    return re.findall(r"^    (\w+)", main.parser().format_help(), re.MULTILINE)


def write_files(folder: Path) -> None:
    """Write what the commands read."""
    entry = "- [Paper number 1](https://arxiv.org/abs/2001.00001)\n"
    (folder / "list.md").write_text(f"# Model Fusion\n\n{entry}", encoding="utf-8")
    benchmark = folder / "benchmark"
    benchmark.mkdir()
    document = {"_id": "d", "title": "Model soups", "text": "We average weights."}
    (benchmark / "corpus.jsonl").write_text(json.dumps(document))
    (benchmark / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "soups"}))
    (benchmark / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\td\t1\n")


def make_home(home: Path) -> None:
    """Make an atlas of a few papers."""
    settings = Settings(home)
    with Catalogue(settings.catalogue) as catalogue:
        fill(catalogue, _FACTS)
        with catalogue.writing():
            catalogue.papers.put(paper(1, title=_TITLE, authors=(AUTHOR, "Bo Writer")))
            catalogue.journal.log_change("2001.00001", "revised", "version 2")
        describe(catalogue, "2001.00001", card(introduces=("soup",)))
        update(catalogue)  # As each command that writes does.
        embed_missing(catalogue, _Wide())


def environment(home: Path | None) -> dict[str, str]:
    """Return an environment in which nothing leaves this machine; without a home, if it is None."""
    nowhere = "http://127.0.0.1:9"
    urls = [one.name.upper() for one in fields(Settings) if one.name.endswith("_url")]
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("LFM_")},
        **{f"LFM_{name}": nowhere for name in urls},
        **({"LFM_HOME": str(home), "LFM_GATE": str(home.parent / "gate")} if home else {}),
    }


Run = Callable[..., tuple[int, str, str]]
"""Runs a case: status, stdout, stderr."""
