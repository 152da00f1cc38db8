"""Typing errors in rare words, mended by the words that papers of the atlas have.

A word is one where no paper has it in any form, or where it differs from the usual form by a
doubled letter ("forgeting"); where a frequent word is one edit away, two from nine letters on, or
sounds alike ("catastrofic"); and where it is no word of the embedding model's vocabulary, which has
those of ordinary English.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import Final, NamedTuple

from kg.entities.names import folded_name
from kg.errors import AtlasError
from kg.store.catalogue import Catalogue
from kg.text.stop_words import STOP_WORDS
from search.atlas import Atlas
from search.understanding import languages
from search.understanding.known import Known
from search.understanding.reading import Span, Stated
from search.understanding.words import Words

MIN_LETTERS: Final = 5
"""In words of one letter less, two letters in the wrong order are looked for."""
LONG: Final = 9
"""From so many letters on, two edits are looked for."""
MIN_PAPERS: Final = 10
"""A word of fewer papers is too rare to be what was meant."""
MIN_SHORT: Final = 30
"""As `MIN_PAPERS`, for words of fewer than seven letters."""

MAX_UNKNOWN: Final = 6
"""A question with more words that no paper has is no question to this atlas."""

_STEMS: Final = 3
"""Stems whose words are compared."""
_TEXTS: Final = 40
"""Papers of each whose words are compared."""

MIN_SOUNDED: Final = 7
"""In words of so many letters, one for another of the same sound is a slip: ph and f, c and k."""
MAX_KEPT: Final = 4096
"""Words of which the atlas keeps how they are mended."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PART = re.compile(r"[A-Za-z][a-z]{1,29}")
_VOWELS: Final = frozenset("aeiouy")
_BESIDE: Final = frozenset(
    pair
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm", "poiuytrewq", "lkjhgfdsa", "mnbvcxz")
    for pair in map("".join, pairwise(row))
)
"""Letters whose keys are beside each other."""
_ENDINGS: Final = ("s", "es", "d", "ed", "ing", "er", "ers", "ly")
# FTS5 takes "forgeting", "tunning" and "distilation" for forms of "forget", "tune" and "distil".
_DOUBLING = re.compile(
    r"[a-z]*(?:[^aeiou][aeiou](?P<one>[bdfgkmnprtv])|[aeiou](?P<two>[bdfgkmnprtv])(?P=two))"
    r"(?:ings?|ed)"
    r"|[a-z]*[aeiou]l?lations?"
)


def spans(words: Words, known: Known) -> Iterator[Span]:
    """Yield the words with typing errors, each with what replaces it."""
    parts = [
        (at, part)
        for at, word in enumerate(words.all)
        if word.folded not in STOP_WORDS
        for part in word.text.split("-")
        if len(part) >= MIN_LETTERS - part.islower() and _PART.fullmatch(part)
    ]
    if not parts or languages.is_foreign(words.question):
        return
    words_once = list(dict.fromkeys(part.lower() for _, part in parts))
    cache = known.atlas.catalogue.cache
    # Whoever corrects a question, or asks for its next page, sends the same words again.
    mend = cache.get("mended words", lambda: lru_cache(MAX_KEPT)(partial(_mended, known.atlas)))
    unknown = known.atlas.words.unknown(words_once)
    if len(unknown) > MAX_UNKNOWN:
        return
    mended = {word: mend(word, word in unknown) for word in words_once}
    for at, part in parts:
        if better := mended[part.lower()]:
            whole = words.all[at].text.replace(part, _in_case(better, part))
            yield Span(at, at + 1, (Stated("typo", whole, False),), replacement=whole, sure=0.5)


def _mended(atlas: Atlas, word: str, unknown: bool) -> str | None:
    """Return the word that was meant by one with a typing error, None for any other."""
    catalogue = atlas.catalogue
    if unknown:
        find = _nearest if len(word) >= MIN_LETTERS else _swapped
        mended = find(catalogue, word)
        bases = [word.removesuffix(ending) for ending in _ENDINGS]
        forms = [word, *(base for base in bases if len(base) >= MIN_LETTERS - 1)]
    elif _DOUBLING.fullmatch(word):
        mended, forms = _doubling_mended(catalogue, word), [word]
    else:
        return None
    return None if mended is None or _is_known(atlas, forms) else mended


