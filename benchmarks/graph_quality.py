"""How good the answers from the citation graph are, beside simple ones.

    python benchmarks/graph_quality.py gaps        what gaps foretell, by hiding years
    python benchmarks/graph_quality.py balance     age of the influential; bridges by betweenness

Needs the shared data beside the project. Prints Markdown.
"""

import argparse
import gzip
import json
import os
import tempfile
import time
from pathlib import Path

from kg.graph.arrays import citation_arrays, topic_arrays

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

import numpy as np
from graph_analysis import DATA, MODEL, pairs_of

from kg.analysis.bridges import bridges
from kg.analysis.gaps import MIN_CLOSENESS_RANK, MIN_TOPIC_PAPERS
from kg.analysis.gravity import citation_counts, closeness, gravity
from kg.analysis.influence import rescaled
from kg.analysis.pagerank import pagerank
from kg.graph.citation_graph import CitationGraph, Coverage, indices_in, load
from kg.records import Filters
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

JUDGED = (
    ("prompt tuning", "instruction tuning"),
    ("in-context learning", "instruction tuning"),
    ("model-editing", "model-tuning"),
    ("model-distillation", "model-tuning"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("gaps", "balance"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "atlas.sqlite"
        bundled.unpack(path)
        if asked.what == "balance":
            judge(path)
        else:
            gaps_of_snapshot(path)
            gaps_of_clusters()


# -- what gaps foretell --------------------------------------------------------------------


def hits(
    members: list[np.ndarray], years: np.ndarray, vectors: np.ndarray, ends: np.ndarray, year: int
) -> dict[str, float]:
    """Hide the citations made from `year` on, and foretell those that are made in it.

    In question are topic pairs of which no citation is known until then, though either has some to
    or from others, and that share no paper. Returns how many of the 50 put first get a citation.
    """
    citing, cited = ends.T
    old = (years > 0) & (years < year)
    before = [own[old[own]] for own in members]
    known, hidden = old[citing] & old[cited], years[citing] == year
    counts = citation_counts(before, citing[known], cited[known], len(years))
    later = citation_counts(members, citing[hidden], cited[hidden], len(years))
    t = len(members)
    apart = ~np.eye(t, dtype=bool)
    for one, two in zip(*np.triu_indices(t, 1), strict=True):
        apart[one, two] = apart[two, one] = not len(np.intersect1d(before[one], before[two]))
    close = closeness(before, vectors, apart)
    model = gravity(counts, close, apart)
    pairs = np.triu(apart & (model.popularity > 0) & (counts + counts.T == 0), 1)
    half = np.quantile(close[np.triu(apart & (model.popularity > 0), 1)], MIN_CLOSENESS_RANK)
    true = (later + later.T)[pairs] > 0
    means = np.array([vectors[own].mean(axis=0) if len(own) else vectors[0] * 0 for own in before])
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    means = np.divide(means, lengths, out=np.zeros_like(means), where=lengths > 0)
    scores = {
        # Where there are fewer than 50 near pairs, distant ones follow.
        "gaps": model.expected + model.expected.max() * (close >= half),
        "gaps, near or not": model.expected,
        "popularity": model.popularity,
        "closeness alone": close,
        "closeness of mean vectors alone": means @ means.T,
    }
    found = {"pairs": len(true), "cited later": true.sum()}
    for name, score in scores.items():
        found[name] = true[np.argsort(-score[pairs], kind="stable")[:50]].sum()
    return found | {"random, on average": true.mean() * min(50, len(true))}


def table(title: str, rows: dict[str, dict[str, float]]) -> None:
    names = list(next(iter(rows.values())))
    print(f"\n| {title} | {' | '.join(names)} |\n| --- |{' ---: |' * len(names)}")
    for row, found in rows.items():
        print(f"| {row} | {' | '.join(f'{found[name]:g}' for name in names)} |", flush=True)


def gaps_of_snapshot(path: Path) -> None:
    with Catalogue(path) as catalogue:
        graph = load(catalogue)
        own = topic_arrays(catalogue.database, [topic.id for topic in Taxonomy.load()])
        vectors = np.zeros((len(graph.keys), 384), dtype=np.float32)
        for key, vector in catalogue.vectors.all(MODEL):
            vectors[indices_in(graph.keys, np.array([key]))] = np.frombuffer(vector, "<f4")
    members = [
        indices_in(graph.keys, keys) for keys in own.values() if len(keys) >= MIN_TOPIC_PAPERS
    ]
    ends = np.stack([graph.citing, graph.cited], axis=1)
    found = {str(y): hits(members, graph.years, vectors, ends, y) for y in (2021, 2022, 2023)}
    table("snapshot, hidden year", {y: rounded(row) for y, row in found.items()})


def rounded(row: dict[str, float]) -> dict[str, float]:
    return {name: round(float(value), 1) for name, value in row.items()}


def gaps_of_clusters() -> None:
    """Clusters of papers by their vectors stand in for topics, where there are more citations."""
    from sklearn.cluster import KMeans

    from ingest.sources.arxiv.dump import mended_id
    from search.embedding.open import open_embedder

    ids, ends = pairs_of(DATA)
    at = {name: place for place, name in enumerate(ids)}
    years, texts = np.zeros(len(ids), dtype=int), [""] * len(ids)
    with gzip.open(DATA / "papers.jsonl.gz", "rt", encoding="utf-8") as file:
        for paper in map(json.loads, file):
            if (place := at.get(mended_id(paper["arxiv_id"]))) is not None:
                years[place] = int(str(paper.get("date") or paper["year"])[:4])
                texts[place] = f"{paper['title']}. {paper['abstract']}"
    vectors = open_embedder(bulk=True).encode(texts)
    for clusters in (50, 100, 200):
        rows = {}
        for year in range(2019, 2024):
            fitted = KMeans(clusters, n_init=1, random_state=0).fit(vectors[years < year])
            label = fitted.predict(vectors)
            members = [np.flatnonzero(label == one) for one in range(clusters)]
            rows[str(year)] = rounded(hits(members, years, vectors, ends, year))
        rows["sum"] = {name: sum(row[name] for row in rows.values()) for name in rows["2023"]}
        table(f"{clusters} clusters, hidden year", {y: rounded(row) for y, row in rows.items()})


# -- how good influence and bridges are ----------------------------------------------------


def judge(path: Path) -> None:
    """Is the top as old as all papers are, and does betweenness find the same bridges?"""
    ids, ends = pairs_of(DATA)
    n = len(ids)
    born = np.array([float(name) if "/" not in name else 0.0 for name in ids])
    tenth = np.empty(n, dtype=int)
    tenth[np.argsort(born, kind="stable")] = np.arange(n) * 10 // n
    graph = CitationGraph(np.arange(n), born, born, *ends.T, Coverage(n, n))
    ranks = pagerank(graph)
    counts = graph.counts.astype(float)
    orders = {"citations": counts, "PageRank": ranks}
    for part in (5, 10, 20, 50):
        orders[f"rescaled, peers 1/{part}"] = rescaled(ranks, born, n // part)
    print(f"| first {n // 50} of {n:,} by | {' | '.join(f'{at}' for at in range(1, 11))} |")
    print(f"| --- |{' ---: |' * 10}")
    for name, values in orders.items():
        top = np.bincount(tenth[np.argsort(-values)[: n // 50]], minlength=10)
        print(f"| {name} | {' | '.join(map(str, top.tolist()))} |")
    print("\n| topics | bridges | same in the first 10 | betweenness | bridges() |")
    print("| --- | ---: | ---: | ---: | ---: |")
    taxonomy = Taxonomy.load()
    with Catalogue(path) as catalogue:
        for one, two in JUDGED:
            began = time.perf_counter()
            found = bridges(catalogue, taxonomy, one, two, k=10)
            ours = time.perf_counter() - began
            began = time.perf_counter()
            other = by_betweenness(catalogue, *found.topics)
            theirs = time.perf_counter() - began
            same = len({bridge.paper.id for bridge in found.papers} & set(other[:10]))
            print(f"| {one}, {two} | {found.found} | {same} ", end="")
            print(f"| {theirs * 1000:.0f} ms | {ours * 1000:.0f} ms |")


def by_betweenness(catalogue: Catalogue, one: str, two: str) -> list[str]:
    """Return papers by how many shortest ways from one topic to the other lead by them."""
    import networkx as nx

    sides = [catalogue.papers.select(Filters(topic=topic)) or [] for topic in (one, two)]
    citing, cited = citation_arrays(
        catalogue.database, np.unique(np.concatenate(sides)), both=False
    )
    graph = nx.Graph(zip(citing.tolist(), cited.tolist(), strict=True))
    ends = [[key for key in side if key in graph] for side in sides]
    between = nx.betweenness_centrality_subset(graph, *ends)
    best = sorted(between, key=lambda key: (-between[key], key))
    return [paper.id for paper in catalogue.papers.get(best[:10])]


if __name__ == "__main__":
    main()
