"""What the commands print for people: tables and trees, by rich."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from kg.entities import Paper
from kg.ids.topic_ids import last_part
from kg.text.plain import without_controls
from search.ranking.answers import Answer, Hit
from search.ranking.strength import NEAREST, Strength

if TYPE_CHECKING:  # A question is rendered without loading what only other commands need.
    from ingest.adding.add import Added
    from ingest.adding.read_file import Reading
    from ingest.placement.review import Reviewed
    from ingest.report import RefreshReport
    from kg.snapshot.file import Loaded, Saved
    from kg.store.integrity import Fault
    from kg.store.journal import Change
    from kg.store.reviews import QueuedPaper
    from search.evaluation import Evaluation
    from search.pages.paper import PaperPage
    from search.pages.status import Status
    from search.pages.topic import TopicCount, TopicFacts, TopicPage


MIN_WIDTH = 20
"""Least width of what is printed; a narrower terminal wraps it itself."""

MAX_WIDTH = 100_000
"""Width, in columns, that any table fits into."""

MAX_NEAREST = 3
"""Papers that are shown of an answer without evidence."""


def plain(text: str, style: str = "") -> Text:
    """Return text from outside as it is, without what could steer the terminal."""
    return Text(without_controls(text), style)


def console() -> Console:
    """Return where to print, `MIN_WIDTH` columns wide at least."""
    # Emoji and highlighting would change what titles say.
    made = Console(highlight=False, emoji=False, soft_wrap=False)
    made.width = max(made.width, MIN_WIDTH)
    return made


def print_table(table: Table) -> None:
    """Print a table; where it is too wide to be read, each cell on a line with its heading."""
    out = console()
    # Measured as if there were room enough: what does not fit would be cut.
    room = out.options.update(max_width=MAX_WIDTH)
    if Measurement.get(out, room, table).minimum <= out.width:
        out.print(table)
        return
    rows = zip(*(column.cells for column in table.columns), strict=True)
    for row in rows:
        cells = [cell if isinstance(cell, Text) else Text(str(cell)) for cell in row]
        if table.show_header:
            for column, cell in zip(table.columns, cells, strict=True):
                heading = f"{column.header}: " if column.header else ""
                if cell.plain:
                    out.print(Text(heading, "dim").append_text(cell))
        else:
            out.print(Text(" ").join(cell for cell in cells if cell.plain))


def answer(found: Answer) -> None:
    """Print an answer; of one without evidence, the nearest papers in a line each."""
    out = console()
    judgement = found.judgement
    if found.understood:
        out.print(plain("Understood: " + "; ".join(map(str, found.understood)), "cyan"))
    if found.hits or found.notes:
        for line in filter(None, (str(judgement), *found.notes)):
            out.print(plain(line, "yellow"))
    if judgement.strength is Strength.NONE:
        if found.hits:
            out.print(plain(NEAREST, "dim"))
        for one in found.hits[:MAX_NEAREST]:
            paper = one.paper
            out.print(plain(f"  {paper.year or '    '}  {paper.id}  ").append(title(paper)))
    else:
        similar(found.hits)
    if not found.hits and not found.notes:
        out.print("No paper of the atlas passes these filters.")
    if judgement.strength is not Strength.NONE:
        out.print(f"[dim]{len(found.hits)} papers in {found.took_ms:.0f} ms[/dim]")


def similar(found: Sequence[Hit]) -> None:
    """Print papers, the nearest first, with what they are near by."""
    out = console()
    for one in found:
        out.print(_card(one))


def _card(one: Hit) -> RenderableType:
    paper = one.paper
    facts = [_names(paper.authors), str(paper.year or ""), paper.venue or "", paper.id]
    lines = [title(paper), plain(" · ".join(filter(None, facts)), "cyan")]
    if one.topics:
        lines.append(plain(", ".join(one.topics), "green"))
    if one.evidence:
        lines.append(plain(f"“{one.evidence}”", "italic"))
    ranks = [("name", one.named), ("meaning", one.dense), ("words", one.keyword)]
    named = ", ".join(f"{name} #{rank}" for name, rank in ranks if rank)
    cited = f" · cites {', '.join(f'{rank}.' for rank in one.cites)}" if one.cites else ""
    # What is here by itself, such as the papers of an author, has no score.
    scored = one.dense is not None or one.keyword is not None
    found = f"{named} · score {one.score:.3f}" if scored else "asked for"
    lines.append(plain(found + cited, "dim"))
    card = Table.grid(padding=(0, 1))
    for _ in range(2):
        card.add_column(overflow="fold")
    card.add_row(plain(f"{one.rank:>2}.", "dim"), Group(*lines))
    return card


def title(paper: Paper) -> Text:
    """Return a paper's title, marked where it was withdrawn."""
    made = plain(paper.title, "bold")
    return made.append(" (withdrawn)", "bold red") if paper.withdrawn else made


