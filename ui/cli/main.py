"""The `lfm` command: its options, and its exit status.

argparse rather than typer or click: a question is answered in a fraction of a second, and
importing those takes a good part of it.
"""

import argparse
import os
import sys
import traceback

# One question is too little work to share between threads: waiting for each other, they take
# longer on a busy machine. NumPy reads this when it is first imported; PyTorch, which embeds
# many papers at a time, does not.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from ingest.sources.registry import NAMES
from kg.cards.card import CHOICES
from kg.errors import AtlasError, BadRequest
from kg.export import formats
from kg.store.reviews import Decision
from kg.text.partial_date import PartialDate
from kg.text.plain import without_controls
from search.pages.comparison import formats as comparison_formats
from search.pages.digest import formats as digest_formats
from search.ranking.mode import Mode
from ui import signals
from ui.cli import account_commands, commands, entity_commands, graph_commands, terminal
from ui.text.card_words import FIELDS

_BEGINNING = """\
LFM Atlas: ask, browse and extend an atlas of Learn-From-Model papers.

Try first:
  lfm ask "how can models be merged without training?"
  lfm topics               what the atlas holds, by topic
  lfm paper 2203.05482     one paper, by arXiv id, link, DOI or title
  lfm serve                all of it in a browser
  lfm refresh              what is new, with abstracts and citations

`lfm --help` lists all commands, and `lfm COMMAND --help` explains one."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadRequest(message, f"see `{self.prog} --help`")


class _Version(argparse.Action):
    def __call__(self, *_: object) -> NoReturn:
        from importlib.metadata import version  # Reads e-mail: too slow for every question.

        print(f"lfm-atlas {version('lfm-atlas')}")
        sys.exit(0)


def parser() -> argparse.ArgumentParser:
    """Return the command's parser; the README's reference is generated from it."""
    top = _Parser(
        prog="lfm", description="Ask, browse and extend an atlas of Learn-From-Model papers."
    )
    top.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    known = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        made = known.add_parser(name, help=text, description=f"{text}.")
        made.set_defaults(run=run)
        return made

    def json_option(made: argparse.ArgumentParser) -> None:
        made.add_argument("--json", action="store_true", help="print one JSON document")

    def filter_options(made: argparse.ArgumentParser) -> None:
        made.add_argument("--topic", metavar="ID", help="only this topic and those below it")
        made.add_argument(
            "--category",
            metavar="NAME",
            action="append",
            default=[],
            help="only this arXiv category, cs.LG, or any of several: give it again",
        )
        made.add_argument("--author", metavar="NAME", help="only papers by this author")
        made.add_argument(
            "--since",
            metavar="DATE",
            type=PartialDate.parse,
            help="no paper before it: 2024, 2024-05 or 2024-05-17",
        )
        made.add_argument(
            "--until", metavar="DATE", type=PartialDate.parse, help="no paper after it, likewise"
        )
        for field, values in CHOICES.items():
            made.add_argument(
                f"--{field}",
                metavar=field[0].upper(),
                choices=[str(value) for value in values],
                help=f"{FIELDS[field][1]}, by its card: {', '.join(values)}",
            )
        made.add_argument(
            "--code", action="store_true", help="only papers with a link to their code"
        )
        made.add_argument(
            "--cited",
            metavar="N",
            type=int,
            help="only papers that N papers or more cite, as a service counts over all literature",
        )
        made.add_argument(
            "--about",
            metavar="NAME",
            help="only papers that relate to this method, benchmark or model: its name or id",
        )
        made.add_argument(
            "--venue", metavar="V", help="only papers of this venue: ICLR, 'EMNLP Findings'"
        )
        made.add_argument(
            "--withdrawn", action="store_true", help="let withdrawn papers in as well"
        )

    def count_option(made: argparse.ArgumentParser) -> None:
        made.add_argument("-k", type=int, default=10, help="how many papers (default: 10)")

    def digest_options(made: argparse.ArgumentParser) -> None:
        made.add_argument(
            "--digest",
            metavar="FILE|URL",
            action="append",
            default=[],
            help="write what each refresh brings into a file, or post it to a webhook; may be given"
            " again",
        )
        made.add_argument(
            "--digest-form",
            choices=["slack", "json"],
            help="what the webhook gets (default: by its host)",
        )
        made.add_argument(
            "--digest-empty",
            choices=["daily", "always", "never"],
            help="when to tell that nothing came, and why (default: daily)",
        )

    ask = command("ask", commands.ask, "Answer a question with papers")
    ask.add_argument("question", metavar="QUESTION")
    count_option(ask)
    filter_options(ask)
    ask.add_argument(
        "--mode", choices=[str(m) for m in Mode], default="hybrid", help="by meaning, words or both"
    )
    ask.add_argument(
        "--literal", action="store_true", help="compare papers with the words as they are, all"
    )

    compare = command(
        "compare", commands.compare, "Show papers, methods, benchmarks or models side by side"
    )
    compare.add_argument(
        "names", metavar="ID", nargs="*", help="a paper's id, link or title, or a method's name"
    )
    compare.add_argument(
        "-q", "--question", metavar="QUESTION", help="compare the papers that answer it"
    )
    count_option(compare)
    filter_options(compare)
    compare.add_argument(
        "--format",
        choices=list(comparison_formats.FORMATS),
        help=f"default: by the end of FILE's name, else {next(iter(comparison_formats.FORMATS))}",
    )
    compare.add_argument("-o", "--output", metavar="FILE", type=Path, help="default: stdout")

    topics = command(
        "topics", commands.topics, "Show the topic tree with counts, or one topic's papers"
    )
    topics.add_argument("topic", metavar="TOPIC", nargs="?")

    paper = command(
        "paper", commands.paper, "Show one paper: facts, topics, citations, similar papers"
    )
    paper.add_argument("id", metavar="ID", help="arXiv id or link, DOI, or exact title")

    entity_commands.add(command)

    similar = command(
        "similar", commands.similar, "Show the papers nearest to a paper or an abstract"
    )
    similar.add_argument("id", metavar="ID|-", help="a paper, or - for an abstract on stdin")
    count_option(similar)
    filter_options(similar)

    read = command("read", commands.read, "Show what a list, a page or a bibliography says")
    read.add_argument("file", metavar="FILE", type=Path)

    add = command("add", commands.add, "Add papers: files that name them, or their identifiers")
    add.add_argument(
        "papers",
        metavar="FILE|ID|LINK",
        nargs="+",
        help="a list, pages, a bibliography (BibTeX, RIS, CSL-JSON, ...), a dump of arXiv's"
        " metadata, cards, a file of entities; an arXiv id, a DOI, or a link to either",
    )
    add.add_argument("--topic", metavar="ID", help="place all papers under this topic")
    add.add_argument(
        "--only-known", action="store_true", help="only what the atlas has: nothing new"
    )
    add.add_argument(
        "--all",
        action="store_true",
        help="take what nothing places as it is; else it is judged, as in a refresh",
    )

    refresh = command("refresh", commands.refresh, "Bring the atlas up to date with its sources")
    refresh.add_argument(
        "--source",
        metavar="NAME",
        nargs="+",
        action="extend",
        default=[],
        help=f"only {', '.join(NAMES)}, or a list by its name",
    )
    refresh.add_argument(
        "--since",
        metavar="DATE",
        type=PartialDate.parse_day,
        help="look for new papers from this day on",
    )
    digest_options(refresh)
    refresh.add_argument("--every", metavar="TIME", help="again and again: 24h, 7d, 90m")
    refresh.add_argument("--dry-run", action="store_true", help="ask and report, store nothing")

    embed = command("embed", commands.embed, "Embed the papers that have no vector yet")
    embed.add_argument(
        "--ray",
        metavar="ADDRESS|local",
        help="on the CPUs or GPUs of a Ray cluster, HOST:PORT, or of one started here",
    )
    embed.add_argument(
        "--workers",
        metavar="N",
        type=int,
        help="of the cluster, at most (default: one for each GPU, or else each CPU)",
    )

    text = "Show papers and names that wait for a decision, or decide"
    review = command("review", commands.review, text)
    review.add_argument(
        "decision", metavar="accept|reject|move", nargs="?", choices=[str(one) for one in Decision]
    )
    review.add_argument("id", metavar="ID", nargs="?", help="arXiv id or link; or a proposed name")
    review.add_argument(
        "topic", metavar="TOPIC", nargs="?", help="id of a topic; of a name, its type"
    )

    changes = command(
        "changes", commands.changes, "Show which papers are new, changed or withdrawn"
    )
    changes.add_argument(
        "--since",
        metavar="DATE",
        type=PartialDate.parse_day,
        help="from this day (UTC) on (default: the last 7 days)",
    )

    digest = command("digest", commands.digest, "Show what came, by topic or by question, and why")
    digest.add_argument(
        "--since",
        metavar="TIME",
        default="7d",
        help="7d, 48h, or a day or time (UTC): 2026-11-20, 2026-11-20T06:00+01:00 (default: 7d)",
    )
    digest.add_argument("--topic", metavar="ID", help="only this topic and those below it")
    digest.add_argument(
        "--question",
        metavar="Q",
        action="append",
        default=[],
        help="only what fits this question, or any of several: give it again",
    )
    digest.add_argument(
        "--format",
        choices=list(digest_formats.FORMATS),
        help="default: by the end of FILE's name, else text",
    )
    digest.add_argument("-o", "--output", metavar="FILE", type=Path, help="default: stdout")

    snapshot = command("snapshot", commands.snapshot, "Save the whole atlas as a file, or load one")
    snapshot.add_argument(
        "action",
        metavar="save|load|follow",
        choices=["save", "load", "follow"],
        help="follow loads it if it is another one than that which was loaded before",
    )
    snapshot.add_argument("file", metavar="FILE|URL", help="an address can only be loaded")

    def graph_command(name: str, ask: object, text: str) -> argparse.ArgumentParser:
        made = command(name, graph_commands.run, text)
        made.set_defaults(ask=ask)
        json_option(made)
        return made

    graph_commands.add(graph_command)

    export = command("export", commands.export, "Write papers in a form that other programs read")
    *others, last = formats.NAMES
    export.add_argument("format", metavar="FORMAT", help=f"{', '.join(others)} or {last}")
    export.add_argument("-o", "--output", metavar="FILE", type=Path, help="default: stdout")
    export.add_argument(
        "--against",
        metavar="LIST",
        type=Path,
        help="of a list, only what this one lacks, put into it",
    )
    filter_options(export)

    evaluate = command("eval", commands.evaluate, "Measure retrieval on a benchmark in BEIR layout")
    evaluate.add_argument("folder", metavar="FOLDER", type=Path)
    evaluate.add_argument(
        "--mode", choices=[str(m) for m in Mode], action="append", help="default: all three"
    )
    evaluate.add_argument(
        "--distractors", metavar="FILE", type=Path, help="JSON Lines of papers to add"
    )
    evaluate.add_argument(
        "--most", metavar="N", type=int, default=20_000, help="distractors at most (20000)"
    )

    status = command("status", commands.status, "Show counts, model, index and what is stale")
    status.add_argument(
        "--check", action="store_true", help="read the whole catalogue and show what is wrong"
    )

    serve = command("serve", commands.serve, "Open the atlas in a browser")
    serve.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    serve.add_argument("--port", type=int, default=7860, help="default: 7860")
    serve.add_argument("--refresh-every", metavar="TIME", help="refresh meanwhile: 24h, 7d, 90m")
    serve.add_argument(
        "--follow",
        metavar="FILE|URL",
        help="read only: answer from this snapshot, and load it again whenever it changes",
    )
    serve.add_argument(
        "--every", metavar="TIME", help="how often to look at what is followed (default: 10m)"
    )
    digest_options(serve)
    serve.add_argument(
        "--mcp", action="store_true", help="answer MCP clients as well, at /mcp of the address"
    )
    serve.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        help="a name under which it is reached, such as a reverse proxy's; may be given again",
    )
    serve.add_argument(
        "--proxy",
        metavar="ADDRESS",
        action="append",
        default=[],
        help="a reverse proxy whose X-Forwarded-For and -Proto are believed; may be given again",
    )
    serve.add_argument(
        "--rate",
        metavar="N",
        type=int,
        default=600,
        help="requests a minute from one user or address; 0 is no limit (default: 600)",
    )
    serve.add_argument(
        "--workers",
        metavar="N",
        type=int,
        default=1,
        help="processes that answer, of which each holds the model (default: 1)",
    )

    command("mcp", commands.mcp, "Answer an MCP client over stdin and stdout")
    user = command("user", account_commands.run, "Say who may use the atlas over a network")
    account_commands.add(user)
    for one in (
        *(
            ask,
            compare,
            topics,
            paper,
            similar,
            read,
            add,
            refresh,
            embed,
            review,
            changes,
            digest,
            snapshot,
        ),
        *(evaluate, status, user),
    ):
        json_option(one)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 done, 1 could not be done, 2 bad usage.

    Every error ends here, in one line on stderr; ``LFM_DEBUG`` adds where it came from.
    """
    try:
        terminal.prepare()
        _run(sys.argv[1:] if arguments is None else arguments)
    except BrokenPipeError:
        # The reader of a pipe left early, as `head` does; nothing is wrong.
        terminal.settle_stdout()
        return 0
    except SystemExit:
        raise
    except BaseException as error:
        if signals.interrupted() or isinstance(error, KeyboardInterrupt):
            signals.say_stopped()
            return signals.INTERRUPTED
        if os.environ.get("LFM_DEBUG"):
            traceback.print_exception(error)
        terminal.settle_stdout()
        with suppress(OSError):
            print(without_controls(f"lfm: {_line(error)}"), file=sys.stderr, flush=True)
        return 2 if isinstance(error, BadRequest) else 1
    return 0


def _run(arguments: Sequence[str]) -> None:
    try:
        if not arguments:
            print(_BEGINNING)
        else:
            options = parser().parse_args(arguments)
            options.run(options)
    except SystemExit:  # After --help and --version, which are to be printed too.
        sys.stdout.flush()
        raise
    sys.stdout.flush()


def _line(error: BaseException) -> str:
    if isinstance(error, AtlasError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        name = f"{error.filename}: " if error.filename else ""
        return " ".join(f"{name}{error.strerror}".split())
    what = " ".join(f"{type(error).__name__}: {error}".rstrip(": ").split())
    return f"this failed ({what[:200]}): run it with LFM_DEBUG=1 to see where, and report it"
