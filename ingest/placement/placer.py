"""Placing papers under topics: what is sure, what a person is to see, and what is outside.

What lists and people have placed is learnt from, never what a model has. `benchmarks/placement.md`
tells how often it is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.placement.classifier import Classifier, Lessons, Vectors
from ingest.placement.negatives.bundled import Others, bundled
from kg.entities import PlacedBy
from kg.ids.titles import normalised_title
from kg.ids.topic_ids import area as area_of
from kg.ids.topic_ids import innermost, is_under
from kg.store.catalogue import Catalogue
from kg.store.vectors import text_hash
from kg.taxonomy.taxonomy import Taxonomy
from search.embedding.base import Embedder
from search.embedding.bulk import embed_papers

SURE: Final = 0.8
"""Confidence from which on a topic needs no person's eye."""

OUT: Final = 0.2
"""Probability of belonging below which no person needs to see a paper."""

UNKNOWN: Final = 0.5
"""Probability that a paper belongs, where nothing was learnt."""

HANDFUL: Final = 10
"""Placed papers without which nothing can be told."""

DECISION: Final = 5.0
"""How many papers a person's decision counts for: it is about what the lists do not teach."""

SUGGESTED: Final = 0.1
"""Confidence from which on a topic is worth a reviewer's look."""

_OUTSIDE: Final = ""
"""The class of what is under no topic."""


class Verdict(StrEnum):
    """What is to be done with a paper."""

    PLACED = "placed"
    UNSURE = "unsure"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is thought of one paper."""

    verdict: Verdict
    """What is to be done with it."""
    topics: tuple[tuple[str, float], ...]
    """Topics' ids with the probability that the paper belongs there, the surest first: where it is
    placed, or else what a reviewer may choose from, at most one of each area; none outside."""
    belongs: float
    """Probability that it belongs under any topic."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Papers whose topics are known, or of which it is known that they have none."""

    titles: tuple[str, ...]
    """Titles."""
    topics: tuple[frozenset[str], ...]
    """Ids of the topics of each; empty for a paper that is outside."""
    of_titles: Vectors
    """(n, dim) unit rows: vectors of the titles alone, or the best there is."""
    of_papers: Vectors
    """(n, dim) unit rows: vectors of titles and abstracts, or the best there is."""
    abstracts: float
    """Share of the placed papers whose vectors know the abstract."""
    decided: NDArray[np.bool_]
    """(n,) whether a person said so."""

    def __len__(self) -> int:
        return len(self.titles)

    def __getitem__(self, rows: NDArray[np.generic]) -> "Examples":
        chosen = np.arange(len(self))[rows]
        return Examples(
            tuple(self.titles[row] for row in chosen),
            tuple(self.topics[row] for row in chosen),
            self.of_titles[chosen],
            self.of_papers[chosen],
            self.abstracts,
            self.decided[chosen],
        )


