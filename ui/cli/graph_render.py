"""What the commands that ask the graph print for people."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from kg.analysis.method_influence import MethodInfluence
from kg.records import Paper
from ui.cli.printing import console, plain, print_table, title

if TYPE_CHECKING:
    from kg.analysis.bridges import Bridges
    from kg.analysis.gaps import Gaps
    from kg.analysis.influence import Influence
    from kg.analysis.lineage import Lineage
    from kg.analysis.paths.connect import PathAnswer
    from kg.analysis.timeline import Timeline
    from search.pages.related import RelatedPapers


def path(found: "PathAnswer") -> None:
    """Print how two papers, topics or entities are connected."""
    out = console()
    if not any(route.steps for route in found.routes):
        out.print(plain(found.sentence))
    for number, route in enumerate(found.routes, 1):
        for place, step in enumerate(route.steps):
            out.print(plain(f"{f'{number}.' if not place else '':>3} {step.sentence}"))
    if found.nearest:
        out.print(plain(f"    {found.nearest.sentence}"))
    if not found.complete:
        _dim("there may be a shorter way: the search was given up")
    _known(found.known_citations, found.papers)


def related(found: "RelatedPapers") -> None:
    """Print what belongs with some papers."""
    for one in found.related:
        _paper(one.rank, one.paper, (reason.sentence for reason in one.reasons))
    if not found.related:
        console().print("Nothing in the atlas is known to belong with it.")
    _known(found.known_citations, found.papers)


def influential(found: "Influence | MethodInfluence") -> None:
    """Print the most influential papers, or methods."""
    if isinstance(found, MethodInfluence):
        _influential_methods(found)
        return
    table = Table(box=None, header_style="bold")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("title")
    # On two lines, so that the titles keep some room.
    for column in ("year", "id", "for\nits age", "by\nPageRank", "cited\nby"):
        table.add_column(column, justify="right", no_wrap=True)
    for one in found.papers:
        table.add_row(
            str(one.rank),
            title(one.paper),
            str(one.paper.year or ""),
            plain(one.paper.id),
            f"{one.score:+.1f}",
            f"#{one.pagerank_rank}",
            f"{one.citations:,}",
        )
    if found.papers:
        print_table(table)
    else:
        console().print("No citation within it is known.")
    _dim(found.coverage.words)


def _influential_methods(found: MethodInfluence) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("method", overflow="fold", min_width=19)
    table.add_column("year", no_wrap=True)
    table.add_column("id", overflow="fold", min_width=14)
    for column in ("used\nby", "built\non by", "compared\nwith by", "paper\nfor its\nage"):
        table.add_column(column, justify="right", no_wrap=True)
    for one in found.methods:
        table.add_row(
            str(one.rank),
            plain(one.entity.name, "bold"),
            str(one.year or ""),
            plain(one.entity.id),
            *(f"{n:,}" if n else "" for n in (one.used_by, one.built_on_by, one.compared_by)),
            "" if one.score is None else f"{one.score:+.1f}",
        )
    if found.methods:
        print_table(table)
    else:
        console().print("No paper is known to use a method that is introduced here.")
    _dim(f"{found.total:,} methods; {found.coverage.words}")


def lineage(found: "Lineage") -> None:
    """Print what a paper builds on, and what builds on it."""
    out = console()
    out.print(title(found.paper))
    out.print(plain(found.words))
    rows = (*found.before, *found.after)
    table = Table(box=None, show_header=False)
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column()
    main = {paper.id for paper in found.main_path}
    papers = {one.paper.id: one.paper for one in rows} | {p.id: p for p in found.main_path}
    for paper in sorted(papers.values(), key=lambda p: (p.year or 0, p.id)):
        mark = "▶" if paper.id == found.paper.id else "│" if paper.id in main else ""
        style = "bold" if paper.id in main else ""
        table.add_row(mark, str(paper.year or ""), plain(paper.id), plain(paper.title, style))
    if rows:
        print_table(table)
    _dim(found.coverage.words)


def bridges(found: "Bridges") -> None:
    """Print the papers that connect two topics."""
    for one in found.papers:
        _paper(one.rank, one.paper, one.reasons)
    if not found.papers:
        console().print("No paper is known to connect them.")
    _dim(found.coverage.words)


def timeline(found: "Timeline") -> None:
    """Print papers by topic and year, and what grows."""
    table = Table(box=None, header_style="bold")
    table.add_column("topic")
    shown = found.years[-8:]
    for year in shown:
        table.add_column(f"{year}…" if year == found.incomplete else str(year), justify="right")
    verdicts = {one.topic: one for one in found.growth}
    table.add_column(f"{found.before[0]}-{found.before[1]} to {found.recent[0]}-{found.recent[1]}")
    for topic in (found.total, *found.topics):
        growth = verdicts.get(topic.topic or "")
        counts = topic.counts[-len(shown) :] if shown else ()
        grown = f"{growth.verdict} x{growth.ratio:.1f}" if growth else ""
        cells = (f"{count:,}" if count else "" for count in counts)
        table.add_row(plain(topic.name), *cells, grown)
    print_table(table)
    for one in [one for one in found.growth if one.verdict == "grows"][:5]:
        shares = f"from {one.share_before:.1%} to {one.share:.1%}"
        console().print(plain(f"grows: {one.name}, {shares} of the papers"))
    _dim(found.coverage.words)


def gaps(found: "Gaps") -> None:
    """Print topics that are close in meaning and far in citations."""
    out = console()
    for one in found.gaps:
        names = " – ".join(side.name for side in one.sides)
        out.print(plain(f"{one.rank:>3}. {names}", "bold"))
        out.print(plain(f"      {one.reason}", "dim"))
    if not found.gaps:
        out.print("Too few citations between topics are known to tell.")
    _dim(f"{found.pairs:,} pairs compared, {found.unknown:,} could not be; {found.coverage.words}")


def _paper(rank: int, paper: Paper, reasons: Iterable[str]) -> None:
    out = console()
    out.print(plain(f"{rank:>3}. "), title(paper), sep="", end="")
    out.print(plain(f"  {paper.year or ''} {paper.id}", "cyan"))
    for reason in reasons:
        out.print(plain(f"      {reason}", "dim"))


def _known(known: int, papers: int) -> None:
    if papers:
        _dim(f"citations are known of {known:,} of {papers:,} papers")


def _dim(text: str) -> None:
    console().print(plain(text, "dim"))


PRINTED: Final[Mapping[str, Callable[[Any], None]]] = {
    one.__name__: one for one in (path, related, influential, lineage, bridges, timeline, gaps)
}
"""What prints the answer of each command."""
