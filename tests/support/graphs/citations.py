"""Catalogues with citations, for tests of what is asked of the citation graph."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import numpy as np

from kg.graph.citation_graph import CitationGraph, Coverage
from kg.records import Citation, Paper, PlacedBy, Placement
from kg.store.catalogue import Catalogue
from kg.store.database import utc_now
from tests.support.factories import paper, put_all

Pair = tuple[int, int]


def number(found: Paper) -> int:
    """Return the number by which `factories.paper` made it."""
    return int(found.id.partition(".")[2])


def catalogue_of(
    path: Path,
    citations: Iterable[Pair] = (),
    years: Mapping[int, int | None] | None = None,
    placed: Mapping[int, Iterable[str]] | None = None,
    withdrawn: Iterable[int] = (),
    clock: Callable[[], datetime] = utc_now,
) -> Catalogue:
    """Return a catalogue of all papers that are named by their numbers.

    The ids are no arXiv ids, so that years alone tell how old they are.
    """
    citations, years, placed, gone = list(citations), years or {}, placed or {}, set(withdrawn)
    numbers = sorted({*(end for pair in citations for end in pair), *years, *placed, *gone})
    catalogue = Catalogue(path, clock=clock)
    put_all(
        catalogue,
        *(
            paper(
                at,
                id=f"test.{at}",
                arxiv_id=None,
                title=f"Work {at}",
                year=years.get(at, 2020),
                withdrawn=at in gone,
            )
            for at in numbers
        ),
    )
    with catalogue.writing():
        catalogue.citations.add(Citation(f"test.{a}", f"test.{b}", "test") for a, b in citations)
        for at, topics in placed.items():
            catalogue.placements.add(
                f"test.{at}", [Placement(topic, PlacedBy.LIST, "a list") for topic in topics]
            )
    return catalogue


def graph_of(size: int, citations: Iterable[Pair]) -> CitationGraph:
    """Return a graph of so many papers."""
    pairs = sorted({pair for pair in citations if pair[0] != pair[1]})
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return CitationGraph(
        np.arange(size),
        np.full(size, 2020),
        np.full(size, 2020.0),
        ends[:, 0],
        ends[:, 1],
        Coverage(size, len(np.unique(ends))),
    )
