"""What the commands print for people, by rich."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from ui.cli.answer_render import answer, similar
from ui.cli.paper_render import paper, topics
from ui.cli.printing import console, plain, print_facts, print_table, title
from ui.cli.wording import names

if TYPE_CHECKING:  # A question is rendered without loading what only other commands need.
    from ingest.adding.add import Added
    from ingest.adding.read_file import Reading
    from ingest.cluster.command import Embedded
    from ingest.entities.decide import DecidedName
    from ingest.placement.review import Reviewed
    from ingest.report import RefreshReport
    from kg.snapshot.file import Loaded, Saved
    from kg.store.integrity import Fault
    from kg.store.journal import Change
    from search.evaluation import Evaluation
    from search.pages.reviews import Reviews
    from search.pages.status import Status


def status(found: "Status") -> None:
    """Print the state of the atlas."""
    facts = asdict(found)
    counts = {name: f"{value:,}" for name, value in facts.pop("counts").items()}
    if counts["entities"] == "0":
        counts["entities"] = "none yet: lfm refresh brings them"
    followed = facts.pop("following")
    rest = {name: "never" if value is None else str(value) for name, value in facts.items()}
    print_facts({name.replace("_", " "): value for name, value in (counts | rest).items()})
    if followed:
        named = ("source", "checked", "loaded")
        about = {name: str(followed[name] or "never") for name in named}
        print_facts({"follows": about.pop("source"), **about, "problem": followed["problem"] or ""})


def faults(found: "Sequence[Fault]") -> None:
    """Print what is wrong with a catalogue, a line each."""
    for fault in found:
        print(plain(str(fault)))
    if not found:
        print("the catalogue is sound")


def entries(found: "Reading") -> None:
    """Print what a list or page says."""
    table = Table(box=None, header_style="bold")
    for column in ("line", "arXiv", "year", "title", "topic"):
        table.add_column(column, no_wrap=column in ("arXiv", "year", "line"))
    for entry, topic in zip(found.entries, found.topics, strict=True):
        table.add_row(
            str(entry.line or ""),
            entry.arxiv_id or "",
            str(entry.year or ""),
            plain(entry.title),
            plain(topic or ""),
        )
    out = console()
    print_table(table)
    for conflict in found.conflicts:
        out.print(plain(conflict.message(), "yellow"))
    ids = {entry.arxiv_id for entry in found.entries if entry.arxiv_id}
    out.print(f"[dim]{len(found.entries)} entries, {len(ids)} arXiv papers[/dim]")


def added(found: "Added") -> None:
    """Print the counts of an addition."""
    one = {**_ADDED, **_ONE}
    counts = ", ".join(
        f"{count:,} {(one if count == 1 else _ADDED).get(name, name)}"
        for name, count in found.counts.items()
        if count or name not in _ADDED
    )
    console().print(plain(f"{found.source}: {counts}"))
    if found.counts.get("queued"):
        console().print("[dim]lfm review shows what waits for a decision[/dim]")
    if found.counts.get("outside"):
        console().print("[dim]--topic ID or --all takes what is outside all the same[/dim]")


_MAX_NAMING = 3
"""Papers that are shown of a proposed name."""

_ADDED = {
    "placed": "placed by the model",
    "queued": "waiting for a review",
    "outside": "outside of the field",
    "rejected": "rejected before",
    "held": "to be judged",
    "cards_unchanged": "cards as they were",
    "entities_unchanged": "entities as they were",
    "entities_removed": "entities removed",
    "cards_dropped": "cards of papers that the atlas lacks",
    "predicted": "cards predicted",
    "related": "papers whose relations changed",
    "proposed": "names proposed as entities",
}
"""What the counts of added papers mean, where their names do not say it."""

_ONE = {
    "cards": "card",
    "cards_unchanged": "card as it was",
    "cards_dropped": "card of a paper that the atlas lacks",
    "entities": "entity",
    "entities_unchanged": "entity as it was",
    "entities_removed": "entity removed",
    "predicted": "card predicted",
    "related": "paper whose relations changed",
    "proposed": "name proposed as an entity",
}
"""The same of one."""


def embedded(found: "Embedded") -> None:
    """Print what was embedded."""
    where = f" by {found.workers} workers of the cluster" if found.workers else ""
    console().print(
        f"{found.embedded:,} embedded{where}; {found.indexed:,} of {found.papers:,} papers indexed"
    )
    if found.lost:
        console().print(f"workers lost: {found.lost}; others embedded their papers")


def evaluation(found: "Evaluation") -> None:
    """Print what a benchmark measured."""
    table = Table(box=None, header_style="bold")
    table.add_column("mode")
    names = list(next(iter(found.modes.values())))
    for name in names:
        table.add_column(name, justify="right")
    for mode, measures in found.modes.items():
        table.add_row(mode, *(f"{measures[name]:.4f}" for name in names))
    out = console()
    print_table(table)
    text = f"{found.without_text:,} found by title alone" if found.without_text else "all with text"
    out.print(
        f"[dim]{found.queries:,} queries, {found.documents:,} documents ({text}),"
        f" {found.distractors:,} distractors[/dim]"
    )


def refreshed(report: "RefreshReport") -> None:
    """Print what a refresh did."""
    table = Table(box=None, header_style="bold")
    table.add_column("source", no_wrap=True)
    counts = ("fetched", "added", "updated", "unchanged", "withdrawn", "gone", "candidates")
    # What is nought everywhere says nothing, and a terminal is narrow.
    shown = ["requests"]
    shown += [name for name in counts if any(getattr(one, name) for one in report.sources)]
    for name in shown:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("failed" if report.failed else "", overflow="fold")
    for one in report.sources:
        numbers = (f"{getattr(one, name):,}" for name in shown)
        table.add_row(one.source, *numbers, plain("; ".join(one.failed), "red"))
    out = console()
    print_table(table)
    for one in report.sources:
        for note in one.notes:
            out.print(plain(f"{one.source}: {note}", "yellow"))
    placing = report.placing
    out.print(
        f"judged {placing.judged:,}: {placing.placed:,} placed, {placing.queued:,} to review,"
        f" {placing.outside:,} of other fields"
    )
    out.print(
        f"embedded {report.embedded:,}; predicted {report.predicted:,} cards;"
        f" related {report.related:,} papers to entities, {report.proposed:,} names proposed;"
        f" {report.indexed:,} vectors of {report.papers:,} papers"
        + (" [dim](dry run: nothing was stored)[/dim]" if report.dry_run else "")
    )


def waiting(found: "Reviews") -> None:
    """Print what waits for a reviewer."""
    out = console()
    for one in found.papers:
        out.print(title(one.paper))
        facts = (names(one.paper.authors), str(one.paper.year or ""), one.paper.id)
        out.print(plain("   " + " · ".join(filter(None, facts)), "cyan"))
        for topic, confidence in one.suggestions:
            out.print(plain(f"   {confidence:4.0%} {topic}", "green"))
    if found.papers:
        many = f"{len(found.papers)} papers"
        out.print(f"[dim]{many}; lfm review accept|reject|move ID \\[TOPIC][/dim]")
    for name in found.names:
        out.print(plain(f"{name.name}: a {name.type}, by {len(name.papers)} papers", "bold"))
        for used in name.papers[:_MAX_NAMING]:
            out.print(plain(f"   {used.id} {used.title}", "cyan"))
    if found.names:
        many = f"{len(found.names)} names that nobody knows"
        out.print(f"[dim]{many}; lfm review accept|reject NAME \\[TYPE][/dim]")
    if not found.papers and not found.names:
        out.print("Nothing waits for a decision.")


def reviewed(found: "Reviewed | DecidedName") -> None:
    """Print what became of a paper or a name by a decision."""
    from ingest.entities.decide import DecidedName

    if isinstance(found, DecidedName):
        what = f"{found.entity}, {found.related:,} papers" if found.entity else "rejected"
        console().print(plain(f"{found.name}: {what}"))
        return
    where = f"under {found.topic}" if found.topic else "rejected"
    console().print(plain(f"{found.paper.id}: {where}"))


def changes(found: "Sequence[Change]") -> None:
    """Print what became of papers."""
    table = Table(box=None, header_style="bold")
    for column in ("when", "what", "id", "title", "detail"):
        table.add_column(column, no_wrap=column in ("when", "what", "id"))
    for one in found:
        about = (plain(one.paper), plain(one.title or ""), plain(one.detail, "dim"))
        table.add_row(f"{one.at:%Y-%m-%d %H:%M}", one.kind, *about)
    if found:
        print_table(table)
    console().print(f"[dim]{len(found)} changes[/dim]")


def saved(found: "Saved") -> None:
    """Print what was saved."""
    papers = found.counts["papers"]
    console().print(plain(f"{found.path}: {papers:,} papers, {found.bytes / 1e6:.1f} MB"))


def loaded(found: "Loaded") -> None:
    """Print what was loaded."""
    out = console()
    out.print(plain(f"{found.source}: {found.counts['papers']:,} papers"))
    if found.kept:
        out.print(plain(f"the atlas that was here is kept in {found.kept}", "dim"))


PRINTED: Final[Mapping[str, Callable[[Any], None]]] = {
    one.__name__: one
    for one in (
        *(answer, similar, topics, paper, status, faults, entries, added, embedded),
        *(evaluation, refreshed, waiting, reviewed, changes, saved, loaded),
    )
}
"""What prints each kind of answer."""
