"""Retrieval measured on a benchmark in BEIR layout, by trec_eval's own code.

BEIR (https://arxiv.org/abs/2104.08663) keeps a benchmark as `corpus.jsonl`, `queries.jsonl` and
`qrels.tsv` (or `qrels/test.tsv`). nDCG is that of Järvelin and Kekäläinen with trec_eval's linear
gain; a document counts as relevant from grade 1 on.
"""

import csv
import gzip
import itertools
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kg.errors import BadRequest, BadSource
from kg.records import Filters, Paper
from kg.store.catalogue import Catalogue
from search.embedding.base import Embedder
from search.embedding.bulk import embed_papers
from search.embedding.open import open_embedder
from search.index.base import VectorIndex, Vectors
from search.index.open import chosen_kind, kind_named
from search.index.words import open as word_indexes
from search.ranking.fusion import DEPTH, hybrid
from search.ranking.mode import Mode

MEASURES = {
    "ndcg@10": "ndcg_cut_10",
    "recall@5": "recall_5",
    "recall@20": "recall_20",
    "recall@100": "recall_100",
    "mrr": "recip_rank",
}
"""Our names of the measures and trec_eval's."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of a measurement."""

    queries: int
    """Queries with at least one relevant document."""
    documents: int
    """Documents of the benchmark."""
    distractors: int
    """Papers added to them."""
    without_text: int
    """Documents without text: these are found by their titles alone."""
    modes: dict[str, dict[str, float]]
    """Mode -> measure -> mean over the queries, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark in memory."""

    documents: dict[str, Paper]
    queries: dict[str, str]
    qrels: dict[str, dict[str, int]]


def evaluate(
    folder: Path,
    model: str = "default",
    index: str = "auto",
    words: str = "auto",
    modes: Sequence[Mode] = tuple(Mode),
    distractors: Path | None = None,
    most: int = 20_000,
    state: Path | None = None,
) -> Evaluation:
    """Measure retrieval on a benchmark.

    The documents go into a catalogue and an index of their own, which are found as the atlas's
    papers are found; nothing of the atlas is touched.

    Parameters
    ----------
    model, index, words : str
        As in the settings.
    modes : sequence of Mode
        What to measure.
    distractors : Path, optional
        JSON Lines (gzipped or not) of papers to add that are in no query's answer.
    most : int
        The most distractors.
    state : Path, optional
        Where the model's checks are remembered.

    Raises
    ------
    BadSource
        If a file of the benchmark is missing or broken; says where.
    """
    benchmark = read_benchmark(folder)
    extra = (
        list(read_distractors(distractors, set(benchmark.documents), most)) if distractors else []
    )
    with (
        tempfile.TemporaryDirectory() as temporary,
        Catalogue(Path(temporary) / "benchmark.sqlite") as catalogue,
    ):
        with catalogue.writing():
            for paper in itertools.chain(benchmark.documents.values(), extra):
                catalogue.papers.put(paper)
        found = BenchmarkIndex(catalogue, model, index, words, modes, state)
        vectors = found.embed_queries(list(benchmark.queries.values()))
        rankings: dict[Mode, dict[str, dict[str, float]]] = {mode: {} for mode in modes}
        for (name, text), vector in zip(benchmark.queries.items(), vectors, strict=True):
            for mode, ranking in found.rank(text, vector).items():
                # The document from which a query was made is not an answer to it.
                rankings[mode][name] = {d: s for d, s in ranking.items() if d != name}
    return Evaluation(
        queries=len(benchmark.queries),
        documents=len(benchmark.documents),
        distractors=len(extra),
        without_text=sum(1 for paper in benchmark.documents.values() if not paper.abstract),
        modes={str(mode): measure(benchmark.qrels, rankings[mode]) for mode in modes},
    )


class BenchmarkIndex:
    """A catalogue with its vectors, ranked as `search.ranking` ranks."""

    def __init__(
        self,
        catalogue: Catalogue,
        model: str,
        index: str,
        words: str,
        modes: Sequence[Mode],
        state: Path | None,
    ) -> None:
        folder = catalogue.path.parent / "cache"
        self._words = word_indexes.Opener(catalogue, words, folder)
        self.modes = modes
        keys = catalogue.papers.keys()
        papers = catalogue.papers.get(keys)
        self.ids = {key: paper.id for key, paper in zip(keys, papers, strict=True)}
        self.vectors: VectorIndex | None = None
        self.embedder: Embedder | None = None
        if any(mode is not Mode.KEYWORD for mode in modes):
            self.embedder = open_embedder(model, state=state, bulk=True)
            self.vectors = kind_named(chosen_kind(index, len(keys))).empty(self.embedder.dim)
            items = zip(keys, papers, strict=True)
            texts = ((key, paper.title, paper.abstract) for key, paper in items)
            for batch, vectors in embed_papers(self.embedder, texts):
                self.vectors.add(np.asarray(batch, dtype=np.int64), vectors)

    def embed_queries(self, texts: list[str]) -> Iterable[Vectors | None]:
        """Return the vectors of queries, each None where no model is measured."""
        if self.embedder is None:
            return [None] * len(texts)
        return [self.embedder.encode_query(text) for text in texts]

    def rank(self, text: str, vector: Vectors | None) -> dict[Mode, dict[str, float]]:
        """Return the ids that each mode finds for a query, with their scores, best first."""
        dense: list[tuple[int, float]] = []
        words: list[tuple[int, float]] = []
        if vector is not None and self.vectors is not None:
            keys, scores = self.vectors.search(vector, DEPTH)
            dense = list(zip(keys.tolist(), scores.tolist(), strict=True))
        if any(mode is not Mode.DENSE for mode in self.modes):
            words = self._words.opened().search(text, DEPTH, Filters())
        found = {Mode.DENSE: dense, Mode.KEYWORD: words}
        if Mode.HYBRID in self.modes:
            found[Mode.HYBRID] = hybrid(dense, words)
        return {mode: {self.ids[key]: s for key, s in found[mode]} for mode in self.modes}


