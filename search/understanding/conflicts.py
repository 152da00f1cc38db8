"""What a question states where the filters that it is asked with say otherwise: these hold."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Final

from kg.records import Filters
from search.understanding.reading import Reading, Span

_PERIOD: Final = frozenset({"since", "until"})
"""Fields that say one thing together."""
_FIELD_OF: Final = {"category": "categories"}
"""Filter of a condition -> field of `Filters`, where the names differ."""
_ADD_UP: Final = frozenset({"terms", "among", "withdrawn", "cited", "about", "topic", "excluded"})
"""Fields in which two conditions hold at once."""


def settled(reading: Reading, own: Filters) -> tuple[Reading, tuple[str, ...]]:
    """Return a reading without what the filters of the caller overrule, and notes about that.

    The words of what is overruled are no part of the subject all the same.

    Examples
    --------
    >>> from kg.text.partial_date import PartialDate
    >>> from search.understanding.reading import Stated
    >>> since = Span(0, 2, (Stated("since", "2023", True),), "since 2023",
    ...              filters={"since": PartialDate(2023)})
    >>> found, notes = settled(Reading("merging", (since,)), Filters(since=PartialDate(2020)))
    >>> found.spans, notes
    ((), ('The filter since 2020 holds in place of “since 2023”',))
    """
    kept, notes = [], []
    for span in reading.spans:
        against = set(_against(span, own))
        if not against:
            kept.append(span)
            continue
        names = " and ".join(
            f"{name} {_written(getattr(own, _FIELD_OF.get(name, name)))}"
            for name in sorted(against)
            if getattr(own, _FIELD_OF.get(name, name))
        )
        notes.append(f"The filter {names} holds in place of “{span.words}”")
        stated = tuple(one for one in span.stated if one.filter not in against)
        gone = {_FIELD_OF.get(name, name) for name in against}
        filters = {name: value for name, value in span.filters.items() if name not in gone}
        if stated:
            kept.append(replace(span, stated=stated, filters=filters))
    return replace(reading, spans=tuple(kept)), tuple(notes)


def _against(span: Span, own: Filters) -> Iterator[str]:
    """Yield the filters of a span that the caller's overrule."""
    for field in fields(Filters):
        value, set_to = span.filters.get(field.name), getattr(own, field.name)
        if field.name in _ADD_UP or value is None or set_to in (field.default, value):
            continue
        if field.name in _PERIOD:
            yield from _PERIOD
        else:
            yield next((a for a, b in _FIELD_OF.items() if b == field.name), field.name)


def _written(value: object) -> str:
    if value is True:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
