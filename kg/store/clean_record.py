"""Cleaning of records: no control characters, no text beyond a limit.

Every record is cleaned before it is stored, whichever source it came from, and once more before it
is exported, since a snapshot or an older catalogue may hold records that never were.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from kg.ids.titles import normalised_title
from kg.records import Paper
from kg.text.plain import web_address, without_controls
from kg.text.venues import canonical_venue

MAX_CHARS: Final[Mapping[str, int]] = MappingProxyType(
    {
        **{"title": 1_000, "abstract": 20_000, "comment": 5_000, "journal_ref": 1_000},
        **{"venue": 300, "url": 2_000, "authors": 200, "categories": 50},
    }
)
"""Field -> the most characters that are stored, several times those of the longest real ones.

For ``authors`` and ``categories`` the limit is of each name.
"""
_LATEX: Final = frozenset("\\{}$^")

MAX_AUTHORS: Final = 6_000
"""The most authors that are stored; the largest collaborations have about 5,000."""
MAX_CATEGORIES: Final = 100
"""The most categories that are stored."""


def cleaned(paper: Paper) -> Paper:
    """Return a record as the catalogue stores it; cleaning it again changes nothing.

    Examples
    --------
    >>> cleaned(Paper("a", "A\\x1b title\\nin two lines", venue="Nips 2016")).title
    'A title in two lines'
    """
    return _changed(
        replace(
            paper,
            authors=paper.authors[:MAX_AUTHORS],
            categories=paper.categories[:MAX_CATEGORIES],
        ),
        one_field,
    )


def shown(paper: Paper) -> Paper:
    """Return a record without control characters, and without a URL other than a web address."""
    return _changed(paper, lambda _, text: without_controls(text))


def cuts(paper: Paper) -> str:
    """Describe what of a record `cleaned` cuts off; empty where nothing is.

    Examples
    --------
    >>> cuts(Paper("a", "long " * 10_000, ("Ada Ant",)))
    'cut to 1,000 characters: title of 49,999'
    """
    found = []
    for name, limit in MAX_CHARS.items():
        long = [text for text in _texts(paper, name) if len(text) > limit]
        longest = max((len(_whole(name, text)) for text in long), default=0)
        if longest > limit:
            found.append(f"cut to {limit:,} characters: {name} of {longest:,}")
    for name, most in (("authors", MAX_AUTHORS), ("categories", MAX_CATEGORIES)):
        if (count := len(_texts(paper, name))) > most:
            found.append(f"cut to {most:,}: {count:,} {name}")
    return "; ".join(found)


def one_field(name: str, text: str) -> str:
    """Return the text of one field as the catalogue stores it; `name` as in `MAX_CHARS`."""
    text, limit = _whole(name, text), MAX_CHARS[name]
    kept = text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
    return canonical_venue(kept) if name == "venue" else kept


def searched_title(title: str) -> str:
    """Return a title as its words are indexed: M3IT finds M³IT.

    Examples
    --------
    >>> searched_title("M³IT and H₂O")
    'M3IT and H2O'
    """
    return unicodedata.normalize("NFKC", title)


def searched_name(name: str) -> str:
    """Return an author's name as its words are indexed: with its folded form where that differs.

    FTS5 drops accents, but knows no letter that is written as others, and takes no letters together
    that a sign of LaTeX parts. With both, a name has each word of `normalised_title` of it.

    Examples
    --------
    >>> searched_name("Gaël Müller"), searched_name("Karl Weiß")
    ('Gaël Müller', 'Karl Weiß karl weiss')
    """
    if name.isascii() and _LATEX.isdisjoint(name):  # Most are.
        return name
    if all(map(_is_plain, name)):
        return name
    return f"{name} {normalised_title(name)}"


@lru_cache(4096)
def _is_plain(char: str) -> bool:
    """Return whether FTS5 folds a character as `normalised_title` does: ASCII, accents or not."""
    if char.isascii():
        return char not in _LATEX
    parts = unicodedata.normalize("NFD", char)
    return parts[0].isascii() and parts[0].isalpha() and all(map(unicodedata.combining, parts[1:]))


def _texts(paper: Paper, name: str) -> tuple[str, ...]:
    value = getattr(paper, name)
    return value if isinstance(value, tuple) else (value or "",)


def _whole(name: str, text: str) -> str:
    text = without_controls(text)
    return text if name == "abstract" else " ".join(text.split())


def _changed(paper: Paper, change: Callable[[str, str], str]) -> Paper:
    changed: dict[str, Any] = {}
    for name in MAX_CHARS:
        value = getattr(paper, name)
        if isinstance(value, tuple):
            changed[name] = tuple(change(name, text) for text in value)
        else:
            changed[name] = None if value is None else change(name, value)
    changed["url"] = web_address(changed["url"])
    return replace(paper, **changed)
