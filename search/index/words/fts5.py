"""Keyword search: any text at all becomes a safe FTS5 expression, ranked by BM25."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from kg.cards.card import Kind
from kg.records import Filters
from kg.store.catalogue import Catalogue
from kg.store.clean_record import searched_title
from kg.text.stop_words import STOP_WORDS
from search.index.words.spellings import joined_pairs, other_spellings

WEIGHTS = (3.0, 1.0, 1.0, 1.0, 1.0)
"""BM25 weights of title, abstract, authors, card and stems, chosen on the benchmarks."""

_MAX_WORDS = 64
"""Words of a question that are looked up; a pasted abstract needs no more."""

KIND_WORDS = {
    **dict.fromkeys(("survey", "surveys", "overview", "overviews"), Kind.SURVEY),
    **dict.fromkeys(("benchmark", "benchmarks"), Kind.BENCHMARK),
}
"""Words of questions that name a kind of paper, and little else."""

_MIN_PAPERS = 500
"""With fewer papers than this, each word is looked up."""

_MAX_SPELLED = 40
"""A text of more words has enough of them, and is looked up as it is spelled."""

_LN2 = math.log(2)

_MAX_TITLE_CHARS = 300
_MAX_NAMESAKES = 50

_WORD = re.compile(r"\w+", re.UNICODE)


def words(text: str) -> list[str]:
    """Return the words of `text` that are worth looking up, each once, in order.

    Examples
    --------
    >>> words("How can models be merged without ANY data?")
    ['models', 'merged', 'without', 'data']
    """
    # FTS5 drops accents but does not compose them, and folds case by letters: ß is not ss. Titles
    # are looked up in compatible letters: M³IT as M3IT.
    found = dict.fromkeys(
        word.lower()
        for form in ("NFC", "NFKC")
        for word in _WORD.findall(unicodedata.normalize(form, text))
    )
    subject = [word for word in found if word not in STOP_WORDS]
    return (subject or list(found))[:_MAX_WORDS]


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


def rarity(catalogue: Catalogue, words: Sequence[str]) -> dict[str, float]:
    r"""Return the inverse document frequency of words, :math:`\ln((N + 1) / (n + 1))`.

    The classic form, never negative: N papers, of which n have the word.
    """
    total = catalogue.size() + 1
    return {
        word: math.log(total / (catalogue.words.document_frequency(spelled) + 1))
        for word, spelled in with_spellings(catalogue, words).items()
    }


def with_spellings(catalogue: Catalogue, words: Sequence[str]) -> dict[str, str]:
    """Return for each word the expression that finds it in all spellings that papers have."""
    if len(words) > _MAX_SPELLED:
        return {word: f'"{word}"' for word in words}
    others = {word: list(other_spellings(word)) for word in words}
    asked = [other for some in others.values() for other in some]
    unknown = catalogue.words.unknown(asked) if asked else set()
    return {
        word: any_of([word, *(other for other in some if other not in unknown)])
        for word, some in others.items()
    }


def papers_with(catalogue: Catalogue, phrase: str) -> int:
    """Return how many papers have a phrase of letters, digits and spaces in their texts."""
    return catalogue.words.document_frequency(f'{{title abstract card}} : "{phrase}"')


def search(
    catalogue: Catalogue,
    text: str,
    limit: int,
    filters: Filters,
    rarity_of: Mapping[str, float] | None = None,
) -> list[tuple[int, float]]:
    """Return (key, BM25 score) of the papers that match `text`, best first.

    Parameters
    ----------
    rarity_of : mapping of str to float, optional
        Of words, where that was read already (`rarity`).
    """
    wanted = words(text)
    if catalogue.size() >= _MIN_PAPERS:
        # A word of more than half of the papers has no weight in BM25, and makes FTS5 score them.
        known = rarity(catalogue, wanted) if rarity_of is None else rarity_of
        wanted = [word for word in wanted if known.get(word, _LN2) >= _LN2] or wanted
    if not wanted:
        return []
    joined = joined_pairs(text.lower()) if len(wanted) <= _MAX_SPELLED else []
    unknown = catalogue.words.unknown(joined) if joined else set()
    parts = list(with_spellings(catalogue, wanted).values())
    parts += [f'"{word}"' for word in joined if word not in unknown]
    return catalogue.words.match(" OR ".join(parts), limit, filters, WEIGHTS)


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


def named(catalogue: Catalogue, text: str, filters: Filters) -> list[int]:
    """Return the keys of the papers whose title, or its part before a colon, is `text`.

    A question "LoRA" is for the paper of that name before the many that use it. The oldest paper
    comes first.
    """
    text = searched_title(text)
    phrase = " ".join(_WORD.findall(text))
    if not phrase or len(phrase) > _MAX_TITLE_CHARS:
        return []
    found = catalogue.words.match(f'title : ^ "{phrase}"', _MAX_NAMESAKES, filters, WEIGHTS)
    keys = [key for key, _ in found]
    # Not in normalised form, which would take LoRA+ for LoRA.
    wanted = text.casefold().split()
    exact = []
    for key, paper in zip(keys, catalogue.papers.get(keys), strict=True):
        title = searched_title(paper.title).casefold()
        if wanted in (title.split(), title.partition(":")[0].split()):
            exact.append((paper.year or 9999, key))
    return [key for _, key in sorted(exact)]
