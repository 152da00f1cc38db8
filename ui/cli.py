"""The `lfm` command: parse, one library call, render.

argparse rather than typer or click: a question is answered in a fraction of a second, and
importing those takes a good part of it.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from kg import settings
from kg.entities import Filters
from kg.errors import AtlasError, BadRequest
from kg.taxonomy import Taxonomy
from search.library import Library, Mode


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadRequest(message, f"see `{self.prog} --help`")


def parser() -> argparse.ArgumentParser:
    """Return the command's parser; the README's reference is generated from it."""
    top = _Parser(
        prog="lfm", description="Ask, browse and extend an atlas of Learn-From-Model papers."
    )
    top.add_argument("--version", action="version", version=f"lfm-atlas {version('lfm-atlas')}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=f"{text}.")
        made.set_defaults(run=run)
        return made

    def json_option(made: argparse.ArgumentParser) -> None:
        made.add_argument("--json", action="store_true", help="print one JSON document")

    def filter_options(made: argparse.ArgumentParser) -> None:
        made.add_argument("--topic", metavar="ID", help="only this topic and those below it")
        made.add_argument("--category", metavar="NAME", help="only this arXiv category: cs.LG")
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
    json_option(add)

    export = command("export", _export, "Write papers in a form that other programs read")
    export.add_argument("format", metavar="FORMAT", help="bibtex")
    export.add_argument("-o", "--output", metavar="FILE", type=Path, help="default: stdout")
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


def _library() -> Library:
    return Library(settings.load())


def _filters(options: argparse.Namespace) -> Filters:
    return Filters(
        topic=options.topic,
        category=options.category,
        author=options.author,
        since=options.since,
        until=options.until,
        withdrawn=options.withdrawn,
    )


def _ask(options: argparse.Namespace) -> None:
    from ui import render

    answer = _library().ask(options.question, options.k, _filters(options), Mode(options.mode))
    render.answer(answer, as_json=options.json)


def _topics(options: argparse.Namespace) -> None:
    from ui import render

    library = _library()
    tree = library.topics(options.topic)
    papers = library.placed(tree[0].id) if options.topic else None
    render.topics(tree, papers, as_json=options.json)


def _paper(options: argparse.Namespace) -> None:
    from ui import render

    render.paper(_library().paper(options.id), as_json=options.json)


def _similar(options: argparse.Namespace) -> None:
    from ui import render

    library = _library()
    if options.id == "-":
        hits = library.similar(text=sys.stdin.read(), k=options.k)
    else:
        hits = library.similar(options.id, k=options.k)
    render.similar(options.id, hits, as_json=options.json)


def _read(options: argparse.Namespace) -> None:
    from ingest import reading
    from ui import render

    found = reading.read(options.file, Taxonomy.load())
    render.entries(found, as_json=options.json)


def _add(options: argparse.Namespace) -> None:
    from ingest import adding
    from ui import render

    report = adding.add(_library(), options.file, options.topic, progress=not options.json)
    render.added(report, as_json=options.json)


def _export(options: argparse.Namespace) -> None:
    from kg import export

    if options.format not in export.FORMATS:
        known = ", ".join(export.FORMATS)
        raise BadRequest(f"unknown format {options.format!r}", f"use {known}")
    text = export.FORMATS[options.format](_library().select(_filters(options)))
    if options.output:
        export.write(options.output, text)
    else:
        sys.stdout.write(text)


def _eval(options: argparse.Namespace) -> None:
    from search import evaluate
    from ui import render

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
    render.evaluation(result, as_json=options.json)


def _status(options: argparse.Namespace) -> None:
    from ui import render

    render.status(_library().status(), as_json=options.json)


def _serve(options: argparse.Namespace) -> None:
    from ui import app

    app.serve(_library(), options.host, options.port)


if __name__ == "__main__":
    sys.exit(main())
