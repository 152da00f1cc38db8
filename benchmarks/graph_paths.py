"""How long questions to the graph take, and which papers are alike.

    python benchmarks/graph_paths.py [--papers 100000] [--home FOLDER]

Prints Markdown. Without `--papers` it measures the bundled snapshot, and by which cosine papers
that cite each other differ from any two. With it, a made-up catalogue of so many papers and ten
times as many citations, whose degrees are distributed as those of the shared sample
`citations.csv`, and with a fifth as many entities; it is made in `--home` and kept there.
"""

import argparse
import csv
import os
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from kg.graph.rows import citations_among

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

import numpy as np

from kg.analysis.paths.connect import connect
from kg.graph import graph
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "citations.csv"
EACH = 10
"""Citations, and alike papers about, of each made-up paper."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=int)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--whole", action="store_true", help="build the NetworkX graph too")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = wanted.home or Path(temporary)
        home.mkdir(parents=True, exist_ok=True)
        path = home / f"{wanted.papers or 'snapshot'}.sqlite"
        if wanted.papers and not path.exists():
            make(path, wanted.papers)
        elif not wanted.papers:
            bundled.unpack(path)
        with Catalogue(path) as catalogue:
            if not wanted.papers:
                alike(catalogue)
            questions(catalogue, wanted.questions)
            if wanted.whole or not wanted.papers:
                whole(catalogue)


# -- made-up catalogues ------------------------------------------------------------------------


def make(path: Path, papers: int) -> None:
    """Write a catalogue whose degrees are distributed as in the sample."""
    rng = np.random.default_rng(4)
    with SHARED.open() as file:
        rows = list(csv.reader(file))[1:]

    def drawn(column: int) -> np.ndarray:
        # Each end of a citation is drawn by the weight of a paper, a degree of the sample.
        degrees = np.unique([row[column] for row in rows], return_counts=True)[1]
        weights = rng.choice(degrees, papers).astype(float)
        return rng.choice(papers, EACH * papers, p=weights / weights.sum()) + 1

    topics = [topic.id for topic in Taxonomy.load()]
    # As uneven as topics are: some have a fifth of all papers.
    shares = 1 / np.arange(1, len(topics) + 1)
    placed = rng.choice(len(topics), papers, p=shares / shares.sum())
    again = rng.choice(len(topics), papers, p=shares / shares.sum())
    Catalogue(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        keys = range(1, papers + 1)
        db.executemany(
            "INSERT INTO papers (key, id, title, year, withdrawn, text_hash)"
            " VALUES (?, ?, ?, ?, 0, '')",
            ((k, f"title:{k:x}", f"Paper number {k}", 2015 + k * 10 // papers) for k in keys),
        )
        db.executemany(
            "INSERT OR IGNORE INTO citations VALUES (?, ?, 'made-up')",
            zip(drawn(0).tolist(), drawn(1).tolist(), strict=True),
        )
        db.executemany(
            "INSERT OR IGNORE INTO placements VALUES (?, ?, 'list', 'made-up', 1)",
            [(k, topics[placed[k - 1]]) for k in keys]
            + [(k, topics[again[k - 1]]) for k in keys if k % 10 == 0],
        )
        db.executemany(
            "INSERT INTO authorships VALUES (?, ?, ?, ?)",
            (
                (k, place, f"Author {n}", f"author {n}")
                for k, few in zip(keys, rng.integers(0, papers, (papers, 3)).tolist(), strict=True)
                for place, n in enumerate(few)
            ),
        )
        near = rng.integers(1, 50, (papers, 2)).tolist()
        db.executemany(
            "INSERT OR IGNORE INTO likeness VALUES (?, ?, ?, 'made-up')",
            ((k, k + step, 0.7) for k in keys for step in near[k - 1] if k + step <= papers),
        )
        # Each paper introduces an entity, or relates to three; few are used by very many.
        entities = papers // 5
        db.executemany(
            "INSERT INTO entities VALUES (?, 'method/' || ?, 'method', 'Method ' || ?, NULL,"
            " 'card')",
            ((k, k, k) for k in range(1, entities + 1)),
        )
        db.executemany(
            "INSERT INTO entity_names VALUES (?, 'method' || ?, 'Method ' || ?, 'exact')",
            ((k, k, k) for k in range(1, entities + 1)),
        )
        uses = 1 / np.arange(1, entities + 1)
        drawn_ones = rng.choice(entities, 3 * papers, p=uses / uses.sum()) + 1
        kinds = ("builds_on", "compares_with", "mentions")
        db.executemany(
            "INSERT OR IGNORE INTO entity_papers VALUES (?, ?, ?, 'card')",
            [(k, "introduces", 5 * k) for k in range(1, entities + 1)]
            + [
                (int(e), kinds[at % 3], at // 3 + 1)
                for at, e in enumerate(drawn_ones)
                if int(e) * 5 != at // 3 + 1
            ],
        )


# -- time and memory ---------------------------------------------------------------------------


def questions(catalogue: Catalogue, count: int) -> None:
    from kg.analysis import related

    rng = np.random.default_rng(5)
    taxonomy = Taxonomy.load()
    ids = [paper.id for paper in catalogue.papers.get(catalogue.papers.keys())]
    some = [ids[i] for i in rng.choice(len(ids), 2 * count, replace=False)]
    topics = [topic.id for topic in taxonomy]
    ends = [topics[i] for i in rng.choice(len(topics), 2 * count)]
    keys = [catalogue.identifiers.key(name) for name in some]
    with closing(sqlite3.connect(catalogue.path)) as db:
        ((citations,),) = db.execute("SELECT count(*) FROM citations")
        most_cited = db.execute(
            "SELECT id FROM papers JOIN (SELECT cited, count(*) AS n FROM citations GROUP BY 1"
            " ORDER BY 2 DESC LIMIT ?) ON key = cited",
            (count,),
        )
        hubs = [name for (name,) in most_cited]

    def path(a: str, b: str, alternatives: int) -> Callable[[], object]:
        return lambda: connect(catalogue, taxonomy, a, b, alternatives)

    def around(name: str, depth: int) -> Callable[[], object]:
        return lambda: graph.neighbourhood(catalogue, taxonomy, name, depth=depth)

    pairs = list(zip(some[::2], some[1::2], strict=True))
    known = [f"entity:{one}" for one in sorted(catalogue.entities.keys())]
    drawn = [known[i] for i in rng.choice(len(known), 2 * count)]
    methods = list(zip(drawn[::2], drawn[1::2], strict=True))
    asked: dict[str, list[Callable[[], object]]] = {
        "path, two papers": [path(a, b, 0) for a, b in pairs],
        "path, two papers, with 3 alternatives": [path(a, b, 3) for a, b in pairs],
        "path, the papers cited most": [path(a, b, 0) for a, b in zip(hubs, some, strict=False)],
        "path, paper and topic": [path(a, b, 0) for a, b in zip(some, ends, strict=True)][:count],
        "path, two methods": [path(a, b, 0) for a, b in methods],
        "path, two topics": [path(a, b, 0) for a, b in zip(ends[::2], ends[1::2], strict=True)],
        "neighbourhood, depth 1": [around(name, 1) for name in some[:count]],
        "neighbourhood, depth 2": [around(name, 2) for name in some[:count]],
        "neighbourhood, depth 2, papers cited most": [around(name, 2) for name in hubs],
        "related, one paper": [(lambda k=key: related.signals(catalogue, [k])) for key in keys],
        "related, ten papers": [
            (lambda k=keys[at : at + 10]: related.signals(catalogue, k))
            for at in range(0, len(keys), 10)
        ],
        "who cites whom among 10": [
            (lambda k=keys[at : at + 10]: citations_among(catalogue.database, k))
            for at in range(0, len(keys), 10)
        ],
    }
    import networkx  # noqa: F401  (its import is not what is measured)

    print(f"\n{len(ids):,} papers, {citations:,} citations, {count} questions of each kind\n")
    print("| question | median | 95 % | worst |\n| --- | ---: | ---: | ---: |")
    for name, calls in asked.items():
        times = sorted(seconds(call) * 1000 for call in calls)
        most = times[int(len(times) * 0.95)]
        print(
            f"| {name} | {statistics.median(times):.1f} ms | {most:.1f} ms | {times[-1]:.1f} ms |"
        )
    given_up = sum(not connect(catalogue, taxonomy, a, b, 0).complete for a, b in pairs)
    print(f"\n{given_up} of {count} searches between two papers were given up.")


def whole(catalogue: Catalogue) -> None:
    taxonomy, before = Taxonomy.load(), resident()
    began = time.perf_counter()
    made = graph.build(catalogue, taxonomy)
    took, memory = time.perf_counter() - began, resident() - before
    nodes, edges = list(made.nodes(data=True)), list(made.edges(keys=True, data=True))
    import networkx as nx

    def fill() -> None:
        other = nx.MultiDiGraph()
        other.add_nodes_from(nodes)
        other.add_edges_from(edges)

    print(
        f"\nThe whole graph: {len(nodes):,} nodes, {len(edges):,} edges,"
        f" built in {took:.2f} s, {memory / 2**20:,.0f} MiB;"
        f" filling NetworkX alone, from lists in memory: {seconds(fill):.2f} s."
    )


def resident() -> int:
    """Return the bytes of memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


