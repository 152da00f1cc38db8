"""A question as words with their places."""

import dataclasses
import re
import unicodedata
from collections.abc import Mapping, Set
from functools import cached_property
from typing import Final

from kg.values import dataclass

MAX_WORDS: Final = 40
MAX_CHARS: Final = 1000
"""A longer question is a text, in which nothing but its subject is looked for."""

_WORD = re.compile(r"\S+")
_EDGE: Final = " \t\n?!.,;:\"'`“”‘’«»*()[]{}<>…"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a question."""

    text: str
    """As written, without punctuation around it."""
    folded: str
    """In lower case, without accents and a possessive ending."""
    start: int
    """Where it begins in the question, punctuation included."""
    end: int
    ends_part: bool
    """True where punctuation behind it parts it from the next word: ``,;:.?!)``."""


@dataclasses.dataclass(frozen=True)  # Without slots, for its properties.
class Words:
    """The words of a question."""

    question: str

    @cached_property
    def all(self) -> tuple[Word, ...]:
        """The words in their order."""
        found = []
        for match in _WORD.finditer(self.question):
            text = match[0].strip(_EDGE)
            if text:
                found.append(
                    Word(
                        text,
                        folded_word(text),
                        match.start(),
                        match.end(),
                        match[0].rstrip("\"'”’»")[-1:] in tuple(",;:.?!)]"),
                    )
                )
        return tuple(found)

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The words as they are compared."""
        return tuple(word.folded for word in self.all)

    @cached_property
    def line(self) -> tuple[str, tuple[int, ...]]:
        """The folded words, a space between two and a comma behind each part; where each begins.

        Examples
        --------
        >>> Words("Black-box tuning (API only), please!").line
        ('black-box tuning api only, please,', (0, 10, 17, 21, 27))
        """
        text, starts = "", []
        for word in self.all:
            starts.append(len(text))
            text += f"{word.folded}, " if word.ends_part else f"{word.folded} "
        return text[:-1], tuple(starts)

    def written(self, start: int, end: int) -> str:
        """Return a run of words as written, without punctuation around it."""
        return self.question[self.all[start].start : self.all[end - 1].end].strip(_EDGE)

    def replaced(self, by_place: Mapping[int, str]) -> "Words":
        """Return the words with others in the place of some, as many as before."""
        question, end = "", 0
        for at, text in sorted(by_place.items()):
            word = self.all[at]
            begin = self.question.index(word.text, word.start)
            question += self.question[end:begin] + text
            end = begin + len(word.text)
        return Words(question + self.question[end:])

    def without(self, taken: set[int]) -> str:
        """Return the question without some words."""
        if not taken:
            return self.question
        return " ".join(
            self.question[word.start : word.end]
            for at, word in enumerate(self.all)
            if at not in taken
        ).strip(" ,;:-")

    def subject(self, taken: Set[int], named: Set[int], function_words: Set[str]) -> str:
        """Return the question without some words, and function words at the ends of what is left.

        Parameters
        ----------
        named : set of int
            Words of names, which stay where they are function words.

        Examples
        --------
        >>> Words("surveys of merging, please?").subject({0}, set(), {"of", "please"})
        'merging'
        """
        kept = [at for at in range(len(self.all)) if at not in taken]
        for end in (0, -1):
            while kept and kept[end] not in named and self.folded[kept[end]] in function_words:
                del kept[end]
        return self.without(set(range(len(self.all))) - set(kept))


def folded_word(text: str) -> str:
    """Return the form by which a word is compared.

    Examples
    --------
    >>> folded_word("Tao’s"), folded_word("Müller"), folded_word("cs.LG")
    ('tao', 'muller', 'cs.lg')
    """
    text = text.replace("’", "'").removesuffix("'s").removesuffix("'")
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return text.casefold()
