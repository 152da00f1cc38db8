"""What the commands that show papers print for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.tree import Tree

from kg.cards.card import NAMES
from kg.ids.topic_ids import last_part
from kg.store.details import Details
from search.ranking.answers import Answer, Hit
from search.ranking.strength import NEAREST, Strength
from ui.cli.printing import console, names, plain, print_facts, print_table, title
from ui.cli.summary_render import summary as print_summary
from ui.text import reading_words
from ui.text.card_words import FIELDS, PREDICTED, CardLabel, labels, link_notes
from ui.text.quantities import counted

if TYPE_CHECKING:  # A question is rendered without loading what only other commands need.
    from search.pages.paper import PaperPage
    from search.pages.topic import TopicCount, TopicFacts, TopicPage
    from search.ranking.summary import Summary

MAX_NEAREST = 3
"""Papers that are shown of an answer without evidence."""


def answer(found: Answer, summary: "Summary | None" = None) -> None:
    """Print an answer, what its papers say first; of one without evidence, the nearest papers in a
    line each.
    """
    out = console()
    judgement = found.judgement
    if found.understood:
        told = plain(f"Understood: {reading_words.line(found.understood)}", "cyan")
        out.print(told.append(f" ({reading_words.LITERALLY})", "dim"))
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
        if summary is not None and len(found.hits) > 1:
            print_summary(summary, out)
        similar(found.hits)
    if not found.hits and not found.notes:
        out.print("No paper of the atlas passes these filters.")
    if judgement.strength is not Strength.NONE:
        compared = " ".join(found.compared) or "-q QUESTION"
        side_by_side = f"; `lfm compare {compared}` shows them side by side"
        out.print(
            f"[dim]{counted(len(found.hits), 'paper')} in {found.took_ms:.0f} ms"
            f"{side_by_side if len(found.hits) > 1 else ''}[/dim]"
        )


def similar(found: Sequence[Hit]) -> None:
    """Print papers, the nearest first, with what they are near by."""
    out = console()
    for one in found:
        out.print(_hit(one))
    cards = [one.details.card for one in found]
    if any(card and card.confidence for card in cards):
        out.print(f"[dim]{PREDICTED}[/dim]")


def _hit(one: Hit) -> RenderableType:
    paper = one.paper
    facts = [names(paper.authors), str(paper.year or ""), paper.venue or "", paper.id]
    lines = [title(paper), plain(" · ".join(filter(None, facts)), "cyan")]
    if one.details.summary:
        lines.append(plain(one.details.summary))
    if marks := _marks(one.details):
        lines.append(plain(" · ".join(marks), "magenta"))
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
    row = Table.grid(padding=(0, 1))
    for _ in range(2):
        row.add_column(overflow="fold")
    row.add_row(plain(f"{one.rank:>2}.", "dim"), Group(*lines))
    return row


def _marks(details: Details) -> list[str]:
    """Return what a paper is and needs, its code and its citations, each in a few words."""
    marks = [_words(label) for label in labels(details.card)]
    if details.code:
        marks.append(f"code {details.code}")
    if details.citations is not None:
        marks.append(f"cited {details.citations:,} times")
    return marks


def _words(label: CardLabel) -> str:
    return label.words if label.confidence is None else f"{label.words}?"


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
        if found.facts.methods.methods:
            out.print(plain(found.facts.methods.text))
        _topic_facts(found.facts, out)
        out.print("\n[dim]all papers, newest first[/dim]")
    table = Table(box=None, header_style="bold")
    for column in ("year", "id", "kind", "title"):
        table.add_column(column, no_wrap=column != "title")
    for placed in found.papers:
        paper = placed.paper
        kind = next(map(_words, labels(placed.details.card)), "")
        table.add_row(str(paper.year or ""), plain(paper.id), kind, title(paper))
    print_table(table)


def _topic_facts(found: "TopicFacts", out: Console) -> None:
    out.print(plain(f"{' / '.join(found.path)} · origin: {found.origin}", "dim"))
    if found.newest:
        out.print("\n[dim]newest[/dim]")
    for placed in found.newest:
        one = placed.paper
        out.print(plain(f"  {one.published or one.year or '    '}  {one.id}  {one.title}"))
        if placed.details.summary:
            out.print(Padding(plain(placed.details.summary, "dim"), (0, 0, 0, 4)))
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
    if page.details.summary:
        out.print(plain(page.details.summary))
    rows = {
        **_known(page.details),
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
    print_facts({name: plain(value) for name, value in rows.items() if value})
    for name, papers in (("cites", page.references), ("cited by", page.citations)):
        if papers:
            out.print(f"[dim]{name} {len(papers)} papers of the atlas[/dim]")
            for one in papers:
                out.print(plain(f"  {one.year or '    '}  {one.id}  {one.title}"))
    out.print("[dim]similar[/dim]")
    for near in page.similar:
        out.print(plain(f"  {near.score:.2f}  {near.paper.id}  {near.paper.title}"))


def _known(details: Details) -> dict[str, str]:
    """Return what the card, the links and the reports say, a text for each heading."""
    card = details.card
    rows = {"problem": (card and card.problem) or ""}
    for field, (heading, _) in FIELDS.items():
        found = [label for label in labels(card) if label.field == field]
        sure = found[0].confidence if found else None
        note = "" if sure is None else f" (predicted, {sure:.0%} sure)"
        rows[heading] = ", ".join(label.words for label in found) + note
    for link in details.links:
        line = f"{link.url} ({', '.join(link_notes(link))})"
        rows[link.kind] = f"{rows[link.kind]}\n{line}" if link.kind in rows else line
    for name in NAMES:
        rows[name.replace("_", " ")] = ", ".join(getattr(card, name, ()))
    counts = [one for one in details.reports if one.citations is not None]
    rows["citations"] = "\n".join(
        f"{one.citations:,} over all papers ({one.source}, {one.reported})" for one in counts
    )
    free = dict.fromkeys(one.open_access for one in details.reports if one.open_access)
    return rows | {"open access": "\n".join(free)}
