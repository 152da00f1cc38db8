"""How far two readers of the same abstracts agree."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.cards.card import NAMES, Access, Card, Data, Kind, Training
from kg.ids.titles import normalised_title

ABSENT: Final = "absent"
"""The value of a field that a card does not have."""
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": tuple(Kind),
    "data": (*Data, ABSENT),
    "access": (*Access, ABSENT),
    "training": (*Training, ABSENT),
}
"""The fields that have one value -> their values."""
LISTS: Final = (*NAMES, "modality")
"""The fields that have several."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far what is found is what should be found."""

    both: int
    """Found by both."""
    first: int
    """Found by the first alone."""
    second: int
    """Found by the second alone."""

    @property
    def precision(self) -> float:
        """Share of what the second found that the first has too; 1 where it found nothing."""
        return self.both / (self.both + self.second) if self.both + self.second else 1.0

    @property
    def recall(self) -> float:
        """Share of what the first found that the second has too; 1 where it found nothing."""
        return self.both / (self.both + self.first) if self.both + self.first else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; the same whoever is first."""
        total = 2 * self.both + self.first + self.second
        return 2 * self.both / total if total else 1.0


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """Agreement on a field that has one value."""

    agreed: float
    """Share of the papers to which both give one value."""
    kappa: float
    """Cohen's kappa (1960, doi:10.1177/001316446002000104); that it is absent is a value."""
    values: Mapping[str, Overlap]
    """Each value that either gives."""
    disagreements: Mapping[tuple[str, str], int]
    """(value of the first, of the second) -> papers, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement on all fields."""

    papers: int
    """Papers that both read."""
    fields: Mapping[str, FieldAgreement]
    """By the names of `FIELDS`."""
    lists: Mapping[str, Overlap]
    """By the names of `LISTS`; names are compared by their letters and digits."""


def agreement(first: Mapping[str, Card], second: Mapping[str, Card]) -> Agreement:
    """Return how far the cards of two readers agree on the papers that both have."""
    pairs = [(first[paper], second[paper]) for paper in first if paper in second]
    return Agreement(
        len(pairs),
        {name: _of_field([(value(a, name), value(b, name)) for a, b in pairs]) for name in FIELDS},
        {name: _overlap((_set(a, name), _set(b, name)) for a, b in pairs) for name in LISTS},
    )


def as_markdown(found: Agreement) -> Iterator[str]:
    """Yield the lines of an agreement as two tables in Markdown."""
    yield f"{found.papers:,} papers read twice.\n"
    yield "| field | agreed | kappa | F1 of each value (papers of the first reader) |"
    yield "| --- | ---: | ---: | --- |"
    for name, field in found.fields.items():
        values = ", ".join(
            f"{value} {overlap.f1:.2f} ({overlap.both + overlap.first})"
            for value, overlap in field.values.items()
        )
        yield f"| `{name}` | {field.agreed:.2f} | {field.kappa:.2f} | {values} |"
    yield "\n| field | precision | recall | F1 | in both | first only | second only |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for name, one in found.lists.items():
        numbers = f"{one.precision:.2f} | {one.recall:.2f} | {one.f1:.2f}"
        yield f"| `{name}` | {numbers} | {one.both} | {one.first} | {one.second} |"


def value(card: Card, name: str) -> str:
    """Return a card's value of a field of `FIELDS`, or `ABSENT`."""
    return str(getattr(card, name) or ABSENT)


def kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Return Cohen's kappa of two readers' values; 1 where both always give one and the same.

    Examples
    --------
    >>> kappa([("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")])
    0.5
    """
    first, second = (Counter(side) for side in zip(*pairs, strict=True))
    agreed = sum(a == b for a, b in pairs) / len(pairs)
    by_chance = sum(first[one] * second[one] for one in first) / len(pairs) ** 2
    return (agreed - by_chance) / (1 - by_chance) if by_chance < 1 else 1.0


def _of_field(pairs: list[tuple[str, str]]) -> FieldAgreement:
    values = sorted({one for pair in pairs for one in pair})
    return FieldAgreement(
        agreed=sum(a == b for a, b in pairs) / len(pairs) if pairs else 1.0,
        kappa=kappa(pairs) if pairs else 1.0,
        values={one: _overlap(({one} & {a}, {one} & {b}) for a, b in pairs) for one in values},
        disagreements=dict(Counter(pair for pair in pairs if pair[0] != pair[1]).most_common()),
    )


def _overlap(pairs: Iterable[tuple[set[str], set[str]]]) -> Overlap:
    both = first = second = 0
    for a, b in pairs:
        both += len(a & b)
        first += len(a - b)
        second += len(b - a)
    return Overlap(both, first, second)


def _set(card: Card, name: str) -> set[str]:
    return {normalised_title(one).replace(" ", "") for one in getattr(card, name)}
