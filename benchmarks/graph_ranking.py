"""Whether signals of the graph make the answers of `lfm ask` better: re-rank its first hits.

    python benchmarks/graph_ranking.py [--distractors 20000] [--keep FOLDER]

Needs the shared data beside the project. The hybrid ranking's first hits get a bonus by each
signal; its form and weight are chosen on one half of the queries and judged on the other. Prints
Markdown.
"""

import argparse
import csv
import gzip
import itertools
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

import numpy as np
from graph_analysis import DATA

from ingest.sources.arxiv.dump import mended_id
from kg.analysis.pagerank import DAMPING
from kg.records import Paper
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
from search.evaluation import Benchmark, BenchmarkIndex, measure, read_benchmark, read_distractors
from search.ranking.fusion import K, fuse
from search.ranking.mode import Mode

WEIGHTS = (1.0, 1.0)
"""Of reciprocal ranks by meaning and by words, by which hits were ranked when this was measured."""
DEPTHS = (50, 100)
"""How many of the first hits are ranked anew."""
SEEDS = (5, 10)
"""How many of them the others are compared with."""
SHARES = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Weights that are tried."""
FORMS = ("rank", "value")
SHOWN = ("ndcg@10", "recall@20", "mrr")
SAMPLES = 10_000
SPLIT = 7
"""Seed of the split into halves and of the bootstrap."""

Values = dict[str, float]
"""Document -> what a signal says for it; those for which it says nothing are left out."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a question finds, before the graph is asked."""

    dense: list[str]
    words: list[str]
    near: dict[str, Values]
    """Number of first hits -> cosine of each hit with their mean vector."""

    def ranking(self) -> list[tuple[str, float]]:
        """Return the hybrid ranking's first hits with their scores."""
        return fuse([self.dense, self.words], WEIGHTS)[: max(DEPTHS)]


