"""Abbreviations that a text defines: "Segment Anything Model (SAM)"."""

import re
from typing import Final

_BRACKETED = re.compile(r"\(\s*[\"'“‘]?([^\W_][\w+.²³-]{1,14})[\"'”’]?\s*[),;:]")
_BACK_CHARS: Final = 160
"""The longest phrase before a bracket in which words for its letters are looked for."""
_WORD = re.compile(r"[^\W_]+")
_STEM_CHARS: Final = 4
_MIN_SHARE: Final = 0.5
_SMALL: Final = frozenset("a an and as at by for from in of on or the to via with".split())


def abbreviations(text: str) -> dict[str, str]:
    """Return the abbreviations that a text defines, each with the phrase that it stands for.

    The phrase is looked for as by A. Schwartz and M. Hearst (2003), "A simple algorithm for
    identifying abbreviation definitions in biomedical text": from right to left, each letter of the
    abbreviation in the words before the bracket, its first one at the beginning of a word.

    Examples
    --------
    >>> abbreviations("The Segment Anything Model (SAM) and a lion (Panthera leo).")
    {'SAM': 'Segment Anything Model'}
    """
    found: dict[str, str] = {}
    for match in _BRACKETED.finditer(text):
        short = match[1].rstrip(".-")
        if sum(letter.isupper() for letter in short) < 2:
            continue
        if short[-1] == "s" and short[-2].isupper():
            short = short[:-1]
        before = text[max(0, match.start() - _BACK_CHARS) : match.start()]
        letters = [letter.lower() for letter in short if letter.isalnum()]
        # "LiDAR-to-LiDAR (L2L)": a digit may stand for a word that sounds like it.
        for some in (letters, [letter for letter in letters if letter.isalpha()]):
            if len(some) > 1 and (long := _phrase(some, before)):
                found.setdefault(short, long)
                break
    return found


def _phrase(letters: list[str], before: str) -> str | None:
    words = list(_WORD.finditer(before))[-min(len(letters) + 5, 2 * len(letters)) :]
    if not words:
        return None
    at, first = len(before), words[0].start()
    low = before.lower()
    if len(low) != len(before):
        return None
    for place in range(len(letters) - 1, -1, -1):
        at = low.rfind(letters[place], first, at)
        while place == 0 and at > 0 and low[at - 1].isalnum():
            at = low.rfind(letters[place], first, at)
        if at < 0:
            return None
    phrase = before[at:].strip(" \"'“”‘’")
    return phrase if " " in phrase or "-" in phrase else None


def same_phrase(one: str, other: str) -> bool:
    """Return whether two phrases have most of their words in common, endings aside.

    Examples
    --------
    >>> same_phrase("optimizing proximal policies", "Proximal Policy Optimization")
    True
    >>> same_phrase("semantic parsing", "Stochastic Polyak step size")
    False
    """
    stems = [
        {word[:_STEM_CHARS].lower() for word in _WORD.findall(text)} - _SMALL
        for text in (one, other)
    ]
    return len(stems[0] & stems[1]) >= _MIN_SHARE * max(map(len, stems))
