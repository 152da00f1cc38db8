"""Runs of words that may be names of authors of the atlas, and the names that they mean."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from kg.ids.titles import normalised_title
from kg.store.catalogue import Catalogue
from kg.text.stop_words import STOP_WORDS
from kg.values import dataclass
from search.understanding.words import Word, Words

MAX_NAME_WORDS: Final = 5

PARTICLES: Final = frozenset("al bin da das del della der di dos du el la le ten van von".split())
"""Words in lower case that are parts of surnames."""

_NAME = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_ENDS = re.compile(r"['’]s?$")


@dataclass(frozen=True, slots=True)
class Name:
    """A run of words that may be an author's name."""

    start: int
    end: int
    bearers: tuple[str, ...] = ()
    """The names in the atlas, folded, that it means; of a surname, `bearers` finds them."""
    whole: bool = False
    """False for a surname alone."""


def author_names(catalogue: Catalogue, words: Words) -> list[Name]:
    """Return what may be names of authors, in the order of the question, the longest of each.

    A whole name has its first and last word in the atlas, in either order, perhaps with an initial
    for the first and with or without initials between.
    """
    parts = [_parts(word) for word in words.all]
    surnames = catalogue.authors.surnames(sorted({one for own in parts for one in own}))
    if not surnames:
        return []
    runs = dict(_runs(words, parts, surnames))
    pairs = {_ends_of(order) for orders in runs.values() for order in orders}
    written: dict[tuple[str, str], list[str]] = {}
    for name in catalogue.authors.between(sorted(pairs)) if pairs else ():
        first, *_, last = name.split()
        for begin in (f"{first} ", first[:1]):
            written.setdefault((begin, last), []).append(name)
    found = []
    for (start, end), orders in runs.items():
        meant = {
            name: None
            for order in orders
            for name in written.get(_ends_of(order), ())
            if same_name(main_words(name.split()), main_words(order), len(order[0]) == 1)
        }
        if meant:
            found.append(Name(start, end, tuple(meant), True))
    for at, own in enumerate(parts):
        if not own or own[-1] not in surnames or len(own[-1]) == 1:
            continue
        if words.all[at].text not in PARTICLES:
            found.append(Name(_with_particles(catalogue, words, at), at + 1))
    return _longest(found)


def _with_particles(catalogue: Catalogue, words: Words, at: int) -> int:
    """Return where a surname begins of which a word is the last: "van der Maaten"."""
    first = at
    while first and words.folded[first - 1] in PARTICLES:
        first -= 1
    while first < at:
        surname = normalised_title(" ".join(words.folded[first : at + 1]))
        if catalogue.authors.ending_with(surname):
            break
        first += 1
    return first


def _parts(word: Word) -> tuple[str, ...]:
    """Return the folded parts of a word that may be one of a name."""
    initial = len(word.text) == 1 and word.text.isupper()
    if (word.folded in STOP_WORDS and not initial) or not _NAME.fullmatch(_ENDS.sub("", word.text)):
        return ()
    if word.folded.isascii() and word.folded.isalpha():  # Most words, which have one form.
        return (word.folded,)
    return tuple(normalised_title(word.folded).split())


def _runs(
    words: Words, parts: Sequence[tuple[str, ...]], surnames: set[str]
) -> Iterator[tuple[tuple[int, int], list[list[str]]]]:
    """Yield the runs of words that may be a whole name, in the orders in which they may be one."""
    for start in range(len(parts)):
        for end in range(start + 1, min(start + MAX_NAME_WORDS, len(parts)) + 1):
            run = [one for own in parts[start:end] for one in own]
            if not parts[end - 1] or (comma := _comma(words, start, end)) is None:
                break
            if end - start == 1 or not _initials_are_written(words, parts, start, end):
                continue
            at = sum(len(own) for own in parts[start : start + comma]) or 1
            orders = [run[at:] + run[:at], *([] if comma else [run])]
            if kept := [one for one in orders if one[-1] in surnames and len(one[-1]) > 1]:
                yield (start, end), kept


def _ends_of(order: Sequence[str]) -> tuple[str, str]:
    """Return how a name starts, and its last word, as `AuthorStore.between` takes them."""
    return (order[0] if len(order[0]) == 1 else f"{order[0]} ", order[-1])


def _comma(words: Words, start: int, end: int) -> int | None:
    """Return how many words stand before the comma of a run, 0 without; None if it is broken."""
    broken = [
        at for at in range(start, end - 1) if words.all[at].ends_part and not is_initial(words, at)
    ]
    if not broken:
        return 0
    comma = words.question[: words.all[broken[0]].end].endswith(",")
    return broken[0] + 1 - start if comma and len(broken) == 1 else None


def is_initial(words: Words, at: int) -> bool:
    """Return whether a word is a capital, or capitals, before a full stop."""
    word = words.all[at]
    written = words.question[word.start : word.end]
    return re.match(r"\W*(?:[^\W\d_a-z]\.-?)+", written) is not None


def _initials_are_written(
    words: Words, parts: Sequence[tuple[str, ...]], start: int, end: int
) -> bool:
    """Return whether every letter of a run is an initial as written, and not all are."""
    letters = [all(len(one) == 1 for one in parts[at]) for at in range(start, end)]
    by = start > 0 and words.folded[start - 1] in {"author", "by"}
    return not all(letters) and all(
        is_initial(words, at)
        or (words.all[at].text.isupper() and (start < at < end - 1 or (by and at == start)))
        for at in range(start, end)
        if letters[at - start]
    )


def same_name(one: tuple[str, ...], other: tuple[str, ...], initials: bool) -> bool:
    """Return whether two names are the same, where an initial may stand for the first word."""
    if not initials or not one or not other or len(one[0]) > 1 < len(other[0]):
        return one == other
    return one[1:] == other[1:] and one[0][:1] == other[0][:1]


def main_words(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a name without middle initials."""
    return (*words[:1], *(word for word in words[1:-1] if len(word) > 1), *words[1:][-1:])


def _longest(names: Sequence[Name]) -> list[Name]:
    taken: set[int] = set()
    kept = []
    for name in sorted(names, key=lambda one: (one.start - one.end, not one.whole, one.start)):
        places = set(range(name.start, name.end))
        if places.isdisjoint(taken):
            taken |= places
            kept.append(name)
    return sorted(kept, key=lambda one: one.start)
