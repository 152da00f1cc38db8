"""How the rankings by meaning and by words are best fused: by ranks or by scores, by which weights.

    python benchmarks/fusion.py [--distractors 20000] [--keep FOLDER]

Needs the shared data beside the project. Chosen on one half of the questions of ScholarGym, by lot;
the other half reports, with CSFCube and the questions that the atlas answers. Prints Markdown.
"""

import argparse
import gzip
import itertools
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

import numpy as np
from graph_analysis import DATA
from graph_ranking import interval, part

from kg import settings
from kg.records import Filters, Paper
from kg.store.catalogue import Catalogue
from search.evaluation import Benchmark, BenchmarkIndex, measure, read_benchmark, read_distractors
from search.library import Library
from search.ranking.fusion import DEPTH, fuse, hybrid
from search.ranking.mode import Mode

SPLIT = 7
"""Seed of the split into halves."""
SHARES = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 1.0)
"""Weights of the scores by meaning; words have the rest."""

Found = dict[str, list[dict[str, float]]]
"""Query -> the first `DEPTH` documents by meaning and by words, with their scores, best first."""
Fusion = Callable[[list[tuple[int, float]], list[tuple[int, float]]], list[tuple[int, float]]]


def by_ranks(
    dense: list[tuple[int, float]], words: list[tuple[int, float]]
) -> list[tuple[int, float]]:
    """Fuse by reciprocal ranks."""
    return fuse([[key for key, _ in one] for one in (dense, words)], (1.0, 1.0))


FUSIONS: dict[str, Fusion] = {
    "reciprocal ranks": by_ranks,
    **{
        f"scores, {share:.1f} by meaning": lambda dense, words, share=share: hybrid(
            dense, words, weights=(share, 1 - share)
        )
        for share in SHARES
    },
}


def each(qrels: dict[str, dict[str, int]], found: Found, fusion: Fusion) -> np.ndarray:
    """Return nDCG@10 of each query."""
    values = []
    for query, grades in qrels.items():
        names = list(dict.fromkeys(itertools.chain(*found[query])))
        place = {name: at for at, name in enumerate(names)}
        ranked = fusion(*([(place[d], s) for d, s in one.items()] for one in found[query]))
        scores = {names[key]: -float(rank) for rank, (key, _) in enumerate(ranked)}
        values.append(measure({query: grades}, {query: scores})["ndcg@10"])
    return np.array(values)


def in_benchmark(benchmark: Benchmark, extra: Iterable[Paper] = ()) -> Found:
    """Ask all queries, as `lfm eval` does."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Catalogue(Path(folder, "benchmark.sqlite")) as catalogue,
    ):
        with catalogue.writing():
            for paper in itertools.chain(benchmark.documents.values(), extra):
                catalogue.papers.put(paper)
        index = BenchmarkIndex(catalogue, "default", "exact", "fts5", tuple(Mode), None)
        found = {}
        for name, text in benchmark.queries.items():
            ranked = index.rank(text, index.embedder.encode_query(text))
            found[name] = [
                {document: score for document, score in ranked[mode].items() if document != name}
                for mode in (Mode.DENSE, Mode.KEYWORD)
            ]
        return found


def in_atlas(benchmark: Benchmark) -> tuple[Benchmark, Found]:
    """Ask the bundled atlas the queries that it answers, as far as `fusion` goes."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["LFM_HOME"] = home
        with Library(settings.load()) as library:
            catalogue = library.catalogue
            keys = catalogue.papers.keys()
            papers = catalogue.papers.get(keys)
            ids = {key: paper.id for key, paper in zip(keys, papers, strict=True)}
            asked = part(benchmark, set(ids.values()), benchmark.queries)
            found = {}
            for name, text in asked.queries.items():
                near, cosines = library.index.search(library.embedder.encode_query(text), DEPTH)
                words = library.words.search(text, DEPTH, Filters())
                pairs = zip(near.tolist(), cosines.tolist(), strict=True)
                found[name] = [{ids[key]: score for key, score in one} for one in (pairs, words)]
            return asked, found


def kept(folder: Path | None, name: str, make: Callable[[], Found]) -> Found:
    """Return what `make` makes, from its file where there is one."""
    path = folder / f"{name}.json.gz" if folder else None
    if path and path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            found: Found = json.load(file)
        return found
    found = make()
    if path:
        with gzip.open(path, "wt", encoding="utf-8") as file:
            json.dump(found, file)
    return found


def report(title: str, qrels: dict[str, dict[str, int]], found: Found) -> None:
    """Print the table of all fusions."""
    order = np.random.default_rng(SPLIT).permutation(len(qrels))
    halves = order[: len(order) // 2], order[len(order) // 2 :]
    print(f"\n### {title}\n\n{len(halves[0])} queries chose, {len(halves[1])} report\n")
    print("| fusion | nDCG@10, chose | reports | difference, reports | difference, all |")
    print("| --- | ---: | ---: | --- | --- |")
    base = each(qrels, found, by_ranks)
    for name, fusion in FUSIONS.items():
        values = each(qrels, found, fusion)
        means = [f"{values[half].mean():.4f}" for half in halves]
        gains = [interval((values - base)[some]) for some in (halves[1], order)]
        print(f"| {name} | {' | '.join([*means, *gains])} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--distractors", type=int, default=20_000)
    parser.add_argument("--keep", type=Path, help="folder in which what is found is kept")
    asked = parser.parse_args()
    whole, cube = (read_benchmark(DATA / "bench" / n) for n in ("scholargym_dev", "csfcube"))
    extra = read_distractors(DATA / "papers.jsonl.gz", set(whole.documents), asked.distractors)
    name = f"scholargym_{asked.distractors}"
    found = kept(asked.keep, name, lambda: in_benchmark(whole, extra))
    report(f"ScholarGym with {asked.distractors:,} distractors", whole.qrels, found)
    found = kept(asked.keep, "csfcube", lambda: in_benchmark(cube))
    report("CSFCube", cube.qrels, found)
    questions, found = in_atlas(whole)
    report("Questions of ScholarGym that the atlas answers", questions.qrels, found)


if __name__ == "__main__":
    main()
