"""Whether two records can be of one paper, by their titles and their authors."""

from collections.abc import Sequence

from rapidfuzz import fuzz

from kg.ids.titles import normalised_title

MAX_NAME_WORDS = 2
"""Words of the longest name that stands in place of a title."""

MIN_TITLE_SIMILARITY = 65.0
"""Least similarity (0 to 100) of two titles of one paper.

Of the pairs of an id and a title in eighteen lists where arXiv has another title, those above are
papers that were renamed between versions, and nearly all below are mistakes of the list.
"""


def is_name(title: str) -> bool:
    """Return whether a list may have a name in place of a title: it has one word or two.

    Examples
    --------
    >>> is_name("Flan 2021"), is_name("A Survey of Model Merging")
    (True, False)
    """
    return len(normalised_title(title).split()) <= MAX_NAME_WORDS


def same_title(a: str, b: str) -> bool:
    """Return whether two titles can be those of one paper.

    Lists shorten titles to the method's name, drop subtitles and misspell; versions reword.

    Examples
    --------
    >>> same_title("LoRA", "LoRA: Low-Rank Adaptation of Large Language Models")
    True
    >>> same_title("Data-Free Distillation", "Masked Autoencoders")
    False
    """
    if ":" in a and ":" in b and _method(a) == _method(b):
        return True
    a, b = normalised_title(a), normalised_title(b)
    short, long = sorted((a, b), key=len)
    if f" {short} " in f" {long} ":
        return True
    return max(fuzz.ratio(a, b), fuzz.token_sort_ratio(a, b), fuzz.token_set_ratio(a, b)) >= (
        MIN_TITLE_SIMILARITY
    )


def _method(title: str) -> str:
    return normalised_title(title.partition(":")[0])


def disjoint_authors(some: Sequence[str], others: Sequence[str]) -> bool:
    """Return whether two lists of authors are both known and have no name in common.

    Lists abbreviate and reorder names, so one common word of three letters is enough.

    Examples
    --------
    >>> disjoint_authors(["Ada B. Lovelace"], ["Lovelace, A.", "C. Babbage"])
    False
    >>> disjoint_authors(["Ada Lovelace"], ["Charles Babbage"])
    True
    >>> disjoint_authors(["Ada Lovelace"], [])
    False
    """
    a, b = _names(some), _names(others)
    return bool(a and b and a.isdisjoint(b))


def _names(authors: Sequence[str]) -> set[str]:
    return {word for name in authors for word in normalised_title(name).split() if len(word) > 2}
