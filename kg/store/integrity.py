"""Whether a catalogue is sound: its file, its references, and every value that it holds."""

import json
import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np

from kg.cards.card import stored_card
from kg.entities.names import folded_name
from kg.errors import CatalogueError, DamagedCatalogue
from kg.ids.titles import normalised_title
from kg.links import canonical_link
from kg.records import embedded_text
from kg.store.cards import filter_values
from kg.store.database import Database
from kg.store.vectors import text_hash
from kg.store.words import TEXTS

MAX_NAMED: Final = 3
"""Papers that a fault names; the others are counted."""

NORM_TOLERANCE: Final = 1e-3
"""How far from 1 the length of a vector may be."""

_BACK = "load a snapshot that you saved (`lfm snapshot load FILE`), or move the catalogue away"
_AGAIN = "run `lfm refresh`, which computes it again"
_RECORD = f"run `lfm add ID`, which fetches its record again, or {_BACK}"

_LIST: Final = f"write it anew with `lfm add ENTITIES.yaml`, or {_BACK}"
_CARD: Final = f"write it again with `lfm add CARDS.jsonl`, or {_BACK}"

_DATES: Final = {
    "papers": ("published", "updated"),
    "list_entries": ("gone",),
    "outsiders": ("judged",),
    "reference_checks": ("checked",),
    "link_checks": ("checked",),
    "reports": ("reported",),
}
_TIMES: Final = {
    "fetch_log": ("finished",),
    "changes": ("at",),
    "reviews": ("queued",),
    "decisions": ("at",),
    "entity_proposals": ("queued",),
}
_DOCUMENTS: Final = {
    "fetch_log": ("report",),
    "reviews": ("record", "suggestions"),
    "candidates": ("record",),
    "cards": ("record",),
    "entity_proposals": ("papers",),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a catalogue."""

    what: str
    """What is wrong, and where."""
    mend: str
    """The way back, in the imperative."""

    def __str__(self) -> str:
        return f"{self.what}: {self.mend}"


def faults(db: Database) -> Iterator[Fault]:
    """Yield everything that is wrong with a catalogue; nothing where it is sound.

    Everything is read once, which takes some seconds for a hundred thousand papers. For a file
    that SQLite cannot read, only that is yielded.
    """
    yield from _found_by(db, _VALUE_CHECKS, _AGREEMENTS)


def value_faults(db: Database) -> Iterator[Fault]:
    """Yield what is wrong with a catalogue's file or with any single value in it.

    A catalogue without such faults can be read without an error, whatever it says.
    """
    yield from _found_by(db, _VALUE_CHECKS)


_Check = Callable[[Database], Iterator[Fault]]


def _found_by(db: Database, *groups: Sequence[_Check]) -> Iterator[Fault]:
    """Yield what the checks find, or what is wrong with the file or the types of its values."""
    try:
        for group in ((_file, _references, _types), *groups):
            with db.reading():
                found = [fault for check in group for fault in check(db)]
            yield from found
            if found:
                return  # Other checks could not rely on the values.
    except DamagedCatalogue as error:
        # Without its path: a snapshot is checked in a temporary folder.
        yield Fault(f"the file is damaged ({error.__cause__ or error.message})", _BACK)
    except CatalogueError as error:
        yield Fault(error.message, error.mend or _BACK)


def _file(db: Database) -> Iterator[Fault]:
    # Constraints of columns and the agreement of tables with their indexes are a part of it.
    for verdict in db.column("PRAGMA integrity_check(20)"):
        if verdict != "ok":
            yield Fault(f"the file is damaged ({verdict})", _BACK)


def _references(db: Database) -> Iterator[Fault]:
    lost = Counter((table, parent) for table, _, parent, _ in db.rows("PRAGMA foreign_key_check"))
    for (table, parent), count in sorted(lost.items()):
        what = "an entity" if parent == "entities" else "a paper"
        yield Fault(f"{_rows_of(table, count)} about {what} that is not there", _BACK)


def _types(db: Database) -> Iterator[Fault]:
    columns = db.rows(
        'SELECT t.name, c.name, c.type, c."notnull" OR c.pk FROM sqlite_master t,'
        " pragma_table_info(t.name) c WHERE t.type = 'table'"
        " AND t.name NOT GLOB 'sqlite_*' AND t.name NOT GLOB 'words*' ORDER BY t.name, c.cid"
    )
    for table, name, kind, required in columns:
        allowed = (kind.lower(), kind.lower() if required else "null")
        sql = f"SELECT count(*) FROM {table} WHERE typeof({name}) NOT IN (?, ?)"
        if count := db.value(sql, allowed):
            yield Fault(f"{_rows_of(table, count)} whose {name} is no {kind.lower()}", _BACK)


def _moments(db: Database) -> Iterator[Fault]:
    for columns, read in ((_DATES, date.fromisoformat), (_TIMES, datetime.fromisoformat)):
        for table, names in columns.items():
            for name in names:
                for (value,) in db.stream(f"SELECT DISTINCT {name} FROM {table}"):
                    if not _is_moment(value, read):
                        yield Fault(f"{table}: {value!r} is no {name} that can be", _BACK)
                        break
    years = db.column("SELECT id FROM papers WHERE year NOT BETWEEN 1000 AND 9999")
    yield from _named(years, "a year that cannot be", _RECORD)


def _documents(db: Database) -> Iterator[Fault]:
    for table, names in _DOCUMENTS.items():
        for name in names:
            if count := db.value(f"SELECT count(*) FROM {table} WHERE NOT json_valid({name})"):
                yield Fault(f"{_rows_of(table, count)} whose {name} cannot be read", _BACK)


def _meta(db: Database) -> Iterator[Fault]:
    values = dict(db.rows("SELECT name, value FROM meta"))
    for name in ("revision", "vectors_revision", "positions_revision"):
        value = values.get(name, "")
        # Written by Python as text, counted on by SQLite: ASCII digits alone.
        if not (isinstance(value, str) and value.isascii() and value.isdigit()):
            yield Fault(f"meta: {value!r} is no {name.replace('_', ' ')}", _BACK)


def _texts(db: Database) -> Iterator[Fault]:
    """Compare what is stored of a paper twice."""
    changed = [
        paper
        for paper, title, abstract, hashed in db.stream(
            "SELECT id, title, abstract, text_hash FROM papers WHERE abstract IS NOT NULL"
        )
        if text_hash(embedded_text(title, abstract)) != hashed
    ]
    yield from _named(changed, "a title or abstract that has changed by itself", _RECORD)
    folded = {
        paper
        for paper, name, stored in db.stream(
            "SELECT id, name, folded FROM authorships JOIN papers ON key = paper"
        )
        if normalised_title(name) != stored
    }
    yield from _named(sorted(folded), "an author who cannot be found by name", _RECORD)
    for scheme, column in (("arxiv", "arxiv_id"), ("doi", "doi")):
        unknown = db.column(
            f"SELECT id FROM papers WHERE {column} IS NOT NULL AND NOT EXISTS (SELECT 1"
            f" FROM identifiers WHERE scheme = '{scheme}' AND value = {column})"
        )
        yield from _named(unknown, f"a {column} by which nothing is found", _RECORD)


def _words(db: Database) -> Iterator[Fault]:
    differing = db.column(
        f"SELECT id FROM ({TEXTS}) AS texts JOIN papers USING (key)"
        " LEFT JOIN words ON words.rowid = key WHERE (words.title, words.abstract, words.authors,"
        " words.card, words.stems) IS NOT (texts.title, texts.abstract, texts.authors,"
        " texts.card, texts.stems)"
    )
    yield from _named(differing, "words to search for that are not those of the paper", _RECORD)
    more = "SELECT count(*) FROM words_content WHERE id NOT IN (SELECT key FROM papers)"
    if count := db.value(more):
        yield Fault(f"{_rows_of('words', count)} about a paper that is not there", _BACK)
    # FTS5 checks its index by a statement that would write.
    if not (db.value("PRAGMA query_only") or db.is_read_only):
        try:
            db.connection.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 0)")
        except sqlite3.DatabaseError as error:
            yield Fault(f"the index of words does not match the texts ({error})", _BACK)


def _vectors(db: Database) -> Iterator[Fault]:
    wrong: dict[str, list[str]] = {}
    # The most common length of each model's comes last.
    lengths = dict(
        db.rows("SELECT model, length(vector) FROM vectors GROUP BY 1, 2 ORDER BY count(*)")
    )
    for paper, model, vector, checksum in db.stream(
        "SELECT id, model, vector, checksum FROM vectors JOIN papers ON key = paper"
        " ORDER BY paper, model"
    ):
        if len(vector) != lengths[model] or len(vector) % 4:
            kind = "a vector of another length than the others"
        elif zlib.crc32(vector) != checksum:
            kind = "a vector that does not match its checksum"
        elif not abs(float(np.linalg.norm(np.frombuffer(vector, "<f4"))) - 1) <= NORM_TOLERANCE:
            kind = "a vector whose length is not 1"
        else:
            continue
        wrong.setdefault(kind, []).append(paper)
    for kind, papers in wrong.items():
        yield from _named(papers, kind, _AGAIN)


def _cards(db: Database) -> Iterator[Fault]:
    wrong: dict[str, list[str]] = {}
    for paper, summary, record, values in db.stream(
        "SELECT id, summary, record, (SELECT json_group_array(json_array(field, value))"
        " FROM card_values WHERE card_values.paper = key)"
        " FROM cards JOIN papers ON key = cards.paper ORDER BY key"
    ):
        try:
            fields = json.loads(record)
            card = stored_card(fields)
        except (ValueError, RecursionError):
            wrong.setdefault("a card that cannot be read", []).append(paper)
            continue
        if card.summary != summary:
            wrong.setdefault("a summary that is not that of the card", []).append(paper)
        if set(filter_values(fields)) != set(map(tuple, json.loads(values))):
            wrong.setdefault("a card that filters do not find", []).append(paper)
    for kind, papers in wrong.items():
        yield from _named(papers, kind, _CARD)


def _entities(db: Database) -> Iterator[Fault]:
    """Check that each entity can be found by its names, and none extends itself."""
    folded = db.rows(
        "SELECT id, n.name, folded FROM entity_names AS n JOIN entities ON key = entity"
    )
    wrong = {ident for ident, name, stored in folded if folded_name(name) != stored}
    yield from _named(sorted(wrong), "a name by which nothing is found", _LIST)
    own = "SELECT 1 FROM entity_names AS n WHERE entity = key AND n.name = entities.name"
    nameless = db.column(f"SELECT id FROM entities WHERE NOT EXISTS ({own}) ORDER BY id")
    yield from _named(nameless, "no name of its own", _LIST)
    other = db.column("SELECT id FROM entities WHERE id NOT GLOB type || '/?*' ORDER BY id")
    yield from _named(other, "an id of another type", _LIST)
    circles = db.column(
        "WITH RECURSIVE up (entity, other) AS (SELECT entity, other FROM entity_extends"
        " UNION SELECT up.entity, e.other FROM up JOIN entity_extends AS e ON e.entity = up.other)"
        " SELECT id FROM up JOIN entities ON key = up.entity WHERE up.entity = up.other ORDER BY id"
    )
    yield from _named(circles, "a circle in what is extended", _LIST)


def _proposals(db: Database) -> Iterator[Fault]:
    count = 0
    for name, folded, papers in db.stream("SELECT name, folded, papers FROM entity_proposals"):
        try:
            ids = json.loads(papers)
        except (ValueError, RecursionError):
            continue  # `_documents` finds it.
        sound = isinstance(ids, list) and all(isinstance(one, str) for one in ids)
        count += not sound or folded_name(name) != folded
    if count:
        yield Fault(f"{_rows_of('entity_proposals', count)} that cannot be read", _BACK)


def _links(db: Database) -> Iterator[Fault]:
    for table, column in (
        ("links", "url"),
        ("link_checks", "moved_to"),
        ("reports", "open_access"),
    ):
        found = db.stream(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")
        if count := sum(canonical_link(url) is None for (url,) in found):
            yield Fault(f"{_rows_of(table, count)} whose {column} is no link to follow", _BACK)


_VALUE_CHECKS = (_moments, _documents, _meta, _vectors, _cards, _links, _proposals)
_AGREEMENTS = (_texts, _words, _entities)
"""Checks of what is stored twice, or means nothing; they rely on the values."""


def _is_moment(value: object, read: Callable[[str], date]) -> bool:
    if value is None:
        return True
    try:
        return isinstance(value, str) and read(value).year >= 1000
    except ValueError:
        return False


def _named(papers: list[str], what: str, mend: str) -> Iterator[Fault]:
    if papers:
        shown = ", ".join(map(str, papers[:MAX_NAMED]))
        more = f" and {len(papers) - MAX_NAMED:,} more" if len(papers) > MAX_NAMED else ""
        has = "has" if len(papers) == 1 else "have"
        yield Fault(f"{shown}{more} {has} {what}", mend)


def _rows_of(table: str, count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'} of {table}"
