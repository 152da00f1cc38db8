"""The interface of an index of words, and what is computed from it for a question."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from kg.records import Filters
from kg.store.catalogue import Catalogue
from search.index.words.query_words import MIN_WEIGHED_PAPERS, names_of, words

if TYPE_CHECKING:  # It loads NumPy, which a question by words does without.
    from search.index.selection import Selection

_LN2 = math.log(2)


INDEX_FOLDER: Final = "words"
"""Name of the folder of an index, in that of the caches."""


class WordIndex(Protocol):
    """The words of papers: titles, abstracts, authors and cards, ranked by BM25."""

    kind: str
    """Its name in `search.index.words.open.KINDS`."""

    def __len__(self) -> int:
        """Return the number of papers."""
        ...

    def search(
        self,
        text: str,
        limit: int,
        filters: Filters,
        *,
        allowed: "Selection | None" = None,
        rarity: Mapping[str, float] | None = None,
    ) -> list[tuple[int, float]]:
        """Return (key, BM25 score) of the papers that match `text`, best first.

        Parameters
        ----------
        limit : int
            How many; fewer come back only where fewer match and pass.
        filters : Filters
            Papers that do not pass are not ranked.
        allowed : Selection, optional
            The papers that pass, for filters that the index does not know; by default these are
            looked up in the catalogue.
        rarity : mapping of str to float, optional
            Of words, where that was read already (`rarity`).
        """
        ...

    def document_frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """Return how many papers have each word, in any of its spellings."""
        ...

    def unknown(self, words: Sequence[str]) -> set[str]:
        """Return those of some words of letters that no paper has in any form."""
        ...

    def named(self, text: str, filters: Filters) -> list[int]:
        """Return the keys of the papers whose title, or its part before a colon, is `text`.

        A question "LoRA" is for the paper of that name before the many that use it. The oldest
        paper comes first.
        """
        ...


class WordIndexKind(Protocol):
    """What a module of `search.index.words` offers."""

    def opener(self, catalogue: Catalogue, folder: Path) -> "Callable[[], WordIndex | None]":
        """Return what opens the index for each question, in any thread.

        It returns the index of the state of the catalogue that the thread reads, or None where
        that cannot be had now and FTS5 is asked instead; the reason is no error.

        Parameters
        ----------
        folder : Path
            Folder of the caches; that it cannot be written is no error.
        """
        ...


def rarity(index: WordIndex, words: Sequence[str]) -> dict[str, float]:
    r"""Return the inverse document frequency of words, :math:`\ln((N + 1) / (n + 1))`.

    The classic form, never negative: N papers, of which n have the word.
    """
    total = len(index) + 1
    frequencies = index.document_frequencies(words)
    return {word: math.log(total / (n + 1)) for word, n in frequencies.items()}


def ranked_words(index: WordIndex, text: str, rarity_of: Mapping[str, float] | None) -> list[str]:
    """Return the words of a text by which papers are ranked, in order."""
    wanted = words(text)
    if len(index) < MIN_WEIGHED_PAPERS:
        return wanted
    # A word of more than half of the papers has no weight in BM25, and makes all be scored.
    known = rarity(index, wanted) if rarity_of is None else rarity_of
    return [word for word in wanted if known.get(word, _LN2) >= _LN2] or wanted


def exactly_named(catalogue: Catalogue, text: str, keys: Sequence[int]) -> list[int]:
    """Return those of some papers that have a name (`WordIndex.named`), the oldest first."""
    # Not in normalised form, which would take LoRA+ for LoRA.
    (wanted, *_) = names_of(text)
    exact = [
        (paper.year or 9999, key)
        for key, paper in zip(keys, catalogue.papers.get(keys), strict=True)
        if wanted in names_of(paper.title)
    ]
    return [key for _, key in sorted(exact)]
