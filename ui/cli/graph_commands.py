"""The commands that ask the graph: paths, related papers, influence, lineage, bridges, gaps."""

import argparse
from collections.abc import Callable
from typing import Any

from kg.errors import BadRequest
from kg.text.partial_date import PartialDate
from search.library import Library

Command = Callable[
    [str, Callable[[Library, argparse.Namespace], Any], str], argparse.ArgumentParser
]
"""Makes a command of a name, what it asks the atlas, and its help."""


def add(command: Command) -> None:
    """Add the commands; each returns what `ui.cli.graph_render` and JSON show."""
    path = command("path", _path, "Show how two papers or topics are connected")
    path.add_argument("a", metavar="A", help="arXiv id or link, DOI, exact title, or a topic")
    path.add_argument("b", metavar="B")
    path.add_argument("-n", type=int, default=3, help="how many ways at most (default: 3)")

    related = command("related", _related, "Show what belongs with a paper, or with a reading list")
    related.add_argument("ids", metavar="ID", nargs="+", help="one paper, or several")
    _count(related)

    influential = command("influential", _influential, "Show the most influential papers")
    influential.add_argument("--topic", metavar="ID", help="within this topic")
    influential.add_argument(
        "--since",
        metavar="DATE",
        type=PartialDate.parse,
        help="no paper before it: 2024, 2024-05 or 2024-05-17",
    )
    _count(influential)

    lineage = command("lineage", _lineage, "Show what a paper builds on, and what builds on it")
    lineage.add_argument("id", metavar="ID")
    lineage.add_argument("-n", type=int, default=20, help="papers on each side (default: 20)")

    bridges = command("bridges", _bridges, "Show the papers that connect two topics")
    bridges.add_argument("a", metavar="TOPIC")
    bridges.add_argument("b", metavar="TOPIC")
    _count(bridges)

    timeline = command("timeline", _timeline, "Show papers by topic and year, and what grows")
    timeline.add_argument("topic", metavar="TOPIC", nargs="?")

    gaps = command("gaps", _gaps, "Show topics that are close in meaning and far in citations")
    _count(gaps)


def _count(made: argparse.ArgumentParser) -> None:
    made.add_argument("-k", type=int, default=10, help="how many (default: 10)")


def _path(library: Library, options: argparse.Namespace) -> Any:
    from search.pages import connections

    if options.n < 1:
        raise BadRequest(f"cannot show {options.n} ways", "ask for 1 or more")
    return connections.path(library, options.a, options.b, options.n - 1)


def _related(library: Library, options: argparse.Namespace) -> Any:
    from search.pages import connections

    return connections.related(library, options.ids, options.k)


def _influential(library: Library, options: argparse.Namespace) -> Any:
    from kg.analysis.influence import influential

    return influential(library.catalogue, library.taxonomy, options.topic, options.since, options.k)


def _lineage(library: Library, options: argparse.Namespace) -> Any:
    from kg.analysis.lineage import lineage

    return lineage(library.catalogue, options.id, options.n)


def _bridges(library: Library, options: argparse.Namespace) -> Any:
    from kg.analysis.bridges import bridges

    return bridges(library.catalogue, library.taxonomy, options.a, options.b, options.k)


def _timeline(library: Library, options: argparse.Namespace) -> Any:
    from kg.analysis.timeline import timeline

    return timeline(library.catalogue, library.taxonomy, options.topic)


def _gaps(library: Library, options: argparse.Namespace) -> Any:
    from search.pages import connections

    return connections.gaps(library, options.k)
