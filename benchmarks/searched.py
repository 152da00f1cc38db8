"""What of a paper is searched: titles, cards, words of abstracts without order, whole abstracts.

    python benchmarks/searched.py [--distractors 20000]

Needs the shared data beside the project. nDCG@10 by words, by meaning and by both, on the papers of
the bundled snapshot and on ScholarGym with distractors; differences with the 95 % interval of a
paired bootstrap. Prints Markdown.
"""

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

import numpy as np
from graph_analysis import DATA
from graph_ranking import interval, part

from ingest.bundle.metadata import read_metadata
from kg.cards.card import record_of
from kg.records import Filters, Paper
from kg.snapshot import bundled
from kg.snapshot.stems import packed_stems, unpacked_stems
from kg.store.bulk import insert_rows
from kg.store.catalogue import Catalogue
from kg.text.stop_words import STOP_WORDS
from search.embedding.bulk import embed_papers
from search.embedding.open import open_embedder
from search.evaluation import Benchmark, measure, read_benchmark, read_distractors
from search.index.base import matrix
from search.index.words.fts5 import Fts5Words
from search.ranking.fusion import DEPTH, fuse

SPLIT = 7
"""Seed of the split into halves."""
SEARCHED = {
    "titles": (),
    "titles, cards": ("cards",),
    "titles, stems": ("stems",),
    "titles, cards, stems": ("cards", "stems"),
    "titles, abstracts": ("abstracts",),
    "titles, cards, abstracts": ("cards", "abstracts"),
}
"""Name -> what is searched beside titles and authors."""

