"""What cards say, as small labels in plain words."""

from collections.abc import Mapping
from typing import Final

from kg.cards.card import CHOICES, Card
from kg.links import Link, LinkState
from kg.store.cards import Need
from kg.values import dataclass

FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "kind": ("kind", "what the paper mainly is"),
    "data": ("needs", "what one must bring to apply it"),
    "access": ("access", "access to the model that is adapted, merged, edited or taught from"),
    "training": ("training", "training at each application"),
    "modality": ("works on", "what its experiments take as input"),
}
"""Field of `kg.cards.card.CHOICES` -> its heading and its meaning."""

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

PREDICTED: Final = "? is predicted by a model: nobody has read that paper for it"
"""What the mark beside words of a card means."""


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
            found.append(CardLabel(field, str(one), words(field, str(one)), predicted.get(field)))
        if field == "kind":
            found += [CardLabel(field, str(one), f"also {one}") for one in card.also_kind]
    return found


def need_words(needs: Mapping[str, Need]) -> list[tuple[str, bool]]:
    """Return what a method needs in plain words, each with whether it is predicted.

    >>> need_words({"data": Need("none", predicted=False), "access": Need("white-box", True)})
    [('no data needed', False), ('white-box', True)]
    """
    return [(words(field, one.value), one.predicted) for field, one in needs.items()]


def link_notes(link: Link) -> list[str]:
    """Return what is known of a link: whose it is, where it went, who tells it.

    >>> from kg.links import LinkKind
    >>> link_notes(Link(LinkKind.CODE, "https://github.com/a/b", "abstract", official=True))
    ['official', 'from abstract']
    """
    notes = []
    if link.official is not None:
        notes.append("official" if link.official else "by others")
    day = f" on {link.checked}" if link.checked else ""
    if link.state is LinkState.GONE:
        notes.append(f"gone{day}")
    if link.state is LinkState.MOVED:
        notes.append(f"moved to {link.moved_to}" if link.moved_to else f"moved{day}")
    return [*notes, f"from {link.source}"]


def link_name(url: str) -> str:
    """Return a link as a reader knows it: a repository by its name, another by its address.

    >>> link_name("https://github.com/ada/merging"), link_name("https://example.org/a")
    ('ada/merging', 'example.org/a')
    """
    bare = url.partition("://")[2]
    return bare.removeprefix("github.com/") or url
