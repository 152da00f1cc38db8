"""What tantivy holds of a paper: the fields of its index, and a paper as a document of them.

It ranks as FTS5 does (`search.index.words.fts5`): by the same terms; a word of the title counts
three times, one of abstract, authors, card and stems once; and a text is as long as all its words,
each once. tantivy's length is what was indexed, so that each text is padded to a multiple of that.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import tantivy
from tantivy.tantivy import __version__ as tantivy_version

from kg.store.word_documents import WordDocument
from search.index.words.fts5_terms import Fts5Terms
from search.index.words.query_words import names_of

FORMAT: Final = f"2, {tantivy_version}"
"""What an index is written by: the fields below, and tantivy."""

TITLE_TIMES: Final = 3

LENGTH_TIMES: Final = 4
"""Terms indexed for each of a text: a text that is all title has three, and compounds."""

_PADDING: Final = " +"
"""One term more, which no question has."""

_DATE_PARTS = (2, 3, 4, 7, 10)
"""Lengths of century, decade, year, month and day in ISO 8601."""
_FIRST_DAY, _LAST_DAY = "0000-00-00", "9999-99-99"


@dataclass(frozen=True, slots=True)
class State:
    """Which papers an index holds."""

    format: str
    identity: str
    """Of the catalogue."""
    revision: int
    """Of the catalogue: all its changes up to this one are in the index."""
    mark: str = ""
    """Of the revision: see `kg.store.changes.ChangeStore.mark`."""


def schema() -> tantivy.Schema:
    """Return the fields of the index."""
    made = tantivy.SchemaBuilder()
    made.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
    made.add_unsigned_field("key", indexed=True, fast=True)
    made.add_unsigned_field("withdrawn", indexed=True, fast=True)
    for field in ("name", "topic", "category", "card", "appeared"):
        made.add_text_field(field, tokenizer_name="raw", index_option="basic")
    # The one document that has it is no paper: it is the state of the index, written by the same
    # commit as the papers.
    made.add_text_field("state", tokenizer_name="raw", index_option="basic", stored=True)
    return made.build()


def documents_of(papers: Sequence[WordDocument], terms: Fts5Terms) -> Iterator[tantivy.Document]:
    """Yield papers as documents."""
    texts = [(paper.title, *paper.texts) for paper in papers]
    found = iter(terms.of([text for some in texts for text in some]))
    for paper, some in zip(papers, texts, strict=True):
        title, *others = [next(found) for _ in some]
        yield _document(paper, indexed_text(title, others, terms))


def indexed_text(title: Sequence[str], others: Sequence[Sequence[str]], terms: Fts5Terms) -> str:
    """Return the terms of a paper as often as they count, padded to a multiple of their number.

    Examples
    --------
    >>> indexed_text(["lora"], [["low", "rank"]], Fts5Terms())
    'lora lora lora low rank low+rank + + + + + +'
    """
    found = [term for one in others for term in (*one, *terms.compounds(one))]
    weighted = [*title, *terms.compounds(title)] * TITLE_TIMES + found
    length = nearest_length(LENGTH_TIMES * (len(title) + sum(map(len, others))))
    return " ".join(weighted) + _PADDING * (length - len(weighted))


def _length(code: int) -> int:
    """Return the length of a text of which tantivy keeps a byte, as Lucene's ``SmallFloat`` does.

    A text has the longest of these that it reaches. Up to 40 each length has its own.
    """
    if code < 32:
        return code
    bits, shift = divmod(code - 24, 8)
    return 24 + ((shift | 8) << (bits - 1))


_LENGTHS: Final = tuple(_length(code) for code in range(256))


def nearest_length(length: int) -> int:
    """Return the length nearest to one among those that tantivy tells apart.

    Examples
    --------
    >>> nearest_length(39), nearest_length(41), nearest_length(700)
    (39, 40, 728)
    """
    code = bisect_right(_LENGTHS, length) - 1
    return min(_LENGTHS[code : code + 2], key=lambda one: abs(one - length))


def _document(paper: WordDocument, text: str) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("text", text)
    made.add_unsigned("key", paper.key)
    made.add_unsigned("withdrawn", int(paper.withdrawn))
    for name in set(names_of(paper.title)):
        made.add_text("name", name)
    for topic in {above for one in paper.topics for above in _with_ancestors(one)}:
        made.add_text("topic", topic)
    for category in {one.lower() for one in paper.categories}:
        made.add_text("category", category)
    for field, value in paper.card:
        made.add_text("card", card_term(field, value))
    for term in date_terms(paper.appeared) if paper.appeared else ():
        made.add_text("appeared", term)
    return made


def document_of_state(state: State) -> tantivy.Document:
    """Return the state of an index as the document that it holds."""
    made = tantivy.Document()
    made.add_text("state", "state")
    made.add_text("state", json.dumps(asdict(state)))
    return made


def state_of(document: tantivy.Document) -> State:
    """Return the state that a document holds; raises `ValueError`, `TypeError` or `IndexError`."""
    return State(**json.loads(document.get_all("state")[1]))


def card_term(field: str, value: str) -> str:
    """Return the term of a value of a card."""
    return f"{field}={value}"


def _with_ancestors(topic: str) -> Iterator[str]:
    parts = topic.split("/")
    for depth in range(1, len(parts) + 1):
        yield "/".join(parts[:depth])


def date_terms(date: str) -> list[str]:
    """Return the terms of a date: itself, and the periods that it lies in.

    Examples
    --------
    >>> date_terms("2024-05")
    ['2024-05', '20*', '202*', '2024*', '2024-05*']
    """
    return [date, *(f"{date[:length]}*" for length in _DATE_PARTS if length <= len(date))]


def terms_between(since: str, until: str, period: str = "") -> Iterator[str]:
    """Yield the terms of which a date has one if it may lie between two days, as of `date_terms`.

    A month of which some days lie between may be meant, where no day is known: filters compare to
    the precision of the date (`kg.store.filter_sql`).

    Examples
    --------
    >>> list(terms_between("2023-12-30", "2024-99-99", "202"))
    ['2023', '2023-12', '2023-12-30*', '2023-12-31*', '2024*']
    """
    first, last = period + _FIRST_DAY[len(period) :], period + _LAST_DAY[len(period) :]
    if last < since or first > until:
        return
    if period and since <= first and last <= until:
        yield f"{period}*"
        return
    if len(period) >= len("2024"):
        yield period
    for part in _parts_of(period):
        yield from terms_between(since, until, part)


def _parts_of(period: str) -> list[str]:
    if len(period) == len("2024"):
        return [f"{period}-{month:02}" for month in range(1, 13)]
    if len(period) == len("2024-05"):
        return [f"{period}-{day:02}" for day in range(1, 32)]
    if period:
        return [f"{period}{digit}" for digit in range(10)]
    return [f"{century:02}" for century in range(100)]
