"""Keyword search by SQLite's FTS5: any text at all becomes a safe expression, ranked by BM25.

The table is a part of the catalogue. Its phrases and columns serve what has no ranking as well.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg.cards.card import Kind
from kg.records import Filters
from kg.store.catalogue import Catalogue
from kg.store.clean_record import searched_title
from search.index.words.base import exactly_named, ranked_words
from search.index.words.query_words import MAX_SPELLED, WORD, may_be_name, words
from search.index.words.spellings import joined_pairs, other_spellings

if TYPE_CHECKING:  # It loads NumPy, which the first question by words does without.
    from search.index.selection import Selection
    from search.index.words.kept_scores import KeptScores

WEIGHTS = (3.0, 1.0, 1.0, 1.0, 1.0)
"""BM25 weights of title, abstract, authors, card and stems, chosen on the benchmarks."""

KIND_WORDS = {
    **dict.fromkeys(("survey", "surveys", "overview", "overviews"), Kind.SURVEY),
    **dict.fromkeys(("benchmark", "benchmarks"), Kind.BENCHMARK),
}
"""Words of questions that name a kind of paper, and little else."""

MAX_KEPT_PAPERS = 20_000
"""In a larger atlas a word has more scores than are worth keeping."""

_MAX_NAMESAKES = 50


class Fts5Words:
    """The words of a catalogue's papers, by its own table: no file, always up to date.

    From the second question on the scores of words are kept, for the processes that go on asking.
    """

    kind = "fts5"

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._searches = 0

    def __len__(self) -> int:
        return self._catalogue.size()

    def search(
        self,
        text: str,
        limit: int,
        filters: Filters,
        *,
        allowed: "Selection | None" = None,
        rarity: Mapping[str, float] | None = None,
    ) -> list[tuple[int, float]]:
        """See `search.index.words.base.WordIndex.search`."""
        wanted = ranked_words(self, text, rarity)
        if not wanted:
            return []
        store = self._catalogue.words
        joined = joined_pairs(text.lower()) if len(wanted) <= MAX_SPELLED else []
        unknown = store.unknown(joined) if joined else set()
        words = [one for some in spelled(self._catalogue, wanted).values() for one in some]
        words += [word for word in joined if word not in unknown]
        self._searches += 1
        kept = self._kept()
        if kept is None or (allowed is None and filters != Filters()):
            return store.match(any_of(words), limit, filters, WEIGHTS)
        allows = None if allowed is None else allowed.allows
        return kept.best([f'"{word}"' for word in words], limit, allows)

    def document_frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """See `search.index.words.base.WordIndex.document_frequencies`."""
        found, kept = spelled(self._catalogue, words), self._kept()
        if kept is not None:
            return {word: kept.count([f'"{one}"' for one in some]) for word, some in found.items()}
        frequency = self._catalogue.words.document_frequency
        return {word: frequency(any_of(some)) for word, some in found.items()}

    def _kept(self) -> "KeptScores | None":
        """Return the scores that are kept; None where a question is the first, or may not keep."""
        catalogue = self._catalogue
        # What is asked of the answer to the first question is still of a process that asks one.
        if self._searches < 2 or not catalogue.database.is_settled:
            return None
        if catalogue.settled_size > MAX_KEPT_PAPERS:
            return None
        from search.index.words.kept_scores import KeptScores

        return catalogue.cache.get(
            "scores of words",
            lambda: KeptScores(catalogue.words, WEIGHTS, catalogue.papers.withdrawn()),
        )

    def unknown(self, words: Sequence[str]) -> set[str]:
        """See `search.index.words.base.WordIndex.unknown`."""
        return self._catalogue.words.unknown(words)

    def named(self, text: str, filters: Filters) -> list[int]:
        """See `search.index.words.base.WordIndex.named`."""
        if not may_be_name(text):
            return []
        phrase = " ".join(WORD.findall(searched_title(text)))
        found = self._catalogue.words.match(
            f'title : ^ "{phrase}"', _MAX_NAMESAKES, filters, WEIGHTS
        )
        return exactly_named(self._catalogue, text, [key for key, _ in found])


def opener(catalogue: Catalogue, folder: Path) -> Callable[[], Fts5Words]:  # noqa: ARG001  (no file)
    """See `search.index.words.base.WordIndexKind.opener`."""
    index = Fts5Words(catalogue)
    return lambda: index


def expression(text: str) -> str | None:
    """Return the FTS5 expression that finds any of the words of `text`, or None without words.

    Examples
    --------
    >>> expression('NEAR("x") OR *')
    '"near" OR "x"'
    """
    return any_of(words(text)) or None


def any_of(words: Iterable[str]) -> str:
    """Return the FTS5 expression that finds any of some words.

    Each word is quoted, so that nothing a user writes is taken for an operator.
    """
    return " OR ".join(f'"{word}"' for word in words)


def spelled(catalogue: Catalogue, words: Sequence[str]) -> dict[str, list[str]]:
    """Return for each word its spellings that papers have, itself first."""
    asked = [other for word in words for other in other_spellings(word)]
    few = asked and len(words) <= MAX_SPELLED
    unknown = catalogue.words.unknown(asked) if few else set()
    found = all_spellings(words)
    return {word: [one for one in found[word] if one not in unknown] for word in words}


def all_spellings(words: Sequence[str]) -> dict[str, list[str]]:
    """Return for each word its spellings, which may be no words at all, itself first."""
    if len(words) > MAX_SPELLED:
        return {word: [word] for word in words}
    return {word: [word, *other_spellings(word)] for word in words}


def papers_with(catalogue: Catalogue, phrase: str, at_most: int) -> int:
    """Return how many papers have a phrase of letters, digits and spaces in their texts."""
    return catalogue.words.document_frequency(f'{{title abstract card}} : "{phrase}"', at_most)


def of_kind(catalogue: Catalogue, text: str, keys: Sequence[int]) -> list[int]:
    """Return those of `keys` that are of the kind of paper that `text` asks for.

    A paper is of a kind by its card, or by a word of its title.
    """
    kinds = {KIND_WORDS[word] for word in words(text) if word in KIND_WORDS}
    if not kinds:
        return []
    names = (word for word, kind in KIND_WORDS.items() if kind in kinds)
    found = catalogue.words.matching(f"title : ({' OR '.join(names)})", keys)
    for kind in kinds:
        found |= catalogue.papers.passing(keys, Filters(kind=kind))
    return [key for key in keys if key in found]
