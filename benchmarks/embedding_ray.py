"""Embedding by one and by two workers of a Ray cluster on this machine, in turn.

    python benchmarks/embedding_ray.py ../shared/data/papers.jsonl.gz -n 400

Prints a markdown table. Each worker has one CPU. The rate is that of the vectors' commits from the
first piece on, when the workers have their models; the share of ideal is the rate of two workers
over twice that of one in the same round. All vectors are held to those of one machine without Ray.
"""

import argparse
import gzip
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np

from ingest.cluster.writer import embed_on_cluster
from ingest.embedding import embed_missing
from kg.records import Paper
from kg.store.catalogue import Catalogue
from search.embedding.open import open_embedder
from search.index.base import matrix


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("papers", type=Path, help="JSON lines with title and abstract, or .gz")
    parser.add_argument("-n", type=int, default=400, help="papers, chosen by lot (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    papers = read(options.papers, options.n)
    embedder = open_embedder()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with Catalogue(place / "here.sqlite") as catalogue:
            put(catalogue, papers)
            embed_missing(catalogue, open_embedder(bulk=True))
            here = catalogue.vectors.all(embedder.model)
        rates: dict[int, list[float]] = {1: [], 2: []}
        whole: dict[int, list[float]] = {1: [], 2: []}
        worst = 1.0
        for number in range(options.rounds):
            for workers in (1, 2) if number % 2 else (2, 1):
                with Catalogue(place / f"{number}-{workers}.sqlite") as catalogue:
                    put(catalogue, papers)
                    start = time.perf_counter()
                    rates[workers].append(rate(catalogue, workers))
                    whole[workers].append(time.perf_counter() - start)
                    there = catalogue.vectors.all(embedder.model)
                    assert [key for key, _ in there] == [key for key, _ in here]
                    both = (matrix([row for _, row in one], embedder.dim) for one in (here, there))
                    worst = min(worst, float(np.multiply(*both).sum(axis=1).min()))
                line = f"round {number + 1}, {workers}: {rates[workers][-1]:.1f} papers/s"
                print(line, file=sys.stderr)
    shares = [two / (2 * one) for one, two in zip(rates[1], rates[2], strict=True)]
    share = f"{statistics.median(shares):.2f} ({min(shares):.2f} to {max(shares):.2f})"
    print(f"{len(papers):,} papers, {options.rounds} rounds, {os.cpu_count()} cores\n")
    print("| measure | 1 worker | 2 workers | share of ideal |\n| --- | ---: | ---: | ---: |")
    one, two = (statistics.median(rates[workers]) for workers in (1, 2))
    print(f"| papers per second, median | {one:.1f} | {two:.1f} | {share} |")
    one, two = (statistics.median(whole[workers]) for workers in (1, 2))
    print(f"| run with the start of Ray and of the models, s, median | {one:.1f} | {two:.1f} | |")
    print(f"| cosine to the vectors of one process, minimum | | {worst:.5f} | |")


def read(path: Path, count: int) -> list[Paper]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    chosen = random.Random(0).sample([one for one in records if one["abstract"]], count)
    return [
        Paper(f"2001.{row:05}", one["title"], abstract=one["abstract"])
        for row, one in enumerate(chosen)
    ]


def put(catalogue: Catalogue, papers: Iterable[Paper]) -> None:
    with catalogue.writing():
        for paper in papers:
            catalogue.papers.put(paper)


def rate(catalogue: Catalogue, workers: int) -> float:
    """Embed all by so many workers; return papers per second after the first piece."""
    done: list[tuple[float, int]] = []
    add = catalogue.vectors.add

    def clocked(model: str, rows: Iterable[tuple[int, str, bytes]]) -> None:
        piece = list(rows)
        add(model, piece)
        done.append((time.perf_counter(), len(piece)))

    catalogue.vectors.add = clocked  # type: ignore[method-assign]
    opener = partial(open_embedder, bulk=True)
    embed_on_cluster(catalogue, open_embedder(), opener, "local", workers)
    (start, _), *rest = done
    return sum(size for _, size in rest) / (rest[-1][0] - start)


if __name__ == "__main__":
    main()
