"""Titles of papers, in the form by which they are compared."""

import re
import unicodedata
from typing import Final

_SPACED: Final = {
    code: None if chr(code) in "{}$^" else " " for code in range(128) if not chr(code).isalnum()
}
"""What becomes of each ASCII character that is no letter or digit."""


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
    if text.isascii() and "\\" not in text:
        return " ".join(text.lower().translate(_SPACED).split())
    text = re.sub(r"\\[a-zA-Z]+\s*", "", text)
    for _ in range(2):  # Decomposing may leave a capital, as of a mathematical letter.
        text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c) and c not in "{}$^")
    return " ".join("".join(c if c.isalnum() else " " for c in text).split())


def is_distinctive(title: str) -> bool:
    """Return whether papers of this title must be one: it has four words at least.

    Examples
    --------
    >>> is_distinctive("Meta-Learning"), is_distinctive("A Survey of Model Merging")
    (False, True)
    """
    return len(normalised_title(title).split()) >= 4