def measure(
    qrels: dict[str, dict[str, int]], rankings: dict[str, dict[str, float]]
) -> dict[str, float]:
    """Return the mean of each of `MEASURES` over the queries of `qrels`.

    Parameters
    ----------
    qrels : dict
        Query -> document -> grade.
    rankings : dict
        Query -> document -> score; a query without a ranking counts as zero.
    """
    from pytrec_eval import RelevanceEvaluator

    # trec_eval breaks ties by document id: ranks as scores keep the order that a user sees.
    ordered = {
        query: {
            document: -float(rank)
            for rank, document in enumerate(sorted(scores, key=lambda d: -scores[d]))
        }
        for query, scores in rankings.items()
    }
    evaluator = RelevanceEvaluator(qrels, {"ndcg_cut", "recall", "recip_rank"})
    each = evaluator.evaluate(ordered)
    return {
        ours: sum(values[theirs] for values in each.values()) / len(qrels)
        for ours, theirs in MEASURES.items()
    }


def read_benchmark(folder: Path) -> Benchmark:
    """Read a benchmark in BEIR layout; queries without a relevant document are left out."""
    if not folder.is_dir():
        raise BadRequest(
            f"{folder} is not a folder", "name one with corpus.jsonl, queries.jsonl and qrels.tsv"
        )
    documents = {}
    for line, record in _records(folder / "corpus.jsonl"):
        name, title = record.get("_id"), record.get("title") or ""
        if not name or not (title or record.get("text")):
            raise BadSource(folder / "corpus.jsonl", line, "a document needs `_id` and a title")
        text = record.get("text") or None
        documents[str(name)] = Paper(id=str(name), title=title or str(text), abstract=text)
    qrels = _qrels(folder)
    queries = {
        str(record.get("_id")): str(record.get("text") or "")
        for _, record in _records(folder / "queries.jsonl")
    }
    wanted = {q for q, grades in qrels.items() if any(grade > 0 for grade in grades.values())}
    queries = {name: text for name, text in queries.items() if name in wanted and text.strip()}
    if not queries:
        raise BadSource(folder / "queries.jsonl", None, "no query has a relevant document")
    return Benchmark(documents, queries, {name: qrels[name] for name in queries})


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open("rb") as plain:
            zipped = plain.read(2) == b"\x1f\x8b"
        with gzip.open(path) if zipped else path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    record = json.loads(line)
                    if not isinstance(record, dict):
                        raise ValueError("not an object")
                    yield number, record
    except FileNotFoundError as error:
        raise BadSource(path, None, "there is no such file", "see the BEIR layout") from error
    except (ValueError, EOFError) as error:
        raise BadSource(path, number, f"not JSON Lines ({error})") from error


def _qrels(folder: Path) -> dict[str, dict[str, int]]:
    path = folder / "qrels.tsv"
    if not path.exists():
        path = folder / "qrels" / "test.tsv"
    qrels: dict[str, dict[str, int]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.reader(file, delimiter="\t"), 1):
                if number == 1 and not row[-1].lstrip("-").isdigit():
                    continue  # The heading, which some benchmarks leave out.
                # TREC's own form has a second column that is always 0.
                query, document, grade = (row[0], row[-2], row[-1]) if row else ("", "", "0")
                if query:
                    qrels.setdefault(query, {})[document] = int(grade)
    except FileNotFoundError as error:
        raise BadSource(path, None, "there is no such file", "see the BEIR layout") from error
    except (ValueError, IndexError) as error:
        raise BadSource(path, number, "want query, document and grade, by tabs") from error
    return qrels


def read_distractors(path: Path, taken: set[str], most: int) -> Iterator[Paper]:
    """Yield the first papers of a file whose ids are not taken."""
    found = (
        Paper(id=str(name), title=str(record["title"]), abstract=record.get("abstract"))
        for _, record in _records(path)
        if (name := record.get("arxiv_id") or record.get("id")) not in taken and record.get("title")
    )
    return itertools.islice(found, most)
