"""Runs of words that match a pattern, and whether a question is written like a title."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from kg.values import dataclass
from search.understanding.words import Words

_SMALL: Final = frozenset(
    "a an and as at but by for from in into is not of on or over the to towards up via vs vs."
    " with without".split()
)
"""Words that titles do not capitalise."""
_EXCLUDING: Final = frozenset(
    "not no non without except excluding exclude beyond nicht keine ohne sauf excepto nor".split()
)
_MIN_CAPITALS: Final = 4
_MANY_CAPITALS: Final = 7
"""So many words with capitals say so where a few have none."""

FUNCTION_WORDS: Final = frozenset(
    "a an and are as at available because before between but by can did do does during exist for"
    " from have how i if in is like needed on only or please published required since that then to"
    " until using via we what when where which while whose with without you und oder et ou y e fur"
    " pour para per zu zum zur sur sobre su".split()
)
"""What may stand behind a complete noun phrase."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that state a condition."""

    filter: str
    value: str
    hints: tuple[str, ...]
    """Parts of words; a question with none of them does not match, and costs no more than that."""
    pattern: str
    """Of folded words with a space between two, and a comma behind each that punctuation ends. Of
    a match with a group ``run``, only that is the phrase."""
    before: frozenset[str] | None = None
    """Words, besides numbers, one of which stands behind the phrase where a part does not end."""

    def is_followed(self, words: Words, end: int) -> bool:
        """Return whether the words behind a match let it be the phrase."""
        if self.before is None or end == len(words.folded) or words.all[end - 1].ends_part:
            return True
        return words.folded[end] in self.before or words.folded[end][:4].isdecimal()


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # Not on import, as most questions need none of them.
    return re.compile(f"(?<![^ ])(?:{pattern})(?![^ ,])")


def matches(words: Words, phrases: Iterable[Phrase]) -> Iterator[tuple[int, int, Phrase]]:
    """Yield first word, word behind and phrase of each match."""
    line, starts = words.line
    for phrase in phrases:
        for hint in phrase.hints:
            if hint in line:
                break
        else:
            continue
        for match in _compiled(phrase.pattern).finditer(line):
            group = "run" if match.re.groupindex else 0
            start = bisect_left(starts, match.start(group))
            end = bisect_left(starts, match.end(group))
            if phrase.is_followed(words, end):
                yield start, end, phrase


def in_title(words: Words, end: int) -> bool:
    """Return whether words that end there belong to what is written like a title of a paper.

    Capitals at most words, function words aside, say so, and a colon before a capital or an
    article, unless the words are all that is before it.

    Examples
    --------
    >>> in_title(Words("Knowledge distillation: a survey"), 4)
    True
    >>> in_title(Words("surveys: knowledge distillation"), 1)
    False
    """
    for at, word in enumerate(words.all[:-1]):
        behind = words.all[at + 1]
        mark = words.question[word.end - 1]
        if mark in ":?!" and behind.text in ("A", "An", "Towards"):
            return True
        if mark == ":" and at + 1 != end:
            return behind.text[0].isupper() or behind.folded in ("a", "an", "the", "towards")
    small_words = [word.text for word in words.all[1:] if word.folded in _SMALL]
    if any(text[0].isupper() for text in small_words):
        return False
    content = [word.text for word in words.all if word.folded not in _SMALL]
    small = sum(text[0].islower() for text in content)
    least = _MIN_CAPITALS - (words.all[0].text in ("A", "An"))
    return (
        len(content) - small >= (_MANY_CAPITALS if small else least)
        and small <= len(content) / 5
        and not words.question.isupper()
    )


def negated(words: Words, start: int) -> bool:
    """Return whether the words before exclude what follows: not, except, rather than."""
    before = words.folded[max(0, start - 2) : start]
    return bool(before) and (
        before[-1] in _EXCLUDING
        or before in (("rather", "than"), ("other", "than"), ("instead", "of"), ("except", "for"))
    )
