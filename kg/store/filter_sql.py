"""Filters as SQL conditions."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from kg.cards.card import CHOICES
from kg.ids.titles import normalised_title
from kg.records import Field, Filters, Term
from kg.text.partial_date import PartialDate
from kg.text.venues import canonical_venue

NOT_WITHDRAWN = "NOT withdrawn"

SURNAME = "substr(folded, length(rtrim(folded, replace(folded, ' ', ''))) + 1)"
"""SQL of the last word of an author's folded name, as `authorships_by_surname` indexes it."""

_COLUMNS: Final[Mapping[Field, tuple[str, ...]]] = {
    Field.ANY: ("title", "abstract", "authors", "card")
}
_STEMS: Final[Mapping[Field, tuple[str, ...]]] = {Field.ANY: ("stems",), Field.ABSTRACT: ("stems",)}

LOOKED_UP: Final = 2_000
"""In the table of words, a paper is looked up in the time in which so many that match are gone
through."""

ON_WORDS: Final = frozenset((Field.ANY, Field.TITLE, Field.ABSTRACT))
"""Fields of the terms that are looked for in the table of words."""

_Condition = tuple[str, list[object]]


def condition(filters: Filters, papers: int = 0) -> _Condition:
    """Return the SQL condition on `papers` that `filters` mean, and its parameters.

    Parameters
    ----------
    papers : int
        How many there are, where that is known: of those among few, each is then looked up in the
        table of words if that is sooner than to go through all that match.
    """
    parts: list[_Condition] = []
    if not filters.withdrawn:
        parts.append((NOT_WITHDRAWN, []))
    if filters.topic:
        # As `kg.ids.topic_ids.is_under`: '0' is the character after '/', so that the range holds
        # what is below the topic and nothing else.
        topic = "topic = ? OR (topic >= ? || '/' AND topic < ? || '0')"
        parts.append((_has("placements", topic, filters), [filters.topic] * 3))
    if filters.categories:
        category = "category COLLATE NOCASE IN (SELECT value FROM json_each(?))"
        # As UTF-8: what is not Unicode text is refused, not escaped.
        written = json.dumps(filters.categories, ensure_ascii=False)
        parts.append((_has("categories", category, filters), [written]))
    if filters.author:
        parts.append(_author(filters.author, filters))
    if filters.since is not None:
        parts.append(_appeared(">=", filters.since.first))
    if filters.until is not None:
        parts.append(_appeared("<=", filters.until.last))
    for field in CHOICES:
        if value := getattr(filters, field):
            sql = _has("card_values", "field = ? AND value = ?", filters)
            parts.append((sql, [field, str(value)]))
    if filters.code:
        there = "url NOT IN (SELECT url FROM link_checks WHERE state = 'gone')"
        sql = _has("links", f"kind = 'code' AND NOT shared AND {there}", filters)
        parts.append((sql, []))
    if filters.cited is not None:
        parts.append((_has("reports", "citations >= ?", filters), [filters.cited]))
    if filters.about:
        entity = "entity = (SELECT key FROM entities WHERE id = ?)"
        parts.append((_has("entity_papers", entity, filters), [filters.about]))
    if filters.venue:
        parts.append(_at(filters.venue))
    if filters.among is not None:
        sql = "key IN (SELECT value FROM json_each(?))"
        parts.append((sql, [json.dumps(filters.among)]))
    for term in filters.terms:
        sql, values = _having(term, filters, papers)
        # A condition on an unknown date is NULL: such a paper is neither found nor excluded.
        parts.append((f"NOT coalesce({sql}, 0)" if term.excluded else sql, values))
    for one in filters.excluded:
        # Of a few papers, each is looked up here as well.
        among = filters.among if one.among is None else one.among
        sql, values = condition(replace(one, withdrawn=True, among=among), papers)
        if sql:
            parts.append((f"NOT coalesce(({sql}), 0)", values))
    return " AND ".join(sql for sql, _ in parts), [one for _, values in parts for one in values]


def _has(table: str, where: str, filters: Filters) -> str:
    """Return the condition that a table has a row of the paper."""
    if filters.among is None:
        return f"key IN (SELECT paper FROM {table} WHERE {where})"
    # Of a few papers each is looked up, not all that the table has.
    return f"EXISTS (SELECT 1 FROM {table} WHERE paper = key AND ({where}))"


# Compared to the precision of the paper's date: one of May 2024 may be of any of its days.
def _appeared(compared: str, day: date) -> _Condition:
    return f"appeared {compared} substr(?, 1, length(appeared))", [day.isoformat()]


