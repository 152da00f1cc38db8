"""What cards say, as small labels in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kg.cards.card import CHOICES, Card

MEANINGS: Final[Mapping[str, str]] = {
    "kind": "what the paper mainly is",
    "data": "what one must bring to apply it",
    "access": "access to the model that is adapted, merged, edited or taught from",
    "training": "training at each application",
    "modality": "what its experiments take as input",
}
"""Field of `kg.cards.card.CHOICES` -> its meaning."""

_WORDS: Final[Mapping[tuple[str, str], str]] = {
    ("data", "labeled"): "labeled data",
    ("data", "few"): "few examples",
    ("data", "unlabeled"): "unlabeled data",
    ("data", "synthetic"): "synthetic data",
    ("data", "none"): "no data needed",
    ("training", "none"): "no training",
    ("training", "light"): "light training",
    ("training", "full"): "full training",
    ("modality", "graph"): "graphs",
    ("modality", "rl"): "reinforcement learning",
    # Beside a link to code, the word alone would be read as one.
    ("modality", "code"): "source code",
    ("modality", "other"): "other input",
}
"""The words of a value where it does not stand for itself."""


@dataclass(frozen=True, slots=True)
class CardLabel:
    """One thing that a card says of a paper."""

    field: str
    """One of `kg.cards.card.CHOICES`."""
    value: str
    words: str
    confidence: float | None = None
    """Where it is predicted, the probability that it is right; None where it was read."""


def words(field: str, value: str) -> str:
    """Return a value of a field in plain words.

    >>> words("data", "none"), words("kind", "survey")
    ('no data needed', 'survey')
    """
    return _WORDS.get((field, value), value)


def labels(card: Card | None) -> list[CardLabel]:
    """Return what a card says of a paper: what it is, what it needs, what it works on.

    >>> from kg.cards.card import Data, Kind
    >>> [one.words for one in labels(Card(Kind.METHOD, (Kind.BENCHMARK,), data=Data.FEW))]
    ['method', 'also benchmark', 'few examples']
    """
    if card is None:
        return []
    predicted = dict(card.confidence)
    found = []
    for field in CHOICES:
        value = getattr(card, field)
        for one in value if isinstance(value, tuple) else filter(None, (value,)):
            found.append(CardLabel(field, str(one), words(field, one), predicted.get(field)))
        if field == "kind":
            found += [CardLabel(field, str(one), f"also {one}") for one in card.also_kind]
    return found
