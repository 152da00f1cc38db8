"""Lineage: the papers that a paper builds on and that build on it, with the main path."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.analysis.arguments import check_number
from kg.analysis.main_path import Arc, MainPath, main_path
from kg.graph.arrays import adjacent_citations
from kg.graph.citation_graph import Coverage
from kg.graph.fractional_years import fractional_years_of
from kg.graph.rows import ENDS, with_citations
from kg.records import Paper
from kg.store.catalogue import Catalogue

MAX_PAPERS = 2_000
"""Papers that are read on each side."""

MAX_CITATIONS = 50_000
"""Citations that are read for one step away from the paper."""


@dataclass(frozen=True, slots=True)
class Relative:
    """A paper before or after another."""

    paper: Paper
    steps: int
    """Citations between it and the paper in question, by the shortest path."""
    share: float
    """Part of all paths from the paper in question to the ends of its side that lead through it."""
    on_main_path: bool


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a paper builds on, and what builds on it."""

    paper: Paper
    main_path: tuple[Paper, ...]
    """Oldest first, the paper in question among them; each cites the one before it."""
    shares: tuple[float, ...]
    """Of each step of the main path: part of all paths on its side of the paper that take it."""
    before: tuple[Relative, ...]
    """Papers that it builds on, directly or not, by year: those that most paths lead through."""
    after: tuple[Relative, ...]
    """Papers that build on it, likewise."""
    found_before: int
    """Number of papers it builds on, of those that were read."""
    found_after: int
    """Number of papers that build on it, of those that were read."""
    complete: bool
    """False where there are more than the nearest `MAX_PAPERS` on a side, which were read."""
    coverage: Coverage
    """Of the paper in question and all that were found."""

    def near(self, steps: int) -> tuple[Paper, ...]:
        """Return the part of the main path that is at most so many steps from the paper."""
        at = [one.id for one in self.main_path].index(self.paper.id)
        return self.main_path[max(0, at - steps) : at + steps + 1]

    @property
    def words(self) -> str:
        """The result in a sentence."""
        if not self.found_before and not self.found_after:
            return (
                "no citation of this paper is known, neither made nor received:"
                " citation data are incomplete"
            )
        least = "" if self.complete else "at least "
        papers = "paper" if self.found_before == 1 else "papers"
        build = "builds" if self.found_after == 1 else "build"
        return (
            f"it builds on {least}{self.found_before:,} {papers} of the atlas and {least}"
            f"{self.found_after:,} {build} on it; the main path has {len(self.main_path):,}"
        )


def lineage(catalogue: Catalogue, name: str, most: int = 20) -> Lineage:
    """Return the lineage of a paper.

    The main path leads along citations from papers that cite none to this one, and from it to
    papers that none cites: see `kg.analysis.main_path`.

    Parameters
    ----------
    name : str
        The paper's id, link or title.
    most : int
        The most papers to list on each side, beside those of the main path.

    Raises
    ------
    NotFound
        If there is no such paper.
    BadRequest
        If `most` makes no sense.
    """
    check_number(most)
    with catalogue.reading():
        key = catalogue.identifiers.key(name)
        older, made, all_older = _side(catalogue, key, newer=False)
        newer, got, all_newer = _side(catalogue, key, newer=True)
        everyone = sorted({*older, *newer})
        papers = dict(zip(everyone, catalogue.papers.get(everyone), strict=True))
        known = len(with_citations(catalogue.database, everyone))
    years = fractional_years_of(papers.values()).tolist()
    # The place of each paper in the order in which they appeared.
    age = {key: place for place, (_, key) in enumerate(sorted(zip(years, papers, strict=True)))}
    # Of the papers in a cycle with this one, the older are before it and the others after.
    for other in older.keys() & newer.keys() - {key}:
        del (newer if age[other] < age[key] else older)[other]
    before = main_path(_within(made, older), key, {at: -place for at, place in age.items()})
    after = main_path(_within(got, newer), key, age)
    path = (*reversed(before.path), *after.path[1:])

    def listed(steps: Mapping[int, int], main: MainPath) -> tuple[Relative, ...]:
        others = [at for at in steps if at != key]
        others.sort(key=lambda at: (-main.through.get(at, 0.0), steps[at], at))
        chosen = {*others[:most], *main.path} - {key}
        return tuple(
            Relative(papers[at], steps[at], main.through.get(at, 0.0), at in main.path)
            for at in sorted(chosen, key=age.__getitem__)
        )

    return Lineage(
        paper=papers[key],
        main_path=tuple(papers[at] for at in path),
        shares=(*reversed(before.shares), *after.shares),
        before=listed(older, before),
        after=listed(newer, after),
        found_before=len(older) - 1,
        found_after=len(newer) - 1,
        complete=all_older and all_newer,
        coverage=Coverage(len(everyone), known),
    )


def _side(catalogue: Catalogue, key: int, newer: bool) -> tuple[dict[int, int], set[Arc], bool]:
    """Return the papers of one side with their steps, the arcs away, and whether those are all."""
    steps, arcs, complete, nearest = {key: 0}, set[Arc](), True, [key]
    while nearest and len(steps) < MAX_PAPERS:
        rows = adjacent_citations(catalogue.database, ENDS[newer], nearest, MAX_CITATIONS)
        complete = complete and len(rows) < MAX_CITATIONS
        found = {(cited, citing) for citing, cited in rows} if newer else set(rows)
        arcs |= found
        links = Counter(further for _, further in found if further not in steps)
        # Beyond the limit, those with the most citations to nearer papers are kept.
        ranked = sorted(links, key=lambda at: (-links[at], at))
        nearest = ranked[: MAX_PAPERS - len(steps)]
        complete = complete and len(nearest) == len(ranked)
        distance = max(steps.values()) + 1
        steps.update(dict.fromkeys(nearest, distance))
    return steps, arcs, complete and not nearest


def _within(arcs: Iterable[Arc], steps: Mapping[int, int]) -> list[Arc]:
    return [arc for arc in arcs if arc[0] in steps and arc[1] in steps]
