"""What the commands print for people: tables and trees, by rich."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from kg.entities import Paper
from search.library import Answer, Hit, PaperPage, Status, TopicCount, TopicPage

if TYPE_CHECKING:  # A question is rendered without loading what only other commands need.
    from ingest.adding import Added
    from ingest.reading import Reading
    from ingest.report import RefreshReport
    from ingest.reviewing import Reviewed
    from kg.journal import Change
    from kg.reviews import Waiting
    from kg.snapshot_file import Loaded, Saved
    from search.evaluate import Evaluation


# Escape sequences in a title from outside could rewrite what the terminal shows.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _text(text: str, style: str = "") -> Text:
    return Text(_CONTROL.sub("", text), style)


def _console() -> Console:
    # Emoji and highlighting would change what titles say.
    return Console(highlight=False, emoji=False, soft_wrap=False)


def answer(found: Answer) -> None:
    """Print an answer."""
    _hits(found.hits)
    console = _console()
    if not found.hits:
        console.print("No paper of the atlas passes these filters.")
    console.print(f"[dim]{len(found.hits)} papers in {found.took_ms:.0f} ms[/dim]")


def similar(found: Sequence[Hit]) -> None:
    """Print the papers nearest to one."""
    _hits(found)


def _hits(hits: Sequence[Hit]) -> None:
    console = _console()
    for one in hits:
        console.print(_card(one))


def _card(one: Hit) -> RenderableType:
    paper = one.paper
    facts = [_names(paper.authors), str(paper.year or ""), paper.venue or "", paper.id]
    lines = [
        _title(paper),
        _text(" · ".join(fact for fact in facts if fact), "cyan"),
    ]
    if one.topics:
        lines.append(_text(", ".join(one.topics), "green"))
    if one.evidence:
        lines.append(_text(f"“{one.evidence}”", "italic"))
    ranks = [("meaning", one.dense), ("words", one.keyword)]
    told = ", ".join(f"{name} #{rank}" for name, rank in ranks if rank)
    lines.append(_text(f"{told} · score {one.score:.3f}", "dim"))
    card = Table.grid(padding=(0, 1))
    card.add_row(_text(f"{one.rank:>2}.", "dim"), Group(*lines))
    return card


def _title(paper: Paper) -> Text:
    title = _text(paper.title, "bold")
    return title.append(" (withdrawn)", "bold red") if paper.withdrawn else title


def _names(authors: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(authors[:most])
    return f"{shown} et al." if len(authors) > most else shown


def topics(found: TopicPage) -> None:
    """Print the topic tree, or one topic with its papers."""
    console = _console()
    for topic in found.tree:
        branch = Tree(_label(topic))
        _grow(branch, topic)
        console.print(branch)
    if found.papers is None:
        return
    console.print(_text(found.tree[0].definition, "italic"))
    table = Table(box=None, header_style="bold")
    for column in ("year", "id", "title"):
        table.add_column(column, no_wrap=column != "title")
    for placed in found.papers:
        paper = placed.paper
        table.add_row(str(paper.year or ""), _text(paper.id), _title(paper))
    console.print(table)


def _label(topic: TopicCount) -> str:
    last = topic.id.rpartition("/")[2]
    return f"{escape(topic.name)} [dim]{last}[/dim] [cyan]{topic.papers}[/cyan]"


def _grow(branch: Tree, topic: TopicCount) -> None:
    for child in topic.children:
        _grow(branch.add(_label(child)), child)


def paper(page: PaperPage) -> None:
    """Print one paper's page."""
    found = page.paper
    console = _console()
    console.print(_title(found))
    table = Table(box=None, show_header=False)
    table.add_column(style="dim")
    table.add_column()
    rows = {
        "authors": ", ".join(found.authors),
        "date": str(found.published or found.year or ""),
        "venue": found.venue or "",
        "id": found.id,
        "link": found.url or "",
        "categories": ", ".join(found.categories),
        "topics": "\n".join(f"{p.topic} (by {p.placed_by} {p.source})" for p in page.placements),
        "version": str(found.version or ""),
        "comment": found.comment or "",
        "abstract": found.abstract or "",
    }
    for name, value in rows.items():
        if value:
            table.add_row(name, _text(value))
    console.print(table)
    for name, papers in (("cites", page.references), ("cited by", page.citations)):
        if papers:
            console.print(f"[dim]{name} {len(papers)} papers of the atlas[/dim]")
            for one in papers:
                console.print(_text(f"  {one.year or '    '}  {one.id}  {one.title}"))
    console.print("[dim]similar[/dim]")
    for near in page.similar:
        console.print(_text(f"  {near.score:.2f}  {near.paper.id}  {near.paper.title}"))


