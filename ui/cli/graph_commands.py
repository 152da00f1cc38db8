"""The commands that ask the graph: paths, related papers, influence, lineage, bridges, gaps."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from kg import settings
from kg.errors import BadRequest
from kg.text.partial_date import PartialDate
from search.library import Library
from ui.api import documents
from ui.cli.terminal import print_json


@dataclass(frozen=True, slots=True)
class GraphCommand:
    """A question to the graph."""

    name: str
    help: str
    """One line, without the full stop."""
    add_options: Callable[[argparse.ArgumentParser], None]
    ask: Callable[[Library, argparse.Namespace], Any]
    """Returns what the function of that name in `ui.cli.graph_render` prints."""


def run(options: argparse.Namespace) -> None:
    """Ask the graph, and print the answer."""
    started = perf_counter()
    command: GraphCommand = options.question
    with Library(settings.load()) as library:
        found = command.ask(library, options)
    if options.json:
        document = documents.plain(found)
        document["took_ms"] = round((perf_counter() - started) * 1000, 2)
        print_json(document)
    else:
        from ui.cli.graph_render import PRINTED

        PRINTED[command.name](found)


def _path_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("a", metavar="A", help="arXiv id or link, DOI, exact title, or a topic")
    command.add_argument("b", metavar="B")
    command.add_argument("-n", type=int, default=3, help="how many ways at most (default: 3)")


def _path(library: Library, options: argparse.Namespace) -> Any:
    if options.n < 1:
        raise BadRequest(f"cannot show {options.n} ways", "ask for 1 or more")
    return library.path(options.a, options.b, options.n - 1)


def _related_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("ids", metavar="ID", nargs="+", help="one paper, or several")
    _count_option(command)


def _influential_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--topic", metavar="ID", help="within this topic")
    command.add_argument(
        "--since",
        metavar="DATE",
        type=PartialDate.parse,
        help="no paper before it: 2024, 2024-05 or 2024-05-17",
    )
    _count_option(command)


def _lineage_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("id", metavar="ID")
    command.add_argument("-n", type=int, default=20, help="papers on each side (default: 20)")


def _bridges_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("a", metavar="TOPIC")
    command.add_argument("b", metavar="TOPIC")
    _count_option(command)


def _timeline_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("topic", metavar="TOPIC", nargs="?")


def _count_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("-k", type=int, default=10, help="how many (default: 10)")


COMMANDS = (
    GraphCommand("path", "Show how two papers or topics are connected", _path_options, _path),
    GraphCommand(
        "related",
        "Show what belongs with a paper, or with a reading list",
        _related_options,
        lambda library, options: library.related(options.ids, options.k),
    ),
    GraphCommand(
        "influential",
        "Show the most influential papers",
        _influential_options,
        lambda library, options: library.influential(options.topic, options.since, options.k),
    ),
    GraphCommand(
        "lineage",
        "Show what a paper builds on, and what builds on it",
        _lineage_options,
        lambda library, options: library.lineage(options.id, options.n),
    ),
    GraphCommand(
        "bridges",
        "Show the papers that connect two topics",
        _bridges_options,
        lambda library, options: library.bridges(options.a, options.b, options.k),
    ),
    GraphCommand(
        "timeline",
        "Show papers by topic and year, and what grows",
        _timeline_options,
        lambda library, options: library.timeline(options.topic),
    ),
    GraphCommand(
        "gaps",
        "Show topics that are close in meaning and far in citations",
        _count_option,
        lambda library, options: library.gaps(options.k),
    ),
)
"""In the order of the help."""
