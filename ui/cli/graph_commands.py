"""The commands that ask the graph: paths, related papers, influence, lineage, bridges, gaps."""

import argparse
from collections.abc import Callable
from time import perf_counter
from typing import Any

from kg import settings
from kg.errors import BadRequest
from kg.text.partial_date import PartialDate
from search.library import Library
from ui.api import documents
from ui.cli.terminal import print_json

GraphQuestion = Callable[[Library, argparse.Namespace], Any]
"""Asks what the options say; `ui.cli.graph_render.PRINTED` has what prints the answer."""


def add(command: Callable[[str, GraphQuestion, str], argparse.ArgumentParser]) -> None:
    """Add the commands by `command`, which makes one of a name, a question and a help line."""
    path = command("path", _path, "Show how two papers, topics or methods are connected")
    path.add_argument(
        "a",
        metavar="A",
        help="arXiv id or link, DOI, exact title, a topic, or a method, benchmark or model",
    )
    path.add_argument("b", metavar="B")
    path.add_argument("-n", type=int, default=3, help="how many ways at most (default: 3)")

    related = command(
        "related",
        lambda library, options: library.related(options.ids, options.k),
        "Show what belongs with a paper, or with a reading list",
    )
    related.add_argument("ids", metavar="ID", nargs="+", help="one paper, or several")

    influential = command(
        "influential",
        lambda library, options: (
            library.influential_methods if options.methods else library.influential
        )(options.topic, options.since, options.k),
        "Show the most influential papers, or methods",
    )
    influential.add_argument(
        "--methods",
        action="store_true",
        help="methods, by the papers that use them, then by the influence of their own papers",
    )
    influential.add_argument("--topic", metavar="ID", help="within this topic")
    influential.add_argument(
        "--since",
        metavar="DATE",
        type=PartialDate.parse,
        help="none before it: 2024, 2024-05 or 2024-05-17",
    )

    lineage = command(
        "lineage",
        lambda library, options: library.lineage(options.id, options.n),
        "Show what a paper builds on, and what builds on it",
    )
    lineage.add_argument("id", metavar="ID")
    lineage.add_argument("-n", type=int, default=20, help="papers on each side (default: 20)")

    bridges = command(
        "bridges",
        lambda library, options: library.bridges(options.a, options.b, options.k),
        "Show the papers that connect two topics",
    )
    bridges.add_argument("a", metavar="TOPIC")
    bridges.add_argument("b", metavar="TOPIC")

    timeline = command(
        "timeline",
        lambda library, options: library.timeline(options.topic),
        "Show papers by topic and year, and what grows",
    )
    timeline.add_argument("topic", metavar="TOPIC", nargs="?")

    gaps = command(
        "gaps",
        lambda library, options: library.gaps(options.k),
        "Show topics that are close in meaning and far in citations",
    )
    for counted in (related, influential, bridges, gaps):
        counted.add_argument("-k", type=int, default=10, help="how many (default: 10)")


def _path(library: Library, options: argparse.Namespace) -> Any:
    if options.n < 1:
        raise BadRequest(f"cannot show {options.n} ways", "ask for 1 or more")
    return library.path(options.a, options.b, options.n - 1)


def run(options: argparse.Namespace) -> None:
    """Ask the graph, and print the answer."""
    started = perf_counter()
    with Library(settings.load()) as library:
        found = options.ask(library, options)
    if options.json:
        document = documents.plain(found)
        document["took_ms"] = round((perf_counter() - started) * 1000, 2)
        print_json(document)
    else:
        from ui.cli.graph_render import PRINTED

        PRINTED[options.command](found)
