"""The indexes of words beside each other: what they find, and how long they take.

    python benchmarks/words.py agree [--beside milvus] [--distractors 20000] [--keep FOLDER]
    python benchmarks/words.py time FOLDER...

`agree` needs the shared data beside the project: nDCG@10 of FTS5 and another kind on ScholarGym and
CSFCube, by words and with the ranking by meaning, differences with the 95 % interval of a paired
bootstrap. Milvus is Milvus Lite, which is slow with distractors.
`time` needs folders with an atlas each, such as `benchmarks/scale.py` makes; it writes to copies.
Prints Markdown.
"""

import argparse
import itertools
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

import numpy as np
from fusion import kept
from graph_analysis import DATA
from graph_ranking import interval

from kg.records import Filters, Paper
from kg.store.catalogue import Catalogue
from kg.text.partial_date import PartialDate
from search.evaluation import Benchmark, BenchmarkIndex, measure, read_benchmark, read_distractors
from search.index.words.base import WordIndex, rarity
from search.index.words.open import KINDS, Opener
from search.index.words.query_words import words
from search.ranking.fusion import DEPTH, hybrid
from search.ranking.mode import Mode

LOCAL = ("fts5", "tantivy")

QUESTIONS = (
    "merging weights of vision models",
    "editing knowledge in language models",
    "prompt tuning for few-shot classification",
    "data-free distillation from a teacher",
    "federated learning with heterogeneous clients",
    "adversarial robustness of vision transformers",
    "continual learning without catastrophic forgetting",
    "low-rank adaptation of large models",
    "reinforcement learning from human feedback",
    "membership inference attacks on classifiers",
)
"""Each of about five words that are looked up."""

FILTERS = {
    "none": Filters(),
    "category": Filters(categories=("cs.LG",)),
    "since 2022": Filters(since=PartialDate(2022)),
    "kind": Filters(kind="survey"),
    "author": Filters(author="Wang"),
}

ROUNDS = 5
CHANGED = 1_000

Ranking = dict[str, float]
"""Document -> score."""


# -- what they find ----------------------------------------------------------------------------


def by_meaning(benchmark: Benchmark) -> dict[str, list[Ranking]]:
    """Return the ranking of each query by vectors, as `lfm eval` has it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Catalogue(Path(folder, "benchmark.sqlite")) as catalogue,
    ):
        with catalogue.writing():
            for paper in benchmark.documents.values():
                catalogue.papers.put(paper)
        index = BenchmarkIndex(catalogue, "default", "exact", "fts5", (Mode.DENSE,), None)
        vectors = index.embed_queries(list(benchmark.queries.values()))
        return {
            name: [index.rank(text, vector)[Mode.DENSE]]
            for (name, text), vector in zip(benchmark.queries.items(), vectors, strict=True)
        }


def by_words(
    benchmark: Benchmark, kinds: Iterable[str], extra: Iterable[Paper] = ()
) -> dict[str, dict[str, Ranking]]:
    """Return the ranking of each query by each of some kinds of index."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Catalogue(Path(folder, "benchmark.sqlite")) as catalogue,
    ):
        with catalogue.writing():
            for paper in itertools.chain(benchmark.documents.values(), extra):
                catalogue.papers.put(paper)
        keys = catalogue.papers.keys()
        ids = {key: one.id for key, one in zip(keys, catalogue.papers.get(keys), strict=True)}
        found = {}
        for kind in kinds:
            index = Opener(catalogue, kind, Path(folder)).opened()
            found[kind] = {
                name: {ids[key]: score for key, score in index.search(text, DEPTH, Filters())}
                for name, text in benchmark.queries.items()
            }
        return found


def fused(dense: Ranking, worded: Ranking) -> Ranking:
    """Return two rankings as one."""
    names = list(dict.fromkeys((*dense, *worded)))
    place = {name: at for at, name in enumerate(names)}
    pairs = ([(place[name], score) for name, score in one.items()] for one in (dense, worded))
    return {names[key]: score for key, score in hybrid(*pairs)}


def each(benchmark: Benchmark, rankings: dict[str, Ranking]) -> np.ndarray:
    """Return nDCG@10 of each query."""
    values = []
    for query, grades in benchmark.qrels.items():
        ranked = {name: score for name, score in rankings[query].items() if name != query}
        values.append(measure({query: grades}, {query: ranked})["ndcg@10"])
    return np.array(values)


