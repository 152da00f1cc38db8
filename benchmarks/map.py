"""How well the map keeps what is near, and how long it takes.

    python benchmarks/map.py
    python benchmarks/map.py --papers 100000 --home FOLDER

Prints Markdown. Without `--papers`, other ways from vectors to the plane are measured on the
bundled snapshot too, UMAP where the package umap-learn is there, and other ways to place a paper
that was held out. With it, a made-up atlas of so many papers, whose vectors lie between those of
the snapshot, is made in `--home` and its map is drawn, as on first opening.
"""

import argparse
import os
import sqlite3
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

import numpy as np

from kg.settings import Settings
from kg.snapshot import bundled
from kg.store.catalogue import Catalogue
from search.index.base import Vectors, stored_vectors
from search.map import paper_map, projection
from search.map import points as map_points

MODEL, DIM = "all-MiniLM-L6-v2", 384
K = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=int)
    parser.add_argument("--home", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = Settings(home=wanted.home or Path(temporary)).catalogue
        bundled.unpack(path)
        with Catalogue(path) as catalogue:
            if wanted.papers:
                grow(catalogue, wanted.papers)
                scale(catalogue)
            else:
                vectors = stored_vectors(catalogue, MODEL, DIM)[1]
                drawn(vectors)
                placed(vectors)


# -- what is kept ------------------------------------------------------------------------------


def quality(
    vectors: Vectors, points: np.ndarray, others: Vectors, places: np.ndarray, itself: bool
) -> tuple[float, float]:
    """Return trustworthiness and the part of the `K` nearest that is kept, of papers among others.

    As `sklearn.manifold.trustworthiness`, which does not tell papers from those they are among.
    """
    first = int(itself)
    far = np.argsort(-(vectors @ others.T), axis=1, kind="stable")[:, first:]
    apart = ((points[:, None] - places[None]) ** 2).sum(axis=2)
    near = np.argsort(apart, axis=1, kind="stable")[:, first : K + first]
    ranks = np.empty((len(vectors), len(others)), dtype=np.int64)
    np.put_along_axis(ranks, far, np.arange(1, far.shape[1] + 1)[None], axis=1)
    found = np.take_along_axis(ranks, near, axis=1)
    count = far.shape[1] + first
    worst = len(vectors) * K * (2 * count - 3 * K - 1) / 2
    return 1 - float(np.maximum(found - K, 0).sum()) / worst, float((found <= K).mean())


def drawn(vectors: Vectors) -> None:
    print(f"## Drawn from all {len(vectors):,} papers\n")
    print("| way | trustworthiness | nearest kept | seconds |\n| --- | ---: | ---: | ---: |")
    for name, make in ways():
        start = time.process_time()
        points = make(vectors)
        took = time.process_time() - start
        trust, kept = quality(vectors, points, vectors, points, itself=True)
        print(f"| {name} | {trust:.3f} | {kept:.3f} | {took:.1f} |", flush=True)


def ways() -> Iterator[tuple[str, Callable[[Vectors], np.ndarray]]]:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE, Isomap, SpectralEmbedding

    yield "t-SNE as in `search.map.projection`", projection.draw
    for perplexity in (15, 50):
        tsne = TSNE(perplexity=perplexity, metric="cosine", random_state=0)
        yield f"t-SNE, perplexity {perplexity}", tsne.fit_transform
    yield "PCA", PCA(2).fit_transform
    yield "Isomap", Isomap(n_neighbors=15).fit_transform
    yield "spectral embedding", SpectralEmbedding(n_neighbors=15, random_state=0).fit_transform
    try:
        from umap import UMAP
    except ImportError:
        return
    yield "UMAP", UMAP(metric="cosine", random_state=0, n_jobs=1).fit_transform


def placed(vectors: Vectors) -> None:
    totals: dict[str, list[tuple[float, float]]] = {}
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(vectors))
        out, rest = np.split(order, [len(vectors) // 10])
        points = projection.draw(vectors[rest])
        for name, found in places(vectors[out], vectors[rest], points):
            score = quality(vectors[out], found, vectors[rest], points, itself=False)
            totals.setdefault(name, []).append(score)
        whole = projection.draw(vectors)
        score = quality(vectors[out], whole[out], vectors[rest], whole[rest], itself=False)
        totals.setdefault("drawn with the others", []).append(score)
        for name, other, fitted in others(vectors[rest], vectors[out]):
            score = quality(vectors[out], other, vectors[rest], fitted, itself=False)
            totals.setdefault(name, []).append(score)
    print("\n## A tenth of the papers held out and placed, mean of three times\n")
    print("| way | trustworthiness | nearest kept |\n| --- | ---: | ---: |")
    for name, scores in totals.items():
        trust, kept = np.mean(scores, axis=0)
        print(f"| {name} | {trust:.3f} | {kept:.3f} |")


def places(
    vectors: Vectors, others: Vectors, points: np.ndarray
) -> Iterator[tuple[str, np.ndarray]]:
    keys = np.arange(len(vectors))
    yield (
        "where neighbours crowd, as in `search.map.projection`",
        projection.place(keys, vectors, others, points),
    )
    cosines = vectors @ others.T
    near = np.argsort(-cosines, axis=1)[:, :K]
    yield "at the nearest", points[near[:, 0]]
    yield "median of ten", np.median(points[near], axis=1)
    yield "mean of ten", points[near].mean(axis=1)
    weights = np.exp((np.take_along_axis(cosines, near, axis=1) - 1) / 0.05)
    weights /= weights.sum(axis=1, keepdims=True)
    yield "weighted mean of ten", (points[near] * weights[:, :, None]).sum(axis=1)


def others(vectors: Vectors, out: Vectors) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    from sklearn.decomposition import PCA

    pca = PCA(2).fit(vectors)
    yield "PCA", pca.transform(out), pca.transform(vectors)
    try:
        from umap import UMAP
    except ImportError:
        return
    umap = UMAP(metric="cosine", random_state=0, n_jobs=1).fit(vectors)
    yield "UMAP", umap.transform(out), umap.embedding_


# -- how long it takes -------------------------------------------------------------------------


def grow(catalogue: Catalogue, papers: int) -> None:
    """Add made-up papers until there are so many; half of the topics of two papers are theirs."""
    have = catalogue.size()
    if have >= papers:
        return
    keys, vectors = stored_vectors(catalogue, MODEL, DIM)
    rng = np.random.default_rng(5)
    one, other = rng.integers(0, len(keys), (2, papers - have))
    part = rng.uniform(0.2, 0.8, (papers - have, 1)).astype(np.float32)
    made = vectors[one] * part + vectors[other] * (1 - part)
    made += rng.normal(scale=0.02, size=made.shape).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    new = range(int(keys.max()) + 1, int(keys.max()) + 1 + papers - have)
    with closing(sqlite3.connect(catalogue.path)) as db, db:
        db.executemany(
            "INSERT INTO papers (key, id, title, year, text_hash) VALUES (?, ?, ?, ?, '')",
            ((key, f"made:{key}", f"Made-up paper {key}", 1990 + key % 36) for key in new),
        )
        db.executemany(
            "INSERT OR IGNORE INTO placements SELECT ?, topic, 'model', 'made', 0.5 FROM placements"
            " WHERE paper = ? LIMIT 2",
            zip(new, keys[one].tolist(), strict=True),
        )
    catalogue.vectors.add(
        MODEL, zip(new, ["-"] * len(new), (row.tobytes() for row in made), strict=True)
    )


def scale(catalogue: Catalogue) -> None:
    from kg.taxonomy.taxonomy import Taxonomy
    from ui.web.map_points import points_json

    def told(what: str, call: Callable[[], object]) -> None:
        start = time.process_time()
        found = call()
        print(f"| {what} | {found} | {time.process_time() - start:.2f} s |", flush=True)

    print(f"## {catalogue.size():,} papers\n")
    print("| step | result | time of one core |\n| --- | --- | ---: |")
    taxonomy = Taxonomy.load()
    told("is there anything to do?", lambda: paper_map.is_behind(catalogue, MODEL))
    told("draw and place", lambda: f"{paper_map.update(catalogue, MODEL, DIM):,} papers")
    told("is there anything to do?", lambda: paper_map.is_behind(catalogue, MODEL))
    told("read", lambda: f"{len(map_points.read(catalogue, taxonomy, MODEL).keys):,}")
    points = map_points.read(catalogue, taxonomy, MODEL)
    told("for the browser", lambda: f"{len(points_json(points)) / 1e6:.1f} MB")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
