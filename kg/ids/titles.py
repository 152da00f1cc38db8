"""Titles of papers, in the form by which they are compared."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_SPACED: Final = {
    code: None if chr(code) in "{}$^" else " " for code in range(128) if not chr(code).isalnum()
}
"""What becomes of each ASCII character that is no letter or digit."""
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")


def normalised_title(title: str) -> str:
    """Return the form of `title` by which two titles are compared.

    LaTeX decoded, lower case, compatibility-decomposed without accents, markup and other LaTeX
    commands dropped, everything but letters and digits turned into single spaces.

    Examples
    --------
    >>> normalised_title("  {LoRA}: Low-Rank  Adaptation of $\\\\mathcal{L}$LMs. ")
    'lora low rank adaptation of llms'
    >>> {normalised_title(one) for one in (r"$\\mu$KE", "$μ$KE", "μKE", r"\\(\\mu\\)KE")}
    {'μke'}
    """
    text = title
    if "\\" in title or "$" in title:
        from kg.text.latex.plain import decoded  # Few titles have LaTeX, and a question has none.

        text = decoded(title)
    if "\\" in text:
        text = re.sub(r"\\[a-zA-Z]+\s*", "", text)
    text = text.lower()
    if not text.isascii():
        text = _BEYOND_ASCII.sub(lambda found: _folded(found[0]), text)
    return " ".join(text.translate(_SPACED).split())


@lru_cache(8192)
def _folded(char: str) -> str:
    """Return a character beyond ASCII, lower-case and decomposed, without accents."""
    for _ in range(2):  # Decomposing may leave a capital, as of a mathematical letter.
        char = unicodedata.normalize("NFKD", char.casefold())
    kept = (c for c in char if not unicodedata.combining(c))
    return "".join(c if c.isalnum() or c.isascii() else " " for c in kept)


def is_distinctive(title: str) -> bool:
    """Return whether papers of this title must be one: it has four words at least.

    Examples
    --------
    >>> is_distinctive("Meta-Learning"), is_distinctive("A Survey of Model Merging")
    (False, True)
    """
    return len(normalised_title(title).split()) >= 4
