"""What a refresh withstands and what it costs, in a simulated world.

    python benchmarks/refresh.py faults            # four months of faulty servers
    python benchmarks/refresh.py kills             # SIGKILL at 50 random statements of SQL
    python benchmarks/refresh.py growth DATA       # 1,000 new papers among 5,000 and among 50,000

Nothing leaves the machine and nobody waits: the world answers in the services' own formats, and
its clock is moved by whoever sleeps. Faults and kills are drawn with a fixed seed. Texts are
embedded by a bag of words, so that what is timed is everything else.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from ingest.placement.placer import Placer
from ingest.refresh import refresh as refreshing
from ingest.report import RefreshReport
from kg.records import Paper, PlacedBy, Placement
from kg.store.vectors import text_hash
from search.index.open import open_index
from search.library import Library
from tests.support.embedders import HashedWords
from tests.support.refreshing import (
    FIELD,
    FOREIGN,
    LIST,
    START,
    Field,
    about,
    differing,
    facts,
    killed,
    library,
    statements,
)
from tests.support.world.faults import ALL, MENDING, Faults
from tests.support.world.world import World, shared_papers

DAYS = 340
SIZES = (5_000, 50_000)
SUBJECTS = (*FIELD.values(), FOREIGN)


def a_day(field: Field, day: int, chance: random.Random) -> None:
    """Let a day pass: papers appear, are revised and withdrawn, and the list changes."""
    field.clock.now = max(field.clock.now, (START + timedelta(days=day)).timestamp())
    date = (START + timedelta(days=day)).date()
    for n in range(4):
        field.world.add(about(5000 + 10 * day + n, date, chance.choice(SUBJECTS)))
    names = sorted(field.world.records)
    revised = chance.choice(names)
    field.world.revise(revised, abstract=f"On day {day} we look at it again.")
    if day % 10 == 5:
        field.world.withdraw(chance.choice(names))
    if day % 5 == 3:
        heading = chance.choice(list(FIELD))
        field.listed[heading].append(about(9000 + day, date, FIELD[heading]))
        field.world.add(field.listed[heading][-1])
        field.world.edit_list(LIST, field.page())


def months(home: Path, faults: Faults) -> tuple[Field, list[RefreshReport]]:
    field, chance, reports = Field(faults=faults), random.Random(7), []
    home.mkdir()
    for day in range(DAYS):
        a_day(field, day, chance)
        reports.append(field.refresh(home))
    faults.share = 0
    for _ in range(2):
        field.clock.now += 86400
        reports.append(field.refresh(home))
    return field, reports


def run_faults() -> None:
    with tempfile.TemporaryDirectory() as folder:
        quiet, faulty = Path(folder, "quiet"), Path(folder, "faulty")
        months(quiet, Faults())
        kinds = [one for one in ALL if one in MENDING] + [one for one in ALL if one not in MENDING]
        faults = Faults(share=0.35, kinds=kinds, seed=3)
        field, reports = months(faulty, faults)
        one, other = facts(quiet), facts(faulty)
        failed = sum(bool(report.failed) for report in reports)
        print(f"{len(field.world.calls):,} calls in {len(reports)} refreshes, {failed} of which")
        print("told of a source that failed; the last two met no fault.\n")
        print("| fault | dealt |\n| --- | ---: |")
        for name, count in sorted(faults.dealt.items(), key=lambda item: -item[1]):
            print(f"| {name} | {count:,} |")
        ids = {row[0] for row in one["papers"]}
        found = [row[0] for row in other["papers"]]
        titles = [row[1] for row in other["papers"]]
        print(f"\npapers: {len(ids):,}; lost: {len(ids - set(found))}; not of the quiet world:")
        print(f"{len(set(found) - ids)}; doubled: {len(titles) - len(set(titles))}")
        differs = differing(one, other)
        parts = ("papers", "authors", "categories", "citations", "entries", "vectors", "words")
        print("rows of facts that differ:", {name: len(differs.get(name, ())) for name in parts})
        # Whether a list or the model placed a paper first depends on the day on which each came.
        print("placements that differ:", len(differs.get("placements", ())))
        gap = field.world.shortest_gap("arxiv", "oai")
        print(f"shortest time between two requests to arXiv: {gap:.2f} s")


def run_kills(count: int = 50) -> None:
    chance = random.Random(11)
    with tempfile.TemporaryDirectory() as folder:
        undisturbed = Path(folder, "undisturbed")
        undisturbed.mkdir()
        Field(listed=6, new=2).refresh(undisturbed)
        total, wanted = statements(Path(folder, "counted")), facts(undisturbed)
        same = 0
        for number in range(count):
            home = Path(folder, f"home-{number}")
            library(home)
            at = chance.randrange(total)
            died = killed(lambda home=home: Field(listed=6, new=2).refresh(home), at)
            report = Field(listed=6, new=2).refresh(home)
            differs = differing(wanted, facts(home))
            same += died and not report.failed and not differs
            if differs or report.failed or not died:
                print("statement", at, "died" if died else "lived", report.failed, differs)
        print(f"{same} of {count} killed refreshes, of about {total:,} statements of SQL each,")
        print("were completed by the next one to the atlas of an undisturbed run.")


class Timed:
    """A function, and the seconds that its calls took."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.seconds = function, 0.0

    def __call__(self, *arguments: Any, **options: Any) -> Any:  # noqa: D102
        started = time.perf_counter()
        try:
            return self.function(*arguments, **options)
        finally:
            self.seconds += time.perf_counter() - started


