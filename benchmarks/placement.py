"""Topic placement: of papers judged by reading before the model saw them, and of landmarks.

    python benchmarks/placement.py ../shared/data

Prints Markdown tables. `placement_judged.jsonl.gz` has the judgements: papers drawn by lot from
`papers.jsonl.gz` and `more/recent_candidates.jsonl.gz` of the folder, none of which the model
learnt from. `landmarks.yaml` has papers that a reader of the survey knows where to look for.
"""

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np
import yaml

from ingest.placement.classifier import Vectors
from ingest.placement.negatives.papers import Negatives, bundled
from ingest.placement.placer import PlacementDecision, Placer, Verdict
from kg.ids.arxiv_id import submission_year
from kg.ids.titles import normalised_title
from kg.ids.topic_ids import area
from kg.snapshot import bundled as snapshot
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from search.embedding.base import Embedder
from search.embedding.bulk import embed_papers
from search.embedding.open import open_embedder

HERE = Path(__file__).parent
FIRST_LATER_YEAR, BINS = 2025, 10


@dataclass(frozen=True)
class Judged:
    """A paper as a reader judged it."""

    id: str
    title: str
    found: str  # words (of its title) or lot
    verdict: str  # in, out, or either where a reader would not mind
    topics: tuple[str, ...]  # any of these is right
    vector: Vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with papers.jsonl.gz and more/")
    parser.add_argument("--snapshot", type=Path, help="folder of a snapshot other than the bundled")
    parser.add_argument("--show", action="store_true", help="print the mistakes on stderr")
    options = parser.parse_args()
    taxonomy, embedder = Taxonomy.load(), open_embedder(bulk=True)
    judged = read_judged(options.data, embedder)
    with tempfile.TemporaryDirectory() as home:
        snapshot.unpack(Path(home) / "atlas.sqlite", options.snapshot)
        with Catalogue(Path(home) / "atlas.sqlite") as catalogue:
            print(f"{catalogue.size():,} papers in the atlas\n")
            landmarks(catalogue, taxonomy, options.show)
            start = time.process_time()
            placer = Placer.train(catalogue, taxonomy, embedder)
            seconds = time.process_time() - start
            forget_later(catalogue)
            early = Placer.train(
                catalogue, taxonomy, embedder, negatives=negatives_before(bundled())
            )
    recent = [one for one in judged if (submission_year(one.id) or 0) >= FIRST_LATER_YEAR]
    columns = {
        "all": (placer, judged),
        "found by words": (placer, [one for one in judged if one.found == "words"]),
        "by lot": (placer, [one for one in judged if one.found == "lot"]),
        f"{FIRST_LATER_YEAR} on, learnt before": (early, recent),
    }
    figures = {
        name: told(model, papers, options.show and model is placer and name == "all")
        for name, (model, papers) in columns.items()
    }
    print("\n| | " + " | ".join(columns) + " |\n| --- |" + " ---: |" * len(columns))
    for name in figures["all"]:
        print(f"| {name} | " + " | ".join(column[name] for column in figures.values()) + " |")
    print(f"\nLearning: {seconds:.1f} s of one thread")


def read_judged(data: Path, embedder: Embedder) -> list[Judged]:
    wanted = {row["id"]: row for row in json_lines(HERE / "placement_judged.jsonl.gz")}
    found: dict[str, tuple[str, str]] = {}
    for row in json_lines(data / "papers.jsonl.gz"):
        if row["arxiv_id"] in wanted:
            found[row["arxiv_id"]] = row["title"], row["abstract"]
    for row in json_lines(data / "more" / "recent_candidates.jsonl.gz"):
        name = row["key"] or f"title:{normalised_title(row['title'])}"
        if name in wanted:
            found.setdefault(name, (row["title"], row["abstract"]))
    rows = [(name, title, abstract) for name, (title, abstract) in found.items()]
    vectors = {
        name: vector
        for names, chunk in embed_papers(embedder, rows)
        for name, vector in zip(names, chunk, strict=True)
    }
    if missing := wanted.keys() - found.keys():
        print(f"{len(missing)} judged papers are not in {data}", file=sys.stderr)
    return [
        Judged(
            name,
            found[name][0],
            row["found"],
            row["verdict"],
            tuple(row["topics"]),
            vectors[name],
        )
        for name, row in wanted.items()
        if name in found
    ]