def _in_case(word: str, example: str) -> str:
    return word.capitalize() if example[0].isupper() else word


def _is_known(atlas: Atlas, forms: list[str]) -> bool:
    """Return whether any form of a word is one of ordinary English, or a name of the atlas."""
    if atlas.catalogue.entities.named([folded_name(forms[0])]):
        return True
    try:
        return any(map(atlas.embedder.knows, forms))
    except AtlasError:  # A question by words alone needs no model.
        return False


def _doubling_mended(catalogue: Catalogue, word: str) -> str | None:
    """Return the word that differs by one doubled letter and has the same stem, if it is usual."""
    base, ending = re.fullmatch(r"([a-z]*?)(ings?|ed|ations?)", word).groups()  # type: ignore[union-attr]
    other = f"{base[:-1] if base[-1] == base[-2] else base + base[-1]}{ending}"
    if catalogue.words.is_spelled(word) or not catalogue.words.is_spelled(other):
        return None
    frequency = catalogue.words.document_frequency(f'"{other}"', MIN_PAPERS)
    return other if frequency >= MIN_PAPERS else None


def _swapped(catalogue: Catalogue, word: str) -> str | None:
    """Return the one frequent word of which an unknown one has two letters in the wrong order."""
    others = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    found = [
        other
        for other in sorted(others)
        if catalogue.words.document_frequency(f'"{other}"', MIN_SHORT) >= MIN_SHORT
        and catalogue.words.is_spelled(other)
    ]
    return found[0] if len(found) == 1 else None


def _nearest(catalogue: Catalogue, word: str) -> str | None:
    """Return the frequent word that was most likely meant by an unknown one."""
    edits = 2 if len(word) >= LONG else 1
    least = MIN_PAPERS if len(word) >= MIN_LETTERS + 2 else MIN_SHORT
    near: dict[str, tuple[int, int]] = {}
    sound = sounded(word)
    letters = _letters(sound)
    for stem in (one for begin in _beginnings(word) for one in _stems(catalogue, begin)):
        if stem.papers < least or not 0.4 * len(word) <= len(stem.text) <= len(word) + edits:
            continue
        if (stem.letters & ~letters).bit_count() <= edits:
            gap = distance(stem.sound, sound, any_end=True, most=edits)
            if gap <= edits:
                near[stem.text] = (2 * gap - len(stem.text), -stem.papers)
    if found := _likeliest(catalogue, word, sorted(near, key=lambda one: near[one]), edits):
        return found
    counts = catalogue.words.stem_counts(_second_letter_mended(word.replace("y", "i")))
    frequent = [stem for stem, papers in counts.items() if papers >= least]
    return _likeliest(catalogue, word, sorted(frequent, key=lambda one: -len(one)), 1)


def _likeliest(catalogue: Catalogue, word: str, stems: Sequence[str], edits: int) -> str | None:
    """Return the word of any of the first stems that one typing error or two make of another."""
    best: tuple[int, int, str] | None = None
    letters, sound = set(word), sounded(word)
    firsts = "".join({begin[0] for begin in _beginnings(word)})
    like = re.compile(
        rf"(?<![a-z])[{firsts}][a-z]{{{len(word) - edits - 1},{len(word) + edits - 1}}}(?![a-z])"
    )
    for stem in stems[:_STEMS]:
        counts: Counter[str] = Counter()
        for text in catalogue.words.texts_of_stem(stem, _TEXTS):
            counts.update(set(like.findall(text.lower())))
        for other, papers in counts.items():
            if len(word) >= MIN_SOUNDED and sounded(other) == sound:
                best = min(best or (1, -papers, other), (1, -papers, other))
                continue
            if other[0] != word[0] or abs(len(other) - len(word)) > edits:
                continue
            if len(letters.symmetric_difference(other)) > 2 * edits:
                continue
            gap = distance(other, word, most=edits)
            if gap <= edits and _is_slip(word, other, gap):
                best = min(best or (gap, -papers, other), (gap, -papers, other))
        if best and best[0] == 1:
            break
    if best is None:
        return None
    gap, _, other = best
    longer = other + word[-1]  # "demonstrates", where texts have "demonstrate".
    if distance(longer, word) < gap and not catalogue.words.unknown([longer]):
        return longer
    return other


