"""Split full names into the parts that reference managers sort by."""

import re
import unicodedata
from typing import NamedTuple

_SUFFIX = re.compile(r"(?:jr|sr)\.?|i{2,3}|iv", re.IGNORECASE)
# Words that occur in names of groups, not of persons.
_GROUP = re.compile(
    r"[,&/]|\b(?:and|others|et al|team|group|lab|labs|collaboration|consortium|project|university"
    r"|institute|community|contributors|research|ai)\b",
    re.IGNORECASE,
)
# Scripts in which the given name comes before the family name.
_WESTERN = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN", "MODIFIER")


class Name(NamedTuple):
    """A name in parts; ``given family suffix`` is the full name, or `literal` alone is."""

    given: str = ""
    """Given names and initials."""
    family: str = ""
    """Family name with its particles, such as ``van Beethoven``."""
    suffix: str = ""
    """``Jr.``, ``III`` and the like."""
    literal: str = ""
    """The whole name, where it cannot be split: groups, single names, scripts in which the
    family name comes first."""

    @property
    def sorted(self) -> str:
        """The name as RIS writes it: ``Family, Given, Suffix``."""
        return self.literal or ", ".join(part for part in (self.family, *self[0:3:2]) if part)


def split(name: str) -> Name:
    """Split a full name.

    Returns
    -------
    Name
        Its parts, joined by spaces, are `name` with single spaces.

    Examples
    --------
    >>> split("Ada B. Lovelace")
    Name(given='Ada B.', family='Lovelace', suffix='', literal='')
    >>> split("Ludwig van Beethoven Jr.").sorted
    'van Beethoven, Ludwig, Jr.'
    >>> split("李 明")
    Name(given='', family='', suffix='', literal='李 明')
    """
    words = name.split()
    whole = " ".join(words)
    if len(words) < 2 or _GROUP.search(whole) or not all(map(_is_western, whole)):
        return Name(literal=whole)
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    first = len(words) - 1
    while first > 1 and words[first - 1].islower():
        first -= 1
    return Name(" ".join(words[:first]), " ".join(words[first:]), suffix)


def _is_western(letter: str) -> bool:
    return not letter.isalpha() or unicodedata.name(letter, "").startswith(_WESTERN)
