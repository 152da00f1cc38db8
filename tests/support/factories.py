"""Makers of records for tests."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from kg.cards.card import Access, Card, Data, Kind, Modality, Training, WrittenFrom
from kg.ids.titles import normalised_title
from kg.links import Link, LinkKind
from kg.records import Paper
from kg.store.catalogue import Catalogue
from kg.store.clean_record import cleaned
from kg.store.reports import Report

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
"""Any text that a file can hold: no lone surrogates."""

ARXIV_IDS = st.builds("{:02}{:02}.{:05}".format, *map(st.integers, (15, 1, 0), (26, 12, 99999)))
DOIS = st.builds(
    "10.{}/{}".format, st.integers(1000, 99999), st.text("abz019.-", min_size=1, max_size=12)
)


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    """Any paper as a catalogue holds it: with or without each fact, in any script."""
    arxiv_id = draw(st.none() | ARXIV_IDS)
    doi = draw(st.none() | DOIS)
    title = draw(TEXT)
    made = Paper(
        id=arxiv_id or (f"doi:{doi}" if doi else f"title:{draw(st.integers(0, 1 << 48)):x}"),
        title=title,
        authors=tuple(draw(st.lists(TEXT, max_size=4))),
        abstract=draw(st.none() | TEXT),
        published=draw(st.none() | st.dates()),
        updated=draw(st.none() | st.dates()),
        year=draw(st.none() | st.integers(1, 9999)),
        venue=draw(st.none() | TEXT),
        arxiv_id=arxiv_id,
        doi=doi,
        url=draw(st.none() | TEXT),
        categories=tuple(draw(st.lists(TEXT, max_size=3))),
        comment=draw(st.none() | TEXT),
        journal_ref=draw(st.none() | TEXT),
        withdrawn=draw(st.booleans()),
    )
    return cleaned(made)


def different(found: list[Paper]) -> list[Paper]:
    """Return the papers in which no id and no title comes twice."""
    kept: dict[object, Paper] = {}
    for paper in found:
        names = {paper.id, ("title", normalised_title(paper.title))}
        if names.isdisjoint(kept):
            kept |= dict.fromkeys(names, paper)
    return list(dict.fromkeys(kept.values()))


def paper(number: int, **facts: Any) -> Paper:
    """Return an ordinary paper, another one for each number."""
    made = Paper(
        id=f"2001.{number:05}",
        title=f"Paper number {number}",
        authors=(f"Ada Author{number}", "Bo Writer"),
        abstract=f"We study subject {number}. It works.",
        year=2020,
        arxiv_id=f"2001.{number:05}",
        url=f"https://arxiv.org/abs/2001.{number:05}",
        categories=("cs.LG",),
    )
    return replace(made, **facts)


def card(**facts: Any) -> Card:
    """Return the card of a method, read from an abstract."""
    made = Card(
        kind=Kind.METHOD,
        summary="Adds the weights of models that were trained from one start, so that a single"
        " model serves all their tasks without further training.",
        problem="one model for several tasks",
        introduces=("AddUp",),
        builds_on=("task arithmetic",),
        compares_with=("weight averaging",),
        evaluates_on=("GLUE",),
        models=("T5",),
        data=Data.NONE,
        access=Access.WHITE_BOX,
        training=Training.NONE,
        modality=(Modality.TEXT, Modality.VISION),
    )
    return replace(made, **facts)


def predicted_card(**facts: Any) -> Card:
    """Return a card that nobody read: two of its fields are predicted."""
    made = Card(
        kind=Kind.METHOD,
        data=Data.LABELED,
        by=WrittenFrom.MODEL,
        confidence=(("kind", 0.91), ("data", 0.83)),
    )
    return replace(made, **facts)


def code_link(number: int, **facts: Any) -> Link:
    """Return a link to code, another one for each number."""
    made = Link(LinkKind.CODE, f"https://github.com/ada/code{number}", "a-list")
    return replace(made, **facts)


def describe(
    catalogue: Catalogue,
    paper_id: str,
    known: Card | None,
    *links: Link,
    reports: Sequence[Report] = (),
) -> None:
    """Give a paper of the catalogue a card, links and reports."""
    with catalogue.writing():
        if known:
            catalogue.cards.put(paper_id, known, "snapshot")
        catalogue.links.add(paper_id, links)
        for link in links:
            if link.state and link.checked:
                catalogue.links.put_check(link.url, link.state, link.checked, link.moved_to)
        for report in reports:
            catalogue.reports.put(catalogue.identifiers.key(paper_id), report)


def full_paper(**facts: Any) -> Paper:
    """Return a paper of which every fact is known."""
    known = {
        "doi": "10.1000/x",
        "published": date(2020, 1, 2),
        "updated": date(2021, 3, 4),
        "version": 3,
        "comment": "9 pages",
        "journal_ref": "J. of X 7",
        "venue": "ICML",
        "withdrawn": True,
    }
    return paper(1, **(known | facts))


def put_all(catalogue: Catalogue, *made: Paper) -> list[int]:
    """Put papers into the catalogue and return their keys."""
    with catalogue.writing():
        for one in made:
            catalogue.papers.put(one)
    return [catalogue.identifiers.key(one.id) for one in made]


@cache
def empty_catalogue() -> bytes:
    """Return the file of an empty catalogue, which takes ten times as long to make as to copy."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "atlas.sqlite")
        Catalogue(path).close()
        return path.read_bytes()


def spoil(path: Path, name: str) -> None:
    """Overwrite the first page of a table or index of a closed catalogue with nonsense."""
    with closing(sqlite3.connect(path)) as db:
        ((page,),) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,))
        ((size,),) = db.execute("PRAGMA page_size")
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\x5a" * size)


def contents(path: Path) -> list[str]:
    """Return all rows of a catalogue's file, for comparison; its schema last, sorted."""
    connection = sqlite3.connect(path)
    try:
        rows = list(connection.iterdump())
    finally:
        connection.close()
    # Which index or trigger was made first says nothing.
    return sorted(rows, key=lambda row: row if row.startswith("CREATE ") else "")


FEW_EXAMPLES = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
"""For properties of a catalogue, each example of which writes to the disk."""


def paper_named(catalogue: Catalogue, name: str) -> Paper:
    """Return the paper that an id, link or title names."""
    return catalogue.papers.get([catalogue.identifiers.key(name)])[0]
