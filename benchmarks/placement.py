"""Topic placement: how often it is right, by five-fold cross-validation over the bundled atlas.

    python benchmarks/placement.py ../shared/data

Prints Markdown tables. A paper is judged by what was learnt from the other four folds, and what is
calibrated is calibrated within them. Placed papers come with the vectors of the atlas, papers of
other fields with those of title and abstract. From the folder, `papers.jsonl.gz` gives abstracts
for the one method that reads their words, and papers at large.
"""

import argparse
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from ingest.placement.classifier import Classifier
from ingest.placement.negatives import papers as negatives
from ingest.placement.placer import (
    MIN_PLACED_CONFIDENCE,
    Examples,
    PlacementDecision,
    Placer,
    Verdict,
    gather_examples,
    training_set,
)
from ingest.sources.arxiv import dump
from kg.ids.arxiv_id import submission_year
from kg.ids.titles import normalised_title
from kg.ids.topic_ids import area as area_of
from kg.ids.topic_ids import is_below, is_under
from kg.snapshot import bundled as snapshot
from kg.store.catalogue import Catalogue
from kg.store.vectors import text_hash
from kg.taxonomy.taxonomy import Taxonomy
from search.embedding.base import Embedder
from search.embedding.bulk import embed_papers
from search.embedding.open import open_embedder

Table = npt.NDArray[np.float64]
Scorer = Callable[[npt.NDArray[np.int64]], Table]
Method = Callable[[npt.NDArray[np.int64]], Scorer]
"""Learns from rows and returns what scores rows."""

FOLDS, BINS, SEED = 5, 15, 0


@dataclass
class Data:
    """All papers, row by row."""

    examples: Examples
    taxonomy: Taxonomy
    embedder: Embedder
    kinds: npt.NDArray[np.str_]  # title, abstract (what a placed paper's vector knows), far, near
    years: npt.NDArray[np.int64]
    texts: list[str] = field(default_factory=list)  # title and abstract, where that is known

    def __post_init__(self) -> None:
        self.areas = [area.id for area in self.taxonomy.roots]
        self.truth = np.array(
            [[any(t.startswith(a) for t in ts) for a in self.areas] for ts in self.examples.topics]
        )
        self.titles = np.array(self.examples.titles, object)
        self.shown = self.examples.of_papers
        self.fold = np.random.default_rng(SEED).permutation(len(self.truth)) % FOLDS

    def learnt(self, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], list[str]]:
        """Rows, one for each class of a paper, and the classes; outside is the empty one."""
        pairs = [
            (row, area)
            for row in rows
            for area in np.array(self.areas)[self.truth[row]].tolist() or [""]
        ]
        return np.array([row for row, _ in pairs]), [area for _, area in pairs]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with papers.jsonl.gz")
    parser.add_argument("--large", type=int, default=1000, help="papers at large (%(default)s)")
    parser.add_argument("--show", action="store_true", help="print those placed on stderr")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        snapshot.unpack(Path(home) / "atlas.sqlite")
        with Catalogue(Path(home) / "atlas.sqlite") as catalogue:
            data, large = read(catalogue, options.data / "papers.jsonl.gz", options.large)
    kinds = {kind: int((data.kinds == kind).sum()) for kind in ("title", "abstract", "far", "near")}
    print(
        f"{len(data.truth):,} papers: placed, abstract unknown {kinds['title']:,}, abstract known"
        f" {kinds['abstract']:,}; outside, far {kinds['far']:,}, near {kinds['near']:,}"
    )
    measures = ("macro-F1", "precision", "coverage", "outside placed", "ECE", "F1, abstract known")
    print("\n| method | " + " | ".join(measures) + " |\n| --- |" + " ---: |" * len(measures))
    for name, method in methods(data).items():
        table = cross_validated(data, calibrated(data, method))
        print(f"| {name} | " + " | ".join(area_figures(data, table)) + " |", flush=True)
    table = cross_validated(data, pooled(data))
    print(
        "| **vectors, words of titles and neighbours, pooled** | "
        + " | ".join(area_figures(data, table))
        + " |"
    )

    judged: list[PlacementDecision | None] = [None] * len(data.truth)
    for number in range(FOLDS):
        test = np.flatnonzero(data.fold == number)
        judge(data, np.flatnonzero(data.fold != number), test, judged)
    # The same with lists' papers from 2024 on, learnt from those before; others by one fold.
    later: list[PlacementDecision | None] = [None] * len(judged)
    new = np.where(data.truth.any(axis=1), data.years >= 2024, data.fold == 0)
    judge(data, np.flatnonzero(~new), np.flatnonzero(new), later)
    columns = {
        "all": told(data, judged, np.flatnonzero(data.kinds != "")),
        "abstract known": told(data, judged, np.flatnonzero(data.kinds != "title")),
        "outside: far": told(data, judged, np.flatnonzero(data.kinds != "near")),
        "outside: near": told(data, judged, np.flatnonzero(data.kinds != "far")),
        "2024 on": told(data, later, np.flatnonzero(new)),
    }
    print("\n| | " + " | ".join(columns) + " |\n| --- |" + " ---: |" * len(columns))
    for name in columns["all"]:
        print(f"| {name} | " + " | ".join(column[name] for column in columns.values()) + " |")

    start = time.perf_counter()
    placer = Placer(data.examples, data.taxonomy)
    seconds = time.perf_counter() - start
    found = placer.place(embedded(data.embedder, large), [title for title, _ in large])
    share = {v: sum(j.verdict == v for j in found) / len(found) for v in Verdict}
    print(
        f"\n{len(found):,} papers at large: " + ", ".join(f"{v} {s:.3f}" for v, s in share.items())
    )
    print(f"Learning: {seconds:.1f} s, one thread")
    if options.show:
        for (title, _), judgement in zip(large, found, strict=True):
            if judgement.verdict == Verdict.PLACED:
                print(f"{judgement.topics[0][0]}: {title}", file=sys.stderr)


