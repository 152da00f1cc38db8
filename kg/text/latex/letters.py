r"""Letters that LaTeX writes by commands: accents, ligatures and letters of their own."""

import re
import unicodedata
from typing import Final

_MATH = re.compile(r"((?<!\\)\$\$?(?:\\.|[^\\$])+\$\$?|\\\(.*?\\\)|\\\[.*?\\\])", re.DOTALL)
_NAMED = "ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j|dh|DH|th|TH|dj|DJ|ng|NG"
LETTERS: Final = dict(zip(_NAMED.split("|"), "ßæÆœŒåÅøØłŁıȷðÐþÞđĐŋŊ", strict=True))
"""Letters by the commands that write them."""
_COMBINING = (
    "\u0301\u0300\u0308\u0302\u0303\u0304\u0307\u0327\u030b\u0328\u030a\u0306\u030c\u0323\u0331"
)
_MARKS = dict(zip("'`\"^~=.cHkruvdb", _COMBINING, strict=True))
_LETTER = re.compile(rf"(\{{)?\\({_NAMED})(?![A-Za-z])(?:\{{\}}|\s+(?=[a-z])(?!and\b))?(?(1)\}})")
# An apostrophe is doubled by whoever quotes a text twice for YAML or CSV.
_ACCENT = re.compile(
    r"(\{)?\\(?:(''?|[`\"^~=.])|([cHkruvdb])(?![A-Za-z])\s*)"
    r"(?:\{\s*([^\W\d_])\s*\}|([^\W\d_]))(?(1)\})"
)


def letters(text: str) -> str:
    r"""Return `text` with LaTeX's letters as those of Unicode; formulas and all else as it is.

    Examples
    --------
    >>> letters(r"Erd\H{o}s, {\'E}. \v{C}ech, S\o ren: $\'x$")
    "Erdős, É. Čech, Søren: $\\'x$"
    """
    if "\\" not in text:
        return text
    parts = _MATH.split(text)
    for i in range(0, len(parts), 2):
        part = _LETTER.sub(lambda match: LETTERS[match[2]], parts[i])
        # Twice, for letters with two accents: Vietnamese writes \'{\^e}.
        parts[i] = _ACCENT.sub(_accented, _ACCENT.sub(_accented, part))
    return "".join(parts)


def accented(accent: str, letter: str) -> str | None:
    """Return a letter with an accent, or None where Unicode has no such letter.

    Examples
    --------
    >>> accented('"', "o"), accented("'", "ı"), accented('"', "T")
    ('ö', 'í', None)
    """
    # An accent takes the place of the dot, so that TeX sets it on a letter without one.
    letter = letter.replace("ı", "i").replace("ȷ", "j")
    composed = unicodedata.normalize("NFC", letter + _MARKS[accent[:1]])
    return composed if len(composed) == 1 else None


def _accented(match: re.Match[str]) -> str:
    # No such letter: it was no accent (\"Title\" in quotes that were escaped twice).
    return accented(match[2] or match[3], match[4] or match[5]) or match[0]
