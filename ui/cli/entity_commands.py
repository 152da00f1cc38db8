"""The commands that ask about methods, benchmarks and models."""

import argparse
from collections.abc import Callable

from kg import settings
from search.library import Library
from ui.api import entity_documents
from ui.cli.terminal import print_json

MAX_SHOWN = 100
"""Methods of the whole atlas that are shown unless more are asked for."""

EntityCommand = Callable[[argparse.Namespace], None]
"""Answers what the options say."""


def add(command: Callable[[str, EntityCommand, str], argparse.ArgumentParser]) -> None:
    """Add the commands by `command`, which makes one of a name, a function and a help line."""
    one = command("about", about, "Show what a method, benchmark or model is, and who uses it")
    one.add_argument("name", metavar="NAME", help="a name or id, or the paper that introduced it")

    table = command("methods", methods, "Show the methods of a topic: year, needs, code, use")
    table.add_argument("--topic", metavar="ID", help="only this topic and those below it")
    table.add_argument(
        "-k",
        type=int,
        help=f"how many, the most used (default: all of a topic, {MAX_SHOWN} without one)",
    )
    for made in (one, table):
        made.add_argument("--json", action="store_true", help="print one JSON document")


def about(options: argparse.Namespace) -> None:
    """Show an entity."""
    with Library(settings.load()) as library:
        page = library.about(options.name)
    if options.json:
        print_json(entity_documents.about(page))
    else:
        from ui.cli.entity_render import about as print_page

        print_page(page)


def methods(options: argparse.Namespace) -> None:
    """Show a table of methods."""
    most = MAX_SHOWN if options.k is None and options.topic is None else options.k
    with Library(settings.load()) as library:
        found = library.methods(options.topic, most)
    if options.json:
        print_json(entity_documents.methods(found))
    else:
        from ui.cli.entity_render import methods as print_table

        print_table(found)