def read(catalogue: Catalogue, path: Path, large: int) -> tuple[Data, list[tuple[str, str | None]]]:
    taxonomy, embedder = Taxonomy.load(), open_embedder(bulk=True)
    examples = gather_examples(catalogue, taxonomy, embedder)
    bundled = negatives.bundled()
    other = dict(zip(bundled.titles, zip(bundled.ids, bundled.kinds, strict=True), strict=True))
    papers = {paper.title: paper for paper in catalogue.papers.get(catalogue.papers.keys())}
    abstracts: dict[str, str] = {}
    drawn: dict[str, tuple[str, str | None]] = {}
    out = set(bundled.ids)
    for paper in dump.read(path):
        title = normalised_title(paper.title)
        if paper.abstract:
            abstracts[title] = paper.abstract
        known = catalogue.identifiers.find("arxiv", paper.id) or catalogue.identifiers.find(
            "title", title
        )
        if not known and paper.id not in out and paper.abstract:
            drawn[hashlib.sha256(paper.id.encode()).hexdigest()] = paper.title, paper.abstract
    kinds, years, texts = [], [], []
    hashes = catalogue.vectors.text_hashes(embedder.model)
    for title, topics in zip(examples.titles, examples.topics, strict=True):
        if topics:
            paper = papers[title]
            bare = hashes[catalogue.identifiers.key(paper.id)] == text_hash(title)
            kinds.append("title" if bare else "abstract")
            years.append(paper.year or 0)
        else:
            paper_id, kind = other[title]
            kinds.append(kind)
            years.append(submission_year(paper_id) or 0)
        abstract = abstracts.get(normalised_title(title)) if kinds[-1] != "title" else None
        texts.append(f"{title} {abstract or ''}")
    data = Data(examples, taxonomy, embedder, np.array(kinds), np.array(years), texts)
    return data, [drawn[lot] for lot in sorted(drawn)[:large]]


def embedded(
    embedder: Embedder, papers: Sequence[tuple[str, str | None]]
) -> npt.NDArray[np.float32]:
    rows = [(0, title, abstract) for title, abstract in papers]
    return np.concatenate([vectors for _, vectors in embed_papers(embedder, rows)])


# -- the methods -----------------------------------------------------------------------------


