"""Predicting kind, data, access, training and modality of papers that nobody has read.

`benchmarks/cards_prediction.md` measures how often the predictions are right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ingest.cards.kernel_ridge import Array, KernelRidge
from ingest.cards.word_features import StemFeatures
from kg.cards.card import CHOICES, Card, Modality
from kg.files.arrays import Arrays

Vectors = NDArray[np.float32]

MIN_CONFIDENCE: Final = {
    **{"kind": 0.5, "data": 0.8, "access": 0.6, "training": 0.8, "modality": 0.6},
}
"""Confidence from which on a field is stated: the least, in steps of 0.1, from which on at
least 85 of 100 stated values are right, in cross-validation and in each of the two newest years."""

MIN_CARDS: Final = 100
"""Cards from which on anything is predicted."""

MAX_CARDS: Final = 4_000
"""Cards that are learnt from: the time grows by their cube, the memory by their square."""

MIN_WITH_ABSTRACT: Final = 0.4
"""Share of the papers learnt from whose abstract is known, from which on the words of abstracts
are used and not those of titles alone."""

_CHUNK_PAPERS: Final = 1024


@dataclass(frozen=True, slots=True, eq=False)
class CardTexts:
    """What is known of the text of some papers."""

    vectors: Vectors
    """(n, dim) unit rows, of titles and abstracts."""
    titles: Sequence[str]
    abstracts: Sequence[str | None]
    """Abstracts or their words without order, None where neither is known."""

    def words(self, whole: bool) -> list[str]:
        """Return the texts whose words are used."""
        pairs = zip(self.titles, self.abstracts, strict=True)
        return [
            f"{title}\n{abstract}" if whole and abstract else title for title, abstract in pairs
        ]


class CardPredictor:
    """Predicts the fields by which papers are filtered.

    Parameters
    ----------
    vectors : (n, dim) float32, unit rows
        Of the papers learnt from.
    words : StemFeatures
        Of their texts.
    models : KernelRidge
        Of the fields, in their order.
    whole : bool
        Whether the words of abstracts are used, and not those of titles alone.

    Notes
    -----
    One kernel for all fields: a cubic polynomial of the cosine of two papers' vectors, and the
    cosine of their stems' TF-IDF. That a field is absent is a class of its own; so is each set of
    modalities.
    """

    def __init__(
        self, vectors: Vectors, words: StemFeatures, models: KernelRidge, whole: bool
    ) -> None:
        self._vectors, self._words, self._models, self._whole = vectors, words, models, whole

    @classmethod
    def trained(cls, texts: CardTexts, cards: Sequence[Card]) -> Self:
        """Return what papers that somebody has read, and their cards, teach; always the same."""
        known = sum(abstract is not None for abstract in texts.abstracts)
        whole = known >= MIN_WITH_ABSTRACT * len(cards)
        words = StemFeatures.of(texts.words(whole))
        classes = [np.array([class_of(card, field) for card in cards]) for field in CHOICES]
        kernel = _kernel(texts.vectors, words.learnt, texts.vectors, words.learnt)
        return cls(texts.vectors, words, KernelRidge.trained(kernel, classes), whole)

    def arrays(self) -> Arrays:
        """Return what `from_arrays` makes the same predictor of."""
        own = {"vectors": self._vectors, "whole": np.array(self._whole)}
        return {**own, **self._words.arrays(), **self._models.arrays()}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the predictor of which `arrays` was made."""
        words, models = StemFeatures.from_arrays(arrays), KernelRidge.from_arrays(arrays)
        return cls(arrays["vectors"], words, models, bool(arrays["whole"]))

    def probabilities(self, texts: CardTexts) -> dict[str, tuple[NDArray[np.str_], Array]]:
        """Return for each field its classes, as of `class_of`, and the probability of each."""
        words = self._words.rows(texts.words(self._whole))
        kernel = _kernel(texts.vectors, words, self._vectors, self._words.learnt)
        found = self._models.probabilities(kernel)
        return dict(zip(CHOICES, found, strict=True))

    def predict(self, texts: CardTexts) -> list[dict[str, tuple[str, float]]]:
        """Return for each paper the fields that can be stated: class and confidence of each."""
        cards: list[dict[str, tuple[str, float]]] = []
        for start in range(0, len(texts.titles), _CHUNK_PAPERS):
            at = slice(start, start + _CHUNK_PAPERS)
            part = CardTexts(texts.vectors[at], texts.titles[at], texts.abstracts[at])
            first = len(cards)
            cards += ({} for _ in part.titles)
            for field, (classes, table) in self.probabilities(part).items():
                best = table.argmax(axis=1)
                for row, column in enumerate(best.tolist()):
                    # To two digits, as the last ones depend on the machine; and never certain.
                    sure = min(round(float(table[row, column]), 2), 0.99)
                    if (name := str(classes[column])) and sure >= MIN_CONFIDENCE[field]:
                        cards[first + row][field] = (name, sure)
        return cards


def _kernel(vectors: Vectors, words: Any, learnt: Vectors, learnt_words: Any) -> Array:
    """Return the kernel of some papers, by vectors and words, and those learnt from."""
    kernel: Array = vectors.astype(float) @ learnt.T
    kernel += 0.2
    kernel /= 1.2
    kernel **= 3
    # Most papers share a stem: the sparse product of all would take more than the kernel itself.
    for start in range(0, len(kernel), _CHUNK_PAPERS):
        at = slice(start, start + _CHUNK_PAPERS)
        kernel[at] += (words[at] @ learnt_words.T).toarray()
    return kernel


def class_of(card: Card, field: str) -> str:
    """Return a card's value of a field as the name of a class; empty where it is absent."""
    value = getattr(card, field)
    if field == "modality":
        return " ".join(one for one in Modality if one in value)
    return str(value or "")
