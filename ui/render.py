"""What the commands print: tables for people (rich), JSON for programs."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from kg.entities import Paper
from search.library import Answer, Hit, PaperPage, Placed, Status, TopicCount

if TYPE_CHECKING:  # A question is rendered without loading what only other commands need.
    from ingest.adding import Added
    from ingest.reading import Reading
    from search.evaluate import Evaluation


def _console() -> Console:
    # Emoji and highlighting would change what titles say.
    return Console(highlight=False, emoji=False, soft_wrap=False)


def _json(document: object) -> None:
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def brief(paper: Paper) -> dict[str, Any]:
    """Return the facts that every JSON answer gives of a paper."""
    return {
        "id": paper.id,
        "title": paper.title,
        "authors": list(paper.authors),
        "year": paper.year,
        "venue": paper.venue,
        "categories": list(paper.categories),
        "url": paper.url,
    }


def hit(found: Hit) -> dict[str, Any]:
    """Return one result as the command's contract names its parts."""
    return {
        "rank": found.rank,
        **brief(found.paper),
        "topics": list(found.topics),
        "score": round(found.score, 6),
        "evidence": found.evidence,
        "why": {"dense": found.dense, "keyword": found.keyword},
    }


def answer(found: Answer, as_json: bool) -> None:
    """Print an answer."""
    if as_json:
        _json(
            {
                "question": found.question,
                "took_ms": round(found.took_ms, 2),
                "results": [hit(one) for one in found.hits],
            }
        )
        return
    _hits(found.hits)
    console = _console()
    if not found.hits:
        console.print("No paper of the atlas passes these filters.")
    console.print(f"[dim]{len(found.hits)} papers in {found.took_ms:.0f} ms[/dim]")


def similar(name: str, hits: Sequence[Hit], as_json: bool) -> None:
    """Print the papers nearest to one."""
    if as_json:
        _json({"to": name, "results": [hit(one) for one in hits]})
    else:
        _hits(hits)


def _hits(hits: Sequence[Hit]) -> None:
    console = _console()
    for one in hits:
        console.print(_card(one))


def _card(one: Hit) -> RenderableType:
    paper = one.paper
    head = Text.assemble((f"{one.rank:>2}. ", "dim"), (paper.title, "bold"))
    lines: list[RenderableType] = [head]
    facts = [_names(paper.authors), str(paper.year or ""), paper.venue or "", paper.id]
    below: list[RenderableType] = [Text(" · ".join(fact for fact in facts if fact), "cyan")]
    if one.topics:
        below.append(Text(", ".join(one.topics), "green"))
    if one.evidence:
        below.append(Text(f"“{one.evidence}”", "italic"))
    ranks = [("meaning", one.dense), ("words", one.keyword)]
    told = ", ".join(f"{name} #{rank}" for name, rank in ranks if rank)
    below.append(Text(f"{told} · score {one.score:.3f}", "dim"))
    lines += [Padding(line, (0, 0, 0, 4)) for line in below]
    return Group(*lines)


