"""The `lfm` command: parse, one library call, render.

argparse rather than typer or click: a question is answered in a fraction of a second, and
importing those takes a good part of it.
"""

import argparse
import gc
import json
import os
import sys

# One question is too little work to share between threads: waiting for each other, they take
# longer on a busy machine. NumPy reads this when it is first imported; PyTorch, which embeds
# many papers at a time, does not.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import NoReturn

from kg import settings
from kg.entities import Filters
from kg.errors import AtlasError, BadRequest
from search.library import Library, Mode
from ui import account_commands, graph_commands

_FORMATS = "bibtex, ris, csl-json, csv, jsonld, graphml, gexf or list"


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
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=f"{text}.")
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
        made.add_argument("--since", metavar="YEAR", type=int, help="no paper before this year")
        made.add_argument("--until", metavar="YEAR", type=int, help="no paper after this year")
        made.add_argument(
            "--withdrawn", action="store_true", help="let withdrawn papers in as well"
        )

    def count_option(made: argparse.ArgumentParser) -> None:
        made.add_argument("-k", type=int, default=10, help="how many papers (default: 10)")

    ask = command("ask", _ask, "Answer a question with papers")
    ask.add_argument("question", metavar="QUESTION")
    count_option(ask)
    filter_options(ask)
    ask.add_argument(
        "--mode", choices=[str(m) for m in Mode], default="hybrid", help="by meaning, words or both"
    )
    json_option(ask)

    topics = command("topics", _topics, "Show the topic tree with counts, or one topic's papers")
    topics.add_argument("topic", metavar="TOPIC", nargs="?")
    json_option(topics)

    paper = command("paper", _paper, "Show one paper: facts, topics, citations, similar papers")
    paper.add_argument("id", metavar="ID", help="arXiv id or link, DOI, or exact title")
    json_option(paper)

    similar = command("similar", _similar, "Show the papers nearest to a paper or an abstract")
    similar.add_argument("id", metavar="ID|-", help="a paper, or - for an abstract on stdin")
    count_option(similar)
    json_option(similar)

    read = command("read", _read, "Show what an awesome list or publication page says")
    read.add_argument("file", metavar="FILE", type=Path)
    json_option(read)

    add = command("add", _add, "Add a list, publication pages or an arXiv dump to the atlas")
    add.add_argument("file", metavar="FILE", type=Path)
    add.add_argument("--topic", metavar="ID", help="place all its papers under this topic")
    add.add_argument(
        "--only-known", action="store_true", help="of a dump, only papers that the atlas has"
    )
    json_option(add)

    refresh = command("refresh", _refresh, "Bring the atlas up to date with its sources")
    refresh.add_argument(
        "--source",
        metavar="NAME",
        nargs="+",
        action="extend",
        default=[],
        help="only lists, oai, arxiv, semantic-scholar, openalex, or a list by its name",
    )
    refresh.add_argument(
        "--since", metavar="DATE", type=_day, help="look for new papers from this day on"
    )
    refresh.add_argument("--every", metavar="TIME", help="again and again: 24h, 7d, 90m")
    refresh.add_argument("--dry-run", action="store_true", help="ask and report, store nothing")
    json_option(refresh)

    review = command("review", _review, "Show papers that wait for a decision, or decide")
    review.add_argument(
        "decision", metavar="accept|reject|move", nargs="?", choices=["accept", "reject", "move"]
    )
    review.add_argument("id", metavar="ID", nargs="?", help="arXiv id or link")
    review.add_argument("topic", metavar="TOPIC", nargs="?", help="id of a topic")
    json_option(review)

    changes = command("changes", _changes, "Show which papers are new, changed or withdrawn")
    changes.add_argument(
        "--since", metavar="DATE", type=_day, help="from this day on (default: the last 7 days)"
    )
    json_option(changes)

    snapshot = command("snapshot", _snapshot, "Save the whole atlas as a file, or load one")
    snapshot.add_argument("action", metavar="save|load", choices=["save", "load"])
    snapshot.add_argument("file", metavar="FILE|URL", help="an address can only be loaded")
    json_option(snapshot)

    def asks_graph(name: str, ask: object, text: str) -> argparse.ArgumentParser:
        made = command(name, _graph, text)
        made.set_defaults(ask=ask)
        json_option(made)
        return made

    graph_commands.add(asks_graph)

    export = command("export", _export, "Write papers in a form that other programs read")
    export.add_argument("format", metavar="FORMAT", help=_FORMATS)
    export.add_argument("-o", "--output", metavar="FILE", type=Path, help="default: stdout")
    export.add_argument(
        "--against",
        metavar="LIST",
        type=Path,
        help="of a list, only what this one lacks, put into it",
    )
    filter_options(export)

    evaluate = command("eval", _eval, "Measure retrieval on a benchmark in BEIR layout")
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
    json_option(evaluate)

    status = command("status", _status, "Show counts, model, index and what is stale")
    json_option(status)

    serve = command("serve", _serve, "Open the atlas in a browser")
    serve.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    serve.add_argument("--port", type=int, default=7860, help="default: 7860")
    serve.add_argument("--refresh-every", metavar="TIME", help="refresh meanwhile: 24h, 7d, 90m")
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

    command("mcp", _mcp, "Answer an MCP client over stdin and stdout")

    user = command("user", account_commands.run, "Say who may use the atlas over a network")
    account_commands.add(user)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 done, 1 could not be done, 2 bad usage."""
    try:
        options = parser().parse_args(arguments)
        options.run(options)
        sys.stdout.flush()
    except BadRequest as error:
        print(f"lfm: {error}", file=sys.stderr)
        return 2
    except AtlasError as error:
        print(f"lfm: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of a pipe left early, as `head` does; nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        print(f"lfm: {name}{error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lfm: stopped; what was done is kept", file=sys.stderr)
        return 130
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text!r} is no day", "write it as 2026-01-31") from None


def _library() -> Library:
    return Library(settings.load())


def _filters(options: argparse.Namespace) -> Filters:
    return Filters(
        topic=options.topic,
        categories=tuple(options.category),
        author=options.author,
        since=options.since,
        until=options.until,
        withdrawn=options.withdrawn,
    )


def _show(options: argparse.Namespace, what: str, found: object) -> None:
    """Print `found` by the function `what` of `ui.documents` (JSON) or of `ui.render`."""
    if options.json:
        document = getattr(import_module("ui.documents"), what)(found)
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        getattr(import_module("ui.render"), what)(found)


def _ask(options: argparse.Namespace) -> None:
    answer = _library().ask(options.question, options.k, _filters(options), Mode(options.mode))
    _show(options, "answer", answer)


def _topics(options: argparse.Namespace) -> None:
    _show(options, "topics", _library().topics(options.topic))


def _paper(options: argparse.Namespace) -> None:
    _show(options, "paper", _library().paper(options.id))


def _similar(options: argparse.Namespace) -> None:
    library = _library()
    if options.id == "-":
        hits = library.similar(text=sys.stdin.read(), k=options.k)
    else:
        hits = library.similar(options.id, k=options.k)
    _show(options, "similar", hits)


def _read(options: argparse.Namespace) -> None:
    from ingest import reading
    from kg.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(settings.load().own_taxonomy)
    found = reading.read(options.file, taxonomy)
    _tell(str(problem) for problem in found.problems)
    _show(options, "entries", found)


def _add(options: argparse.Namespace) -> None:
    from ingest import adding

    report = adding.add(
        _library(),
        options.file,
        options.topic,
        only_known=options.only_known,
        progress=not options.json,
    )
    _tell(report.problems)
    _show(options, "added", report)


def _refresh(options: argparse.Namespace) -> None:
    from ingest import schedule
    from ingest.refresh import check_sources, refresh
    from ui.stopping import stopped_by_sigterm

    library = _library()
    check_sources(library, options.source)
    if options.every:
        command = [sys.executable, "-m", "ui.cli", "refresh"]
        command += ["--source", *options.source] if options.source else []
        schedule.run_every(
            schedule.parse_every(options.every), command, library.catalogue.last_refresh
        )
    with stopped_by_sigterm():
        report = refresh(
            library,
            options.source,
            options.since,
            options.dry_run,
            progress=sys.stderr.isatty(),
        )
    _show(options, "refreshed", report)
    if report.failed:
        raise AtlasError("; ".join(report.failed), "what was done is kept; run it again")


def _review(options: argparse.Namespace) -> None:
    from ingest import reviewing
    from kg.reviews import Decision

    if options.decision is None:
        _show(options, "waiting", _library().catalogue.waiting())
        return
    if options.id is None:
        raise BadRequest("name a paper", f"lfm review {options.decision} ID")
    decision = Decision(options.decision)
    found = reviewing.decide(_library(), decision, options.id, options.topic)
    _show(options, "reviewed", found)


def _changes(options: argparse.Namespace) -> None:
    day = options.since or date.today() - timedelta(days=7)
    since = datetime(day.year, day.month, day.day).astimezone()
    _show(options, "changes", _library().catalogue.changes(since))


def _snapshot(options: argparse.Namespace) -> None:
    if options.action == "save":
        from kg import snapshot_file

        _show(options, "saved", snapshot_file.save(_library().catalogue, Path(options.file)))
        return
    from ingest.snapshot_loading import load_from

    found = load_from(options.file, settings.load(), progress=not options.json)
    _show(options, "loaded", found)


def _tell(problems: Iterable[str]) -> None:
    for problem in problems:
        print(f"lfm: {problem}", file=sys.stderr)


def _export(options: argparse.Namespace) -> None:
    from kg import export
    from search import exports

    export.check(options.format)
    if options.against and options.format != "list":
        raise BadRequest("--against is of use with the format list only", "leave it out")
    if options.against:
        from ingest import list_additions

        found = list_additions.to_file(_library(), options.against, _filters(options))
        _tell(found.told())
        text = found.text
    else:
        # A graph is a hundred thousand small objects, all needed until the end.
        gc.disable()
        try:
            text = exports.exported(_library(), options.format, _filters(options))
        finally:
            gc.enable()
    if options.output:
        export.write(options.output, text)
    else:
        # As bytes: some formats end their lines in their own way.
        sys.stdout.buffer.write(text.encode())


def _graph(options: argparse.Namespace) -> None:
    started = perf_counter()
    found = options.ask(_library(), options)
    if options.json:
        document = import_module("ui.documents").plain(found)
        document["took_ms"] = round((perf_counter() - started) * 1000, 2)
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        getattr(import_module("ui.graph_render"), options.command)(found)


def _eval(options: argparse.Namespace) -> None:
    from search import evaluate

    chosen = settings.load()
    result = evaluate.evaluate(
        options.folder,
        chosen.model,
        chosen.index,
        modes=[Mode(mode) for mode in options.mode or Mode],
        distractors=options.distractors,
        most=options.most,
        state=chosen.cache,
    )
    _show(options, "evaluation", result)


def _status(options: argparse.Namespace) -> None:
    _show(options, "status", _library().status())


def _serve(options: argparse.Namespace) -> None:
    from ui.server import Serving, serve

    serving = Serving(
        options.host,
        options.port,
        options.refresh_every,
        options.mcp,
        allow_hosts=tuple(options.allow_host),
        proxies=tuple(options.proxy),
        rate=options.rate,
    )
    serve(_library(), serving)


def _mcp(options: argparse.Namespace) -> None:
    from ui.mcp import serve_stdio

    del options
    serve_stdio(_library())


if __name__ == "__main__":
    sys.exit(main())
