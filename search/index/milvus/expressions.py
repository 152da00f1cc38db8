"""Filters as expressions of Milvus."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from kg.cards.card import CHOICES
from kg.records import Filters

UNKNOWN_FIRST = 99_999_999
"""First day of a paper whose date is unknown: later than any."""

_TO_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def expression(filters: Filters) -> tuple[str, bool]:
    """Return the expression that papers meet which pass filters, and whether no other paper does.

    Authors, venues, links, citations, terms and excluded papers are not in the collection.

    Examples
    --------
    >>> expression(Filters(topic="a/b"))
    ('withdrawn == false and array_contains(topics, "a/b")', True)
    """
    parts = [] if filters.withdrawn else ["withdrawn == false"]
    if filters.topic:
        parts.append(f"array_contains(topics, {_quoted(filters.topic)})")
    if filters.categories:
        some = ", ".join(_quoted(folded(one)) for one in filters.categories)
        parts.append(f"array_contains_any(categories, [{some}])")
    # Compared to the precision of the paper's date: one of May 2024 may be of any of its days.
    if filters.since is not None:
        parts.append(f"last_day >= {_number(filters.since.first)}")
    if filters.until is not None:
        parts.append(f"first_day <= {_number(filters.until.last)}")
    for field in CHOICES:
        if value := getattr(filters, field):
            parts.append(f"array_contains(card, {_quoted(card_value(field, str(value)))})")
    known: dict[str, Any] = dict.fromkeys(("topic", "since", "until", *CHOICES))
    rest = replace(filters, withdrawn=False, categories=(), **known)
    return " and ".join(parts), rest == Filters()


def having_any(parts: Sequence[tuple[str, ...]]) -> str:
    """Return the expression that papers meet which have any of some words.

    Parameters
    ----------
    parts : sequence of tuple of str
        Terms of each word; a paper has the word which has all of them.

    Examples
    --------
    >>> having_any([("merg",), ("model", "soup"), ("weight",)])
    'text_match(terms, "merg weight") or text_match(terms, "model") and text_match(terms, "soup")'
    """
    single = " ".join(term for part in parts for term in part if len(part) == 1)
    conditions = [f"text_match(terms, {_quoted(single)})"] if single else []
    conditions += [
        " and ".join(f"text_match(terms, {_quoted(term)})" for term in part)
        for part in parts
        if len(part) > 1
    ]
    return " or ".join(conditions)


def named(name: str) -> str:
    """Return the expression that papers of a name meet."""
    return f"name == {_quoted(name)} or short_name == {_quoted(name)}"


def card_value(field: str, value: str) -> str:
    """Return a field of a card and its value as one text."""
    return f"{field}:{value}"


def folded(category: str) -> str:
    """Return a category as SQLite compares it: the case of A to Z makes no difference."""
    return category.translate(_TO_LOWER)


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