def _names(authors: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(authors[:most])
    return f"{shown} et al." if len(authors) > most else shown


def _tree(topic: TopicCount) -> dict[str, Any]:
    return {
        "id": topic.id,
        "name": topic.name,
        "papers": topic.papers,
        "children": [_tree(child) for child in topic.children],
    }


def topics(tree: Sequence[TopicCount], papers: Sequence[Placed] | None, as_json: bool) -> None:
    """Print the topic tree, or one topic with its papers."""
    if as_json:
        document: dict[str, Any] = {"topics": [_tree(topic) for topic in tree]}
        if papers is not None:
            document["definition"] = tree[0].definition
            document["papers"] = [
                {**brief(placed.paper), "topics": list(placed.topics)} for placed in papers
            ]
        _json(document)
        return
    console = _console()
    for topic in tree:
        if papers is not None:
            console.print(escape(topic.definition))
        branch = Tree(_label(topic))
        _grow(branch, topic)
        console.print(branch)
    if papers is not None:
        table = Table(box=None, header_style="bold")
        for column in ("year", "id", "title"):
            table.add_column(column, no_wrap=column != "title")
        for placed in papers:
            paper = placed.paper
            table.add_row(str(paper.year or ""), paper.id, Text(paper.title))
        console.print(table)


def _label(topic: TopicCount) -> str:
    last = topic.id.rpartition("/")[2]
    return f"{escape(topic.name)} [dim]{last}[/dim] [cyan]{topic.papers}[/cyan]"


def _grow(branch: Tree, topic: TopicCount) -> None:
    for child in topic.children:
        _grow(branch.add(_label(child)), child)


def paper(page: PaperPage, as_json: bool) -> None:
    """Print one paper's page."""
    found = page.paper
    if as_json:
        _json(
            {
                **brief(found),
                "arxiv_id": found.arxiv_id,
                "doi": found.doi,
                "published": found.published and found.published.isoformat(),
                "updated": found.updated and found.updated.isoformat(),
                "comment": found.comment,
                "journal_ref": found.journal_ref,
                "withdrawn": found.withdrawn,
                "abstract": found.abstract,
                "topics": [asdict(placement) for placement in page.placements],
                "lists": list(page.lists),
                "references": [brief(one) for one in page.references],
                "citations": [brief(one) for one in page.citations],
                "similar": [hit(one) for one in page.similar],
            }
        )
        return
    console = _console()
    console.print(Text(found.title, "bold"))
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
        "withdrawn": "yes" if found.withdrawn else "",
        "comment": found.comment or "",
        "abstract": found.abstract or "",
    }
    for name, value in rows.items():
        if value:
            table.add_row(name, Text(value))
    console.print(table)
    for name, papers in (("cites", page.references), ("cited by", page.citations)):
        if papers:
            console.print(f"[dim]{name} {len(papers)} papers of the atlas[/dim]")
            for one in papers:
                console.print(Text(f"  {one.year or '    '}  {one.id}  {one.title}"))
    console.print("[dim]similar[/dim]")
    for near in page.similar:
        console.print(Text(f"  {near.score:.2f}  {near.paper.id}  {near.paper.title}"))


def status(found: Status, as_json: bool) -> None:
    """Print the state of the atlas."""
    document = asdict(found)
    if as_json:
        _json(document)
        return
    table = Table(box=None, show_header=False)
    table.add_column(style="dim")
    table.add_column()
    for name, value in document.pop("counts").items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    for name, value in document.items():
        table.add_row(name.replace("_", " "), "never" if value is None else str(value))
    _console().print(table)


def entries(found: "Reading", as_json: bool) -> None:
    """Print what a list or page says."""
    for problem in found.problems:
        print(f"lfm: {problem}", file=sys.stderr)
    if as_json:
        _json(
            {
                "entries": [
                    {
                        "title": entry.title,
                        "url": entry.url,
                        "arxiv_id": entry.arxiv_id,
                        "doi": entry.doi,
                        "headings": list(entry.headings),
                        "topic": topic,
                        "year": entry.year,
                        "venue": entry.venue,
                        "authors": list(entry.authors),
                        "starred": entry.starred,
                    }
                    for entry, topic in zip(found.entries, found.topics, strict=True)
                ],
                "conflicts": [asdict(conflict) for conflict in found.conflicts],
            }
        )
        return
    table = Table(box=None, header_style="bold")
    for column in ("line", "arXiv", "year", "title", "topic"):
        table.add_column(column, no_wrap=column in ("arXiv", "year", "line"))
    for entry, topic in zip(found.entries, found.topics, strict=True):
        table.add_row(
            str(entry.line or ""),
            entry.arxiv_id or "",
            str(entry.year or ""),
            Text(entry.title),
            Text(topic or ""),
        )
    console = _console()
    console.print(table)
    for conflict in found.conflicts:
        console.print(Text(conflict.told(), "yellow"))
    ids = {entry.arxiv_id for entry in found.entries if entry.arxiv_id}
    console.print(f"[dim]{len(found.entries)} entries, {len(ids)} arXiv papers[/dim]")


def added(report: "Added", as_json: bool) -> None:
    """Print what became of an added file."""
    for problem in report.problems:
        print(f"lfm: {problem}", file=sys.stderr)
    if as_json:
        _json(asdict(report))
    else:
        counts = ", ".join(f"{count:,} {name}" for name, count in report.counts.items())
        _console().print(Text(f"{report.source}: {counts}"))


def evaluation(found: "Evaluation", as_json: bool) -> None:
    """Print what a benchmark measured."""
    if as_json:
        _json(asdict(found))
        return
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
