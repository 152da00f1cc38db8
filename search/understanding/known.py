"""What every recogniser is given beside the words of a question."""

from collections.abc import Callable, Set
from dataclasses import field
from datetime import date
from typing import Any, TypeVar

from kg.values import dataclass
from search.atlas import Atlas
from search.understanding.words import Words

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """What questions are understood with."""

    atlas: Atlas
    """Names of authors, venues, topics and methods are looked up in its catalogue; what takes long
    to gather is kept in `Catalogue.cache`, and gathered where a word of the question needs it."""
    today: date
    """The day from which "last year" counts."""
    stated: Set[int] = frozenset()
    """Places of the words that state a condition, which are no part of the subject."""
    _found: dict[tuple[Callable[..., Any], str], Any] = field(default_factory=dict, repr=False)

    def once(self, find: "Callable[[Words, Known], T]", words: Words) -> T:
        """Return what is found in the words of the question, looked up for all recognisers once."""
        key = find, words.question
        if key not in self._found:
            self._found[key] = find(words, self)
        found: T = self._found[key]
        return found
