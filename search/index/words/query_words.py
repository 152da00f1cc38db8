"""The words of a question, and the names of a paper, as every index of words takes them."""

import re
import unicodedata

from kg.store.clean_record import searched_title
from kg.text.stop_words import STOP_WORDS

_MAX_WORDS = 64
"""Words of a question that are looked up; a pasted abstract needs no more."""

MIN_WEIGHED_PAPERS = 500
"""With fewer papers than this, each word is looked up."""

MAX_SPELLED = 40
"""A text of more words has enough of them, and is looked up as it is spelled."""

_MAX_NAME_CHARS = 300

WORD = re.compile(r"\w+", re.UNICODE)


def words(text: str) -> list[str]:
    """Return the words of `text` that are worth looking up, each once, in order.

    Examples
    --------
    >>> words("How can models be merged without ANY data?")
    ['models', 'merged', 'without', 'data']
    """
    # FTS5 drops accents but does not compose them, and folds case by letters: ß is not ss. Titles
    # are looked up in compatible letters: M³IT as M3IT.
    found = dict.fromkeys(
        word.lower()
        for form in ("NFC", "NFKC")
        for word in WORD.findall(unicodedata.normalize(form, text))
    )
    subject = [word for word in found if word not in STOP_WORDS]
    return (subject or list(found))[:_MAX_WORDS]


def names_of(title: str) -> tuple[str, ...]:
    """Return what a title names its paper: the whole, and what is before a colon.

    Examples
    --------
    >>> names_of("LoRA: Low-Rank  Adaptation")
    ('lora: low-rank adaptation', 'lora')
    """
    folded = searched_title(title).casefold()
    return " ".join(folded.split()), " ".join(folded.partition(":")[0].split())


def may_be_name(text: str) -> bool:
    """Return whether a text can be the title of a paper: it has words, and is not too long."""
    phrase = " ".join(WORD.findall(searched_title(text)))
    return 0 < len(phrase) <= _MAX_NAME_CHARS
