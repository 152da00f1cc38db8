"""Names of entities in running text.

A name is matched as whole words. Within it, hyphens, spaces and the change from letters to digits
are the same ("CIFAR10", "CIFAR-10"), and so are singular and plural of a phrase. Before a hyphen it
is the name with a word that describes it ("LoRA-based", "ViT-Small", "Llama-7B"); behind one, or
before one and another capital, it is a part of another name ("QA-LoRA", "LoRA-FA"); and before a
point and a digit it is another version ("GPT-4.1").
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from kg.entities.entity import Name, Recognised
from kg.entities.names import WORD, folded_name, spellings

MAX_PARTS: Final = 16
"""The most words of a name that is looked for."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CUT = re.compile(r"(?<=[^\W\d_])(?=\d|[vV]\d)|(?<=\d)(?=[^\W\d_])")
_JOINT = re.compile(r"[\s\-‐‑–/_'’+&]|\s?&\s?|[()^{}$]*")
_DASHES: Final = "-‐‑"
_BEFORE = re.compile(r"(?:^|[^\w\-‐‑])(?:non|pre|post|multi|single|cross|inter|to|and)[-‐‑]$", re.I)
"""What may stand before a name with a hyphen, so that it stays the same name."""
_BEFORE_CHARS: Final = 8
_BEHIND = re.compile(
    r"[-‐‑](?:\d+(?:\.\d+)?[BMKbmk]\b|\d{2,4}\b"
    r"|(?:Tiny|Small|Base|Medium|Large|Huge|Giant|XX?L|XS|Chat|Instruct)\b|[BSLHTG](?=/\d|\b)"
    r"|(?:Style|Like|Free|Aware|Level|Wise|Friendly|Specific|Compatible|Only|[A-Z][a-z]+ed)\b)"
)
"""What may stand behind a name with a hyphen and a capital or digit: a size, a year, a variant
that is the same model, a word that describes."""
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")


class Match(NamedTuple):
    """A name in a text."""

    start: int
    end: int
    entities: tuple[int, ...]
    """Keys of the entities that have the name; several where it has two owners."""


class _Form(NamedTuple):
    """One name of one entity."""

    entity: int
    text: str
    letters: str | None
    """Its letters and digits with their case, where only these are the name."""
    cuts: frozenset[int]
    """Where one of its words ends, counted in letters and digits."""
    capitals: frozenset[int]
    """Where a capital begins another word within one of them ("HotpotQA"), likewise."""
    parts: int
    """How many words it has, letters and digits apart."""


_Word = tuple[int, int, str, str]
"""A word of a text: where it starts and ends, itself, and folded."""


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
        for entity, name in names:
            if name.recognised is Recognised.ASKED:
                continue
            exact = name.recognised is Recognised.EXACT
            for text in [name.text] if exact else spellings(name.text):
                if folded := folded_name(text):
                    parts = len(_CUT.sub(" ", " ".join(WORD.findall(text))).split())
                    letters = _letters(text) if exact else None
                    cuts, capitals = (frozenset(_cuts(text, at)) for at in (_CUT, _CAMEL))
                    form = _Form(entity, name.text, letters, cuts, capitals, parts)
                    self._forms.setdefault(folded, []).append(form)
                    self._beginnings.update(folded[:end] for end in range(1, len(folded) + 1))

    def matches(self, text: str) -> Iterator[Match]:
        """Yield the names in a text, from left to right; of two that overlap, the longer first."""
        words = list(_words(text))
        at = 0
        while at < len(words):
            found = self._longest(text, words, at)
            if found is None:
                at += 1
                continue
            last, match = found
            yield match
            at = last + 1

    def _longest(self, text: str, words: list[_Word], at: int) -> tuple[int, Match] | None:
        best = None
        start, letters, folded = words[at][0], "", ""
        joined, spaced = set[int](), set[int]()
        for last in range(at, min(at + MAX_PARTS, len(words))):
            _, end, word, own = words[last]
            length, folded = len(folded), folded + own
            begins, known = folded in self._beginnings, folded in self._forms
            plural = not known and _is_plural(word) and folded[:-1] in self._forms
            if not begins and not plural:
                break
            if last == at:
                if not _begins(text, start):
                    break
            else:
                before = words[last - 1][1]
                joint = text[before : words[last][0]]
                if not _joins(text, before, joint):
                    break
                (joined if joint in _DASHES else spaced).add(length)
            letters += word
            owners: tuple[int, ...] = ()
            if plural:
                end -= 1
                name = text[start:end]
                owners = self._owners(name, folded[:-1], letters[:-1], joined, spaced)
            elif known and _ends(text, end):
                owners = self._owners(text[start:end], folded, letters, joined, spaced)
            if owners:
                best = last, Match(start, end, owners)
            if not begins:
                break
        return best

    def _owners(
        self, text: str, folded: str, letters: str, joined: set[int], spaced: set[int]
    ) -> tuple[int, ...]:
        """Return the entities that have a name, written with hyphens and spaces at some places.

        Where some of them write it just so, only these.
        """
        found: dict[int, bool] = {}
        for form in self._forms.get(folded, ()):
            if form.letters is not None and form.letters != letters:
                continue
            cuts = form.cuts | form.capitals if letters == _letters(form.text) else form.cuts
            if not spaced <= cuts or not _same_word(letters, form, joined, spaced):
                continue
            found[form.entity] = found.get(form.entity, False) or form.text == text
        same = [entity for entity, exactly in found.items() if exactly]
        return tuple(same or found)


