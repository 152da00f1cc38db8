"""Questions in other languages, reduced to what a model of English can use."""

import re
from collections.abc import Callable

from kg.text.stop_words import STOP_WORDS

# Letters of other scripts than the Latin and the Greek, of which formulas have single letters.
# Compiled where a question has other letters than ASCII.
_SCRIPTS = "[\u0400-\u1cff\u2e80-\ua4cf\ua500-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+"
_WORD = re.compile(r"[^\W_]+")

# Function words, without those that are English words or terms of the field as well. One in
# capitals is enough to know the language by; of the others it takes two.
_LISTS = (
    # German
    "WIE KÖNNEN WIRD WERDEN NICHT EINE EINEN EINER EINES OHNE ÜBER DURCH WELCHE WELCHER"
    " WELCHES WARUM WIESO ZWISCHEN FÜR ist sind kann ein der das dem den und oder mit von vom zum"
    " zur auf aus bei nach gibt es wenn ich wir",
    # French
    "PEUVENT POURQUOI QUEL QUELLE QUELS QUELLES OÙ AVEC comment est sont peut qui que la le"
    " des dans les un une du de et ou pour sans sur par entre ce cette ces il elle nous vous ne pas"
    " aux au",
    # Spanish
    "CÓMO PUEDE PUEDEN QUÉ CUÁL CUÁLES como es son por que el la los las un una unos unas de del y"
    " para con sin sobre en entre se",
    # Italian
    "PERCHÉ QUALE QUALI POSSONO SENZA DELLA DELLE DEGLI NELLA come può il lo la gli le un una"
    " di del dei e con su tra che si",
    # Portuguese
    "PODEM QUAIS ATRAVÉS SÃO NÃO como é pode por que qual um uma de da dos das e ou para com sem"
    " sobre em na entre se ao",
)
_FUNCTION_WORDS = tuple(frozenset(words.lower().split()) for words in _LISTS)
_DECISIVE_WORDS = frozenset(word.lower() for word in " ".join(_LISTS).split() if word.isupper())


def in_english(text: str, occurs: Callable[[str], bool]) -> str | None:
    """Return what a model of English can use of a question in another language.

    Words in other scripts are left out unless they occur in papers. So are words in Latin script,
    and function words, where those show that the language is not English.

    Parameters
    ----------
    occurs : callable
        Whether a paper has a word.

    Returns
    -------
    str or None
        The rest, perhaps nothing; None where the question is in English, as far as can be seen.

    Examples
    --------
    >>> in_english("如何用LoRA进行微调", lambda word: False)
    'LoRA'
    >>> in_english("Wie funktioniert LoRA?", lambda word: word == "LoRA")
    'LoRA'
    >>> in_english("How does LoRA work?", lambda word: True) is None
    True
    """
    if _has_other_script(text):
        known = re.sub(_SCRIPTS, lambda run: run[0] if occurs(run[0]) else " ", text)
        return " ".join(known.split()) if _WORD.search(known) else ""
    foreign = _foreign_words(text)
    if not foreign:
        return None
    kept = (word for word in _WORD.findall(text) if word.lower() not in foreign and occurs(word))
    return " ".join(kept)


def is_foreign(text: str) -> bool:
    """Return whether a text is in another language than English, as far as can be seen."""
    return _has_other_script(text) or bool(_foreign_words(text))


def _has_other_script(text: str) -> bool:
    return not text.isascii() and re.search(_SCRIPTS, text) is not None


def _foreign_words(text: str) -> set[str]:
    """Return the function words of another language that show that a text is in it."""
    words = {word.lower() for word in _WORD.findall(text)}
    foreign = max((words & some for some in _FUNCTION_WORDS), key=len)
    english = sum(word in STOP_WORDS for word in words - foreign)
    if len(foreign) <= english or (len(foreign) < 2 and not foreign & _DECISIVE_WORDS):
        return set()
    return foreign