def methods(data: Data) -> dict[str, Method]:
    texts = [f"{t.name}. {t.definition}" for t in data.taxonomy]
    texts += [term for t in data.taxonomy for term in t.terms]
    owners = [t.area for t in data.taxonomy] + [t.area for t in data.taxonomy for _ in t.terms]
    told = data.embedder.encode(texts)
    far = [row for row, topics in enumerate(data.examples.topics) if not topics]
    shown = data.shown.copy()
    # To learn from, one vector for each paper: of others, by turns with and without abstract.
    shown[far[::2]] = data.examples.of_titles[far[::2]]

    def definitions(_: npt.NDArray[np.int64]) -> Scorer:
        def score(rows: npt.NDArray[np.int64]) -> Table:
            cosines = data.shown[rows] @ told.T
            return np.stack(
                [cosines[:, [o == a for o in owners]].max(axis=1) for a in data.areas], axis=1
            )

        return score

    def centroids(rows: npt.NDArray[np.int64]) -> Scorer:
        # Of each topic, and of what is outside; an area is as near as its nearest topic.
        means, names = [], []
        for topic in [t.id for t in data.taxonomy] + [""]:
            of = [r for r in rows if topic in (data.examples.topics[r] or {""})]
            if of:
                mean = shown[of].mean(axis=0)
                means.append(mean / np.linalg.norm(mean))
                names.append(area_of(topic))

        def score(rows: npt.NDArray[np.int64]) -> Table:
            cosines = data.shown[rows] @ np.stack(means).T
            return np.stack(
                [cosines[:, [n == a for n in names]].max(axis=1) for a in ["", *data.areas]], axis=1
            )

        return score

    def neighbours(rows: npt.NDArray[np.int64]) -> Scorer:
        at, classes = data.learnt(rows)
        hot = np.array([[c == a for a in ["", *data.areas]] for c in classes], float)

        def score(rows: npt.NDArray[np.int64]) -> Table:
            cosines = data.shown[rows] @ shown[at].T
            nearest = np.argpartition(-cosines, 20, axis=1)[:, :20]
            votes = np.exp(10 * np.take_along_axis(cosines, nearest, axis=1))
            votes /= votes.sum(axis=1, keepdims=True)
            return np.log((votes[:, :, None] * hot[nearest]).sum(axis=1) + 0.01)

        return score

    def vector(rows: npt.NDArray[np.int64]) -> Scorer:
        at, classes = data.learnt(rows)
        model = LogisticRegression(C=8, max_iter=500).fit(shown[at], classes)
        return lambda rows: model.predict_log_proba(data.shown[rows])

    def words(texts: Sequence[str]) -> Method:
        array = np.array(texts, object)

        def learn(rows: npt.NDArray[np.int64]) -> Scorer:
            at, classes = data.learnt(rows)
            turn = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
            model = LogisticRegression(C=10, max_iter=500).fit(
                turn.fit_transform(array[at]), classes
            )
            return lambda rows: model.predict_log_proba(turn.transform(array[rows]))

        return learn

    def together(*parts: Method) -> Method:
        def learn(rows: npt.NDArray[np.int64]) -> Scorer:
            scorers = [part(rows) for part in parts]
            return lambda rows: np.concatenate([scorer(rows) for scorer in scorers], axis=1)

        return learn

    titles = list(data.titles)
    return {
        "definitions and terms, embedded": definitions,
        "centroids of topics": centroids,
        "20 nearest neighbours": neighbours,
        "words of titles, logistic": words(titles),
        "words of titles and abstracts, logistic": words(data.texts),
        "vectors, logistic": vector,
        "vectors and words of titles, stacked": together(vector, words(titles)),
        "the same, definitions and neighbours, stacked": together(
            vector, words(titles), definitions, neighbours
        ),
    }


def calibrated(data: Data, method: Method) -> Method:
    """Let a logistic model turn scores into probabilities, by rows held back from the method."""

    def learn(rows: npt.NDArray[np.int64]) -> Scorer:
        part = np.arange(len(rows)) % 3
        held, scores, classes = [], [], []
        for number in range(3):
            at, names = data.learnt(rows[part == number])
            held.append(at)
            classes += names
            scores.append(method(rows[part != number])(at))
        level = LogisticRegression(C=1.0, max_iter=2000).fit(np.concatenate(scores), classes)
        assert list(level.classes_) == sorted(["", *data.areas])
        order = [list(level.classes_).index(name) for name in ["", *data.areas]]
        scorer = method(rows)
        return lambda rows: level.predict_proba(scorer(rows))[:, order]

    return learn


def pooled(data: Data) -> Method:
    def learn(rows: npt.NDArray[np.int64]) -> Scorer:
        some = data.examples[rows]
        classes = [{area_of(t) for t in topics} or {""} for topics in some.topics]
        model = Classifier(training_set(some, classes))
        order = [model.classes.index(name) for name in ["", *data.areas]]
        return lambda rows: model.probabilities(data.shown[rows], data.titles[rows])[:, order]

    return learn


# -- the figures -----------------------------------------------------------------------------


def cross_validated(data: Data, method: Method) -> Table:
    table = np.zeros((len(data.truth), 1 + len(data.areas)))
    for number in range(FOLDS):
        test = np.flatnonzero(data.fold == number)
        table[test] = method(np.flatnonzero(data.fold != number))(test)
    return table