def json_lines(path: Path) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def forget_later(catalogue: Catalogue) -> None:
    """Remove what appeared in the first later year or after."""
    for paper in catalogue.papers.get(catalogue.papers.keys()):
        year = paper.published.year if paper.published else paper.year
        if (year or 0) >= FIRST_LATER_YEAR:
            catalogue.papers.remove(paper.id)


def negatives_before(papers: Negatives) -> Negatives:
    keep = [
        row
        for row, name in enumerate(papers.ids)
        if (submission_year(name) or 0) < FIRST_LATER_YEAR
    ]
    chosen = {
        column.name: pick(getattr(papers, column.name), keep)
        for column in fields(papers)
        if column.name != "model"
    }
    return replace(papers, **chosen)


def pick(values: Sequence | Vectors, rows: list[int]) -> Sequence | Vectors:
    return values[rows] if isinstance(values, np.ndarray) else tuple(values[row] for row in rows)


def landmarks(catalogue: Catalogue, taxonomy: Taxonomy, show: bool) -> None:
    print("| landmarks | papers | under a right topic | that comes first |")
    print("| --- | ---: | ---: | ---: |")
    entries = yaml.safe_load((HERE / "landmarks.yaml").read_text("utf-8"))
    for half in ("tune", "report"):
        under = first = papers = 0
        for entry in (one for one in entries if one["half"] == half):
            key = catalogue.identifiers.keys([entry["paper"]]).get(entry["paper"])
            key = key or by_title(catalogue, entry["title"])
            if key is None:
                print(f"{entry['title']} is not in the atlas", file=sys.stderr)
                continue
            topics = taxonomy.topic_ids(catalogue.placements.get([key]).get(key, ()))
            papers += 1
            under += not set(topics).isdisjoint(entry["topics"])
            first += topics[0] in entry["topics"]
            if show and topics[0] not in entry["topics"]:
                print(f"{entry['title']}: {' '.join(topics)}", file=sys.stderr)
        print(f"| {half} | {papers} | {under / papers:.3f} | {first / papers:.3f} |")


def by_title(catalogue: Catalogue, title: str) -> int | None:
    found = catalogue.identifiers.find("title", normalised_title(title))
    return catalogue.identifiers.key(found) if found else None


def told(placer: Placer, papers: Sequence[Judged], show: bool) -> dict[str, str]:
    vectors = np.stack([one.vector for one in papers])
    decisions = placer.place(vectors, [one.title for one in papers])
    pairs = list(zip(papers, decisions, strict=True))
    placed = [(one, made) for one, made in pairs if made.verdict is Verdict.PLACED]
    inside = [made for one, made in pairs if one.verdict == "in"]
    sure = [(one, made) for one, made in pairs if one.verdict != "either"]
    if show:
        for one, made in placed:
            if not deep(one, made):
                topic, confidence = made.topics[0]
                words = f"{one.title} | {topic} {confidence:.2f} | {one.verdict} {one.topics}"
                print(words, file=sys.stderr)

    def share(of: Sequence[object], fits: Callable[..., bool]) -> str:
        return f"{np.mean([fits(*one) for one in of]):.3f}"

    def verdicts(of: Sequence[PlacementDecision], verdict: Verdict) -> str:
        return f"{np.mean([made.verdict is verdict for made in of]):.3f}"

    return {
        "papers, those of the field": f"{len(papers)}, {len(inside)}",
        "placed": f"{len(placed)}",
        "of these right: belongs, and area": share(placed, right),
        "under a right topic": share(placed, deep),
        "placed, of those of the field": verdicts(inside, Verdict.PLACED),
        "outside, of those of the field": verdicts(inside, Verdict.OUTSIDE),
        "to review, of all": verdicts([made for _, made in pairs], Verdict.UNSURE),
        "calibration error of belonging": f"{calibration_error(sure):.3f}",
    }


def right(one: Judged, made: PlacementDecision) -> bool:
    areas = {area(topic) for topic in one.topics}
    return one.verdict != "out" and area(made.topics[0][0]) in areas


def deep(one: Judged, made: PlacementDecision) -> bool:
    return right(one, made) and made.topics[0][0] in one.topics


def calibration_error(pairs: Sequence[tuple[Judged, PlacementDecision]]) -> float:
    belongs = np.array([made.belongs for _, made in pairs])
    truth = np.array([one.verdict == "in" for one, _ in pairs])
    bins = np.minimum((belongs * BINS).astype(int), BINS - 1)
    parts = [
        abs(belongs[bins == number].mean() - truth[bins == number].mean()) * np.mean(bins == number)
        for number in set(bins.tolist())
    ]
    return float(sum(parts))


if __name__ == "__main__":
    main()
