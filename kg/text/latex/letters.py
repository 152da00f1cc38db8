r"""Letters that LaTeX writes as commands: with accents, ligatures, and others beyond ASCII."""

import re
import unicodedata
from typing import Final

_MATH = re.compile(r"((?<!\\)\$\$?(?:\\.|[^\\$])+\$\$?|\\\(.*?\\\)|\\\[.*?\\\])", re.DOTALL)
_NAMED = "ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j|dh|DH|th|TH|dj|DJ|ng|NG"
LETTERS: Final = dict(zip(_NAMED.split("|"), "ßæÆœŒåÅøØłŁıȷðÐþÞđĐŋŊ", strict=True))
"""Letter of each command."""
_COMBINING = (
    "\u0301\u0300\u0308\u0302\u0303\u0304\u0307\u0327\u030b\u0328\u030a\u0306\u030c\u0323\u0331"
)
_MARKS = dict(zip("'`\"^~=.cHkruvdb", _COMBINING, strict=True))
ACCENT: Final = (
    rf"''?|[{re.escape(''.join(one for one in _MARKS if not one.isalpha()))}]"
    rf"|[{''.join(filter(str.isalpha, _MARKS))}](?![A-Za-z])\s*"
)
"""Pattern of an accent after its backslash; whoever quotes a text for YAML or CSV doubles a '."""
_LETTER = re.compile(rf"(\{{)?\\({_NAMED})(?![A-Za-z])(?:\{{\}}|\s+(?=[a-z])(?!and\b))?(?(1)\}})")
_ACCENTED = re.compile(rf"(\{{)?\\({ACCENT})(?:\{{\s*([^\W\d_])\s*\}}|([^\W\d_]))(?(1)\}})")


def letters(text: str) -> str:
    r"""Return `text` with LaTeX's letters in Unicode; formulas and all else stay as they are.

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
        parts[i] = _ACCENTED.sub(_accented, _ACCENTED.sub(_accented, part))
    return "".join(parts)


def accented(accent: str, letter: str) -> str | None:
    """Return a letter with an accent, or None where Unicode has no such letter.

    Examples
    --------
    >>> accented('"', "o"), accented("'", "ı"), accented('"', "T")
    ('ö', 'í', None)
    """
    # TeX sets an accent on a dotless letter, since it takes the place of the dot.
    letter = letter.replace("ı", "i").replace("ȷ", "j")
    composed = unicodedata.normalize("NFC", letter + _MARKS[accent[:1]])
    return composed if len(composed) == 1 else None


def _accented(match: re.Match[str]) -> str:
    # Without such a letter it was no accent: \"Title\" in quotes that were escaped twice.
    return accented(match[2], match[3] or match[4]) or match[0]
