"""Placing papers under topics, by classifiers trained on what lists and people have placed.

`benchmarks/placement.md` measures how often the decisions are right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.placement.classifier import Classifier, Vectors
from ingest.placement.examples import OUTSIDE, Examples, gather_examples, training_set
from ingest.placement.negatives.papers import Negatives
from kg.ids import topic_ids
from kg.ids.topic_ids import area as area_of
from kg.ids.topic_ids import innermost, is_under
from kg.store.catalogue import Catalogue
from kg.taxonomy.taxonomy import Taxonomy
from search.embedding.base import Embedder

MIN_PLACED_PROBABILITY: Final = 0.6
"""Probability of belonging to the field from which on a paper is placed without review."""

MIN_PLACED_CONFIDENCE: Final = 0.5
"""The least confidence of the area under which it is placed."""

MIN_TOPIC_SHARE: Final = 0.35
"""Share of an area's probability from which on a paper is placed under a topic below the area."""

MIN_REVIEWED_PROBABILITY: Final = 0.48
"""Probability of belonging below which a paper is outside, without review."""

TOPIC_WEIGHTS: Final = (0.3, 0.6, 0.3)
"""Ensemble weights of the classifiers of topics: what is fitted differs little among areas."""

UNTRAINED_PROBABILITY: Final = 0.5
"""Probability of belonging that is stated where there was too little to train on."""

MIN_PLACED_PAPERS: Final = 10
"""Placed papers from which on the classifiers are trained."""

MIN_SUGGESTED_CONFIDENCE: Final = 0.1
"""Confidence from which on a topic is suggested to a reviewer."""


class Verdict(StrEnum):
    """What is done with a paper."""

    PLACED = "placed"
    UNSURE = "unsure"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class PlacementDecision:
    """What the model decides of one paper."""

    verdict: Verdict
    topics: tuple[tuple[str, float], ...]
    """Topic ids and the probability that the paper belongs there, highest first: where it is
    placed, or the suggestions for a reviewer, at most one of each area; none outside."""
    belongs: float
    """Probability that it belongs under any topic."""


