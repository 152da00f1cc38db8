"""Whether a question is the title of a paper of the atlas, apostrophes and other marks aside."""

from collections.abc import Iterator
from typing import Final

from kg.ids.titles import normalised_title
from kg.store.catalogue import Catalogue

_MIN_WORDS: Final = 4
"""Fewer words are looked up as they are only."""
_CONTRACTED: Final = {
    one.replace("'", ""): one.replace("'", " ")
    for one in (
        "aren't can't couldn't didn't doesn't don't hasn't haven't he's here's how's i'm isn't it's"
        " i've let's she's shouldn't that's there's they're wasn't we're we've what's where's"
        " who's won't wouldn't you're you've"
    ).split()
}


def is_title(catalogue: Catalogue, question: str) -> bool:
    """Return whether a paper has a title, also where the question leaves out its apostrophes."""
    title = normalised_title(question)
    if catalogue.identifiers.has_any("title", [title]):
        return True
    if title.count(" ") < _MIN_WORDS - 1 or "'" in question or "’" in question:
        return False
    others = list(_with_apostrophes(title.split()))
    return bool(others) and catalogue.identifiers.has_any("title", others)


def _with_apostrophes(words: list[str]) -> Iterator[str]:
    """Yield titles with the apostrophes of contractions, of one possessive, and of both."""
    variants = [words]
    if not _CONTRACTED.keys().isdisjoint(words):
        variants.append([_CONTRACTED.get(word, word) for word in words])
        yield " ".join(variants[1])
    for variant in variants:
        for at, word in enumerate(variant):
            if len(word) > 2 and word[-1] == "s" and " " not in word:
                yield " ".join([*variant[:at], word[:-1], "s", *variant[at + 1 :]])
