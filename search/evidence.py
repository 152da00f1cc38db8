"""The sentence of an abstract that best answers a question.

Words decide: FTS5 marks where the question's words occur, stems and all, and a sentence is worth
the rarity of the question's words that it has.
"""

import math
import re
from collections.abc import Mapping, Sequence

from kg.catalogue import Catalogue
from search import keyword

_MARKS = ("\x02", "\x03")
_MARKED = re.compile("\x02(.*?)\x03", re.DOTALL)
# A full stop ends a sentence where a capital, digit or quote follows, except after these.
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|etc|cf|vs|fig|figs|eq|eqs|sec|resp|approx|no|dr|prof|st|w\.r\.t)"
    r"|\b[A-Z])\.$",
    re.IGNORECASE,
)
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9$\\])|\n{2,}")
# What a paper says of itself: the fallback where no word of the question occurs.
_CLAIM = re.compile(
    r"\b(?:we|this paper|this work|this survey|this article)\b.{0,40}?\b(?:propos|introduc|present|"
    r"show|develop|study|investigat|demonstrat|review|survey|describ|find)",
    re.IGNORECASE | re.DOTALL,
)


def sentences(text: str) -> list[str]:
    """Split an abstract into sentences.

    Examples
    --------
    >>> sentences("Merging helps, e.g. in vision. It needs no data! See Fig. 2 for more.")
    ['Merging helps, e.g. in vision.', 'It needs no data!', 'See Fig. 2 for more.']
    """
    found: list[str] = []
    for part in _END.split(text):
        part = part.strip()
        if found and _ABBREVIATION.search(found[-1].replace("\x03", "")):
            found[-1] = f"{found[-1]} {part}"
        elif part:
            found.append(part)
    return found


def best_sentences(
    catalogue: Catalogue, question: str, abstracts: Mapping[int, str]
) -> dict[int, str]:
    """Return the best sentence of each abstract.

    Parameters
    ----------
    catalogue : Catalogue
        Tells how rare each word is.
    question : str
        Any text.
    abstracts : mapping of int to str
        Abstracts by key.

    Returns
    -------
    dict of int to str
        One sentence for each key; where no word of the question occurs, the sentence in which
        the paper says what it does, else its first.
    """
    wanted = keyword.words(question)
    marked: dict[int, str] = {}
    if abstracts and (expression := keyword.expression(question)):
        marked = catalogue.marked_abstracts(expression, list(abstracts), _MARKS)
    # ln((N + 1) / (n + 1)): the classic inverse document frequency, never negative.
    total = catalogue.size() + 1
    rarity = {word: math.log(total / (catalogue.frequency(f'"{word}"') + 1)) for word in wanted}
    best: dict[int, str] = {}
    for key, abstract in abstracts.items():
        candidates = sentences(marked.get(key, abstract))
        if not candidates:
            continue
        worth = [_worth(sentence, rarity) for sentence in candidates]
        if max(worth) > 0:
            chosen = candidates[worth.index(max(worth))]
        else:
            chosen = next((s for s in candidates if _CLAIM.search(s)), candidates[0])
        best[key] = " ".join(chosen.translate({2: None, 3: None}).split())
    return best


def _worth(sentence: str, rarity: Mapping[str, float]) -> float:
    seen = {_asked(word.casefold(), list(rarity)) for word in _MARKED.findall(sentence)}
    worth = sum(rarity[word] for word in seen if word)
    if worth and _CLAIM.search(_MARKED.sub(r"\1", sentence)):
        # Between sentences that say the same, the one in which the authors speak answers.
        worth *= 1.15
    return worth


def _asked(found: str, wanted: Sequence[str]) -> str | None:
    """Return the question's word that FTS5 stemmed to the same as `found`."""

    def common(word: str) -> int:
        length = 0
        for a, b in zip(word, found, strict=False):
            if a != b:
                break
            length += 1
        return length

    best = max(wanted, key=lambda word: (common(word), word == found), default=None)
    return best if best and common(best) else None