Rankings = dict[str, list[str]]
"""Query -> documents, best first."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Papers and questions."""

    name: str
    papers: Sequence[Paper]
    cards: Mapping[str, Mapping[str, Any]]
    """Paper id -> record of its card."""
    benchmark: Benchmark
    shipped: np.ndarray | None = None
    """(papers, dim) vectors of title and abstract, where these were computed before."""

    def by_words(self, searched: Sequence[str]) -> Rankings:
        """Rank by words, as `lfm ask --mode keyword` does."""
        with (
            tempfile.TemporaryDirectory() as folder,
            Catalogue(Path(folder, "searched.sqlite")) as catalogue,
        ):
            with catalogue.writing():
                for paper in self.papers:
                    abstract = paper.abstract if "abstracts" in searched else None
                    catalogue.papers.put(Paper(paper.id, paper.title, paper.authors, abstract))
                if "cards" in searched:
                    catalogue.cards.fill(self.cards, "snapshot")
                if "stems" in searched:
                    texts = [paper.abstract for paper in self.papers]
                    stems = unpacked_stems(packed_stems(texts, STOP_WORDS))
                    keys = (catalogue.identifiers.key(paper.id) for paper in self.papers)
                    insert_rows(catalogue.database, "abstract_stems", zip(keys, stems, strict=True))
                catalogue.words.update(catalogue.papers.keys())
                catalogue.words.optimize()
            keys = catalogue.papers.keys()
            ids = {key: one.id for key, one in zip(keys, catalogue.papers.get(keys), strict=True)}
            by_words = Fts5Words(catalogue)
            return {
                query: [ids[key] for key, _ in by_words.search(text, DEPTH, Filters())]
                for query, text in self.benchmark.queries.items()
            }

    def by_meaning(self) -> dict[str, Rankings]:
        """Rank by vectors of titles, and of title and abstract as the atlas has them."""
        bulk = open_embedder(bulk=True)
        titles = bulk.encode([paper.title for paper in self.papers])
        whole = self.shipped
        if whole is None:
            texts = ((at, paper.title, paper.abstract) for at, paper in enumerate(self.papers))
            whole = np.concatenate([vectors for _, vectors in embed_papers(bulk, texts)])
        embedder, found = open_embedder(), {}
        asked = np.stack([embedder.encode_query(one) for one in self.benchmark.queries.values()])
        for name, vectors in (("title", titles), ("title and abstract", whole)):
            best = np.argsort(-(asked @ vectors.T), axis=1, kind="stable")[:, :DEPTH]
            found[name] = {
                query: [self.papers[at].id for at in row]
                for query, row in zip(self.benchmark.queries, best, strict=True)
            }
        return found

    def each(self, rankings: Rankings) -> np.ndarray:
        """Return nDCG@10 of each query."""
        qrels, values = self.benchmark.qrels, []
        for query, documents in rankings.items():
            scores = {name: -float(rank) for rank, name in enumerate(documents) if name != query}
            values.append(measure({query: qrels[query]}, {query: scores})["ndcg@10"])
        return np.array(values)

    def report(self) -> None:
        """Print the table of all that can be searched."""
        order = np.random.default_rng(SPLIT).permutation(len(self.benchmark.queries))
        judged = order[len(order) // 2 :]
        known = sum(bool(paper.abstract) for paper in self.papers)
        print(f"\n### {self.name}\n")
        print(
            f"{len(order):,} questions, of which {len(judged):,} are in the half that reports;",
            end=" ",
        )
        print(
            f"{len(self.papers):,} papers, {known:,} with an abstract, {len(self.cards):,} cards\n"
        )
        print("| words of | vectors of | nDCG@10, half | difference | nDCG@10, all | difference |")
        print("| --- | --- | ---: | --- | ---: | --- |")
        first: dict[str, np.ndarray] = {}

        def row(kind: str, words: str, vectors: str, rankings: Rankings) -> None:
            values = self.each(rankings)
            cells = []
            for some in (judged, order):
                gain = interval((values - first[kind])[some]) if kind in first else ""
                cells += [f"{values[some].mean():.4f}", gain]
            first.setdefault(kind, values)
            print(f"| {words} | {vectors} | {' | '.join(cells)} |", flush=True)

        words = {
            name: self.by_words(searched)
            for name, searched in SEARCHED.items()
            if self.cards or "cards" not in searched
        }
        for name, rankings in words.items():
            row("keyword", name, "", rankings)
        meaning = self.by_meaning()
        for name, rankings in meaning.items():
            row("dense", "", name, rankings)
        for vectors, dense in meaning.items():
            for name, rankings in words.items():
                row("hybrid", name, vectors, fused(dense, rankings))


def fused(dense: Rankings, words: Rankings) -> Rankings:
    """Return the rankings by both, fused by reciprocal ranks."""
    found = {}
    for query in dense:
        names = list(dict.fromkeys((*dense[query], *words[query])))
        place = {name: at for at, name in enumerate(names)}
        ranked = fuse([[place[name] for name in one[query]] for one in (dense, words)], (1, 1))
        found[query] = [names[at] for at, _ in ranked]
    return found


def atlas(benchmark: Benchmark) -> Corpus:
    """Return the papers of the bundled snapshot, and the questions that those with cards answer."""
    with tempfile.TemporaryDirectory() as folder:
        bundled.unpack(path := Path(folder, "atlas.sqlite"))
        with Catalogue(path) as catalogue:
            keys = catalogue.papers.keys()
            papers = dict(zip(keys, catalogue.papers.get(keys), strict=True))
            cards = {papers[key].id: record_of(c) for key, c in catalogue.cards.all().items()}
            embedder = open_embedder()
            stored = catalogue.vectors.get(embedder.model, keys)
            vectors = matrix([stored[key] for key in keys], embedder.dim)
    metadata = read_metadata(DATA)
    whole = [metadata.completed(paper) for paper in papers.values()]
    questions = part(benchmark, set(cards), benchmark.queries)
    return Corpus("The atlas", whole, cards, questions, np.asarray(vectors))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--distractors", type=int, default=20_000)
    asked = parser.parse_args()
    benchmark = read_benchmark(DATA / "bench" / "scholargym_dev")
    atlas(benchmark).report()
    extra = read_distractors(DATA / "papers.jsonl.gz", set(benchmark.documents), asked.distractors)
    papers = [*benchmark.documents.values(), *extra]
    Corpus("ScholarGym", papers, {}, benchmark).report()


if __name__ == "__main__":
    main()
