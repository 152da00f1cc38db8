"""The commands of `lfm` and their options.

What only one command's options need is imported where they are added: to parse a question, no other
command's are.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from kg.text.partial_date import PartialDate
from ui.cli import commands
from ui.cli.options import count_option, digest_options, filter_options, json_option

Command = Callable[[str, object, str], argparse.ArgumentParser]
"""Makes the parser of a command from its name, what runs it, and its line of help."""


def _ask(command: Command) -> None:
    from search.ranking.mode import Mode

    made = command("ask", commands.ask, "Answer a question with papers")
    made.add_argument("question", metavar="QUESTION")
    count_option(made)
    filter_options(made)
    made.add_argument(
        "--mode", choices=[str(m) for m in Mode], default="hybrid", help="by meaning, words or both"
    )
    made.add_argument(
        "--literal", action="store_true", help="compare papers with the words as they are, all"
    )
    json_option(made)


def _compare(command: Command) -> None:
    from search.pages.comparison import formats

    made = command(
        "compare", commands.compare, "Show papers, methods, benchmarks or models side by side"
    )
    made.add_argument(
        "names", metavar="ID", nargs="*", help="a paper's id, link or title, or a method's name"
    )
    made.add_argument(
        "-q", "--question", metavar="QUESTION", help="compare the papers that answer it"
    )
    count_option(made)
    filter_options(made)
    made.add_argument(
        "--format",
        choices=list(formats.FORMATS),
        help=f"default: by the end of FILE's name, else {next(iter(formats.FORMATS))}",
    )
    made.add_argument("-o", "--output", metavar="FILE", type=Path, help="default: stdout")
    json_option(made)


def _topics(command: Command) -> None:
    made = command(
        "topics", commands.topics, "Show the topic tree with counts, or one topic's papers"
    )
    made.add_argument("topic", metavar="TOPIC", nargs="?")
    json_option(made)


def _paper(command: Command) -> None:
    made = command(
        "paper", commands.paper, "Show one paper: facts, topics, citations, similar papers"
    )
    made.add_argument("id", metavar="ID", help="arXiv id or link, DOI, or exact title")
    json_option(made)


def _entities(command: Command) -> None:
    from ui.cli import entity_commands

    entity_commands.add(command)


def _similar(command: Command) -> None:
    made = command("similar", commands.similar, "Show the papers nearest to a paper or an abstract")
    made.add_argument("id", metavar="ID|-", help="a paper, or - for an abstract on stdin")
    count_option(made)
    filter_options(made)
    json_option(made)


def _read(command: Command) -> None:
    made = command("read", commands.read, "Show what a list, a page or a bibliography says")
    made.add_argument("file", metavar="FILE", type=Path)
    json_option(made)


def _add(command: Command) -> None:
    made = command("add", commands.add, "Add papers: files that name them, or their identifiers")
    made.add_argument(
        "papers",
        metavar="FILE|ID|LINK",
        nargs="+",
        help="a list, pages, a bibliography (BibTeX, RIS, CSL-JSON, ...), a dump of arXiv's"
        " metadata, cards, a file of entities; an arXiv id, a DOI, or a link to either",
    )
    made.add_argument("--topic", metavar="ID", help="place all papers under this topic")
    made.add_argument(
        "--only-known", action="store_true", help="only what the atlas has: nothing new"
    )
    made.add_argument(
        "--all",
        action="store_true",
        help="take what nothing places as it is; else it is judged, as in a refresh",
    )
    json_option(made)


def _refresh(command: Command) -> None:
    from ingest.sources.registry import NAMES

    made = command("refresh", commands.refresh, "Bring the atlas up to date with its sources")
    made.add_argument(
        "--source",
        metavar="NAME",
        nargs="+",
        action="extend",
        default=[],
        help=f"only {', '.join(NAMES)}, or a list by its name",
    )
    made.add_argument(
        "--since",
        metavar="DATE",
        type=PartialDate.parse_day,
        help="look for new papers from this day on",
    )
    digest_options(made)
    made.add_argument("--every", metavar="TIME", help="again and again: 24h, 7d, 90m")
    made.add_argument("--dry-run", action="store_true", help="ask and report, store nothing")
    json_option(made)


def _embed(command: Command) -> None:
    made = command("embed", commands.embed, "Embed the papers that have no vector yet")
    made.add_argument(
        "--ray",
        metavar="ADDRESS|local",
        help="on the CPUs or GPUs of a Ray cluster, HOST:PORT, or of one started here",
    )
    made.add_argument(
        "--workers",
        metavar="N",
        type=int,
        help="of the cluster, at most (default: one for each GPU, or else each CPU)",
    )
    json_option(made)


def _review(command: Command) -> None:
    from kg.store.reviews import Decision

    text = "Show papers and names that wait for a decision, or decide"
    made = command("review", commands.review, text)
    made.add_argument(
        "decision", metavar="accept|reject|move", nargs="?", choices=[str(one) for one in Decision]
    )
    made.add_argument("id", metavar="ID", nargs="?", help="arXiv id or link; or a proposed name")
    made.add_argument(
        "topic", metavar="TOPIC", nargs="?", help="id of a topic; of a name, its type"
    )
    json_option(made)


def _changes(command: Command) -> None:
    made = command("changes", commands.changes, "Show which papers are new, changed or withdrawn")
    made.add_argument(
        "--since",
        metavar="DATE",
        type=PartialDate.parse_day,
        help="from this day (UTC) on (default: the last 7 days)",
    )
    json_option(made)


def _digest(command: Command) -> None:
    from search.pages.digest import formats

    made = command("digest", commands.digest, "Show what came, by topic or by question, and why")
    made.add_argument(
        "--since",
        metavar="TIME",
        default="7d",
        help="7d, 48h, or a day or time (UTC): 2026-11-20, 2026-11-20T06:00+01:00 (default: 7d)",
    )
    made.add_argument("--topic", metavar="ID", help="only this topic and those below it")
    made.add_argument(
        "--question",
        metavar="Q",
        action="append",
        default=[],
        help="only what fits this question, or any of several: give it again",
    )
    made.add_argument(
        "--format",
        choices=list(formats.FORMATS),
        help="default: by the end of FILE's name, else text",
    )
    made.add_argument("-o", "--output", metavar="FILE", type=Path, help="default: stdout")
    json_option(made)


def _snapshot(command: Command) -> None:
    made = command("snapshot", commands.snapshot, "Save the whole atlas as a file, or load one")
    made.add_argument(
        "action",
        metavar="save|load|follow",
        choices=["save", "load", "follow"],
        help="follow loads it if it is another one than that which was loaded before",
    )
    made.add_argument("file", metavar="FILE|URL", help="an address can only be loaded")
    json_option(made)


def _graph(command: Command) -> None:
    from ui.cli import graph_commands

    def graph_command(name: str, ask: object, text: str) -> argparse.ArgumentParser:
        made = command(name, graph_commands.run, text)
        made.set_defaults(ask=ask)
        json_option(made)
        return made

    graph_commands.add(graph_command)


def _export(command: Command) -> None:
    from kg.export import formats

    made = command("export", commands.export, "Write papers in a form that other programs read")
    *others, last = formats.NAMES
    made.add_argument("format", metavar="FORMAT", help=f"{', '.join(others)} or {last}")
    made.add_argument("-o", "--output", metavar="FILE", type=Path, help="default: stdout")
    made.add_argument(
        "--against",
        metavar="LIST",
        type=Path,
        help="of a list, only what this one lacks, put into it",
    )
    filter_options(made)


def _evaluate(command: Command) -> None:
    from search.ranking.mode import Mode

    made = command("eval", commands.evaluate, "Measure retrieval on a benchmark in BEIR layout")
    made.add_argument("folder", metavar="FOLDER", type=Path)
    made.add_argument(
        "--mode", choices=[str(m) for m in Mode], action="append", help="default: all three"
    )
    made.add_argument(
        "--distractors", metavar="FILE", type=Path, help="JSON Lines of papers to add"
    )
    made.add_argument(
        "--most", metavar="N", type=int, default=20_000, help="distractors at most (20000)"
    )
    json_option(made)


def _status(command: Command) -> None:
    made = command("status", commands.status, "Show counts, model, index and what is stale")
    made.add_argument(
        "--check", action="store_true", help="read the whole catalogue and show what is wrong"
    )
    json_option(made)


def _serve(command: Command) -> None:
    made = command("serve", commands.serve, "Open the atlas in a browser")
    made.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    made.add_argument("--port", type=int, default=7860, help="default: 7860")
    made.add_argument("--refresh-every", metavar="TIME", help="refresh meanwhile: 24h, 7d, 90m")
    made.add_argument(
        "--follow",
        metavar="FILE|URL",
        help="read only: answer from this snapshot, and load it again whenever it changes",
    )
    made.add_argument(
        "--every", metavar="TIME", help="how often to look at what is followed (default: 10m)"
    )
    digest_options(made)
    made.add_argument(
        "--mcp", action="store_true", help="answer MCP clients as well, at /mcp of the address"
    )
    made.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        help="a name under which it is reached, such as a reverse proxy's; may be given again",
    )
    made.add_argument(
        "--proxy",
        metavar="ADDRESS",
        action="append",
        default=[],
        help="a reverse proxy whose X-Forwarded-For and -Proto are believed; may be given again",
    )
    made.add_argument(
        "--rate",
        metavar="N",
        type=int,
        default=600,
        help="requests a minute from one user or address; 0 is no limit (default: 600)",
    )
    made.add_argument(
        "--workers",
        metavar="N",
        type=int,
        default=1,
        help="processes that answer, of which each holds the model (default: 1)",
    )


def _mcp(command: Command) -> None:
    command("mcp", commands.mcp, "Answer an MCP client over stdin and stdout")


def _user(command: Command) -> None:
    from ui.cli import account_commands

    made = command("user", account_commands.run, "Say who may use the atlas over a network")
    account_commands.add(made)
    json_option(made)


ADDED_BY: Final[Mapping[str, Callable[[Command], None]]] = {
    "ask": _ask,
    "compare": _compare,
    "topics": _topics,
    "paper": _paper,
    **dict.fromkeys(("about", "methods"), _entities),
    "similar": _similar,
    "read": _read,
    "add": _add,
    "refresh": _refresh,
    "embed": _embed,
    "review": _review,
    "changes": _changes,
    "digest": _digest,
    "snapshot": _snapshot,
    **dict.fromkeys(
        ("path", "related", "influential", "lineage", "bridges", "timeline", "gaps"), _graph
    ),
    "export": _export,
    "eval": _evaluate,
    "status": _status,
    "serve": _serve,
    "mcp": _mcp,
    "user": _user,
}
"""Name of each command -> what adds it, in the order of the help; one function may add several."""
