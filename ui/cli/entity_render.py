"""What the commands about methods, benchmarks and models print for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.tree import Tree

from kg.entities.entity import Relation, Source
from kg.store.cards import NEEDS
from ui.cli.printing import console, plain, print_facts, print_table, title
from ui.cli.wording import names
from ui.text.card_words import FIELDS, PREDICTED, link_name, words

if TYPE_CHECKING:
    from kg.analysis.families import Family, FamilyMember
    from kg.store.cards import Need
    from search.pages.entity import EntityPage, LinkedEntity
    from search.pages.methods import MethodTable

MAX_NAMED = 8
"""Entities of one line."""

BAR_WIDTH = 30
"""Columns of the longest bar."""

_RELATION_WORDS: Final = {
    Relation.BUILDS_ON: ("builds", "build", "on it"),
    Relation.COMPARES_WITH: ("compares", "compare", "with it"),
    Relation.EVALUATES_ON: ("is", "are", "evaluated on it"),
    Relation.WORKS_ON: ("works", "work", "on it"),
    Relation.MENTIONS: ("mentions", "mention", "it"),
}


def about(page: "EntityPage") -> None:
    """Print an entity's page."""
    out = console()
    entity = page.entity
    out.print(plain(entity.name, "bold").append_text(plain(f"  {entity.id}", "cyan")))
    if page.about:
        by = f" ({page.about_by})" if page.about_by else ""
        out.print(plain(page.about + by))
    for one in page.introduced_by:
        paper = one.paper
        facts = filter(None, (names(paper.authors), str(paper.year or ""), paper.id))
        out.print(plain("introduced by ", "dim"), title(paper), sep="")
        out.print(plain(f"  {' · '.join(facts)}", "cyan"))
    if not page.introduced_by:
        out.print(plain("the atlas lacks the paper that introduced it", "dim"))
    used = [
        f"{len(papers):,} {many if len(papers) > 1 else one} {rest}"
        for relation, papers in page.papers.items()
        if relation in _RELATION_WORDS
        for one, many, rest in (_RELATION_WORDS[relation],)
    ]
    noun = "papers" if len(page.used_by) > 1 else "paper"
    rows = {
        "also called": ", ".join(name.text for name in entity.names[1:]),
        "builds on": _named(page.builds_on),
        "built on by": _named(page.built_on_by),
        "compared with": _named(page.compared_with),
        "evaluated on": _named(page.measured_on),
        "used by": f"{len(page.used_by):,} {noun}: {', '.join(used)}" if used else "",
        "topics": ", ".join(page.topics),
        "code": page.code or "",
        "called the same": ", ".join(one.id for one in page.others),
    }
    print_facts({name: plain(value) for name, value in rows.items() if value})
    _years(page)
    _family(page.family)


def methods(found: "MethodTable") -> None:
    """Print a table of methods."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    # So that the table fits into 80 columns.
    table.add_column("method", overflow="fold", min_width=19)
    table.add_column("year", no_wrap=True)
    for field in NEEDS:
        table.add_column(FIELDS[field][0])
    table.add_column("code", overflow="fold", min_width=12)
    table.add_column("used\nby", justify="right", no_wrap=True)
    for one in found.methods:
        needs = (_need(field, one.needs.get(field)) for field in NEEDS)
        code = plain(link_name(one.code) if one.code else "")
        used = f"{one.used_by:,}" if one.used_by else ""
        table.add_row(plain(one.entity.name, "bold"), str(one.year or ""), *needs, code, used)
    if found.methods:
        print_table(table)
    elif not found.topic:
        console().print("The atlas has no methods yet: `lfm refresh` brings them.")
        return
    where = f"that papers of {found.topic} introduce" if found.topic else "of the atlas"
    console().print(
        plain(
            f"{len(found.methods):,} of {found.total:,} methods {where}, the most used first", "dim"
        )
    )
    if any(need.predicted for one in found.methods for need in one.needs.values()):
        console().print(plain(PREDICTED, "dim"))


def _need(field: str, need: "Need | None") -> str:
    return "" if need is None else words(field, need.value) + ("?" if need.predicted else "")


def _named(linked: "Sequence[LinkedEntity]") -> str:
    """Return entities with how many papers use them, and how many more there are."""
    shown = [
        f"{one.entity.name} ({one.papers:,})" if one.papers else one.entity.name
        for one in linked[:MAX_NAMED]
    ]
    more = len(linked) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def _years(page: "EntityPage") -> None:
    most = max(page.years.values(), default=0)
    if most < 2:
        return
    out = console()
    out.print("\n[dim]papers by year[/dim]")
    for year in range(min(page.years), max(page.years) + 1):
        papers = page.years.get(year, 0)
        bar = "█" * max(round(BAR_WIDTH * papers / most), bool(papers))
        out.print(plain(f"  {year} {bar} {papers:,}" if papers else f"  {year}"))


def _family(found: "Family") -> None:
    if len(found.members) < 2:
        return
    out = console()
    out.print("\n[dim]family: what extends what, with year and papers that use it[/dim]")
    root = found.members[0]
    for above in found.beside(found.root, before=True):
        branch = Tree(plain(f"extends {_member(above)}"))
        _grow(branch, found, above, before=True)
        out.print(branch)
    if found.left_out_before:
        out.print(plain(f"and {found.left_out_before:,} more that it extends", "dim"))
    tree = Tree(plain(root.entity.name, "bold"))
    _grow(tree, found, root, before=False)
    out.print(tree)
    if any(one.source is Source.CARD for one in found.members):
        out.print(
            plain(
                "~ by the card of its paper, which builds on it; what only uses it is left out",
                "dim",
            )
        )


def _grow(branch: Tree, found: "Family", member: "FamilyMember", before: bool) -> None:
    for one in found.beside(member.entity.id, before):
        words = f"extends {_member(one)}" if before else _member(one)
        _grow(branch.add(plain(words)), found, one, before)
    if member.left_out:
        verb = ("builds", "build")[member.left_out > 1]
        rest = "that it builds on" if before else f"that {verb} on it"
        branch.add(plain(f"and {member.left_out:,} more {rest}", "dim"))


def _member(one: "FamilyMember") -> str:
    facts = ", ".join(filter(None, (str(one.year or ""), f"{one.papers:,}" if one.papers else "")))
    mark = "~ " if one.source is Source.CARD else ""
    return f"{mark}{one.entity.name}" + (f" ({facts})" if facts else "")
