"""Filling an empty catalogue: all rows of a table by one statement.

What is inserted was cleaned and checked when it was first stored, so that a paper with its parts
takes a fraction of the time of `PaperStore.put`.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from kg.ids.titles import normalised_title
from kg.store.database import Database
from kg.store.papers import INSERT_PAPER, PAPER_COLUMNS
from kg.values import dataclass

_WIDTHS: Final[Mapping[str, int]] = MappingProxyType(
    {
        **{"placements": 5, "list_entries": 4, "links": 6, "reports": 6, "citations": 3},
        **{"conflicts": 4, "identifiers": 3, "authorships": 4, "categories": 3},
        **{"cards": 4, "abstract_stems": 2, "card_values": 3},
        **{"entities": 6, "entity_names": 4, "entity_papers": 4, "entity_extends": 2},
    }
)
"""Table -> number of its columns."""
_DEFAULTS: Final = {"withdrawn": False}
"""What a column has where a record lacks it, if not NULL."""


@dataclass(frozen=True, slots=True)
class StoredPaper:
    """A paper as it was stored."""

    key: int
    """Key that it gets."""
    record: Mapping[str, Any]
    """Fields of `kg.records.Paper` that it has, dates as ISO text; and ``names``, the (scheme,
    value) of its further identifiers."""
    text_hash: str
    """Hash of the text that its vector was made from."""


def insert_papers(database: Database, papers: Iterable[StoredPaper]) -> None:
    """Insert papers with their authors, categories and identifiers, but not their words."""
    rows, authors, categories, identifiers = [], [], [], []
    folded = cache(normalised_title)
    for paper in papers:
        key, record = paper.key, paper.record
        values = [record.get(name, _DEFAULTS.get(name)) for name in PAPER_COLUMNS]
        rows.append((*values, paper.text_hash, record["id"], key))
        names = record.get("authors", ())
        authors += [(key, place, name, folded(name)) for place, name in enumerate(names)]
        categories += [
            (key, place, name) for place, name in enumerate(record.get("categories", ()))
        ]
        title = normalised_title(record["title"])
        for scheme, value in (
            ("arxiv", record.get("arxiv_id")),
            ("doi", record.get("doi")),
            ("title", title),
        ):
            if value:
                identifiers.append((scheme, value, key))
        identifiers += [(*name, key) for name in record.get("names", ())]
    database.execute_many(INSERT_PAPER, rows)
    insert_rows(database, "authorships", authors)
    insert_rows(database, "categories", categories)
    insert_rows(database, "identifiers", identifiers)


def insert_rows(database: Database, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Insert rows with all columns of a table, in their order; of equal keys, the first stays."""
    marks = ", ".join("?" * _WIDTHS[table])
    database.execute_many(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)
