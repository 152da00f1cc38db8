"""The letters of a text, as terms are made of them."""

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f]+")


def as_text(text: str) -> str:
    """Return a text without lone surrogates, which are no characters."""
    return text.encode(errors="ignore").decode()


def composed(text: str) -> str:
    """Return a text in compatible letters without combining accents, which would split words."""
    if text.isascii():
        return text
    return _MARKS.sub("", unicodedata.normalize("NFKD", text))
