"""What the commands that show topics and papers print for people."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.tree import Tree

from kg.cards.card import NAMES
from kg.ids.topic_ids import last_part
from kg.store.details import Details
from ui.cli.answer_render import label_words
from ui.cli.printing import console, plain, print_facts, print_table, title
from ui.text.card_words import FIELDS, labels, link_notes

if TYPE_CHECKING:  # A question is rendered without loading what only other commands need.
    from search.pages.paper import PaperPage
    from search.pages.topic import TopicCount, TopicFacts, TopicPage


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
        kind = next(map(label_words, labels(placed.details.card)), "")
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