class Placer:
    """Judges papers by what it has learnt.

    Parameters
    ----------
    examples : Examples
        With fewer than `HANDFUL` placed papers, every judgement is that a person must see it.
    taxonomy : Taxonomy
        Topics that it does not have are not learnt.

    Notes
    -----
    One classifier tells the areas and what is outside apart, and one for each area its topics, of
    which a paper under the area itself is one more. A topic's confidence is the sum over it and
    all below it. Papers outside weigh as much in all as the placed ones, so that neither is the
    likelier one from the start.
    """

    def __init__(self, examples: Examples, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._areas: Classifier | None = None
        self._topics: dict[str, Classifier] = {}
        if sum(map(bool, examples.topics)) < HANDFUL or all(examples.topics):
            return
        own = [set(innermost(topics)) for topics in examples.topics]
        areas = [{area_of(topic) for topic in topics} or {_OUTSIDE} for topics in own]
        self._areas = Classifier(lessons_of(examples, areas))
        for area in taxonomy.roots:
            within = [{t for t in topics if is_under(t, area.id)} for topics in own]
            if any(within):
                self._topics[area.id] = Classifier(lessons_of(examples, within))

    @classmethod
    def train(
        cls,
        catalogue: Catalogue,
        taxonomy: Taxonomy,
        embedder: Embedder,
        rejected: Sequence[tuple[str, str | None]] = (),
        outside: Others | None = None,
    ) -> "Placer":
        """Learn from what lists and people have placed, and people have rejected.

        Parameters
        ----------
        catalogue : Catalogue
            Placements by a model are not learnt from, nor are papers without a vector.
        taxonomy : Taxonomy
        embedder : Embedder
            Its model's vectors are used. Another model than the default one sees the titles
            alone, and embeds them now.
        rejected : sequence of (title, abstract or None)
            What reviewers have put outside; of such, the word of a list is not learnt.
        outside : Others, optional
            Papers of other fields; by default those that come with the package.

        Returns
        -------
        Placer
            The same for the same.

        Raises
        ------
        DamagedSnapshot
            If the bundled papers of other fields cannot be read.
        """
        return cls(gather(catalogue, taxonomy, embedder, rejected, outside), taxonomy)

    @property
    def learnt(self) -> bool:
        """Whether there was enough to learn from; else every judgement is that it is unsure."""
        return self._areas is not None

    def judge(self, vectors: Vectors, titles: Sequence[str]) -> list[Judgement]:
        """Judge papers, each on its own.

        Parameters
        ----------
        vectors : (n, dim) float32, unit rows
            As `search.embedding.bulk.embed_papers` makes them.
        titles : sequence of str
            Their titles: what is learnt of words is learnt of titles, and abstracts mislead it.

        Returns
        -------
        list of Judgement
            In the order of the papers.
        """
        if not len(titles):
            return []
        if self._areas is None:
            return [Judgement(Verdict.UNSURE, (), UNKNOWN) for _ in titles]
        belongs, confidence = self.confidences(vectors, titles)
        return [
            self._judgement(float(belongs[row]), {t: float(c[row]) for t, c in confidence.items()})
            for row in range(len(titles))
        ]

    def confidences(
        self, vectors: Vectors, titles: Sequence[str]
    ) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
        """Return the probability that each paper belongs at all, and that it does under a topic.

        Topics under which nothing was learnt are absent; a topic's is never above its parent's.
        """
        if self._areas is None:
            return np.full(len(titles), UNKNOWN), {}
        words = np.array(titles, object)
        table = self._areas.probabilities(vectors, words)
        found: dict[str, NDArray[np.float64]] = {}
        belongs = np.zeros(len(titles))
        for column, area in enumerate(self._areas.classes):
            if area == _OUTSIDE:
                continue
            belongs += table[:, column]
            inner = self._topics[area].probabilities(vectors, words) * table[:, [column]]
            for place, topic in enumerate(self._topics[area].classes):
                for above in (*self._taxonomy.ancestors(topic), self._taxonomy[topic]):
                    found[above.id] = found.get(above.id, 0.0) + inner[:, place]
        # A sum of probabilities may pass 1 by a rounding.
        return np.minimum(belongs, 1.0), {t: np.minimum(c, 1.0) for t, c in found.items()}

    def _judgement(self, belongs: float, confidence: dict[str, float]) -> Judgement:
        if belongs < OUT:
            return Judgement(Verdict.OUTSIDE, (), belongs)
        told = []
        for area in self._taxonomy.roots:
            if confidence.get(area.id, 0.0) >= SURE:
                topic = self._down(area.id, confidence, SURE)
                return Judgement(Verdict.PLACED, ((topic, confidence[topic]),), belongs)
            if confidence.get(area.id, 0.0) >= SUGGESTED:
                topic = self._down(area.id, confidence, confidence[area.id] / 2)
                told.append((topic, confidence[topic]))
        told.sort(key=lambda pair: -pair[1])
        return Judgement(Verdict.UNSURE, tuple(told), belongs)

    def _down(self, topic: str, confidence: dict[str, float], least: float) -> str:
        """The most specific topic, from `topic` down, of which one is still sure enough."""
        below = [child.id for child in self._taxonomy.children(topic)]
        best = max(below, key=lambda child: confidence.get(child, 0.0), default=topic)
        enough = best != topic and confidence.get(best, 0.0) >= least
        return self._down(best, confidence, least) if enough else topic


def gather(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    embedder: Embedder,
    rejected: Sequence[tuple[str, str | None]] = (),
    outside: Others | None = None,
) -> Examples:
    """Return what there is to learn from; the parameters are those of `Placer.train`."""
    outside = bundled() if outside is None else outside
    no = {normalised_title(title) for title, _ in rejected}
    topics = {
        key: frozenset(
            p.topic for p in placed if p.placed_by != PlacedBy.MODEL and p.topic in taxonomy
        )
        for key, placed in catalogue.placements.get(catalogue.papers.keys()).items()
    }
    stored = {
        key: vector for key, vector in catalogue.vectors.all(embedder.model) if topics.get(key)
    }
    for key, paper in zip(list(stored), catalogue.papers.get(list(stored)), strict=True):
        if normalised_title(paper.title) in no:
            del stored[key]
    papers = catalogue.papers.get(list(stored))
    people = {
        key
        for key, placed in catalogue.placements.get(list(stored)).items()
        if any(p.placed_by == PlacedBy.PERSON for p in placed)
    }
    hashes = catalogue.vectors.text_hashes(embedder.model)
    # By its vector's hash: the snapshot's vectors know abstracts that it does not carry.
    whole = [row for row, key in enumerate(stored) if hashes[key] != text_hash(papers[row].title)]
    placed = np.frombuffer(b"".join(stored.values()), "<f4").reshape(-1, embedder.dim).copy()

    known = no | {normalised_title(paper.title) for paper in papers}
    known |= {paper.arxiv_id for paper in papers if paper.arxiv_id}
    far = [
        row
        for row, (paper_id, title) in enumerate(zip(outside.ids, outside.titles, strict=True))
        if known.isdisjoint((paper_id, normalised_title(title)))
    ]
    titles = [outside.titles[row] for row in far]
    titles += [title for title, _ in rejected]
    if outside.model == embedder.model:
        of_titles = [outside.of_titles[far], _embed(embedder, [(t, None) for t, _ in rejected])]
        of_papers = [outside.of_papers[far], _embed(embedder, rejected)]
        abstracts = len(whole) / max(len(papers), 1)
    else:
        # Their abstracts are not known: were those of the placed papers, the model would learn to
        # tell a vector that knows an abstract from one that does not.
        placed[whole] = _embed(embedder, [(papers[row].title, None) for row in whole])
        of_titles = of_papers = [_embed(embedder, [(title, None) for title in titles])]
        abstracts = 0.0
    return Examples(
        titles=(*(paper.title for paper in papers), *titles),
        topics=(*(topics[key] for key in stored), *[frozenset[str]()] * len(titles)),
        of_titles=np.concatenate([placed, *of_titles]),
        of_papers=np.concatenate([placed, *of_papers]),
        abstracts=abstracts,
        decided=np.array(
            [*(key in people for key in stored), *[False] * len(far), *[True] * len(rejected)]
        ),
    )


def _embed(embedder: Embedder, papers: Sequence[tuple[str, str | None]]) -> Vectors:
    rows = [(0, title, abstract) for title, abstract in papers]
    found = [vectors for _, vectors in embed_papers(embedder, rows)]
    return np.concatenate(found) if found else np.empty((0, embedder.dim), np.float32)


def lessons_of(examples: Examples, classes: Sequence[set[str]]) -> Lessons:
    """Return one row for each class of a paper; two for one outside, which shows either vector.

    New papers come with abstracts, and lists often without: each paper outside counts as both, in
    the shares of the placed ones, or having an abstract would be taken for a sign.
    """
    rows, names, weights, whole = [], [], [], []
    outside = np.array([found == {_OUTSIDE} for found in classes])
    others = int((outside & ~examples.decided).sum())
    inside = sum(map(bool, classes)) - int(outside.sum())
    for row, found in enumerate(classes):
        weight = DECISION if examples.decided[row] else 1.0
        if outside[row] and not examples.decided[row]:
            weight = inside / others
        parts = (1 - examples.abstracts, examples.abstracts) if outside[row] else (1.0, 0.0)
        for name in sorted(found):
            for form, part in enumerate(parts):
                if part:
                    rows.append(row)
                    names.append(name)
                    weights.append(weight * part / len(found))
                    whole.append(bool(form))
    at = np.array(rows)
    vectors = np.where(np.array(whole)[:, None], examples.of_papers[at], examples.of_titles[at])
    return Lessons(
        vectors,
        np.array([examples.titles[row] for row in rows], object),
        np.array(names, object),
        np.array(weights),
        at,
    )
