"""Names of entities, in the forms by which they are compared and made into ids."""

import re
import unicodedata
from collections.abc import Container
from typing import Final

from kg.entities.entity import Name, Recognised

WORD: Final = re.compile(r"[^\W_]+(?:\++(?![^\W_]))?")
"""A word of a name, with the plus that makes it another."""

_ORDINARY = re.compile(r"[A-Z]?[a-z]+")
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
        text = unicodedata.normalize("NFKD", name.translate(_LIGATURES))
        name = unicodedata.normalize("NFKD", text.casefold())
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
        elif (described := unicodedata.name(letter, "")).startswith("GREEK"):
            parts.append(f" {described.split()[3].lower()} ")
    if re.search(r"[⁰-⁹²³¹₀-₉]", name):  # Decomposed, a raised digit is like any other.
        parts = [f" {part} " if part.isdigit() else part for part in parts]
    return "-".join("".join(parts).split())


def recognised(name: str, common: Container[str]) -> Recognised:
    """Return where a name that nobody has ruled on stands for its entity.

    A single word is a name in its own capitals only, and nowhere in running text where it is
    written as an ordinary word.

    Parameters
    ----------
    common : container of str
        Ordinary words, in lower case.

    Examples
    --------
    >>> words = {"patcher", "rome"}
    >>> [str(recognised(one, words)) for one in ("Patcher", "ROME", "Task Vectors")]
    ['asked', 'exact', 'any']
    """
    if len(name.split()) > 1:
        return Recognised.ANY
    if _ORDINARY.fullmatch(name) and name.lower() in common:
        return Recognised.ASKED
    return Recognised.EXACT


def named(text: str, exact: bool, asked: Container[str] = ()) -> Name:
    """Return a name of an entity in a list: `exact` is of its single words."""
    if text in asked:
        return Name(text, Recognised.ASKED)
    return Name(text, Recognised.EXACT if exact and " " not in text else Recognised.ANY)
