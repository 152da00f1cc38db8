"""A card: what one paper does, in one sentence of our own and a few fixed fields.

`docs/cards.md` defines each field and value.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any, Final

from kg.text.plain import plain_text, without_controls
from kg.values import dataclass


class Kind(StrEnum):
    """What a paper mainly is: the first of these that holds."""

    SURVEY = "survey"
    THEORY = "theory"
    BENCHMARK = "benchmark"
    SYSTEM = "system"
    ANALYSIS = "analysis"
    METHOD = "method"
    POSITION = "position"


class Data(StrEnum):
    """What a user must bring for one application of a method."""

    LABELED = "labeled"
    FEW = "few"
    UNLABELED = "unlabeled"
    SYNTHETIC = "synthetic"
    NONE = "none"


class Access(StrEnum):
    """Access to the model that is adapted, merged, edited, explained or taught from."""

    WHITE_BOX = "white-box"
    BLACK_BOX = "black-box"


class Training(StrEnum):
    """Optimisation that is repeated at each application of a method."""

    NONE = "none"
    LIGHT = "light"
    FULL = "full"


class Modality(StrEnum):
    """What the experiments take as input."""

    TEXT = "text"
    VISION = "vision"
    MULTIMODAL = "multimodal"
    SPEECH = "speech"
    GRAPH = "graph"
    RL = "rl"
    CODE = "code"
    ROBOTICS = "robotics"
    OTHER = "other"


class WrittenFrom(StrEnum):
    """What the writer of a card had read."""

    ABSTRACT = "abstract"
    CUT = "cut"
    """An abstract that breaks off."""
    TITLE = "title"
    MODEL = "model"
    """Nobody read it: the fields are predicted."""


@dataclass(frozen=True, slots=True)
class Card:
    """What one paper does; a field is empty where the abstract does not say."""

    kind: Kind
    also_kind: tuple[Kind, ...] = ()
    """What it is besides, such as a method paper that brings a benchmark."""
    summary: str | None = None
    """One sentence in our own words."""
    problem: str | None = None
    """The difficulty that it addresses, as a noun phrase."""
    introduces: tuple[str, ...] = ()
    """Methods, benchmarks or models that it introduces by a name."""
    builds_on: tuple[str, ...] = ()
    """What it extends, combines or uses as an ingredient."""
    compares_with: tuple[str, ...] = ()
    """What its results are stated against."""
    evaluates_on: tuple[str, ...] = ()
    """Benchmarks and data sets that it names."""
    models: tuple[str, ...] = ()
    """Pretrained models or families that it works on."""
    data: Data | None = None
    access: Access | None = None
    training: Training | None = None
    modality: tuple[Modality, ...] = ()
    by: WrittenFrom = WrittenFrom.ABSTRACT
    confidence: tuple[tuple[str, float], ...] = ()
    """The predicted fields, each with the probability that it is right; none where it was read."""


FIELDS: Final = tuple(field.name for field in fields(Card) if field.name != "confidence")
"""The fields of a card in a file, in their order, besides the paper's id."""
NAMES: Final = ("introduces", "builds_on", "compares_with", "evaluates_on", "models")
"""The fields that are lists of names."""
CHOICES: Final[Mapping[str, type[StrEnum]]] = {
    **{"kind": Kind, "data": Data, "access": Access, "training": Training, "modality": Modality},
}
"""The fields by which papers are filtered -> their values."""

SUMMARY_WORDS: Final = (12, 45)
"""The fewest and the most words of a summary."""
MAX_PROBLEM_WORDS: Final = 12
MAX_NAME_CHARS: Final = 120
MAX_NAMES: Final = 60
"""The most names of one field."""

_ENUMS: Final[Mapping[str, type[StrEnum]]] = {**CHOICES, "also_kind": Kind, "by": WrittenFrom}
_STORED: Final = frozenset((*FIELDS, "confidence"))
_MEMBERS: Final = {name: {str(one): one for one in kind} for name, kind in _ENUMS.items()}
_LISTS: Final = frozenset(("also_kind", "modality", *NAMES))
# CARDS.md: where a field makes no sense.
_ABSENT: Final = {
    "access": {Kind.SURVEY, Kind.THEORY, Kind.BENCHMARK},
    "training": {Kind.SYSTEM, Kind.SURVEY, Kind.THEORY, Kind.BENCHMARK},
}


