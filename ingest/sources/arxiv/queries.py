"""Queries in the grammar of arXiv's API.

https://info.arxiv.org/help/api/user-manual.html: fields are ``ti:``, ``abs:`` and ``cat:``, phrases
stand in double quotes, and ``submittedDate:[FROM TO UNTIL]`` takes days and minutes in GMT.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final
from urllib.parse import quote_plus

from kg.errors import BadRequest

CATEGORIES: Final = ("cs.LG", "cs.CL", "cs.CV", "cs.AI", "cs.NE", "cs.IR", "stat.ML")
"""Categories that are searched for new papers.

Of the 68 listed papers whose categories are known, 65 carry one of the first three and 67 one of
these; cs.NE and stat.ML are where authors put the older work on distillation and merging. More
categories bring few papers (most are cross-listed in cs.LG) and many of other fields.
"""

MAX_URL_CHARS: Final = 4000
"""Characters of a request's address that arXiv accepts."""

_OTHER_URL_CHARS: Final = 200
"""Characters of an address beside its query: host, paging and sorting."""

_WORD: Final = re.compile(r"[^\W_]+(?:[-'.][^\W_]+)*")
_TEX: Final = re.compile(r"\$\$?.*?\$\$?|\\[A-Za-z]+|[\\{}^~$]|\d*_\S*", re.DOTALL)


def phrase(text: str) -> str:
    """Return the words of `text` without signs that have a meaning in a query.

    Hyphens, points and apostrophes within words stay: arXiv splits them as it split the texts.

    Examples
    --------
    >>> phrase('LoRA: "Low-Rank" (Adaptation), v1.5')
    'LoRA Low-Rank Adaptation v1.5'
    """
    plain = unicodedata.normalize("NFC", text).replace("’", "'")
    return " ".join(_WORD.findall(plain))


def title_clause(title: str, words: int = 25) -> str | None:
    r"""Return what finds a paper by its title, or None where the title has no words.

    TeX is left out, and the words around it are sought apart: an index knows no ``\mathcal``. No
    more than `words` words are sought.

    Examples
    --------
    >>> title_clause("Mixing $\\alpha$-Models: a Study")
    '(ti:"Mixing" AND ti:"Models a Study")'
    """
    found: list[str] = []
    for part in _TEX.split(title):
        if kept := phrase(part).split()[:words]:
            found.append(f'ti:"{" ".join(kept)}"')
            words -= len(kept)
    return f"({' AND '.join(found)})" if len(found) > 1 else found[0] if found else None


def topic_query(terms: Sequence[str], categories: Sequence[str], since: date, until: date) -> str:
    """Return the query for papers of some days whose title or abstract has one of the terms.

    Parameters
    ----------
    terms : sequence of str
        Phrases.
    categories : sequence of str
        Such as ``cs.LG``; a paper is in one of them, primary or not. None: in any.
    since, until : date
        First and last day on which version 1 came, GMT.

    Examples
    --------
    >>> day = date(2024, 5, 1)
    >>> topic_query(["model soups"], ["cs.LG"], day, day)
    '(ti:"model soups" OR abs:"model soups") AND (cat:cs.LG) AND submittedDate:[202405010000 TO 202405012359]'
    """  # noqa: E501
    if since > until:
        raise BadRequest(f"no day is after {since} and before {until}")
    sought = " OR ".join(dict.fromkeys(filter(None, _clauses(terms))))
    parts = [f"({sought})"] if sought else []
    if categories:
        parts.append(f"({' OR '.join(f'cat:{category}' for category in categories)})")
    parts.append(f"submittedDate:[{since:%Y%m%d}0000 TO {until:%Y%m%d}2359]")
    return " AND ".join(parts)


def topic_queries(
    terms: Sequence[str],
    categories: Sequence[str],
    since: date,
    until: date,
    max_chars: int = MAX_URL_CHARS,
) -> tuple[str, ...]:
    """Return queries that together ask what `topic_query` asks; no terms, no queries.

    Each is short enough for an address of `max_chars` characters.
    """
    frame = len(quote_plus(topic_query((), categories, since, until))) + len("()+AND+") * 3
    room = max_chars - _OTHER_URL_CHARS - frame
    groups: list[list[str]] = []
    free = 0
    for term, clause in zip(terms, _clauses(terms), strict=True):
        if not clause:
            continue
        size = len(quote_plus(f"{clause} OR "))
        if size > free:
            groups.append([])
            free = room
        groups[-1].append(term)
        free -= size
    return tuple(topic_query(group, categories, since, until) for group in groups)


def _clauses(terms: Iterable[str]) -> list[str]:
    """Clause of each term, empty where it has no words."""
    words = [phrase(term) for term in terms]
    return [f'ti:"{one}" OR abs:"{one}"' if one else "" for one in words]