class Graph:
    """Citations between papers of a corpus, and their topics."""

    def __init__(self, edges: Iterable[tuple[str, str]], topics: dict[str, set[str]]) -> None:
        self.edges = sorted(set(edges))
        self.topics = topics
        self.cites: dict[str, set[str]] = {}
        self.cited_by: dict[str, set[str]] = {}
        for citing, cited in self.edges:
            self.cites.setdefault(citing, set()).add(cited)
            self.cited_by.setdefault(cited, set()).add(citing)
        self.nodes = sorted(self.cites.keys() | self.cited_by.keys())
        self.place = {name: at for at, name in enumerate(self.nodes)}
        ends = np.array([(self.place[a], self.place[b]) for a, b in self.edges]).reshape(-1, 2)
        self.ends: np.ndarray = ends.astype(np.int64)

    def among(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """Return the citations between some papers."""
        some = set(names)
        return [(a, b) for a in names for b in self.cites.get(a, set()) & some]

    def walk(self, seeds: Sequence[str], both_ways: bool) -> Values:
        """Return personalised PageRank, as `networkx.pagerank` has it, to 1e-8."""
        known = [self.place[name] for name in seeds if name in self.place]
        if not known:
            return {}
        n = len(self.nodes)
        source, target = self.ends.T
        if both_ways:
            source, target = np.append(source, target), np.append(target, source)
        degree = np.bincount(source, minlength=n)
        share = np.divide(DAMPING, degree, out=np.zeros(n), where=degree > 0)
        start = np.zeros(n)
        start[known] = 1 / len(known)
        rank = start
        for _ in range(200):
            last = rank
            lost = 1 - DAMPING + DAMPING * last[degree == 0].sum()
            rank = np.bincount(target, (last * share)[source], n) + lost * start
            if np.abs(rank - last).sum() < 1e-8:
                break
        return {self.nodes[at]: float(rank[at]) for at in np.flatnonzero(rank)}


# -- signals: (graph, hits in question, the first of them) -> what speaks for each --------------


def links(graph: Graph, names: list[str], _: list[str]) -> Values:
    return dict(Counter(name for pair in graph.among(names) for name in pair))


def cited_here(graph: Graph, names: list[str], _: list[str]) -> Values:
    return dict(Counter(cited for _, cited in graph.among(names)))


def cites_here(graph: Graph, names: list[str], _: list[str]) -> Values:
    return dict(Counter(citing for citing, _ in graph.among(names)))


def walk_references(graph: Graph, _: list[str], first: list[str]) -> Values:
    return graph.walk(first, both_ways=False)


def walk_both_ways(graph: Graph, _: list[str], first: list[str]) -> Values:
    return graph.walk(first, both_ways=True)


def cited_together(graph: Graph, names: list[str], first: list[str]) -> Values:
    return _likeness(graph.cited_by, names, first)


def shared_references(graph: Graph, names: list[str], first: list[str]) -> Values:
    return _likeness(graph.cites, names, first)


def topic_agreement(graph: Graph, names: list[str], first: list[str]) -> Values:
    return _likeness(graph.topics, names, first)


def times_cited(graph: Graph, names: list[str], _: list[str]) -> Values:
    return {name: len(graph.cited_by[name]) for name in names if name in graph.cited_by}


def known_at_all(graph: Graph, names: list[str], _: list[str]) -> Values:
    return {name: 1.0 for name in names if name in graph.place}


def _likeness(sets: dict[str, set[str]], names: list[str], first: list[str]) -> Values:
    """Salton's cosine of a paper's set with that of each first hit but itself, summed."""
    found: Values = {}
    for name in names:
        mine = sets.get(name)
        if mine:
            for other in first:
                theirs = sets.get(other)
                if theirs and other != name and (both := len(mine & theirs)):
                    found[name] = found.get(name, 0.0) + both / (len(mine) * len(theirs)) ** 0.5
    return found


SIGNALS: dict[str, Callable[[Graph, list[str], list[str]], Values] | None] = {
    "citations among the hits": links,
    "cited by hits": cited_here,
    "cites hits": cites_here,
    "PageRank from the first, along references": walk_references,
    "PageRank from the first, both ways": walk_both_ways,
    "cited together with the first": cited_together,
    "shared references with the first": shared_references,
    "topic agreement with the first": topic_agreement,
    "cosine to the first hits' mean": None,
    "control: times cited in the corpus": times_cited,
    "control: any citation is known": known_at_all,
}
ALONE = {links, cited_here, cites_here, times_cited, known_at_all}
"""Signals that do not ask which hits are the first."""


# -- ranking anew --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """How a signal enters the ranking."""

    depth: int
    seeds: int
    form: str
    share: float

    def bonus(self, values: Values, ranking: list[tuple[str, float]]) -> Values:
        """Return what each hit's score gains: by its rank in the signal, or by its value.

        By rank it is what `search.ranking.fusion.fuse` gives a third ranking of the weight `share`.
        """
        order = sorted((name for name, _ in ranking if name in values), key=lambda n: -values[n])
        if self.form == "rank":
            scale = self.share * (K + 1) / sum(WEIGHTS)
            return {name: scale / (K + rank) for rank, name in enumerate(order, 1)}
        most = values[order[0]] if order else 1.0
        return {name: self.share * values[name] / most for name in order}


def choices(alone: bool) -> Iterator[Choice]:
    for depth, seeds in itertools.product(DEPTHS, SEEDS[:1] if alone else SEEDS):
        for form, share in itertools.product(FORMS, SHARES):
            yield Choice(depth, seeds, form, share)


class Trial:
    """The queries of one benchmark, ranked with and without signals."""

    def __init__(self, found: dict[str, Hits], benchmark: Benchmark, graph: Graph) -> None:
        self.rankings = {query: hits.ranking() for query, hits in found.items()}
        self.found, self.graph, self.qrels = found, graph, benchmark.qrels
        order = np.random.default_rng(SPLIT).permutation(sorted(found)).tolist()
        self.halves = (order[: len(order) // 2], order[len(order) // 2 :])

    def values(self, name: str, depth: int, seeds: int) -> dict[str, Values]:
        """Return, by query, what a signal says."""
        found = {}
        for query, ranking in self.rankings.items():
            names = [document for document, _ in ranking[:depth]]
            signal = SIGNALS[name]
            if signal is None:
                found[query] = self.found[query].near[str(seeds)]
            else:
                found[query] = signal(self.graph, names, names[:seeds])
        return found

    def ranked(self, choice: Choice, values: dict[str, Values]) -> dict[str, Values]:
        """Return the scores with the bonus, by query."""
        rankings = {}
        for query, ranking in self.rankings.items():
            scores = dict(ranking)
            for name, more in choice.bonus(values[query], ranking[: choice.depth]).items():
                scores[name] += more
            rankings[query] = scores
        return rankings

    def mean(self, rankings: dict[str, Values], queries: list[str]) -> float:
        """Return nDCG@10."""
        qrels = {query: self.qrels[query] for query in queries}
        return measure(qrels, {query: rankings[query] for query in queries})["ndcg@10"]

    def each(self, rankings: dict[str, Values], queries: list[str]) -> np.ndarray:
        """Return (queries, measures) figures, the measures as in `SHOWN`."""
        rows = []
        for query in queries:
            row = measure({query: self.qrels[query]}, {query: rankings[query]})
            rows.append([row[name] for name in SHOWN])
        return np.array(rows)

    def report(self, title: str) -> None:
        """Print the table of all signals."""
        plain = {query: dict(ranking) for query, ranking in self.rankings.items()}
        base = [self.each(plain, half) for half in self.halves]
        print(f"\n### {title}\n\n{self.coverage()}\n")
        print("| ranking | hits | chosen | nDCG@10 | recall@20 | MRR | nDCG@10, both halves |")
        print("| --- | ---: | --- | ---: | ---: | ---: | ---: |")
        cells = [f"{mean:.4f}" for mean in base[1].mean(0)]
        print(f"| hybrid | | | {' | '.join(cells)} | {np.concatenate(base)[:, 0].mean():.4f} |")
        for name, signal in SIGNALS.items():
            self.row(name, signal in ALONE, base)

    def row(self, name: str, alone: bool, base: list[np.ndarray]) -> None:
        """Choose on one half, judge on the other, print, and then the other way round."""
        best: list[tuple[float, Choice] | None] = [None, None]
        had: dict[tuple[int, int], dict[str, Values]] = {}
        for choice in choices(alone):
            key = (choice.depth, choice.seeds)
            if key not in had:
                had[key] = self.values(name, *key)
            rankings = self.ranked(choice, had[key])
            for half in (0, 1):
                mean = self.mean(rankings, self.halves[half])
                if best[half] is None or mean > best[half][0]:
                    best[half] = (mean, choice)
        judged, swapped = (
            self.each(self.ranked(chosen, had[chosen.depth, chosen.seeds]), self.halves[1 - half])
            - base[1 - half]
            for half, (_, chosen) in enumerate(best)
        )
        choice = best[0][1]
        told = f"{choice.form} × {choice.share:g}, first {choice.depth}"
        told += "" if alone else f", from {choice.seeds}"
        cells = [interval(judged[:, at]) for at in range(len(SHOWN))]
        cells.append(interval(np.concatenate([judged, swapped])[:, 0]))
        values = had[DEPTHS[0], SEEDS[0]]
        reached = sum(
            1 for q, r in self.rankings.items() if any(d in values[q] for d, _ in r[: DEPTHS[0]])
        )
        print(
            f"| {name} | {reached / len(values):.0%} | {told} | {' | '.join(cells)} |", flush=True
        )

    def splits(self, count: int = 200) -> None:
        """Print, for each signal, what the other half says over many splits into halves."""
        queries = sorted(self.rankings)
        plain = {query: dict(ranking) for query, ranking in self.rankings.items()}
        base = self.each(plain, queries)[:, 0]
        print(
            f"\n{count} other splits:\n\n| ranking | nDCG@10 at the mean | 5 % to 95 % | above 0 |"
        )
        print("| --- | ---: | ---: | ---: |")
        for name, signal in SIGNALS.items():
            had: dict[tuple[int, int], dict[str, Values]] = {}
            rows = []
            for choice in choices(signal in ALONE):
                key = (choice.depth, choice.seeds)
                if key not in had:
                    had[key] = self.values(name, *key)
                changed = [at for at, query in enumerate(queries) if had[key][query]]
                row, some = np.zeros(len(queries)), [queries[at] for at in changed]
                row[changed] = self.each(self.ranked(choice, had[key]), some)[:, 0] - base[changed]
                rows.append(row)
            gains = np.array(rows)
            judged = []
            for seed in range(count):
                order = np.random.default_rng((SPLIT, seed)).permutation(len(queries))
                one, other = order[: len(order) // 2], order[len(order) // 2 :]
                judged.append(gains[gains[:, one].mean(1).argmax(), other].mean())
            low, high = np.percentile(judged, (5, 95))
            above = np.mean(np.array(judged) > 0)
            cells = f"{np.mean(judged):+.4f} | {low:+.4f} to {high:+.4f} | {above:.0%}"
            print(f"| {name} | {cells} |", flush=True)

    def coverage(self) -> str:
        """Return in words how much is known of the citations."""
        n = len(self.rankings)
        first = {q: [d for d, _ in r[: DEPTHS[0]]] for q, r in self.rankings.items()}
        known = np.mean([sum(d in self.graph.place for d in ds) for ds in first.values()])
        pairs = [len(self.graph.among(ds)) for ds in first.values()]
        wanted = [d for q in first for d, g in self.qrels[q].items() if g > 0]
        have = sum(d in self.graph.place for d in wanted)
        return (
            f"{n:,} queries, {len(self.graph.edges):,} citations between {len(self.graph.nodes):,}"
            f" papers. Of the first {DEPTHS[0]} hits {known:.1f} have a known citation at the mean;"
            f" one among the hits is known for {sum(p > 0 for p in pairs):,} queries"
            f" ({np.median(pairs):.0f} at the median, {np.mean(pairs):.1f} at the mean). Of"
            f" {len(wanted):,} relevant documents {have:,} have a known citation."
        )


def interval(differences: np.ndarray) -> str:
    """Return a mean with its 95 % interval, by the paired bootstrap."""
    rng = np.random.default_rng(SPLIT)
    n = len(differences)
    means = [differences[rng.integers(0, n, n)].mean() for _ in range(SAMPLES)]
    low, high = np.percentile(means, (2.5, 97.5))
    return f"{differences.mean():+.4f} ({low:+.4f} to {high:+.4f})"


# -- data ----------------------------------------------------------------------------------


def find(benchmark: Benchmark, extra: list[Paper]) -> dict[str, Hits]:
    """Ask all queries, as `lfm eval` does."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Catalogue(Path(folder, "benchmark.sqlite")) as catalogue,
    ):
        with catalogue.writing():
            for paper in itertools.chain(benchmark.documents.values(), extra):
                catalogue.papers.put(paper)
        index = BenchmarkIndex(catalogue, "default", "exact", "fts5", tuple(Mode), None)
        vectors = dict(zip(index.vectors.keys.tolist(), index.vectors.vectors, strict=True))
        vectors = {name: vectors[key] for key, name in index.ids.items()}
        found = {}
        for name, text in benchmark.queries.items():
            ranks = index.rank(text, index.embedder.encode_query(text))
            lists = [[d for d in ranks[m] if d != name] for m in (Mode.DENSE, Mode.KEYWORD)]
            hits = Hits(*lists, {})
            names = [document for document, _ in hits.ranking()]
            rows = np.stack([vectors[document] for document in names])
            for seeds in SEEDS:
                mean = rows[:seeds].mean(0)
                cosines = (rows @ (mean / np.linalg.norm(mean))).tolist()
                hits.near[str(seeds)] = dict(zip(names, cosines, strict=True))
            found[name] = hits
        return found


def citations(benchmark: Benchmark, extra: list[Paper]) -> list[tuple[str, str]]:
    """Return the known citations between the papers of a corpus.

    Documents that have no arXiv id are known by their titles.
    """
    titles = {_plain(paper.title): paper.id for paper in benchmark.documents.values()}
    there = {name: name for name in benchmark.documents} | {paper.id: paper.id for paper in extra}
    for paper in read_distractors(DATA / "papers.jsonl.gz", set(there), 10**9):
        if _plain(paper.title) in titles:
            there[paper.id] = titles[_plain(paper.title)]
    with (DATA / "citations.csv").open(encoding="utf-8", newline="") as file:
        pairs = [(there.get(mended_id(a)), there.get(mended_id(b))) for a, b in csv.reader(file)]
    return [(a, b) for a, b in pairs if a and b and a != b]


def _plain(title: str) -> str:
    return re.sub(r"[\W_]", "", title.lower())


def placements() -> dict[str, set[str]]:
    """Return the topics of the bundled snapshot's papers, by arXiv id."""
    with tempfile.TemporaryDirectory() as folder:
        bundled.unpack(path := Path(folder, "atlas.sqlite"))
        with Catalogue(path) as catalogue:
            keys = catalogue.papers.keys()
            placed = catalogue.placements.get(keys)
            papers = zip(keys, catalogue.papers.get(keys), strict=True)
            return {
                paper.arxiv_id: {placement.topic for placement in placed[key]}
                for key, paper in papers
                if paper.arxiv_id and key in placed
            }


def part(benchmark: Benchmark, documents: set[str], queries: Iterable[str]) -> Benchmark:
    """Return a benchmark of some documents and, of these queries, those that they answer."""
    qrels = {
        query: {d: grade for d, grade in benchmark.qrels[query].items() if d in documents}
        for query in queries
    }
    qrels = {query: grades for query, grades in qrels.items() if any(grades.values())}
    return Benchmark(
        {name: paper for name, paper in benchmark.documents.items() if name in documents},
        {query: benchmark.queries[query] for query in qrels},
        qrels,
    )


def kept(folder: Path | None, name: str, make: Callable[[], dict[str, Hits]]) -> dict[str, Hits]:
    """Return what `make` makes, from its file where there is one."""
    path = folder / f"{name}.json.gz" if folder else None
    if path and path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return {q: Hits(**hits) for q, hits in json.load(file).items()}
    found = make()
    if path:
        with gzip.open(path, "wt", encoding="utf-8") as file:
            json.dump({query: asdict(hits) for query, hits in found.items()}, file)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--distractors", type=int, default=20_000)
    parser.add_argument("--keep", type=Path, help="folder in which what is found is kept")
    asked = parser.parse_args()
    topics = placements()

    whole = read_benchmark(DATA / "bench" / "scholargym_dev")
    papers = DATA / "papers.jsonl.gz"
    extra = list(read_distractors(papers, set(whole.documents), asked.distractors))
    graph = Graph(citations(whole, extra), topics)
    placed = [sum(d in topics for d in ds) for ds in (whole.documents, [p.id for p in extra])]
    print(f"{placed[0]:,} of {len(whole.documents):,} documents and {placed[1]:,} of", end=" ")
    print(f"{len(extra):,} distractors are placed in the snapshot.")
    found = kept(asked.keep, f"scholargym-{len(extra)}", lambda: find(whole, extra))
    trial = Trial(found, whole, graph)
    trial.report(f"ScholarGym, {len(extra):,} distractors")
    trial.splits()
    linked = {
        query: found[query]
        for query, ranking in trial.rankings.items()
        if graph.among([document for document, _ in ranking[: DEPTHS[0]]])
    }
    Trial(linked, whole, graph).report("The same, where a citation among the first hits is known")

    known = part(whole, set(graph.nodes), whole.queries)
    others = [paper for paper in extra if paper.id in graph.place]
    found = kept(asked.keep, f"linked-{len(extra)}", lambda: find(known, others))
    trial = Trial(found, known, graph)
    trial.report("ScholarGym, only papers with a known citation")
    trial.splits()

    facets = read_benchmark(DATA / "bench" / "csfcube")
    found = kept(asked.keep, "csfcube", lambda: find(facets, []))
    Trial(found, facets, Graph(citations(facets, []), {})).report("CSFCube")


if __name__ == "__main__":
    main()
