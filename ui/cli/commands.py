"""What each `lfm` command does: one library call, and its answer printed.

What only some commands need is imported where it is used: a question is answered in a fraction of a
second, and importing a face or a source takes longer.
"""

import argparse
import gc
import sys
from collections.abc import Iterable
from pathlib import Path

from kg import settings
from kg.cards.card import CHOICES
from kg.errors import AtlasError, BadRequest
from kg.records import Filters
from kg.text.plain import document_without_controls, json_text, without_controls
from search.library import Library
from search.ranking.mode import Mode
from ui.api import documents
from ui.cli.terminal import print_json, read_stdin

_MAX_STDIN_CHARS = 1_000_000
"""Longest text that is read from stdin; an abstract has two thousand."""


def _library(write_wait_s: float = 0.0) -> Library:
    return Library(settings.load(), write_wait_s=write_wait_s)


def _filters(options: argparse.Namespace) -> Filters:
    return Filters(
        topic=options.topic,
        categories=tuple(options.category),
        author=options.author,
        since=options.since,
        until=options.until,
        withdrawn=options.withdrawn,
        code=options.code,
        cited=options.cited,
        about=options.about,
        venue=options.venue,
        **{field: getattr(options, field) for field in CHOICES},
    )


def _print(options: argparse.Namespace, what: str, found: object) -> None:
    """Print an answer as JSON or for people; `what` is its name in the tables of both."""
    if options.json:
        print_json(documents.DOCUMENTS[what](found))
    else:
        from ui.cli.render import PRINTED

        PRINTED[what](found)


def ask(options: argparse.Namespace) -> None:
    """Answer a question."""
    with _library() as library, library.reading():
        answer = library.ask(
            options.question, options.k, _filters(options), Mode(options.mode), options.literal
        )
        if options.json:
            _print(options, "answer", answer)
        else:
            from ui.cli import answer_render

            answer_render.answer(answer, library.summary(answer))


def compare(options: argparse.Namespace) -> None:
    """Show papers and methods side by side."""
    from shutil import get_terminal_size

    from search.pages.comparison import formats
    from search.pages.comparison.document import document

    form = formats.chosen(options.format, None if options.json else options.output)
    if bool(options.names) == (options.question is not None):
        raise BadRequest("give two names at least, or a question", "one of ID... and -q QUESTION")
    with _library() as library:
        if options.question is None:
            found = library.compare(options.names)
        else:
            found = library.compare_answer(options.question, options.k, _filters(options))
    if options.json and not options.output:
        print_json(document(found))
    elif options.json:
        _deliver(json_text(document_without_controls(document(found))) + "\n", options.output)
    else:
        text = form.write(found, get_terminal_size().columns)
        _deliver(text, options.output, is_text=form.name == "table")


def _deliver(text: str, file: Path | None, is_text: bool = False) -> None:
    """Write a text into a file or to stdout: as bytes unless it is to be read there."""
    if file:
        from kg.export import formats

        formats.write(file, text)
    elif is_text:
        print(text, end="")
    else:  # Whatever the terminal's encoding, and with the format's own line ends.
        sys.stdout.buffer.write(text.encode())


def topics(options: argparse.Namespace) -> None:
    """Show the tree, or a topic."""
    with _library() as library:
        _print(options, "topics", library.topics(options.topic))


def paper(options: argparse.Namespace) -> None:
    """Show a paper."""
    with _library() as library:
        _print(options, "paper", library.paper(options.id))


def similar(options: argparse.Namespace) -> None:
    """Show what is near to a paper or to a text on stdin."""
    with _library() as library:
        chosen = _filters(options)
        if options.id == "-":
            text = read_stdin(_MAX_STDIN_CHARS)
            hits = library.similar(text=text, k=options.k, filters=chosen)
        else:
            hits = library.similar(options.id, k=options.k, filters=chosen)
        _print(options, "similar", hits)


def read(options: argparse.Namespace) -> None:
    """Show what a file says."""
    from ingest.adding import read_file
    from kg.taxonomy.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(settings.load().own_taxonomy)
    found = read_file.read(options.file, taxonomy)
    _warn(str(problem) for problem in found.problems)
    _print(options, "entries", found)


def add(options: argparse.Namespace) -> None:
    """Put papers into the atlas."""
    from ingest.adding import add

    with _library() as library:
        report = add.add(
            library,
            options.papers,
            options.topic,
            only_known=options.only_known,
            take_all=options.all,
            progress=not options.json,
        )
    _warn((*report.notes, *report.problems))
    _print(options, "added", report)
    if report.failed:
        raise AtlasError("; ".join(report.failed), "what could be had is added")


def refresh(options: argparse.Namespace) -> None:
    """Bring the atlas up to date, once or again and again."""
    from ingest.delivery import deliver
    from ingest.refresh import refresh, schedule
    from ui.background import REFRESH_COMMAND, digest_arguments
    from ui.signals import stopped_by_sigterm

    with _library(refresh.WRITE_WAIT_S) as library:
        refresh.check_sources(library, options.source)
        wanted = options.digest, options.digest_form, options.digest_empty
        delivery = deliver.chosen(library.settings, *wanted)
        if options.every:
            command = [*REFRESH_COMMAND, *digest_arguments(*wanted)]
            command += ["--source", *options.source] if options.source else []
            schedule.run_every(schedule.parse_every(options.every), command, library.last_refresh)
        terminal = sys.stderr.isatty()
        with stopped_by_sigterm():
            report = refresh.refresh(
                library,
                options.source,
                options.since,
                options.dry_run,
                progress=terminal,
                say=None if terminal else lambda line: print(line, file=sys.stderr, flush=True),
                delivery=delivery,
            )
    _print(options, "refreshed", report)
    if report.failed:
        raise AtlasError("; ".join(report.failed), "what was done is kept; run it again")