def area_figures(data: Data, table: Table) -> list[str]:
    inside = data.truth.any(axis=1)
    likeliest = table.argmax(axis=1)
    predicted = np.eye(1 + len(data.areas), dtype=bool)[likeliest][:, 1:]
    confidence = table[:, 1:].max(axis=1)
    right = data.truth[np.arange(len(table)), table[:, 1:].argmax(axis=1)]
    sure, known = confidence >= MIN_PLACED_CONFIDENCE, data.kinds != "title"
    return [
        f1(data.truth, predicted),
        f"{right[sure].mean():.3f}" if sure.any() else "",
        f"{sure[inside].mean():.3f}",
        f"{sure[~inside].mean():.3f}",
        f"{ece(confidence, right):.3f}",
        f1(data.truth[known], predicted[known]),
    ]


def f1(truth: npt.NDArray[np.bool_], predicted: npt.NDArray[np.bool_]) -> str:
    # Of the areas that there are.
    some = np.flatnonzero(truth.any(axis=0))
    return f"{f1_score(truth, predicted, labels=some, average='macro', zero_division=0):.3f}"


def ece(confidence: Table, right: npt.NDArray[np.bool_]) -> float:
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(confidence[place == b].mean() - right[place == b].mean()) * (place == b).mean()
        for b in range(BINS)
        if (place == b).any()
    ]
    return float(sum(gaps))


def judge(
    data: Data,
    learnt: npt.NDArray[np.int64],
    test: npt.NDArray[np.int64],
    judged: list[PlacementDecision | None],
) -> None:
    placer = Placer(data.examples[learnt], data.taxonomy)
    for row, found in zip(
        test, placer.place(data.shown[test], list(data.titles[test])), strict=True
    ):
        judged[row] = found


def told(
    data: Data, judged: Sequence[PlacementDecision | None], rows: npt.NDArray[np.int64]
) -> dict[str, str]:
    """Figures of what `Placer` says, for those rows."""
    inside = [row for row in rows if data.truth[row].any()]
    verdicts = {row: judged[row].verdict for row in rows}
    sure = [row for row in rows if verdicts[row] == Verdict.PLACED]
    area, right, deeper, topics = [], 0, 0, []
    for row in sure:
        ((topic, _),) = judged[row].topics
        own = data.examples.topics[row]
        area.append(any(area_of(t) == area_of(topic) for t in own))
        if any(is_under(t, topic) for t in own):
            right += 1
        elif any(is_below(topic, t) for t in own):
            deeper += 1
    for row in rows:
        for topic, confidence in judged[row].topics:
            own = data.examples.topics[row]
            topics.append((confidence, any(is_under(t, topic) for t in own)))
    confidence, truth = (np.array(part) for part in zip(*topics, strict=True))
    first = np.array([judged[row].topics[0] if judged[row].topics else ("", 0) for row in rows])
    predicted = np.array(
        [
            [judged[row].belongs >= 0.5 and area_of(topic) == a for a in data.areas]
            for row, (topic, _) in zip(rows, first, strict=True)
        ]
    )
    belongs = np.array([judged[row].belongs for row in rows])

    def share(verdict: Verdict, kinds: str) -> str:
        of = [row for row in rows if data.kinds[row] in kinds.split()]
        return f"{np.mean([verdicts[row] == verdict for row in of]):.3f}" if of else ""

    return {
        "papers, those placed by lists": f"{len(rows):,}, {len(inside):,}",
        "macro-F1 of the areas": f1(data.truth[rows], predicted),
        "precision of what is placed: area": f"{np.mean(area):.3f}",
        "the same: topic, or one above it": f"{right / len(sure):.3f}",
        "the same: below where the list stops": f"{deeper / len(sure):.3f}",
        "ECE of the topics told": f"{ece(confidence, truth):.3f}",
        "ECE of belonging": f"{ece(belongs, data.truth[rows].any(axis=1)):.3f}",
        "lists' papers placed": share(Verdict.PLACED, "title abstract"),
        "lists' papers to review": share(Verdict.UNSURE, "title abstract"),
        "lists' papers outside": share(Verdict.OUTSIDE, "title abstract"),
        "near papers placed": share(Verdict.PLACED, "near"),
        "near papers to review": share(Verdict.UNSURE, "near"),
        "far papers placed": share(Verdict.PLACED, "far"),
        "far papers to review": share(Verdict.UNSURE, "far"),
        "placed below an area": f"{np.mean(['/' in judged[row].topics[0][0] for row in sure]):.3f}",
    }


if __name__ == "__main__":
    main()