def card_of(record: Mapping[str, Any]) -> Card:
    """Return the card of a record, a mapping of `FIELDS`.

    Raises
    ------
    ValueError
        If it is none; the message says why.

    Examples
    --------
    >>> card_of({"kind": "survey", "by": "title"}).kind
    <Kind.SURVEY: 'survey'>
    """
    if unknown := [name for name in record if name not in FIELDS]:
        known = ", ".join(FIELDS)
        raise ValueError(f"{_short(unknown[0])} is no field of a card: known are {known}")
    for name in ("kind", "by"):
        if name not in record:
            raise ValueError(f"there is no {name}")
    card = Card(**{name: _value(name, value) for name, value in record.items()})
    for name, kinds in _ABSENT.items():
        if getattr(card, name) and card.kind in kinds:
            raise ValueError(f"a {card.kind} has no {name}")
    if card.by is WrittenFrom.MODEL:
        raise ValueError("a card by 'model' is predicted here, not read from a file")
    _check_sentences(card)
    return card


def stored_card(record: Mapping[str, Any]) -> Card:
    """Return the card of a record that `record_of` made, predicted fields among them.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not isinstance(record, dict):
        raise ValueError("this is no record of a card")
    if unknown := record.keys() - _STORED:
        raise ValueError(f"{_short(min(unknown))} is no field of a card")
    if not {"kind", "by"} <= record.keys():
        raise ValueError("a card has a kind, and says what it was written from")
    values = {n: _value(n, value) for n, value in record.items() if n != "confidence"}
    confidence = record.get("confidence", {})
    if not isinstance(confidence, dict) or not all(
        name in values and name in CHOICES and isinstance(sure, int | float) and 0 <= sure <= 1
        for name, sure in confidence.items()
    ):
        raise ValueError(f"confidence cannot be {_short(confidence)}")
    return Card(**values, confidence=tuple(confidence.items()))


def fitting(card: Card) -> Card:
    """Return a card without the fields that make no sense for its kind.

    Examples
    --------
    >>> fitting(Card(Kind.SURVEY, training=Training.FULL)).training
    """
    absent: dict[str, Any] = {n: None for n, kinds in _ABSENT.items() if card.kind in kinds}
    return replace(card, **absent) if absent else card


def read_part(card: Card) -> Card | None:
    """Return a card without what was predicted, or None where nobody read any of it."""
    if card.by is WrittenFrom.MODEL:
        return None
    empty: dict[str, Any] = {n: () if n in _LISTS else None for n, _ in card.confidence}
    return replace(card, **empty, confidence=())


def values_of(names: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of fields of `CHOICES` from their names; several are parted by spaces.

    Examples
    --------
    >>> values_of({"kind": "survey"})
    {'kind': <Kind.SURVEY: 'survey'>}
    """
    return {
        field: _value(field, name.split() if field in _LISTS else name)
        for field, name in names.items()
    }


def record_of(card: Card) -> dict[str, Any]:
    """Return a card as the record that `card_of` reads, with `confidence` where it has any."""
    record: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(card, name)
        if isinstance(value, tuple):
            value = [str(one) for one in value]
        if value:
            record[name] = str(value) if isinstance(value, str) else value
    if card.confidence:
        record["confidence"] = dict(card.confidence)
    return record


def _value(name: str, value: Any) -> Any:
    if name not in _LISTS:
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{name} must be a text, not {_short(value)}")
        return _choice(name, value) if name in _ENUMS else _plain(name, value)
    if not isinstance(value, list) or set(map(type, value)) != {str}:
        raise ValueError(f"{name} must be a list of texts, not {_short(value)}")
    if len(value) > MAX_NAMES:
        raise ValueError(f"{name} has {len(value)} names, {MAX_NAMES} at most")
    read = _choice if name in _ENUMS else _plain
    return tuple(dict.fromkeys([read(name, one) for one in value]))


def _choice(name: str, value: str) -> StrEnum:
    values = _MEMBERS[name]
    if value not in values:
        raise ValueError(f"{name} cannot be {_short(value)}: known are {', '.join(values)}")
    return values[value]


def _plain(name: str, text: str) -> str:
    # Without unpaired surrogates too, which cannot be stored.
    plain = " ".join(without_controls(plain_text(text)).split())
    if not plain or plain != text:
        raise ValueError(f"{name} has control characters or odd spaces: {_short(text)}")
    if name in NAMES and len(text) > MAX_NAME_CHARS:
        raise ValueError(f"{name} has a name of {len(text)} characters, {MAX_NAME_CHARS} at most")
    return text


def _check_sentences(card: Card) -> None:
    if card.by is WrittenFrom.TITLE:
        extra = [n for n in FIELDS if n not in ("kind", "by", *NAMES) and getattr(card, n)]
        if extra:
            raise ValueError(f"a card by title has kind and names only, no {extra[0]}")
        return
    if card.summary is None:
        raise ValueError("there is no summary")
    fewest, most = SUMMARY_WORDS
    if not fewest <= (words := len(card.summary.split())) <= most:
        raise ValueError(f"the summary has {words} words, not {fewest} to {most}")
    if card.problem and (words := len(card.problem.split())) > MAX_PROBLEM_WORDS:
        raise ValueError(f"the problem has {words} words, {MAX_PROBLEM_WORDS} at most")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
