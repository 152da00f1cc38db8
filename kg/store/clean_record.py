"""Cleaning of records: no control characters, no text beyond a limit.

Every record is cleaned before it is stored, whichever source it came from, and once more before it
is exported, since a snapshot or an older catalogue may hold records that never were.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

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
