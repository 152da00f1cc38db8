"""The sentence of an abstract that best answers a question.

Words decide: FTS5 marks where the question's words occur, stems and all, and a sentence is worth
the rarity of the question's words that it has.
"""

import re
from collections.abc import Mapping, Sequence

from kg.store.catalogue import Catalogue
from search.index.words import fts5

_MARKS = ("\x02", "\x03")
_EITHER_MARK = re.compile("[\x02\x03]")
# A full stop ends a sentence where a capital, digit or quote follows, except after these.
_ABBREVIATION = re.compile(
    r"(?:\b(?i:e\.g|i\.e|et al|cf|vs|fig|figs|eq|eqs|sec|resp|approx|no|dr|prof|st|w\.r\.t)"
    r"|\b[A-Z])\.$"
)
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9$\\])|\n{2,}")
# A claim of the paper, such as "we propose": the fallback where no word of the question occurs.
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
    return [" ".join(text[start:end].split()) for start, end in _spans(text)]


def _spans(text: str) -> list[tuple[int, int]]:
    """Where the sentences of `text` begin and end."""
    spans: list[tuple[int, int]] = []
    start = 0
    for end in [*(match.end() for match in _END.finditer(text)), len(text)]:
        part = text[start:end].rstrip()
        if part.strip() and not _ABBREVIATION.search(part[-12:]):
            spans.append((start, end))
            start = end
    if text[start:].strip():
        spans.append((start, len(text)))
    return spans


def best_sentences(
    catalogue: Catalogue,
    question: str,
    abstracts: Mapping[int, str],
    rarity: Mapping[str, float],
) -> dict[int, str]:
    """Return the best sentence of each abstract.

    Parameters
    ----------
    rarity : mapping of str to float
        Inverse document frequency of the question's words (`search.index.words.base.rarity`).

    Returns
    -------
    dict of int to str
        One sentence for each key; where no word of the question occurs, the sentence in which
        the paper says what it does, else its first.
    """
    if not abstracts:
        return {}
    marked: dict[int, str] = {}
    if expression := fts5.expression(question):
        marked = catalogue.words.marked_abstracts(expression, list(abstracts), _MARKS)
    best: dict[int, str] = {}
    for key, abstract in abstracts.items():
        spans = _spans(abstract)
        if not spans:
            continue
        found = _found(marked.get(key, ""))
        worth = [_worth(abstract, span, found, rarity) for span in spans]
        if max(worth) > 0:
            start, end = spans[worth.index(max(worth))]
        else:
            claims = (span for span in spans if _CLAIM.search(abstract[slice(*span)]))
            start, end = next(claims, spans[0])
        best[key] = " ".join(abstract[start:end].split())
    return best


def _found(marked: str) -> list[tuple[int, str]]:
    """Return the marked words, each with its place in the text without marks."""
    found, place = [], 0
    for number, part in enumerate(_EITHER_MARK.split(marked)):
        if number % 2:
            found.append((place, part.lower()))
        place += len(part)
    return found


def _worth(
    abstract: str,
    span: tuple[int, int],
    found: Sequence[tuple[int, str]],
    rarity: Mapping[str, float],
) -> float:
    start, end = span
    seen = {_asked(word, list(rarity)) for place, word in found if start <= place < end}
    worth = sum(rarity[word] for word in seen if word)
    if worth and _CLAIM.search(abstract[start:end]):
        # Of two sentences with the same words, prefer the one that states a claim.
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