def embed(options: argparse.Namespace) -> None:
    """Embed what is missing."""
    from ingest.cluster import command
    from ui.signals import stopped_by_sigterm

    with _library() as library, stopped_by_sigterm():
        report = command.embed(library, options.ray, options.workers, sys.stderr.isatty())
    _print(options, "embedded", report)


def review(options: argparse.Namespace) -> None:
    """Show what waits for a decision, or decide."""
    from ingest.placement import review
    from kg.store.reviews import Decision

    if options.decision is not None and options.id is None:
        raise BadRequest("name a paper, or a name", f"lfm review {options.decision} ID")
    with _library() as library:
        if options.decision is None:
            _print(options, "waiting", library.waiting())
            return
        decision = Decision(options.decision)
        _print(options, "reviewed", review.decide(library, decision, options.id, options.topic))


def changes(options: argparse.Namespace) -> None:
    """Show what became of papers."""
    with _library() as library:
        _print(options, "changes", library.changes(options.since))


def digest(options: argparse.Namespace) -> None:
    """Show what came since a time."""
    from kg.text.durations import parse_since
    from search.pages.digest import formats
    from search.pages.digest.document import document

    form = formats.chosen("json" if options.json else options.format, options.output)
    with _library() as library:
        since = parse_since(options.since, library.now())
        found = library.digest(since, options.topic, options.question)
    text = formats.render(form, found)
    if form.name == "json" and not options.output:
        print_json(document(found))
    else:
        _deliver(text, options.output, form.name == "text")


def snapshot(options: argparse.Namespace) -> None:
    """Save the atlas as a file, load one, or load one that is new."""
    if options.action == "save":
        with _library() as library:
            _print(options, "saved", library.save(Path(options.file)))
        return
    if options.action == "follow":
        _follow(options)
        return
    from ingest.net.snapshot_fetch import load_from

    found = load_from(options.file, settings.load(), progress=not options.json)
    _print(options, "loaded", found)


def _follow(options: argparse.Namespace) -> None:
    from ingest.net import snapshot_follow
    from ui.signals import stopped_by_sigterm

    snapshot_follow.lower_priority()
    with stopped_by_sigterm():
        found = snapshot_follow.follow(options.file, settings.load())
    if found:
        # A line of the log of a server that runs this.
        _warn([f"loaded {found.source}: {found.counts['papers']:,} papers"])
        _print(options, "loaded", found)
    else:
        print("null" if options.json else "nothing new")


def _warn(problems: Iterable[str]) -> None:
    for problem in problems:
        print(without_controls(f"lfm: {problem}"), file=sys.stderr)


def export(options: argparse.Namespace) -> None:
    """Write papers in another program's form."""
    from kg.export import formats

    formats.named(options.format)
    if options.against and options.format != "list":
        raise BadRequest("--against is of use with the format list only", "leave it out")
    with _library() as library:
        if options.against:
            from ingest.list_writing import additions

            found = additions.to_file(library, options.against, _filters(options))
            _warn(found.summary())
            text = found.text
        else:
            # A graph is a hundred thousand small objects, all needed until the end.
            gc.disable()
            try:
                text = library.export(options.format, _filters(options))
            finally:
                gc.enable()
    _deliver(text, options.output)


def evaluate(options: argparse.Namespace) -> None:
    """Measure retrieval."""
    from search import evaluation

    chosen = settings.load()
    result = evaluation.evaluate(
        options.folder,
        chosen.model,
        chosen.index,
        chosen.words,
        modes=[Mode(mode) for mode in options.mode or Mode],
        distractors=options.distractors,
        most=options.most,
        state=chosen.cache,
    )
    _print(options, "evaluation", result)


def status(options: argparse.Namespace) -> None:
    """Show the state of the atlas, or whether its catalogue is sound."""
    with _library() as library:
        if not options.check:
            _print(options, "status", library.status())
            return
        found = library.faults()
    _print(options, "faults", found)
    if found:
        many = "one thing is" if len(found) == 1 else f"{len(found)} things are"
        raise AtlasError(f"{many} wrong with the catalogue", "each line above says the way back")


def serve(options: argparse.Namespace) -> None:
    """Serve the page until Ctrl+C."""
    from ui.web import server

    serving = server.Serving(
        options.host,
        options.port,
        options.refresh_every,
        options.mcp,
        allow_hosts=tuple(options.allow_host),
        proxies=tuple(options.proxy),
        rate=options.rate,
        workers=options.workers,
        digest=(options.digest, options.digest_form, options.digest_empty),
        follow=options.follow,
        every=options.every,
    )
    with _library() as library:
        server.serve(library, serving)


def mcp(options: argparse.Namespace) -> None:
    """Answer an MCP client until it ends."""
    from ui.api.mcp import serve_stdio

    del options
    with _library() as library:
        serve_stdio(library)
