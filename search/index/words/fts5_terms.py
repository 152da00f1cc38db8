"""The terms of texts: the stems that FTS5 makes of words, for an index that has none of its own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise
from typing import Final

from kg.store.stemming import stems
from search.index.words.letters import as_text, composed
from search.index.words.spellings import PREFIXES

_MAX_KNOWN: Final = 200_000
"""Words of which the stems are remembered, about 40 MB."""

_WORD = re.compile(r"[^\W_]+")


class Fts5Terms:
    """Makes terms of texts, in any thread; remembers the stems of the words that it has seen."""

    def __init__(self) -> None:
        self._stems: dict[str, tuple[str, ...]] = {}
        self._prefixes: frozenset[str] = frozenset()

    def of(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the terms of each text, in order.

        Examples
        --------
        >>> Fts5Terms().of(["Naïve merging, of models_2"])
        [['naiv', 'merg', 'of', 'model', '2']]
        """
        found = [_WORD.findall(composed(as_text(text)).lower()) for text in texts]
        known = self._known(set().union(*found))
        return [list(chain.from_iterable(map(known.__getitem__, some))) for some in found]

    def compounds(self, terms: Iterable[str]) -> list[str]:
        """Return a term of its own for each prefix with what follows it, as of `compound`.

        It stands for the phrase, which an index without places of words cannot look for.

        Examples
        --------
        >>> made = Fts5Terms()
        >>> made.compounds(*made.of(["Fine-tuning of multi task models"]))
        ['fine+tune', 'multi+task']
        """
        if not self._prefixes:
            self._prefixes = frozenset(term for some in self.of(PREFIXES) for term in some)
        prefixes = self._prefixes
        return [f"{one}+{next_one}" for one, next_one in pairwise(terms) if one in prefixes]

    def _known(self, words: set[str]) -> Mapping[str, tuple[str, ...]]:
        """Return the stems of some words at least."""
        known = self._stems
        if new := words.difference(known):
            if len(known) + len(new) > _MAX_KNOWN:
                known = {word: known[word] for word in words if word in known}
            known.update((word, tuple(sorted(some))) for word, some in stems(new).items())
            self._stems = known
        return known


def compound(terms: Iterable[str]) -> str:
    """Return the term of a prefix and a word that are written apart or with a hyphen."""
    return "+".join(terms)