class Placer:
    """Decides under which topics papers belong.

    Parameters
    ----------
    examples : Examples
        With fewer than `MIN_PLACED_PAPERS` placed ones nothing is trained, and every paper is left
        to a reviewer.
    taxonomy : Taxonomy
        Topics that it does not have are ignored.

    Notes
    -----
    One classifier distinguishes the areas and what is outside, and one for each area its topics,
    learnt from the papers of which the innermost topic is known and from what the taxonomy says
    of the topics. A topic's confidence is the sum over it and all below it. The weights of the
    papers outside sum to those of the placed ones, so that the prior of either is a half.
    """

    def __init__(self, examples: Examples, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._areas: Classifier | None = None
        self._topics: dict[str, Classifier] = {}
        if sum(map(bool, examples.topics)) < MIN_PLACED_PAPERS or all(examples.topics):
            return
        own = [set(innermost(topics)) for topics in examples.topics]
        areas = [{area_of(topic) for topic in topics} or {OUTSIDE} for topics in own]
        self._areas = Classifier(training_set(examples, areas))
        for area in taxonomy.roots:
            within = [{t for t in topics if is_under(t, area.id)} for topics in own]
            if any(within):
                chosen = training_set(examples, within, topics=True)
                self._topics[area.id] = Classifier(chosen, TOPIC_WEIGHTS)

    @classmethod
    def train(
        cls,
        catalogue: Catalogue,
        taxonomy: Taxonomy,
        embedder: Embedder,
        rejected: Sequence[tuple[str, str | None]] = (),
        negatives: Negatives | None = None,
    ) -> "Placer":
        """Train on what lists and people have placed, and people have rejected.

        Parameters
        ----------
        catalogue : Catalogue
            Placements by a model, and papers without a vector, are left out.
        embedder : Embedder
            Its model's vectors are used. Another model than the default one sees the titles
            alone, and embeds them now.
        rejected : sequence of (title, abstract or None)
            What reviewers have put outside, even where a list places it.
        negatives : Negatives, optional
            Papers of other fields; by default those that come with the package.

        Returns
        -------
        Placer
            The same arguments give the same.

        Raises
        ------
        DamagedSnapshot
            If the bundled papers of other fields cannot be read.
        """
        return cls(gather_examples(catalogue, taxonomy, embedder, rejected, negatives), taxonomy)

    @property
    def is_trained(self) -> bool:
        """Whether there was enough to train on; else every decision is that it is unsure."""
        return self._areas is not None

    def place(self, vectors: Vectors, titles: Sequence[str]) -> list[PlacementDecision]:
        """Decide where papers belong, each on its own.

        Parameters
        ----------
        vectors : (n, dim) float32, unit rows
            As `search.embedding.bulk.embed_papers` makes them.
        titles : sequence of str
            Their titles: the model of words is trained on titles, and abstracts mislead it.

        Returns
        -------
        list of PlacementDecision
            In the order of the papers.
        """
        if not len(titles):
            return []
        if self._areas is None:
            return [PlacementDecision(Verdict.UNSURE, (), UNTRAINED_PROBABILITY) for _ in titles]
        belongs, confidence = self.confidences(vectors, titles)
        return [
            decision_of(
                self._taxonomy,
                float(belongs[row]),
                {topic: float(column[row]) for topic, column in confidence.items()},
            )
            for row in range(len(titles))
        ]

    def confidences(
        self, vectors: Vectors, titles: Sequence[str]
    ) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
        """Return the probability that each paper belongs at all, and that of each topic.

        Topics without examples are absent; a topic's probability is never above its parent's.
        """
        if self._areas is None:
            return np.full(len(titles), UNTRAINED_PROBABILITY), {}
        words = np.array(titles, object)
        table = self._areas.probabilities(vectors, words)
        found: dict[str, NDArray[np.float64]] = {}
        belongs = np.zeros(len(titles))
        for column, area in enumerate(self._areas.classes):
            if area == OUTSIDE:
                continue
            belongs += table[:, column]
            found[area] = found.get(area, 0.0) + table[:, column]
            if area not in self._topics:
                continue
            inner = self._topics[area].probabilities(vectors, words) * table[:, [column]]
            for place, topic in enumerate(self._topics[area].classes):
                for above in topic_ids.path(topic)[1:]:
                    found[above] = found.get(above, 0.0) + inner[:, place]
        # A sum of probabilities may pass 1 by a rounding.
        return np.minimum(belongs, 1.0), {t: np.minimum(c, 1.0) for t, c in found.items()}


def decision_of(
    taxonomy: Taxonomy, belongs: float, confidence: Mapping[str, float]
) -> PlacementDecision:
    """Return what is done with a paper of these probabilities.

    Parameters
    ----------
    belongs : float
        Probability that it belongs under any topic.
    confidence : mapping of str to float
        Probability that it belongs under each topic.
    """
    if belongs < MIN_REVIEWED_PROBABILITY:
        return PlacementDecision(Verdict.OUTSIDE, (), belongs)
    topics = []
    for area in taxonomy.roots:
        sure = confidence.get(area.id, 0.0)
        if sure >= MIN_SUGGESTED_CONFIDENCE:
            topic = most_specific(taxonomy, area.id, confidence, sure * MIN_TOPIC_SHARE)
            topics.append((topic, confidence[topic], sure))
    # By the areas: a topic of few papers has little of its area's probability.
    topics.sort(key=lambda found: -found[2])
    if belongs >= MIN_PLACED_PROBABILITY and topics and topics[0][2] >= MIN_PLACED_CONFIDENCE:
        topic, sure, _ = topics[0]
        return PlacementDecision(Verdict.PLACED, ((topic, sure),), belongs)
    topics.sort(key=lambda found: -found[1])
    suggested = tuple((topic, sure) for topic, sure, _ in topics)
    return PlacementDecision(Verdict.UNSURE, suggested, belongs)


def most_specific(
    taxonomy: Taxonomy, topic: str, probability: Mapping[str, float], least: float
) -> str:
    """Return the innermost topic, from `topic` down, that has at least this probability."""
    below = taxonomy[topic].children
    best = max(below, key=lambda child: probability.get(child, 0.0), default=topic)
    if not probability.get(best) or probability[best] < least or best == topic:
        return topic
    return most_specific(taxonomy, best, probability, least)
