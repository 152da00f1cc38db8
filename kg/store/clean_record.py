"""What the catalogue takes of a record: no character that steers, no text without end.

Every record passes here on its way in, whichever source it came from, and once more on its way
out, since a snapshot or an older catalogue may hold what was never cleaned.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from kg.entities import Paper
from kg.text.plain import web_address, without_controls
from kg.text.venues import canonical_venue

MAX_CHARS: Final[Mapping[str, int]] = MappingProxyType(
    {
        **{"title": 1_000, "abstract": 20_000, "comment": 5_000, "journal_ref": 1_000},
        **{"venue": 300, "url": 2_000, "authors": 200, "categories": 50},
    }
)
"""Characters of a field that are kept, several times what the longest real ones have.

Of ``authors`` and ``categories``, of each.
"""
MAX_AUTHORS: Final = 6_000
"""Authors that are kept; the largest collaborations have about 5,000."""
MAX_CATEGORIES: Final = 100
"""Categories that are kept."""

_LINES = ("abstract",)


def cleaned(paper: Paper) -> Paper:
    """Return a record as the catalogue holds it; doing it twice changes nothing.

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
    """Return a record as it may be shown: without characters that steer, and links that act."""
    return _changed(paper, _without_controls)


def cuts(paper: Paper) -> str:
    """Return in words what of a record is too long to be kept; empty where nothing is.

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
    """Return the text of one field as the catalogue holds it; `name` as in `MAX_CHARS`."""
    text, limit = _whole(name, text), MAX_CHARS[name]
    kept = text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
    return canonical_venue(kept) if name == "venue" else kept


def searched_title(title: str) -> str:
    """Return a title as its words are looked up: who writes M3IT means M³IT.

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
    return text if name in _LINES else " ".join(text.split())


def _without_controls(_: str, text: str) -> str:
    return without_controls(text)


def _changed(paper: Paper, change: Callable[[str, str], str]) -> Paper:
    def one(name: str, value: str | None) -> str | None:
        return None if value is None else change(name, value)

    return replace(
        paper,
        title=change("title", paper.title),
        authors=tuple(change("authors", name) for name in paper.authors),
        abstract=one("abstract", paper.abstract),
        venue=one("venue", paper.venue),
        url=web_address(one("url", paper.url)),
        categories=tuple(change("categories", name) for name in paper.categories),
        comment=one("comment", paper.comment),
        journal_ref=one("journal_ref", paper.journal_ref),
    )
