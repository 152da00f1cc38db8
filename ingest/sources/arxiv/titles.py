"""Choose the paper of a title among those that arXiv found.

A list may misspell a title; a paper of almost the same title may be another paper: "Part 2",
"GPT-3", "Unsupervised". So titles have to agree in every number and, word by word, in all but the
spelling.
"""

import re
from collections.abc import Iterable
from typing import Final

from rapidfuzz import fuzz

from kg.ids.titles import normalised_title
from kg.records import Paper

MIN_TITLE_SIMILARITY: Final = 97.0
"""Least similarity, 0 to 100, of two spellings of a title."""

MIN_WORD_SIMILARITY: Final = 80.0
"""Least similarity, 0 to 100, of two spellings of a word."""

_ARTICLES: Final = frozenset({"a", "an", "the"})
_NUMBER: Final = re.compile(r"\w*\d\w*|[ivx]+")


def similarity(a: str, b: str) -> float:
    """Return how similar two titles are as spellings of one title: from 0, for not at all, to 100.

    Examples
    --------
    >>> similarity("Data-Free Distilation for All", "Data free distillation for all") > 97
    True
    >>> similarity("Learning to Merge All Models, Part 1", "Learning to Merge All Models, Part 2")
    0.0
    >>> similarity("Supervised Tuning of Very Large Models", "Unsupervised Tuning of Very Large Models")
    0.0
    """  # noqa: E501
    first, second = _words(a), _words(b)
    if not first or not second:
        return 0.0
    if first == second:
        return 100.0
    if "".join(first) == "".join(second):
        return 99.9  # "Data-Free" and "Datafree"
    score = fuzz.ratio(" ".join(first), " ".join(second))
    same = len(first) == len(second) and all(
        one == other or _spelt(one, other) for one, other in zip(first, second, strict=True)
    )
    return score if same and score >= MIN_TITLE_SIMILARITY else 0.0


def best(title: str, papers: Iterable[Paper]) -> Paper | None:
    """Return the paper of a title, or None where there is none or there are two as good."""
    scores = {paper.id: (similarity(title, paper.title), paper) for paper in papers}
    top = max((score for score, _ in scores.values()), default=0.0)
    tops = [paper for score, paper in scores.values() if score == top]
    return tops[0] if top and len(tops) == 1 else None


def _words(title: str) -> list[str]:
    return [word for word in normalised_title(title).split() if word not in _ARTICLES]


def _spelt(one: str, other: str) -> bool:
    """Return whether two words may be one, misspelt: never a number, nor with another prefix."""
    if _NUMBER.fullmatch(one) or _NUMBER.fullmatch(other):
        return False
    return one[0] == other[0] and fuzz.ratio(one, other) >= MIN_WORD_SIMILARITY
