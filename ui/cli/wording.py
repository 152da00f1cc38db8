"""Names in a few words, for lines of any command."""

from collections.abc import Sequence


def names(authors: Sequence[str], most: int = 3) -> str:
    """Return authors in a few words: the first of more than `most`, and "et al."."""
    shown = ", ".join(authors[:most])
    return f"{shown} et al." if len(authors) > most else shown
