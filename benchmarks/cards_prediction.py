"""How often predicted fields of cards are right: by cross-validation, and for later years.

    python benchmarks/cards_prediction.py FILE_OR_FOLDER ...

The arguments are JSON Lines of id, title and abstract. Prints Markdown tables over the papers of
the bundled atlas whose card somebody wrote from an abstract that is found there.
"""

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy

import numpy as np
from numpy.typing import NDArray

from ingest.cards.abstracts import Abstracts
from ingest.cards.bundled_file import DATA, bundled_papers
from ingest.cards.predictor import MIN_CONFIDENCE, CardPredictor, CardTexts, class_of
from kg.cards.card import CHOICES, Card, WrittenFrom
from kg.cards.file import read_cards
from kg.ids.arxiv_id import submission_month
from kg.snapshot import bundled
from kg.snapshot.stems import packed_stems, unpacked_stems
from kg.text.stop_words import STOP_WORDS
from search.embedding.bulk import embed_papers
from search.embedding.open import open_embedder

FOLDS = 5
BINS = 15
"""Of the expected calibration error."""
CONFIDENCES = (0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True)
class Guesses:
    """What was predicted of one field, and what is right."""

    truth: NDArray[np.str_]
    guess: NDArray[np.str_]
    """The likeliest class."""
    sure: NDArray[np.float64]
    """Its probability."""

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each guess is right."""
        return np.equal(self.truth, self.guess)

    def macro_f1(self, many: bool) -> float:
        """Return the mean F1 of the values; with `many`, a class is a set of values."""
        sides = [
            [set(one.split()) if many else {one} for one in side.tolist()]
            for side in (self.truth, self.guess)
        ]
        scores = []
        for value in sorted(set.union(*sides[0])):
            true, found = ([value in one for one in side] for side in sides)
            both = sum(a and b for a, b in zip(true, found, strict=True))
            scores.append(2 * both / (sum(true) + sum(found)))
        return float(np.mean(scores))

    def calibration_error(self) -> float:
        """Return the expected calibration error of the likeliest class."""
        at = np.minimum((self.sure * BINS).astype(int), BINS - 1)
        gaps = [
            abs(self.right[at == b].mean() - self.sure[at == b].mean()) * (at == b).mean()
            for b in range(BINS)
            if (at == b).any()
        ]
        return float(sum(gaps))

    def stated(self, confidence: float) -> tuple[float, float]:
        """Return of how many papers a value is stated, and of how many of these the right one."""
        said = (self.guess != "") & (self.sure >= confidence)
        return float(said.mean()), float(self.right[said].mean()) if said.any() else float("nan")


def main() -> None:
    lines = read_cards(DATA / bundled.CARDS)
    titles = {name: paper.title for name, paper in bundled_papers().items()}
    cards = {one.paper: one.card for one in lines if one.card.by is not WrittenFrom.TITLE}
    abstracts = Abstracts({paper: titles[paper] for paper in cards if paper in titles})
    abstracts.read(map(Path, sys.argv[1:]))
    papers = sorted(abstracts.found)
    measure(papers, titles, [abstracts.found[p][0][1] for p in papers], [cards[p] for p in papers])


def measure(
    papers: Sequence[str], titles: Mapping[str, str], abstracts: list[str], cards: list[Card]
) -> None:
    embedder = open_embedder(bulk=True)
    names = [titles[paper] for paper in papers]
    rows = list(zip(papers, names, abstracts, strict=True))
    whole = np.concatenate([v for _, v in embed_papers(embedder, rows)])
    alone = np.concatenate(
        [v for _, v in embed_papers(embedder, [(p, t, None) for p, t, _ in rows])]
    )
    known = CardTexts(whole, names, abstracts)
    counted = CardTexts(whole, names, unpacked_stems(packed_stems(abstracts, STOP_WORDS)))
    unknown = CardTexts(whole, names, [None] * len(rows))
    titled = CardTexts(alone, names, [None] * len(rows))
    years = np.array([month.year if (month := submission_month(p)) else 0 for p in papers])

    began = time.process_time()
    CardPredictor.trained(known, cards)
    print(f"{len(papers):,} papers; learnt in {time.process_time() - began:.1f} s of a CPU.\n")
    print("## By cross-validation\n")
    forms = {
        "as on a new atlas: learnt from vectors and word counts": crossed(counted, known, cards),
        "learnt from vectors and abstracts": crossed(known, known, cards),
        "learnt from vectors and titles": crossed(unknown, unknown, cards),
        "papers with a title alone, learnt from word counts": crossed(counted, titled, cards),
    }
    for name, found in forms.items():
        print(f"### {name[0].upper()}{name[1:]}\n")
        print("\n".join(table(found)) + "\n")
    print("### From which confidence on, as on a new atlas\n")
    print("\n".join(levels(next(iter(forms.values())))))
    print("\n## By time\n")
    for year in sorted(set(years[years > 0].tolist()))[-2:]:
        old, new = np.flatnonzero((years > 0) & (years < year)), np.flatnonzero(years == year)
        found = guesses(counted, known, cards, old, new)
        print(f"### {len(new)} papers of {year}, learnt from {len(old):,} of the years before\n")
        print("\n".join([*table(found), "", *levels(found)]) + "\n")


def crossed(learnt: CardTexts, tried: CardTexts, cards: list[Card]) -> dict[str, Guesses]:
    """Return the guesses of a cross-validation."""
    fold = np.random.default_rng(0).permutation(len(cards)) % FOLDS
    parts = [
        guesses(learnt, tried, cards, np.flatnonzero(fold != n), np.flatnonzero(fold == n))
        for n in range(FOLDS)
    ]
    return {
        field: Guesses(
            np.concatenate([part[field].truth for part in parts]),
            np.concatenate([part[field].guess for part in parts]),
            np.concatenate([part[field].sure for part in parts]),
        )
        for field in CHOICES
    }


def guesses(
    learnt: CardTexts,
    tried: CardTexts,
    cards: list[Card],
    old: NDArray[np.int64],
    new: NDArray[np.int64],
) -> dict[str, Guesses]:
    """Return what is predicted of the rows `new` by a model of the rows `old`."""
    predictor = CardPredictor.trained(part(learnt, old), [cards[row] for row in old])
    return {
        field: Guesses(
            np.array([class_of(cards[row], field) for row in new]),
            classes[chances.argmax(axis=1)],
            chances.max(axis=1),
        )
        for field, (classes, chances) in predictor.probabilities(part(tried, new)).items()
    }


def part(texts: CardTexts, rows: NDArray[np.int64]) -> CardTexts:
    """Return some of the papers."""
    at = rows.tolist()
    titles, abstracts = ([side[row] for row in at] for side in (texts.titles, texts.abstracts))
    return CardTexts(texts.vectors[rows], titles, abstracts)


def table(found: Mapping[str, Guesses]) -> Iterator[str]:
    """Yield the rows of a table of measures."""
    names = ("most frequent", "accuracy", "macro-F1", "ECE", "stated from", "stated", "right")
    yield f"| field | {' | '.join(names)} |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for field, one in found.items():
        _, sizes = np.unique(one.truth, return_counts=True)
        least = MIN_CONFIDENCE[field]
        stated, right = one.stated(least)
        f1 = one.macro_f1(many=field == "modality")
        yield (
            f"| `{field}` | {sizes.max() / len(one.truth):.2f} | {one.right.mean():.3f} | {f1:.2f}"
            f" | {one.calibration_error():.3f} | {least} | {stated:.2f} | {right:.2f} |"
        )


def levels(found: Mapping[str, Guesses]) -> Iterator[str]:
    """Yield the rows of a table of what is stated from several confidences on."""
    columns = " | ".join(f"from {one:.1f}: stated, right" for one in CONFIDENCES)
    yield f"| field | present | {columns} |"
    yield f"| --- | ---: |{' ---: |' * len(CONFIDENCES)}"
    for field, one in found.items():
        cells = " | ".join("{:.2f}, {:.2f}".format(*one.stated(c)) for c in CONFIDENCES)
        yield f"| `{field}` | {(one.truth != '').mean():.2f} | {cells} |"


if __name__ == "__main__":
    main()
