"""Which signals find related papers: one reference of a paper is hidden, and looked for.

    python benchmarks/related.py [--count 700]

Prints a Markdown table of the bundled snapshot: how often the hidden reference is among the first
10 (and 50) papers that are related to the paper's other references, and to the paper itself.
"""

import argparse
import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kg.graph.rows import citations_among

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

import numpy as np

from kg.analysis import related
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
from search.pages.related import WEIGHTS, fused
from search.ranking import fusion
from search.similarity.refresh import refresh


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=700)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as home:
        bundled.unpack(path := Path(home, "atlas.sqlite"))
        with Catalogue(path) as catalogue:
            refresh(catalogue, "all-MiniLM-L6-v2", 384)
            held_out(catalogue, count)


def held_out(catalogue: Catalogue, count: int) -> None:
    rng = np.random.default_rng(7)
    references: dict[int, list[int]] = {}
    for citing, cited in citations_among(catalogue.database, catalogue.papers.keys()):
        references.setdefault(citing, []).append(cited)
    cases = [
        (citing, cited)
        for citing, refs in references.items()
        if len(refs) >= 3
        for cited in rng.choice(refs, min(5, len(refs)), replace=False).tolist()
    ]
    cases = [cases[at] for at in rng.permutation(len(cases))[:count]]
    columns = {}
    for name in ("its other references", "the paper"):
        found: dict[str, list[list[int]]] = {}
        for citing, hidden in cases:
            others = [ref for ref in references[citing] if ref != hidden]
            seeds = [citing] if name == "the paper" else others
            for what, ranking in hidden_one(catalogue, citing, hidden, seeds).items():
                # Known references are no answers.
                left = [key for key in ranking if key not in others]
                found.setdefault(what, []).append(left)
        columns[name] = {
            what: [
                sum(case[1] in ranking[:k] for case, ranking in zip(cases, rankings, strict=True))
                / len(cases)
                for k in (10, 50)
            ]
            for what, rankings in found.items()
        }
    print(f"\n{len(cases)} hidden references: found among the first 10 (50) that are related to\n")
    print(f"| ranking | {' | '.join(columns)} |\n| --- | ---: | ---: |")
    for what in columns["the paper"]:
        cells = (f"{c[what][0]:.3f} ({c[what][1]:.3f})" for c in columns.values())
        print(f"| {what} | {' | '.join(cells)} |")


def hidden_one(
    catalogue: Catalogue, citing: int, hidden: int, seeds: list[int]
) -> dict[str, list[int]]:
    """Return the rankings that a catalogue without one citation gives."""
    rankings: dict[str, list[int]] = {}
    with without_citation(catalogue.path, citing, hidden) as db:
        found = related.signals(catalogue, seeds)
        popular = "SELECT cited FROM citations GROUP BY 1 ORDER BY count(*) DESC, cited LIMIT 200"
        rankings["most cited of all"] = [row[0] for row in db.execute(popular)]
        for signal in related.Signal:
            rankings[f"{signal} alone"] = list(found[signal])
        for signal in related.Signal:
            rest = {s: WEIGHTS[s] for s in related.Signal if s != signal and found[s]}
            ranking = fusion.fuse([list(found[s]) for s in rest], list(rest.values()))
            rankings[f"fused without {signal}"] = [key for key, _ in ranking]
        every = [list(found[s]) for s in related.Signal]
        rankings["fused, equal weights"] = [key for key, _ in fusion.fuse(every, [1] * len(every))]
        rankings["fused"] = [key for key, _ in fused(found)]
    return rankings


@contextlib.contextmanager
def without_citation(path: Path, citing: int, cited: int) -> Iterator[sqlite3.Connection]:
    """Within the block, let a catalogue lack one citation."""
    pair = "FROM citations WHERE (citing, cited) = (?, ?)"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        rows = db.execute(f"SELECT citing, cited, source {pair}", (citing, cited)).fetchall()
        db.execute(f"DELETE {pair}", (citing, cited))
        try:
            yield db
        finally:
            db.executemany("INSERT INTO citations VALUES (?, ?, ?)", rows)


if __name__ == "__main__":
    main()
