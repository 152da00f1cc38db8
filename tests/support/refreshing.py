"""A small field of papers in a simulated world, and refreshes of an atlas from it."""

import os
import signal
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from ingest.net.outside import Outside
from ingest.refresh.refresh import refresh
from ingest.report import RefreshReport
from kg.records import Paper
from kg.settings import Settings
from kg.store.catalogue import Catalogue
from kg.store.database import utc_now
from search.embedding.base import Embedder
from search.library import Library
from tests.support.clock import SimulatedClock
from tests.support.embedders import HashedWords
from tests.support.sqlite_connections import traced
from tests.support.world.faults import Faults
from tests.support.world.serving import WorldTransport
from tests.support.world.world import World

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
LIST = "ruthless-man/Awesome-Learn-from-Model"
SOURCES = ("learn-from-model", "oai", "arxiv", "semantic-scholar", "openalex")
"""All sources, but of the lists only one."""

FIELD = {
    "Model Fusion": "merging weights of networks fine tuned from one checkpoint",
    "Locate and Edit": "editing facts stored within the neurons of language networks",
    "Prompt Tuning": "learning soft prompts while the frozen network stays untouched",
}
"""Headings of the list, and what papers under them are about."""

FOREIGN = "galaxies, dust and telescopes observed near a distant star"


def about(number: int, day: date, subject: str, **facts: object) -> Paper:
    """Return a paper on a subject that appeared on a day."""
    made = Paper(
        id=f"{day:%y%m}.{number:05}",
        title=f"Study {number}: {subject}",
        authors=(f"Ada Author{number}", "Bo Writer"),
        abstract=f"In study {number} we look at {subject}. It works.",
        published=day,
        updated=day,
        year=day.year,
        arxiv_id=f"{day:%y%m}.{number:05}",
        categories=("cs.LG",),
    )
    return replace(made, **facts)  # type: ignore[arg-type]


class Field:
    """The world of a few dozen papers: a list of some, new ones that no list has, strangers.

    Parameters
    ----------
    listed : int
        Papers under each heading of the list; every fifth is named without its id.
    new : int
        Papers on each subject, and as many strangers, that appeared within the last month.
    faults : Faults, optional
    """

    def __init__(self, listed: int = 8, new: int = 4, faults: Faults | None = None) -> None:
        self.clock = SimulatedClock(START)
        self.faults = faults or Faults()
        old, recent = date(2024, 5, 6), (START - timedelta(days=9)).date()
        self.listed = {
            heading: [about(100 * at + n, old, subject) for n in range(listed)]
            for at, (heading, subject) in enumerate(FIELD.items(), 1)
        }
        subjects = (*FIELD.values(), FOREIGN)
        self.new = [
            about(100 * at + n, recent, subject)
            for at, subject in enumerate(subjects, 5)
            for n in range(new)
        ]
        papers = [paper for some in self.listed.values() for paper in some] + self.new
        edges = [(b.id, a.id) for a, b in pairwise(papers)]
        self.world = World(papers, edges, {LIST: self.page()}, self.clock, oai_page=7)

    def page(self) -> str:
        """Return the list's Markdown."""
        parts = ["# Awesome Learn from Model\n"]
        for heading, papers in self.listed.items():
            parts.append(f"\n## {heading}\n")
            for n, paper in enumerate(papers):
                page = "https://a-venue.org/paper" if n % 5 == 4 else "https://arxiv.org/abs"
                parts.append(f"- {paper.title}. [[paper]]({page}/{paper.id})")
        return "\n".join(parts) + "\n"

    def outside(self) -> Outside:
        """Return this world for `ingest.refresh.refresh.refresh`."""
        transport = WorldTransport(self.world, self.clock, self.faults)
        return Outside(transport, self.clock, self.clock, self.clock.sleep, lambda: 0.5)

    def refresh(self, home: Path, sources: Sequence[str] = SOURCES, **options) -> RefreshReport:
        """Refresh the atlas in `home`, which begins empty."""
        outside = self.outside()
        with library(home, clock=lambda: outside.now) as atlas:
            return refresh(atlas, sources, outside=outside, embedder=HashedWords(), **options)


def library(
    home: Path, embedder: Embedder | None = None, clock: Callable[[], datetime] = utc_now
) -> Library:
    """Open the atlas in `home`, without the bundled snapshot."""
    settings = Settings(home=home, gate=str(home / "gate"))
    if not settings.catalogue.exists():
        Catalogue(settings.catalogue).close()
    return Library(settings, embedder or HashedWords(), clock=clock)


def killed(run: Callable[[], object], at: int) -> bool:
    """Run in a child process that dies by SIGKILL within its n-th statement of SQL.

    Returns whether it got that far.
    """
    child = os.fork()
    if not child:
        left = at

        def count(_: str) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            with traced(count):
                run()
        finally:
            os._exit(0)  # None of what the parent process does at its end.
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def statements(home: Path) -> int:
    """Return about how many statements of SQL a small field's first refresh makes."""
    library(home).close()
    asked: list[str] = []
    with traced(asked.append):
        Field(listed=6, new=2).refresh(home)
    return len(asked)


_FACTS: dict[str, str] = {
    "papers": "SELECT id, title, abstract, published, updated, year, venue, doi, url, comment,"
    " journal_ref, withdrawn, version, text_hash FROM papers",
    "authors": "SELECT id, position, name FROM authorships JOIN papers ON key = paper",
    "categories": "SELECT id, position, category FROM categories JOIN papers ON key = paper",
    "placements": "SELECT id, topic, placed_by, source, confidence FROM placements"
    " JOIN papers ON key = paper",
    "citations": "SELECT a.id, b.id, source FROM citations JOIN papers a ON a.key = citing"
    " JOIN papers b ON b.key = cited",
    "entries": "SELECT list, id, starred, gone IS NULL FROM list_entries"
    " JOIN papers ON key = paper",
    "vectors": "SELECT id, model, v.text_hash, vector FROM vectors v JOIN papers ON key = paper",
    "words": "SELECT id, words.title, words.abstract, words.authors, words.card,"
    " words.stems FROM words JOIN papers ON key = words.rowid",
    "reviews": "SELECT paper, record, suggestions, belongs FROM reviews",
    "candidates": "SELECT paper FROM candidates",
    "outsiders": "SELECT paper, text_hash FROM outsiders",
    "references": "SELECT id, scheme, value, source FROM outside_references"
    " JOIN papers ON key = citing",
}


def facts(home: Path) -> dict[str, list[tuple]]:
    """Return all that an atlas knows, but for the times at which it learnt it."""
    connection = sqlite3.connect(home / "atlas.sqlite")
    try:
        return {name: sorted(connection.execute(sql), key=repr) for name, sql in _FACTS.items()}
    finally:
        connection.close()


def differing(one: dict[str, list[tuple]], other: dict[str, list[tuple]]) -> dict[str, list]:
    """Return the rows that only one of two atlases has, by table."""
    return {
        name: sorted(set(one[name]) ^ set(other[name]), key=repr)
        for name in one
        if one[name] != other[name]
    }


Step = Callable[[Field], object]