def status(found: Status) -> None:
    """Print the state of the atlas."""
    document = asdict(found)
    table = Table(box=None, show_header=False)
    table.add_column(style="dim")
    table.add_column()
    for name, value in document.pop("counts").items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    for name, value in document.items():
        table.add_row(name.replace("_", " "), "never" if value is None else str(value))
    _console().print(table)


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
            _text(entry.title),
            _text(topic or ""),
        )
    console = _console()
    console.print(table)
    for conflict in found.conflicts:
        console.print(_text(conflict.told(), "yellow"))
    ids = {entry.arxiv_id for entry in found.entries if entry.arxiv_id}
    console.print(f"[dim]{len(found.entries)} entries, {len(ids)} arXiv papers[/dim]")


def added(found: "Added") -> None:
    """Print what became of an added file."""
    counts = ", ".join(f"{count:,} {name}" for name, count in found.counts.items())
    _console().print(_text(f"{found.source}: {counts}"))


def evaluation(found: "Evaluation") -> None:
    """Print what a benchmark measured."""
    table = Table(box=None, header_style="bold")
    table.add_column("mode")
    names = list(next(iter(found.modes.values())))
    for name in names:
        table.add_column(name, justify="right")
    for mode, measures in found.modes.items():
        table.add_row(mode, *(f"{measures[name]:.4f}" for name in names))
    console = _console()
    console.print(table)
    text = f"{found.without_text:,} found by title alone" if found.without_text else "all with text"
    console.print(
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
        table.add_row(one.source, *numbers, _text("; ".join(one.failed), "red"))
    console = _console()
    console.print(table)
    for one in report.sources:
        for note in one.notes:
            console.print(_text(f"{one.source}: {note}", "yellow"))
    placing = report.placing
    console.print(
        f"judged {placing.judged:,}: {placing.placed:,} placed, {placing.queued:,} to review,"
        f" {placing.outside:,} of other fields"
    )
    console.print(
        f"embedded {report.embedded:,}; {report.indexed:,} vectors of {report.papers:,} papers"
        + (" [dim](dry run: nothing was stored)[/dim]" if report.dry_run else "")
    )


def waiting(found: "Sequence[Waiting]") -> None:
    """Print the review queue."""
    console = _console()
    for one in found:
        console.print(_title(one.paper))
        facts = (_names(one.paper.authors), str(one.paper.year or ""), one.paper.id)
        console.print(_text("   " + " · ".join(fact for fact in facts if fact), "cyan"))
        for topic, confidence in one.suggestions:
            console.print(_text(f"   {confidence:4.0%} {topic}", "green"))
    if not found:
        console.print("No paper waits for a decision.")
        return
    console.print(f"[dim]{len(found)} papers; lfm review accept|reject|move ID \\[TOPIC][/dim]")


def reviewed(found: "Reviewed") -> None:
    """Print what became of a paper by a decision."""
    where = f"under {found.topic}" if found.topic else "rejected"
    _console().print(_text(f"{found.paper.id}: {where}"))


def changes(found: "Sequence[Change]") -> None:
    """Print what became of papers."""
    table = Table(box=None, header_style="bold")
    for column in ("when", "what", "id", "title", "detail"):
        table.add_column(column, no_wrap=column in ("when", "what", "id"))
    for one in found:
        when = f"{one.at:%Y-%m-%d %H:%M}"
        table.add_row(
            when, one.kind, _text(one.paper), _text(one.title or ""), _text(one.detail, "dim")
        )
    console = _console()
    if found:
        console.print(table)
    console.print(f"[dim]{len(found)} changes[/dim]")


def saved(found: "Saved") -> None:
    """Print what was saved."""
    papers = found.counts["papers"]
    _console().print(_text(f"{found.path}: {papers:,} papers, {found.bytes / 1e6:.1f} MB"))


def loaded(found: "Loaded") -> None:
    """Print what was loaded."""
    console = _console()
    console.print(_text(f"{found.source}: {found.counts['papers']:,} papers"))
    if found.kept:
        console.print(_text(f"the atlas that was here is kept in {found.kept}", "dim"))
