"""What was understood of a question, in plain words."""

from collections.abc import Iterable, Sequence
from typing import Final

from kg.values import dataclass
from search.understanding.operators import Understood
from ui.text.card_words import FIELDS, words

LITERALLY: Final = "`--literal` asks the words as they are"
"""How the command offers the other reading."""

_PHRASES: Final = {
    "not": "without {}",
    "phrase": "with “{}”",
    "title": "with {} in the title",
    "abstract": "with {} in the abstract",
    "author": "by {}",
    "category": "in {}",
    "venue": "at {}",
    "since": "from {} on",
    "until": "until {}",
    "code": "with code",
    "like": "{} and what is like it",
    "about": "about {}",
    "topic": "topic {}",
    "kind": f"{FIELDS['kind'][0]} {{}}",
    "access": "{} access",
    "modality": f"{FIELDS['modality'][0]} {{}}",
}
"""Filter -> its words, with those of the value in them; any other is told by the value alone."""
ORDERS: Final = {"newest": "newest first", "oldest": "oldest first", "cited": "most cited first"}
"""Value of an order -> its words."""
_NO_CONDITIONS: Final = frozenset({"compare", "like", "typo"})
"""Filters that say more than which papers come first, though they are never hard."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What the same words of a question state."""

    words: str
    """As written; of what is compared, with commas between."""
    stated: tuple[Understood, ...]

    @property
    def preferred(self) -> bool:
        """Whether other papers are answers too."""
        return not any(one.hard or one.filter in _NO_CONDITIONS for one in self.stated)

    def __str__(self) -> str:
        """Return it in plain words.

        >>> year = (Understood("in 2023", one, "2023", True) for one in ("since", "until"))
        >>> str(Condition("in 2023", tuple(year)))
        'in 2023'
        """
        values = {one.filter: one.value for one in self.stated}
        when = period(values.pop("since", ""), values.pop("until", ""))
        compared = [one.value for one in self.stated if one.filter == "compare"]
        values.pop("compare", None)
        parts = [_told(self.words, name, value) for name, value in values.items()]
        parts += [when] if when else []
        parts += [f"{' and '.join(compared)} compared"] if compared else []
        return ", ".join(parts)


def period(since: str, until: str) -> str:
    """Return a period in words; either end may be empty.

    >>> period("2019", "2021"), period("2023", "2023"), period("2023", "")
    ('from 2019 to 2021', 'in 2023', 'from 2023 on')
    """
    if since and until:
        return f"in {since}" if since == until else f"from {since} to {until}"
    name, value = ("since", since) if since else ("until", until)
    return _PHRASES[name].format(value) if value else ""


def _told(written: str, name: str, value: str) -> str:
    if name == "typo":
        return f"“{written}” read as {value}"
    if name == "order":
        return ORDERS.get(value, value)
    return _PHRASES.get(name, "{}").format(words(name, value))


def conditions(understood: Iterable[Understood]) -> list[Condition]:
    """Return what was understood, what the same words state together.

    What is compared is one condition. A word that names several methods states each of them.
    """
    together: dict[tuple[str, ...], list[Understood]] = {}
    for one in understood:
        if one.filter == "compare":
            key: tuple[str, ...] = (one.filter,)
        else:
            key = (one.words, one.name if one.filter in ("about", "typo") else "")
        together.setdefault(key, []).append(one)
    return [
        Condition(", ".join(dict.fromkeys(one.words for one in some)), tuple(some))
        for some in together.values()
    ]


def line(understood: Sequence[Understood]) -> str:
    """Return all that was understood in a line.

    >>> line([Understood("vision", "modality", "vision", False), *(
    ...     Understood("ICLR 2024", name, value, True)
    ...     for name, value in (("venue", "ICLR"), ("since", "2024"), ("until", "2024")))])
    'at ICLR, in 2024; preferred: works on vision'
    """
    found = conditions(understood)
    plain = [str(one) for one in found if not one.preferred]
    preferred = ", ".join(str(one) for one in found if one.preferred)
    return "; ".join([*plain, *([f"preferred: {preferred}"] if preferred else [])])