def _names(authors: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(authors[:most])
    return f"{shown} et al." if len(authors) > most else shown


def topics(found: "TopicPage") -> None:
    """Print the topic tree, or all about one topic, its papers last."""
    out = console()
    for topic in found.tree:
        branch = Tree(_label(topic))
        _grow(branch, topic)
        out.print(branch)
    if found.papers is None:
        return
    out.print(plain(found.tree[0].definition, "italic"))
    if found.facts is not None:
        _topic_facts(found.facts, out)
        out.print("\n[dim]all papers, newest first[/dim]")
    table = Table(box=None, header_style="bold")
    for column in ("year", "id", "title"):
        table.add_column(column, no_wrap=column != "title")
    for placed in found.papers:
        paper = placed.paper
        table.add_row(str(paper.year or ""), plain(paper.id), title(paper))
    print_table(table)


def _topic_facts(found: "TopicFacts", out: Console) -> None:
    out.print(plain(f"{' / '.join(found.path)} · origin: {found.origin}", "dim"))
    if found.newest:
        out.print("\n[dim]newest[/dim]")
    for placed in found.newest:
        one = placed.paper
        out.print(plain(f"  {one.published or one.year or '    '}  {one.id}  {one.title}"))
    head = "most influential" if found.influential else "no citation within the topic is known"
    out.print(f"\n[dim]{head}; {found.coverage.words}[/dim]")
    for ranked in found.influential:
        one = ranked.paper
        cited = f"cited by {ranked.citations:,} of the topic"
        out.print(plain(f"  {one.year or '    '}  {one.id}  {one.title} ({cited})"))
    if found.related:
        out.print("\n[dim]related topics[/dim]")
    for topic in found.related:
        out.print(plain(f"  {topic.id}", "green"), plain(f"    {topic.reason}"), sep="\n")


def _label(topic: "TopicCount") -> str:
    return f"{escape(topic.name)} [dim]{last_part(topic.id)}[/dim] [cyan]{topic.papers}[/cyan]"


def _grow(branch: Tree, topic: "TopicCount") -> None:
    for child in topic.children:
        _grow(branch.add(_label(child)), child)


def paper(page: "PaperPage") -> None:
    """Print one paper's page."""
    found = page.paper
    out = console()
    out.print(title(found))
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
    _print_facts({name: plain(value) for name, value in rows.items() if value})
    for name, papers in (("cites", page.references), ("cited by", page.citations)):
        if papers:
            out.print(f"[dim]{name} {len(papers)} papers of the atlas[/dim]")
            for one in papers:
                out.print(plain(f"  {one.year or '    '}  {one.id}  {one.title}"))
    out.print("[dim]similar[/dim]")
    for near in page.similar:
        out.print(plain(f"  {near.score:.2f}  {near.paper.id}  {near.paper.title}"))


def status(found: "Status") -> None:
    """Print the state of the atlas."""
    facts = asdict(found)
    counts = {name: f"{value:,}" for name, value in facts.pop("counts").items()}
    rest = {name: "never" if value is None else str(value) for name, value in facts.items()}
    _print_facts({name.replace("_", " "): value for name, value in (counts | rest).items()})


def _print_facts(facts: Mapping[str, str | Text]) -> None:
    table = Table(box=None, show_header=False)
    table.add_column(style="dim")
    table.add_column()
    for name, value in facts.items():
        table.add_row(name, value)
    print_table(table)


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
    counts = ", ".join(
        f"{count:,} {_ADDED.get(name, name)}"
        for name, count in found.counts.items()
        if count or name not in _ADDED
    )
    console().print(plain(f"{found.source}: {counts}"))
    if found.counts.get("queued"):
        console().print("[dim]lfm review shows what waits for a decision[/dim]")
    if found.counts.get("outside"):
        console().print("[dim]--topic ID or --all takes what is outside all the same[/dim]")


_ADDED = {
    "placed": "placed by the model",
    "queued": "waiting for a review",
    "outside": "outside of the field",
    "rejected": "rejected before",
    "held": "to be judged",
}
"""What the counts of added papers mean, where their names do not say it."""


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
        f"embedded {report.embedded:,}; {report.indexed:,} vectors of {report.papers:,} papers"
        + (" [dim](dry run: nothing was stored)[/dim]" if report.dry_run else "")
    )


def waiting(found: "Sequence[QueuedPaper]") -> None:
    """Print the review queue."""
    out = console()
    for one in found:
        out.print(title(one.paper))
        facts = (_names(one.paper.authors), str(one.paper.year or ""), one.paper.id)
        out.print(plain("   " + " · ".join(filter(None, facts)), "cyan"))
        for topic, confidence in one.suggestions:
            out.print(plain(f"   {confidence:4.0%} {topic}", "green"))
    if not found:
        out.print("No paper waits for a decision.")
        return
    out.print(f"[dim]{len(found)} papers; lfm review accept|reject|move ID \\[TOPIC][/dim]")


def reviewed(found: "Reviewed") -> None:
    """Print what became of a paper by a decision."""
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
        *(answer, similar, topics, paper, status, faults, entries, added),
        *(evaluation, refreshed, waiting, reviewed, changes, saved, loaded),
    )
}
"""What prints each kind of answer."""