def _at(venues: str) -> _Condition:
    """Return the condition that a paper's venue has the words of one of some, in their order."""
    some = [normalised_title(canonical_venue(one)) for one in venues.split(" or ")]
    has = " OR ".join("instr(words, ?)" for _ in some)
    # Few venues are many papers', and the words of each are found once.
    sql = (
        "venue IN (SELECT venue FROM (SELECT venue, ' ' || venue_words(venue) || ' ' AS words"
        f" FROM (SELECT DISTINCT venue FROM papers WHERE venue IS NOT NULL)) WHERE {has})"
    )
    return sql, [f" {one} " for one in some]


def _author(name: str, filters: Filters) -> _Condition:
    last, comma, first = name.partition(",")
    surname = normalised_title(last)
    if not comma or not surname:
        return _authored([f" {word} " for word in normalised_title(name).split()], filters)
    # An initial matches any word that begins with it; the first word is the name's first.
    words = [f" {w}" if len(w) == 1 else f" {w} " for w in normalised_title(first).split()]
    ends = [surname.rpartition(" ")[2], f" {surname}", f" {surname}"]
    sql = "".join(
        f" AND instr(' ' || folded || ' ', ?){' = 1' if not place else ''}"
        for place in range(len(words))
    )
    has = f"{SURNAME} = ? AND substr(' ' || folded, -length(?)) = ?{sql}"
    return _has("authorships", has, filters), [*ends, *words]


def _authored(words: list[str], filters: Filters) -> _Condition:
    """Return the condition that one author's folded name has all words, spaces included."""
    has = " AND ".join("instr(' ' || folded || ' ', ?)" for _ in words) or "0"
    whole = [word.strip() for word in words if word.endswith(" ") and word.isascii()]
    if filters.among is not None or not whole:
        return _has("authorships", has, filters), list(words)
    # Names of the whole atlas are not gone through: the papers are looked at that have the words.
    every = " AND ".join(f'"{word}"' for word in whole)
    return (
        "(key IN (SELECT rowid FROM words WHERE words MATCH ?)"
        f" AND EXISTS (SELECT 1 FROM authorships WHERE paper = key AND {has}))",
        [f"authors : ({every})", *words],
    )


def _having(term: Term, filters: Filters, papers: int) -> _Condition:
    folded = normalised_title(term.words)
    if term.field is Field.AUTHOR:
        # An initial matches any word that begins with it.
        words = [f" {w}" if len(w) == 1 else f" {w} " for w in folded.split()]
        return _authored(words, filters)
    if term.field is Field.CATEGORY:
        begins = "substr(category || '.', 1, length(?)) = ? COLLATE NOCASE"
        return _has("categories", begins, filters), [f"{term.words}."] * 2
    if term.field is Field.YEAR:
        first, _, last = term.words.partition("..")
        since, days = _appeared(">=", PartialDate.parse(first).first)
        until, more = _appeared("<=", PartialDate.parse(last or first).last)
        return f"({since} AND {until})", days + more
    return _worded(term, filters.among, papers)


def term_expression(term: Term) -> str:
    """Return the FTS5 expression of the papers that may have a term on words."""
    columns = _columns(term)
    if not term.exact and " " not in normalised_title(term.words):
        # Of several words, the stems would say only that each occurs.
        columns = (*columns, *_STEMS.get(term.field, ()))
    text = unicodedata.normalize("NFC", term.words).replace("\0", " ").replace('"', " ")
    return f'{{{" ".join(columns)}}} : "{text}"'


def _columns(term: Term) -> tuple[str, ...]:
    return _COLUMNS.get(term.field, (str(term.field),))


def _worded(term: Term, among: Sequence[int] | None, papers: int) -> _Condition:
    sql, parameters = words_condition(term)
    if among is None:
        return f"key IN (SELECT rowid FROM words WHERE {sql})", parameters
    if len(among) * LOOKED_UP < papers:
        return f"EXISTS (SELECT 1 FROM words WHERE words.rowid = key AND {sql})", parameters
    # The plus keeps SQLite from evaluating MATCH again for each paper.
    few = "+rowid IN (SELECT value FROM json_each(?))"
    return f"key IN (SELECT rowid FROM words WHERE {few} AND {sql})", [
        json.dumps(among),
        *parameters,
    ]


def words_condition(term: Term) -> _Condition:
    """Return the SQL condition on the table of words that a term of `ON_WORDS` means."""
    sql, parameters = "words MATCH ?", [term_expression(term)]
    if not term.exact:
        return sql, list(parameters)
    columns, folded = _columns(term), normalised_title(term.words)
    # Mostly the words are written like that, which is seen in no time.
    forms = ("lower", "normalised")
    has = [f"instr(' ' || {form}({one}) || ' ', ?)" for form in forms for one in columns]
    return f"{sql} AND ({' OR '.join(has)})", [*parameters, *([f" {folded} "] * len(has))]