class _Stem(NamedTuple):
    """A stem that papers have."""

    text: str
    papers: int
    sound: str
    letters: int
    """Those of its sound, a bit each."""


def _stems(catalogue: Catalogue, begin: str) -> tuple[_Stem, ...]:
    """Return the frequent stems that begin with two letters."""

    def read() -> tuple[_Stem, ...]:
        found = catalogue.words.stems_from(begin, MIN_PAPERS)
        sounds = {stem: sounded(stem) for stem in found if stem.isascii() and stem.isalpha()}
        return tuple(
            _Stem(stem, found[stem], sound, _letters(sound)) for stem, sound in sounds.items()
        )

    kept: tuple[_Stem, ...] = catalogue.cache.get(("stems", begin), read)
    return kept


def _letters(text: str) -> int:
    """Return a bit for each of the letters of a text."""
    bits = 0
    for letter in text:
        bits |= 1 << (ord(letter) - 97)
    return bits


def _beginnings(word: str) -> tuple[str, ...]:
    """Return how the stem of a word may begin: as written, or with a letter of the same sound."""
    others = {"f": "ph", "k": f"c{word[1]}"}
    return (word[:2], others[word[0]]) if word[0] in others else (word[:2],)


def sounded(word: str) -> str:
    """Return a word with one letter for those of the same sound.

    Examples
    --------
    >>> sounded("catastrophic") == sounded("catastrofik"), sounded("hybrid") == sounded("hibrid")
    (True, True)
    """
    return word.replace("ph", "f").replace("ck", "k").replace("c", "k").replace("y", "i")


def _second_letter_mended(word: str) -> Iterator[str]:
    """Yield what a word may have been before an edit in its second letter, ends cut off."""
    first, second, rest = word[0], word[1], word[2:]
    starts = [first + rest, first + rest[0] + second + rest[1:]]
    starts += [first + letter + end for letter in _LETTERS for end in (rest, second + rest)]
    for start in starts:
        for end in range(max(MIN_LETTERS - 1, len(start) - 5), len(start) + 1):
            yield start[:end]


def _is_slip(word: str, other: str, gap: int) -> bool:
    """Return whether a difference of two words is one of typing, not of endings or of meaning."""
    if sorted(word) == sorted(other):
        return True
    if len(word) >= len(other) and word[-1] != other[-1]:
        return False
    if gap > 1 and word[-3:] != other[-3:]:
        return False
    typed, meant = (Counter(one) - Counter(two) for one, two in ((word, other), (other, word)))
    changed = [(a, b) for a in typed for b in meant if not {a, b} <= _VOWELS]
    # A letter for another, where it is no vowel for a vowel, is the key beside it in a long word.
    return all(gap == 1 and len(word) >= 7 and a + b in _BESIDE for a, b in changed)


def distance(one: str, other: str, any_end: bool = False, most: int | None = None) -> int:
    """Return how many letters must be changed, added, left out or swapped with the next one.

    Parameters
    ----------
    any_end : bool
        Whether to compare with the beginning of `other` that is nearest.
    most : int, optional
        What is sure to be more than this is returned as `most` + 1.

    Examples
    --------
    >>> distance("speach", "speech"), distance("langauge", "language"), distance("merg", "mergd")
    (1, 1, 1)
    >>> distance("catastroph", "catastropic", any_end=True)
    1
    """
    start = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        start += 1
    one, other = one[start:], other[start:]
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        now = [i]
        for j, b in enumerate(other, 1):
            least = min(row[j] + 1, now[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                least = min(least, before[j - 2] + 1)
            now.append(least)
        before, row = row, now
        # A swap reaches back two rows.
        if most is not None and min(row) > most and min(before) > most:
            return most + 1
    return min(row) if any_end else row[-1]