# -- what the snapshot says --------------------------------------------------------------------


def alike(catalogue: Catalogue) -> None:
    from search.embedding.open import DEFAULT
    from search.index.base import matrix
    from search.similarity import mutual
    from search.similarity.refresh import refresh

    rows = catalogue.vectors.all(DEFAULT)
    vectors = matrix([vector for _, vector in rows], len(rows[0][1]) // 4)
    place = {key: at for at, (key, _) in enumerate(rows)}
    pairs = np.array(
        [(place[a], place[b]) for a, b in citations_among(catalogue.database, list(place))]
    )
    cited = (vectors[pairs[:, 0]] * vectors[pairs[:, 1]]).sum(axis=1)
    every = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    print("| cosine at least | of cited pairs | of all pairs | ratio |")
    print("| ---: | ---: | ---: | ---: |")
    for least in (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8):
        one, all_ = (cited >= least).mean(), (every >= least).mean()
        print(f"| {least} | {one:.1%} | {all_:.2%} | {one / all_:.0f} |")
    took = seconds(lambda: refresh(catalogue, DEFAULT, vectors.shape[1]))
    known = catalogue.similarities.all()
    papers = {key for pair in known for key in pair}
    print(
        f"\nThreshold {mutual.measured_threshold(vectors)}: {len(known):,} pairs of"
        f" {len(papers):,} papers, found in {took:.2f} s."
    )
    for count in (10_000, 50_000):
        rng = np.random.default_rng(6)
        more = vectors[rng.integers(0, len(vectors), count)]
        more = more + 0.025 * rng.standard_normal(more.shape, dtype=np.float32)
        more /= np.linalg.norm(more, axis=1, keepdims=True)
        began = time.process_time()
        mutual.mutual_neighbours(np.arange(count), more.astype(np.float32))
        print(f"{count:,} papers: {time.process_time() - began:.1f} s of one core.")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
