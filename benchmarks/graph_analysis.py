"""Questions to the citation graph: how long each takes, and how good the answers are.

    python benchmarks/graph_analysis.py                      the bundled snapshot
    python benchmarks/graph_analysis.py --papers 1000000     a synthetic catalogue of that size

A synthetic catalogue has ten citations a paper, with the degrees of `citations.csv` of the shared
data: each paper draws older ones in proportion to how often papers are cited there; one citation
in a hundred is turned round, so that there are circles. Prints Markdown.
"""

import argparse
import csv
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

import numpy as np

from kg.analysis.bridges import bridges
from kg.analysis.influence import influential
from kg.analysis.pagerank import TOLERANCE, pagerank
from kg.graph.citation_graph import load
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
MODEL = "all-MiniLM-L6-v2"
TODAY = date(2026, 11, 23)
TOPICS = ("model-editing", "model-reuse/model-fusion")
COLD = {
    "influential": "from kg.analysis.influence import influential; influential(c, t)",
    "influential, one topic": "from kg.analysis.influence import influential as i; i(c, t, {0!r})",
    "lineage": "from kg.analysis.lineage import lineage; lineage(c, {2!r})",
    "bridges": "from kg.analysis.bridges import bridges; bridges(c, t, {0!r}, {1!r})",
    "timeline": "from kg.analysis.timeline import timeline; timeline(c, t)",
    "gaps": "from kg.analysis.gaps import gaps; v = c.vectors.all({3!r});"
    " import numpy as n; gaps(c, t, n.array([k for k, _ in v]),"
    " n.frombuffer(b''.join(b for _, b in v), 'f4').reshape(-1, 384))",
}
OPEN = (
    "from pathlib import Path; from kg.store.catalogue import Catalogue;"
    " from kg.taxonomy.taxonomy import Taxonomy; c = Catalogue(Path({!r})); t = Taxonomy.load(); "
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=int)
    parser.add_argument("--ask", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ask:
        answer(asked.ask)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "atlas.sqlite"
        if asked.papers:
            seconds = timed(lambda: synthetic(path, asked.papers))
            print(f"{asked.papers:,} papers: made in {seconds:.0f} s,", end=" ")
            print(f"{path.stat().st_size / 1e6:,.0f} MB")
            subprocess.run([sys.executable, __file__, "--ask", str(path)], check=True)
            return
        bundled.unpack(path)
        cold(path)


def timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


# -- speed ---------------------------------------------------------------------------------


def cold(path: Path, rounds: int = 11) -> None:
    print("| question, in a new process | median |\n| --- | ---: |")
    empty = {"opening the catalogue and the taxonomy": "pass"}
    for name, code in (empty | COLD).items():
        program = OPEN.format(str(path)) + code.format(*TOPICS, "2005.14165", MODEL)
        times = [
            timed(lambda: subprocess.run([sys.executable, "-c", program], check=True))  # noqa: B023
            for _ in range(rounds)
        ]
        print(f"| {name} | {statistics.median(times):.2f} s |")


def pairs_of(data: Path) -> tuple[list[str], np.ndarray]:
    """Return the papers of `citations.csv`, and who cites whom by position."""
    from ingest.sources.arxiv.dump import mended_id

    with (data / "citations.csv").open(encoding="utf-8", newline="") as file:
        rows = {tuple(map(mended_id, row)) for row in list(csv.reader(file))[1:]}
    ids = sorted({end for row in rows for end in row})
    at = {name: place for place, name in enumerate(ids)}
    return ids, np.array(sorted((at[citing], at[cited]) for citing, cited in rows))


def synthetic(path: Path, papers: int) -> None:
    """Write a catalogue of so many papers with ten times as many citations."""
    rng = np.random.default_rng(0)
    ends = pairs_of(DATA)[1]
    made, got = np.bincount(ends[:, 0]), np.bincount(ends[:, 1])
    # Who is not cited in the sample may be cited here, half as easily as who is once.
    weights = np.cumsum(np.maximum(rng.choice(got, papers), 0.5))
    references = rng.choice(made[made > 0], papers).astype(float)
    references = rng.poisson(references * 10.4 * papers / references.sum())
    citing = np.repeat(np.arange(papers), references)
    drawn = rng.random(len(citing)) * np.concatenate([[0], weights])[citing]
    cited = np.searchsorted(weights, drawn, side="right")
    turned = rng.random(len(citing)) < 0.01
    citing, cited = np.where(turned, cited, citing), np.where(turned, citing, cited)
    key_of = rng.permutation(papers) + 1  # Papers join an atlas in any order.
    packed = np.unique(key_of[citing] << 32 | key_of[cited])
    years = np.empty(papers, dtype=int)
    years[key_of - 1] = 2000 + np.arange(papers) * 26 // papers
    topics = [topic.id for topic in Taxonomy.load()]
    placed = rng.integers(0, len(topics), papers)
    Catalogue(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("DROP INDEX citations_by_cited")
        db.execute("BEGIN")
        db.executemany(
            "INSERT INTO papers (key, id, title, year, text_hash) VALUES (?, ?, ?, ?, '')",
            ((at + 1, f"p{at}", f"Paper {at}", year) for at, year in enumerate(years.tolist())),
        )
        db.executemany(
            "INSERT INTO placements VALUES (?, ?, 'list', 'made', 1)",
            ((at + 1, topics[topic]) for at, topic in enumerate(placed.tolist())),
        )
        db.executemany(
            "INSERT INTO citations SELECT ? >> 32, ? & 4294967295, 'made'",
            ((pair, pair) for pair in packed[packed >> 32 != packed & 0xFFFFFFFF].tolist()),
        )
        db.execute("CREATE INDEX citations_by_cited ON citations (cited, citing)")
        db.execute("COMMIT")


def peak_megabytes() -> float:
    # `getrusage` would tell the peak of the process that started this one, where that is higher.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def answer(path: Path) -> None:
    """Ask everything of one catalogue, in a process whose memory is its own."""
    from kg.analysis.gaps import gaps
    from kg.analysis.lineage import lineage
    from kg.analysis.timeline import timeline

    taxonomy = Taxonomy.load()
    with Catalogue(path) as catalogue:
        start = peak_megabytes()
        began = time.perf_counter()
        graph = load(catalogue)
        loaded = time.perf_counter() - began
        peak = peak_megabytes() - start
        kept = (
            sum(getattr(graph, name).nbytes for name in ("keys", "years", "fractional_years")) / 1e6
        )
        kept += (graph.citing.nbytes + graph.cited.nbytes) / 1e6
        print(f"{len(graph.citing):,} citations; memory: {kept:,.0f} MB of arrays, ", end="")
        print(f"{peak:,.0f} MB more at the peak of loading\n\n| what | time |\n| --- | ---: |")
        print(f"| load the graph from SQLite | {loaded:.2f} s |")
        import scipy.sparse  # noqa: F401  Its import is no part of the computing.

        print(f"| PageRank, once loaded | {timed(lambda: pagerank(graph)):.2f} s |")
        middle = catalogue.papers.get([int(graph.keys[np.argmax(graph.counts)])])[0].id
        few = catalogue.papers.get([int(graph.keys[len(graph.keys) // 2])])[0].id
        some = graph.keys[:: max(len(graph.keys) // 20_000, 1)]
        vectors = np.random.default_rng(0).normal(size=(len(some), 384)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        questions = {
            "influential": lambda: influential(catalogue, taxonomy),
            "influential, one area": lambda: influential(catalogue, taxonomy, TOPICS[0]),
            "influential, one topic": lambda: influential(catalogue, taxonomy, "task arithmetic"),
            "lineage of the most cited": lambda: lineage(catalogue, middle),
            "lineage of another": lambda: lineage(catalogue, few),
            "bridges": lambda: bridges(catalogue, taxonomy, *TOPICS),
            "bridges of small topics": lambda: bridges(
                catalogue, taxonomy, "LoRA", "task arithmetic"
            ),
            "timeline": lambda: timeline(catalogue, taxonomy, today=TODAY),
            "timeline, one area": lambda: timeline(catalogue, taxonomy, TOPICS[0], TODAY),
            f"gaps ({len(some):,} vectors)": lambda: gaps(catalogue, taxonomy, some, vectors),
        }
        for name, question in questions.items():
            print(f"| {name} | {timed(question):.2f} s |", flush=True)
        peak = peak_megabytes()
        print(f"\nPeak of the process that asked all this: {peak:,.0f} MB.")
        if len(graph.keys) > 100_000:
            return
        import networkx as nx

        other = nx.DiGraph()
        other.add_nodes_from(range(len(graph.keys)))
        filled = timed(
            lambda: other.add_edges_from(
                zip(graph.citing.tolist(), graph.cited.tolist(), strict=True)
            )
        )
        began = time.perf_counter()
        expected = nx.pagerank(other, tol=TOLERANCE / len(graph.keys), max_iter=500)
        took = time.perf_counter() - began
        # Its tolerance is for each paper, ours for all together.
        usual = timed(lambda: nx.pagerank(other))
        ours = pagerank(graph)
        far = max(abs(ours[at] - value) for at, value in expected.items())
        print(f"\n`networkx.pagerank`: {usual:.2f} s as it comes, {took:.2f} s at our tolerance, ")
        print(f"and {filled:.2f} s to fill the graph; largest difference {far:.0e}.")


if __name__ == "__main__":
    main()
