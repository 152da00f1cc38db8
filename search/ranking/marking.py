"""Which words of a text are the question's, so that a face can mark them."""

import re
from collections.abc import Collection, Iterable, Sequence

from kg.store.stemming import stems
from kg.values import dataclass
from search.index.words.query_words import words

WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
"""A word as FTS5 cuts it: letters and digits with their accents."""

# What LaTeX makes one piece of. Lengths are bounded, so that a text full of openings is read once.
_LATEX = re.compile(
    r"""
    \$\$.{1,1000}?\$\$ | \$[^$]{1,1000}\$                 # $$x$$, $x$
    | \\\(.{0,1000}?\\\) | \\\[.{0,1000}?\\\]             # \(x\), \[x\]
    | \\begin\{(\w{1,20}\*?)\}.{0,1000}?\\end\{\1\}
    | \\[a-zA-Z]{1,40}\*?\\\{.{0,200}?\\\}                # \emph\{x\}, as Markdown has it
    | \\[a-zA-Z]{1,40}\*?(?:\{[^{}]{0,200}\}){0,3}        # \emph{x}
    | \{\\[^{}]{0,200}\}                                  # {\em x}
    | \\[^a-zA-Z]                                         # \$
    | ``[^`]{1,300}?(?:''|["”]|’’)                        # ``x''
    | \w{0,40}(?:~|--)\w{0,40}                            # Fig.~1, x--y
    """,
    re.DOTALL | re.VERBOSE,
)
_JOINTS = (" ", "-")

MAX_TEXT_CHARS = 20_000
"""Characters of the longest text that is looked into: a sentence has a few hundred."""


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """A part of a text."""

    text: str
    marked: bool
    """True where it is words of the question."""


def marked_spans(question: str, texts: Sequence[str]) -> list[tuple[MarkedSpan, ...]]:
    """Cut texts into parts that are the question's words, in any form, and parts that are not.

    Words are the same where the keyword search takes them for the same. No formula is cut, nor
    marked within.

    Returns
    -------
    list of tuple of MarkedSpan
        One for each text, whose parts joined are the text.

    Examples
    --------
    >>> (cut,) = marked_spans("merged models", ["Merging a model of $models$."])
    >>> [part.text for part in cut if part.marked]
    ['Merging', 'model']
    """
    places = [_places(text) for text in texts]
    found = {
        text[slice(*place)] for text, some in zip(texts, places, strict=True) for place in some
    }
    asked = words(question)
    known = stems([*asked, *found])
    wanted = frozenset().union(*(known[word] for word in asked))
    same = {word for word in found if known[word] & wanted}
    return [_cut(text, some, same) for text, some in zip(texts, places, strict=True)]


def _places(text: str) -> list[tuple[int, int]]:
    """Where the words are that stand outside of what LaTeX draws."""
    if len(text) > MAX_TEXT_CHARS:
        return []
    drawn = [match.span() for match in _LATEX.finditer(text)]
    ends, starts = [0, *(end for _, end in drawn)], [*(start for start, _ in drawn), len(text)]
    free = zip(ends, starts, strict=True)
    return [word.span() for start, end in free for word in WORD.finditer(text, start, end)]


def _cut(
    text: str, places: Iterable[tuple[int, int]], same: Collection[str]
) -> tuple[MarkedSpan, ...]:
    marks: list[tuple[int, int]] = []
    for start, end in places:
        if text[start:end] not in same:
            continue
        # Neighbours make one mark: "model merging", "low-rank".
        if marks and text[marks[-1][1] : start] in _JOINTS:
            start = marks.pop()[0]
        marks.append((start, end))
    parts, place = [], 0
    for start, end in marks:
        parts += [MarkedSpan(text[place:start], False), MarkedSpan(text[start:end], True)]
        place = end
    parts.append(MarkedSpan(text[place:], False))
    return tuple(part for part in parts if part.text)