class Words(HashedWords):
    """The bag of words, at the length of real vectors."""

    dim = 384


def grown(home: Path, papers: list[Paper], embedder: Words) -> Library:
    """Return an atlas of papers with vectors, one in twenty placed by a list."""
    atlas = library(home, embedder)
    chance, rows = np.random.default_rng(5), []
    with atlas.catalogue.writing():
        for number, paper in enumerate(papers):
            atlas.catalogue.papers.put(replace(paper, version=1))
            key = atlas.catalogue.identifiers.key(paper.id)
            vector = chance.standard_normal(Words.dim, np.float32)
            vector /= np.linalg.norm(vector)
            rows.append((key, text_hash(paper.text), vector.tobytes()))
            by = PlacedBy.MODEL if number % 20 else PlacedBy.LIST
            topic = atlas.taxonomy.roots[number % 5].id
            atlas.catalogue.placements.add(paper.id, [Placement(topic, by, "benchmark")])
            atlas.catalogue.journal.set_cursor("arxiv", paper.id, START.date().isoformat())
        atlas.catalogue.vectors.add(embedder.model, rows)
    return atlas


def run_growth(data: Path) -> None:
    papers = list(shared_papers(data))
    columns = ("papers", "new", "all", "embedding", "the world", "the rest", "learning to place",
               "index, added to", "index, built anew")  # fmt: skip
    print("|", " | ".join(columns), "|\n|", " | ".join(["---:"] * len(columns)), "|")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            embedder = Words()
            atlas = grown(Path(folder, "home"), papers[:size], embedder)
            before = len(atlas.index)
            field = Field(listed=0, new=0)
            day = (START - timedelta(days=2)).date()
            new = [about(n, day, f"{SUBJECTS[n % 3]} {n}") for n in range(1000)]
            field.world = World(new, (), {}, field.clock, oai_page=1000)
            encode = embedder.encode = Timed(embedder.encode)  # type: ignore[method-assign]
            world = field.world.reply = Timed(field.world.reply)  # type: ignore[method-assign]
            index = refreshing.open_index = Timed(open_index)  # type: ignore[attr-defined]
            train = Placer.train = Timed(Placer.train)  # type: ignore[method-assign]
            started = time.perf_counter()
            report = refreshing.refresh(
                atlas, ("oai", "arxiv"), outside=field.outside(), embedder=embedder
            )
            took = time.perf_counter() - started
            Placer.train = train.function  # type: ignore[method-assign]
            assert not report.failed, report.failed
            rest = took - encode.seconds - world.seconds
            (file,) = Path(folder, "home", "cache").iterdir()
            file.unlink()
            anew = Timed(open_index)
            anew(atlas.catalogue, embedder.model, Words.dim, file.suffix[1:], file.parent)
            times = (took, encode.seconds, world.seconds, rest, train.seconds, index.seconds,
                     anew.seconds)  # fmt: skip
            told = " | ".join(f"{one:.1f} s" for one in times)
            print(f"| {before:,} | {report.placing.judged:,} | {told} |")


def main() -> int:
    match sys.argv[1:]:
        case ["faults"]:
            run_faults()
        case ["kills"]:
            run_kills()
        case ["growth", data]:
            run_growth(Path(data))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