def agree(beside: str, distractors: int, keep: Path | None) -> None:
    """Print nDCG@10 of FTS5 and another kind, and the differences."""
    kinds = ("fts5", beside)
    print(f"| benchmark | mode | fts5 | {beside} | difference |\n| --- | --- | ---: | ---: | --- |")

    def row(name: str, mode: str, found: dict[str, dict[str, Ranking]]) -> None:
        values = {kind: each(benchmark, found[kind]) for kind in kinds}
        gain = interval(values[beside] - values["fts5"])
        means = " | ".join(f"{values[kind].mean():.4f}" for kind in kinds)
        print(f"| {name} | {mode} | {means} | {gain} |", flush=True)

    for name, folder in (("ScholarGym", "scholargym_dev"), ("CSFCube", "csfcube")):
        benchmark = read_benchmark(DATA / "bench" / folder)
        if folder == "scholargym_dev" and distractors:
            extra = read_distractors(
                DATA / "papers.jsonl.gz", set(benchmark.documents), distractors
            )
            row(f"{name}, {distractors:,} distractors", "words", by_words(benchmark, kinds, extra))
        found = by_words(benchmark, kinds)
        row(name, "words", found)
        dense = kept(keep, f"{folder}_dense", lambda: by_meaning(benchmark))  # noqa: B023  (now)
        both = {
            kind: {query: fused(dense[query][0], one) for query, one in found[kind].items()}
            for kind in kinds
        }
        row(name, "hybrid", both)


# -- how long they take ------------------------------------------------------------------------


def median_ms(ask: Callable[[str], object]) -> str:
    """Return the median time of the questions, in milliseconds."""
    taken = []
    for question in QUESTIONS * ROUNDS:
        start = time.perf_counter()
        ask(question)
        taken.append(1000 * (time.perf_counter() - start))
    return f"{statistics.median(taken):.1f}"


def took(what: Callable[[], object]) -> float:
    """Return the seconds that something took."""
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def timed(home: Path) -> None:
    """Print the times of one atlas."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(home / "atlas.sqlite", folder))
        with Catalogue(path) as catalogue:
            size = catalogue.size()
            opener = {kind: Opener(catalogue, kind, Path(folder)) for kind in LOCAL}
            built = took(lambda: opener["tantivy"].opened())
            files = sum(file.stat().st_size for file in Path(folder, "words").iterdir())
            again = Opener(catalogue, "tantivy", Path(folder))
            print(
                f"\n### {size:,} papers\n\n"
                f"Built in {built:.1f} s, {files / 1e6:.0f} MB; opened in"
                f" {1000 * took(lambda: again.opened()):.1f} ms; {CHANGED:,} changed papers"
                f" followed in {followed(catalogue, opener['tantivy']):.2f} s\n"
            )
            print("| ms, median | fts5 | tantivy |\n| --- | ---: | ---: |")
            indexes = [opener[kind].opened() for kind in LOCAL]
            for name, filters in FILTERS.items():
                print(row_of(f"depth {DEPTH}, filter: {name}", indexes, search(filters)))
            print(
                row_of("rarity of the words", indexes, lambda one: lambda q: rarity(one, words(q)))
            )
            print(row_of("named", indexes, lambda one: lambda q: one.named(q, Filters())))


def search(filters: Filters) -> Callable[[WordIndex], Callable[[str], object]]:
    """Return what asks an index with filters."""
    return lambda index: lambda question: index.search(question, DEPTH, filters)


def row_of(
    name: str, indexes: Iterable[WordIndex], ask: Callable[[WordIndex], Callable[[str], object]]
) -> str:
    """Return the row of a table."""
    return f"| {name} | {' | '.join(median_ms(ask(index)) for index in indexes)} |"


def followed(catalogue: Catalogue, opener: Opener) -> float:
    """Return the seconds until an index has followed changes of some papers."""
    keys = catalogue.papers.keys()
    some = catalogue.papers.get(keys[:: max(len(keys) // CHANGED, 1)][:CHANGED])
    with catalogue.writing():
        for paper in some:
            catalogue.papers.put(replace(paper, venue=f"{paper.venue or ''} changed"))
    return took(opener.opened)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    agreeing = commands.add_parser("agree")
    agreeing.add_argument("--beside", choices=KINDS, default="tantivy")
    agreeing.add_argument("--distractors", type=int, default=20_000)
    agreeing.add_argument("--keep", type=Path, help="folder in which rankings by meaning are kept")
    commands.add_parser("time").add_argument("homes", nargs="+", type=Path)
    asked = parser.parse_args()
    if asked.command == "agree":
        agree(asked.beside, asked.distractors, asked.keep)
    for home in asked.homes if asked.command == "time" else ():
        timed(home)


if __name__ == "__main__":
    main()
