"""Whether answers get better where a question is understood, and what a preference may be worth.

    python benchmarks/preferences.py

Needs the shared data beside the project. Asks the bundled atlas the questions of ScholarGym that it
answers, as words alone and understood; then states for each what a paper that answers it needs
by its card, once so that it passes and once so that it does not. Prints Markdown.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

import numpy as np
from fusion import SPLIT, in_atlas
from graph_analysis import DATA
from graph_ranking import interval, part

from kg import settings
from kg.records import Filters
from search.evaluation import Benchmark, measure, read_benchmark
from search.library import Library
from search.ranking.fusion import DEPTH, deviation, hybrid

WORTHS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0)
"""Standard deviations of the scores found."""
COMMON = 4_000
"""Values of more cards than this, such as ``method``, are nothing that a question asks for."""


def each(benchmark: Benchmark, rankings: Mapping[str, Iterable[str]]) -> np.ndarray:
    """Return nDCG@10 of each query."""
    values = []
    for query, names in rankings.items():
        scores = {name: -float(rank) for rank, name in enumerate(names)}
        values.append(measure({query: benchmark.qrels[query]}, {query: scores})["ndcg@10"])
    return np.array(values)


def understood(library: Library, benchmark: Benchmark) -> None:
    """Print the answers to questions as words alone, and understood."""
    read = 0
    rankings: tuple[dict[str, list[str]], ...] = ({}, {})
    for literal, found in zip((True, False), rankings, strict=True):
        for name, text in benchmark.queries.items():
            answer = library.ask(text, literal=literal)
            read += bool(answer.understood)
            found[name] = [hit.paper.id for hit in answer.hits]
    words, whole = (each(benchmark, found) for found in rankings)
    print(f"\n{len(words)} questions, of which {read} state something\n")
    print("| half | as words | understood | difference |\n| --- | ---: | ---: | --- |")
    order = np.random.default_rng(SPLIT).permutation(len(words))
    halves = order[: len(order) // 2], order[len(order) // 2 :]
    for name, half in zip(("chose", "reports"), halves, strict=True):
        means = [f"{some[half].mean():.4f}" for some in (words, whole)]
        print(f"| {name} | {' | '.join(means)} | {interval((whole - words)[half])} |")


def stated(library: Library, benchmark: Benchmark) -> None:
    """Print what preferences of different worth change, those that answers pass and others."""
    catalogue = library.catalogue
    _, found = in_atlas(benchmark)
    order = np.random.default_rng(SPLIT).permutation(len(found))
    names = [list(found)[at] for at in order[: len(order) // 2]]
    ids = dict(zip(catalogue.papers.keys(), (p.id for p in _papers(library)), strict=True))
    keys = {name: key for key, name in ids.items()}
    passing = [
        {ids[key] for key in catalogue.papers.select(Filters(**{field: value}))}
        for field, counts in catalogue.cards.value_counts().items()
        for value, count in counts.items()
        if count <= COMMON
    ]
    rows: dict[float, list[tuple[float, float, float]]] = {worth: [] for worth in WORTHS}
    for name in names:
        one = part(benchmark, set(keys), [name])
        dense, words = ([(keys[d], s) for d, s in some.items()] for some in found[name])
        ranked = hybrid(dense, words)
        for those in passing:
            right = those & set(one.qrels[name])
            if not right:
                continue
            for worth in WORTHS:
                # As if the papers that answer had no card, and as it is.
                worse, shown = (
                    [ids[key] for key in raised(ranked, {keys[d] for d in some}, worth)]
                    for some in (those - right, those)
                )
                rows[worth].append(
                    (
                        float(each(one, {name: shown})[0]),
                        float(each(one, {name: worse})[0]),
                        float(np.mean([paper in those for paper in shown[:5]])),
                    )
                )
    print(f"\n{len(rows[0.0])} preferences of {len(names)} questions, of the half that chose\n")
    print("| worth | answers pass | they do not | 80% pass | passing of the first five |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for worth, values in rows.items():
        passed, failed, first = np.mean(values, axis=0)
        mixed = 0.8 * passed + 0.2 * failed
        print(f"| {worth} | {passed:.4f} | {failed:.4f} | {mixed:.4f} | {first:.2f} |")


def raised(ranked: list[tuple[int, float]], passing: set[int], worth: float) -> list[int]:
    """Return the best papers where those that pass are worth more, as `preferring` does it."""
    best = ranked[:DEPTH]
    more = worth * deviation([score for _, score in best])
    return [key for key, _ in sorted(best, key=lambda one: -one[1] - more * (one[0] in passing))]


def _papers(library: Library) -> Iterable:
    return library.catalogue.papers.get(library.catalogue.papers.keys())


def main() -> None:
    whole = read_benchmark(DATA / "bench" / "scholargym_dev")
    with tempfile.TemporaryDirectory() as home:
        os.environ["LFM_HOME"] = home
        with Library(settings.load()) as library:
            inside = {paper.id for paper in _papers(library)}
            benchmark = part(whole, inside, whole.queries)
            understood(library, benchmark)
            stated(library, benchmark)


if __name__ == "__main__":
    main()
