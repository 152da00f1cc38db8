"""Names of entities, in the forms by which they are compared and made into ids."""

import re
import unicodedata
from collections.abc import Container
from typing import Final

from kg.entities.entity import Name, Recognised

WORD: Final = re.compile(r"[^\W_]+(?:(?>\++)(?![^\W_]))?")
"""A word of a name, with the plus that makes it another."""

_ORDINARY = re.compile(r"[A-Z]?[a-z]+")
_AMERICAN = re.compile(r"iz(?=ation|ing|e[dr]?\b)|(?<=[Mm]od)el(?=ing)")
_HYPHENATED = re.compile(r"-[a-z]+-")
_GREEK: Final = ("GREEK SMALL LETTER", "GREEK CAPITAL LETTER")
_SPELT = {"+": " plus "}
_LIGATURES = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "∇": "nabla", "∞": "inf"})


def folded_name(name: str) -> str:
    """Return the form by which names are compared: letters and digits, case and accents aside.

    A plus at the end of a word stays, which makes it another name.

    Examples
    --------
    >>> folded_name("CIFAR-10"), folded_name("(IA)³"), folded_name("Low-Rank Adaptation")
    ('cifar10', 'ia3', 'lowrankadaptation')
    >>> folded_name("LoRA+"), folded_name("CLIP+X")
    ('lora+', 'clipx')
    """
    if not name.isascii():
        text = unicodedata.normalize("NFKD", name).casefold().translate(_LIGATURES)
        name = unicodedata.normalize("NFKD", text)
    return "".join(WORD.findall(name)).lower()


def slug(name: str) -> str:
    """Return a name as the second part of an id: lower-case words with hyphens between.

    Greek letters are spelt out; a name without a letter that can be written so gives "".

    Examples
    --------
    >>> slug("LLM-Adapters v2"), slug("μKE"), slug("Qwen2.5"), slug("(IA)³"), slug("LoRA+")
    ('llm-adapters-v2', 'mu-ke', 'qwen2-5', 'ia-3', 'lora-plus')
    """
    parts = []
    for letter in unicodedata.normalize("NFKD", name.translate(_LIGATURES)):
        if letter.isascii():
            parts.append(letter.lower() if letter.isalnum() else _SPELT.get(letter, " "))
        elif letter.isdigit():
            parts.append(f" {unicodedata.digit(letter)} ")
        elif (described := unicodedata.name(letter, "")).startswith(_GREEK):
            parts.append(f" {described.split()[3].lower()} ")
    if re.search(r"[⁰-⁹²³¹₀-₉]", name):  # Decomposed, a raised digit is like any other.
        parts = [f" {part} " if part.isdigit() else part for part in parts]
    return "-".join("".join(parts).split())


def spellings(name: str) -> list[str]:
    """Return a name with its other spellings: of a phrase the plural or singular, and the British.

    Examples
    --------
    >>> spellings("task vector"), spellings("on-policy tuning"), spellings("ROME")
    (['task vector', 'task vectors'], ['on-policy tuning'], ['ROME'])
    """
    if " " not in name:
        return [name]
    found = [name, _AMERICAN.sub(lambda match: "is" if match[0] == "iz" else "ell", name)]
    if name[-1] == "s" and name[-2:-1] not in "sui":
        found += [one[:-1] for one in found]
    elif name[-1].islower() and not name.endswith(("s", "ing")):
        found += [f"{one}s" for one in found]
    return list(dict.fromkeys(found))


def recognised(name: str, common: Container[str]) -> Recognised:
    """Return where a name that nobody has ruled on stands for its entity.

    A single word, and a phrase of ordinary words, is a name in its own capitals only; nowhere in
    running text where it is written like any other words.

    Parameters
    ----------
    common : container of str
        Ordinary words: in lower case, and abbreviations such as "LLM".

    Examples
    --------
    >>> words = {"patcher", "rome", "expert", "LLM"}
    >>> [str(recognised(one, words)) for one in ("Patcher", "ROME", "expert merging")]
    ['asked', 'exact', 'asked']
    >>> [str(recognised(one, words)) for one in ("Expert Merging", "LLM experts", "Zap-7 Merging")]
    ['exact', 'asked', 'any']
    """
    words = WORD.findall(name)
    if any(not _ORDINARY.fullmatch(word) and word not in common for word in words):
        return Recognised.ANY if " " in name.strip() else Recognised.EXACT
    capitals = [word for word in words if word[0].isupper()]
    if len(capitals) > 1 or any(word.lower() not in common for word in capitals if word.istitle()):
        return Recognised.EXACT
    return Recognised.ASKED


def named(text: str, exact: bool, asked: Container[str] = ()) -> Name:
    """Return a name of an entity in a list: `exact` is of its single words.

    Examples
    --------
    >>> [str(named(one, True).recognised) for one in ("CoT", "Chain-of-thought", "TIES-Merging")]
    ['exact', 'any', 'exact']
    """
    if text in asked:
        return Name(text, Recognised.ASKED)
    phrase = " " in text or _HYPHENATED.search(text)
    return Name(text, Recognised.EXACT if exact and not phrase else Recognised.ANY)
