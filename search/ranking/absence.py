"""What a question does without, in the term that papers have for it: "without data", data-free.

Embeddings hardly tell "without data" from "with data", and both words occur everywhere; the term
is rare and exact.
"""

import re
from collections.abc import Callable

MIN_PAPERS = 3
"""A term of fewer papers is none of the field."""

_ABSENCE = re.compile(r"\b(?:without|with no|(?:needs?|requires?|uses?) no)\s+([^.,;:!?()]+)", re.I)
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
# Words before the thing itself: "without access to any of the original training data".
_BEFORE = frozenset(
    "a access additional all an any collecting extra further having its more need needing new of"
    " old original our real requiring seeing some such that the their these this those to use"
    " using your".split()
)
# Where a phrase ends.
_AFTER = frozenset(
    "and are as at but by do does for from how if in into is on or than then through via when"
    " where which while with".split()
)
_SAME = dict.fromkeys(
    "corpora corpus dataset datasets example examples image images sample samples set sets".split(),
    "data",
)
"""Data by other names."""


def absence_terms(text: str, papers_with: Callable[[str], int]) -> list[str]:
    """Return the terms for what a question does without.

    Parameters
    ----------
    papers_with : callable
        How many papers have a phrase.

    Examples
    --------
    >>> absence_terms("merge models without any training data", lambda phrase: 9)
    ['data-free']
    >>> absence_terms("tuning without loss of accuracy", lambda phrase: 0)
    []
    """
    terms = dict.fromkeys(f"{_SAME.get(thing, thing)}-free" for thing in absent_things(text))
    return [term for term in terms if papers_with(term.replace("-", " ")) >= MIN_PAPERS]


def absent_things(text: str) -> list[str]:
    """Return the nouns for what a question does without, in lower case.

    Examples
    --------
    >>> absent_things("merge models without any training images")
    ['images']
    """
    found = (_thing(match[1]) for match in _ABSENCE.finditer(text))
    return [thing for thing in found if thing]


def _thing(phrase: str) -> str | None:
    """Return the head of the noun phrase that begins here, in lower case."""
    run: list[str] = []
    for word in _WORD.findall(phrase.lower()):
        if word in _AFTER or (run and word in _BEFORE):
            break
        if word not in _BEFORE:
            run.append(word)
    return run[-1] if run else None