def _words(text: str) -> Iterator[_Word]:
    """Yield the words of a text that are in no web address."""
    fold = str.lower if text.isascii() else folded_name
    addresses = _ADDRESS.finditer(text)
    address = next(addresses, None)
    for found in WORD.finditer(text):
        start, end = found.span()
        while address and address.end() <= start:
            address = next(addresses, None)
        if not address or start < address.start():
            yield start, end, found[0], fold(found[0])


def _same_word(letters: str, form: _Form, joined: set[int], spaced: set[int]) -> bool:
    """Return whether a text may be a form, by its hyphens.

    "Multiple" is not MultiPL-E, nor "long-form" LongForm, nor "a RAG" A-RAG: written like ordinary
    words, it has as many as the name, and an article is none.
    """
    if letters[:1] in "aA" and 1 in spaced and form.text[1:2] in _DASHES:
        return False
    if not letters[1:].islower() or not letters.isalpha():
        return True
    if not joined and not spaced:
        return form.parts == 1
    return form.parts > 1 or bool(spaced)


def _is_plural(word: str) -> bool:
    """Return whether a word is the plural of an acronym."""
    return word[-1] == "s" and word[-2:-1].isupper()


def _letters(text: str) -> str:
    return "".join(WORD.findall(text))


def _cuts(text: str, at: re.Pattern[str]) -> Iterator[int]:
    """Yield after how many letters and digits of a name one of its words ends."""
    length = 0
    for word in WORD.findall(text):
        base = length
        length += len(folded_name(word))
        yield from (base + found.start() for found in at.finditer(word))
        yield length


def _joins(text: str, start: int, joint: str) -> bool:
    """Return whether what stands between two words may be within a name."""
    if joint in (".", ","):
        return text[start - 1].isdigit() and text[start + 1 : start + 2].isdigit()
    return _JOINT.fullmatch(joint) is not None


def _begins(text: str, start: int) -> bool:
    """Return whether a name may begin here: behind a hyphen only after a prefix."""
    if start < 2 or text[start - 1] not in _DASHES or not text[start - 2].isalnum():
        return True
    return _BEFORE.search(text[max(0, start - _BEFORE_CHARS) : start]) is not None


def _ends(text: str, end: int) -> bool:
    """Return whether a name may end here, and is not that of another version or variant."""
    mark, after = text[end : end + 1], text[end + 1 : end + 2]
    if mark == ".":
        return not (after.isdigit() and text[end - 1].isdigit())
    if not mark or mark not in _DASHES or not (after.isupper() or after.isdigit()):
        return True
    return _BEHIND.match(text, end) is not None
