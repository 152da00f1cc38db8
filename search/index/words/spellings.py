"""Other spellings of words: British and American, and with or without a hyphen.

The full-text index takes plurals and other endings for one word already, and a hyphen for a space.
"""

import re
from collections.abc import Iterable
from typing import Final

_RULES: Final = tuple(
    (re.compile(pattern), other)
    for pattern, other in (
        (r"our(?=(?:s|ed|ing|able|al|ally|hoods?|ite|ites|less)?$)", "or"),
        (r"or(?=(?:s|ed|ing|able|al|ally|hoods?|ite|ites|less)?$)", "our"),
        (r"is(?=(?:e[drs]?|ing|ations?)$)", "iz"),
        (r"iz(?=(?:e[drs]?|ing|ations?)$)", "is"),
        (r"ys(?=(?:e[drs]?|ing)$)", "yz"),
        (r"yz(?=(?:e[drs]?|ing)$)", "ys"),
        (r"re(?=(?:s|d)?$)", "er"),
        (r"er(?=(?:s|ed)?$)", "re"),
        (r"ogue(?=s?$)", "og"),
        (r"og(?=s?$)", "ogue"),
        (r"ence(?=s?$)", "ense"),
        (r"ense(?=s?$)", "ence"),
        (r"(?<=art)e(?=facts?$)", "i"),
        (r"(?<=art)i(?=facts?$)", "e"),
        (r"(?<=ud)ge(?=ments?$)", "g"),
        (r"(?<=ud)g(?=ments?$)", "ge"),
    )
)
"""Endings, British or American, and the other way to write each."""

_ANY_ENDING: Final = re.compile("|".join(ending.pattern for ending, _ in _RULES))

PREFIXES: Final = (
    *("auto", "cross", "data", "few", "fine", "hyper", "inter", "intra", "low", "meta", "micro"),
    *("mini", "multi", "non", "over", "post", "pre", "self", "semi", "sub", "super", "trans"),
    "zero",
)
"""What is written with a hyphen, a space or nothing behind it."""

MIN_CHARS: Final = 6
"""A shorter word has no other spelling here."""

_PAIR = re.compile(r"(?<![\w-])(?=(\w{2,})[ -](\w{2,})(?![\w-]))")


def other_spellings(word: str) -> list[str]:
    """Return how a word in lower case may be spelled as well, which may be no word at all.

    Examples
    --------
    >>> other_spellings("behaviour"), other_spellings("optimizing")
    (['behavior'], ['optimising'])
    >>> other_spellings("finetuning")
    ['fine tuning']
    """
    if len(word) < MIN_CHARS or not word.isascii():
        return []
    found: list[str] = []
    if _ANY_ENDING.search(word):  # Most words have none.
        changed = (ending.sub(other, word) for ending, other in _RULES)
        found += (one for one in changed if one != word)
    if word.startswith(PREFIXES):
        parts = ((prefix, word.removeprefix(prefix)) for prefix in PREFIXES)
        found += (f"{prefix} {rest}" for prefix, rest in parts if rest != word and len(rest) > 2)
    return found


def joined_pairs(text: str) -> list[str]:
    """Return neighbouring words of a text in lower case as one word each.

    Examples
    --------
    >>> joined_pairs("fine-tuning of data sets")
    ['finetuning', 'ofdata', 'datasets']
    """
    pairs: Iterable[tuple[str, str]] = _PAIR.findall(text)
    return [first + second for first, second in pairs if len(first + second) >= MIN_CHARS]
