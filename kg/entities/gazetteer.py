"""Names of entities in running text.

A name is matched as whole words. Within it, hyphens, spaces and the change from letters to digits
are the same ("CIFAR10", "CIFAR-10"); before a hyphen it is the name with a word that describes it
("LoRA-based"), behind one, or before one and a capital, it is a part of another name ("QA-LoRA",
"LoRA-FA").
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from kg.entities.entity import Name, Recognised
from kg.entities.names import WORD, folded_name

MAX_PARTS: Final = 16
"""The most words of a name that is looked for."""

_CUT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_JOINT = re.compile(r"[\s\-‐‑–/_'’+&]|\s?&\s?|(?<=\d)\.(?=\d)|(?<=\d),(?=\d)|[()^{}$]*")
_DASHES: Final = "-‐‑"
_SIZE = re.compile(r"[-‐‑]\d+(\.\d+)?[BMK]\b", re.IGNORECASE)


class Match(NamedTuple):
    """A name in a text."""

    start: int
    end: int
    entities: tuple[int, ...]
    """Keys of the entities that have the name; several where it has two owners."""


class _Form(NamedTuple):
    """One name of one entity."""

    entity: int
    letters: str | None
    """Its letters and digits with their case, where only these are the name."""
    cuts: frozenset[int]
    """Where one of its words ends, counted in letters and digits."""


class Gazetteer:
    """The names of entities, by which texts are searched.

    Parameters
    ----------
    names : iterable of (int, Name)
        Keys of entities, each with a name of it; those that are only asked for are left out.
    """

    def __init__(self, names: Iterable[tuple[int, Name]]) -> None:
        self._forms: dict[str, list[_Form]] = {}
        self._beginnings: set[str] = set()
        for entity, (text, recognised) in ((e, (n.text, n.recognised)) for e, n in names):
            folded = folded_name(text)
            if recognised is Recognised.ASKED or not folded:
                continue
            letters = _letters(text) if recognised is Recognised.EXACT else None
            form = _Form(entity, letters, frozenset(_cuts(text)))
            self._forms.setdefault(folded, []).append(form)
            self._beginnings.update(folded[:end] for end in range(1, len(folded) + 1))

    def matches(self, text: str) -> Iterator[Match]:
        """Yield the names in a text, from left to right; of two that overlap, the longer first."""
        words = [found.span() for found in WORD.finditer(text)]
        at = 0
        while at < len(words):
            found = self._longest(text, words, at)
            if found is None:
                at += 1
                continue
            last, match = found
            yield match
            at = last + 1

    def _longest(
        self, text: str, words: list[tuple[int, int]], at: int
    ) -> tuple[int, Match] | None:
        start = words[at][0]
        if start and text[start - 1] in _DASHES and start > 1 and text[start - 2].isalnum():
            return None
        best = None
        letters, folded, cuts = "", "", set[int]()
        spaced = set[int]()
        for last in range(at, min(at + MAX_PARTS, len(words))):
            if last > at:
                joint = text[words[last - 1][1] : words[last][0]]
                if not _JOINT.fullmatch(joint):
                    break
                cuts.add(len(folded))
                if joint not in _DASHES:
                    spaced.add(len(folded))
            word = text[slice(*words[last])]
            base = len(folded)
            letters, folded = letters + word, folded + folded_name(word)
            cuts |= {base + found.start() for found in _CUT.finditer(word)}
            end = words[last][1]
            if folded not in self._forms and word[-1] == "s" and word[-2:-1].isupper():
                # The plural of an acronym.
                owners, end = self._owners(folded[:-1], letters[:-1], spaced), end - 1
            else:
                owners = self._owners(folded, letters, spaced) if _ends(text, end) else ()
            if owners:
                best = last, Match(start, end, owners)
            if folded not in self._beginnings:
                break
        return best

    def _owners(self, folded: str, letters: str, spaced: set[int]) -> tuple[int, ...]:
        """Return the entities that have a name, written with spaces at some places."""
        found = {
            form.entity: None
            for form in self._forms.get(folded, ())
            if (form.letters is None or form.letters == _letters(letters)) and spaced <= form.cuts
        }
        return tuple(found)


def _letters(text: str) -> str:
    return "".join(WORD.findall(text))


def _cuts(text: str) -> Iterator[int]:
    """Yield after how many letters and digits of a name one of its words ends."""
    length = 0
    for word in WORD.findall(text):
        base = length
        length += len(folded_name(word))
        yield from (base + found.start() for found in _CUT.finditer(word))
        yield length


def _ends(text: str, end: int) -> bool:
    """Return whether a name may end here: behind a hyphen follows no capital, and only a size."""
    dash, after = text[end : end + 1], text[end + 1 : end + 2]
    if not dash or dash not in _DASHES or not (after.isupper() or after.isdigit()):
        return True
    return _SIZE.match(text, end) is not None
