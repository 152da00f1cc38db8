"""Papers: their records, with the rows of other tables that are part of a record."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Final, Literal, NamedTuple

from kg.ids.titles import normalised_title
from kg.records import Filters, Paper
from kg.store.changes import ChangeStore
from kg.store.clean_record import cleaned, cuts
from kg.store.database import Database, Store, json_keys
from kg.store.filter_sql import NOT_WITHDRAWN, condition
from kg.store.identifiers import IdentifierStore
from kg.store.journal import ChangeKind, Journal
from kg.store.records import paper_of
from kg.store.vectors import VectorStore, text_hash
from kg.store.words import LAST_KEY, WordStore

PAPER_COLUMNS: Final = tuple(
    field.name for field in fields(Paper) if field.name not in ("id", "authors", "categories")
)
"""Fields of a paper that are columns of `papers`, besides its id."""
_COLUMNS = ", ".join(PAPER_COLUMNS)
_ROW = f"({_COLUMNS}, text_hash, id)"
_MARKS = f"({'?, ' * len(PAPER_COLUMNS)}?, ?)"
INSERT_PAPER: Final = (
    f"INSERT INTO papers ({_COLUMNS}, text_hash, id, key)"
    f" VALUES ({'?, ' * len(PAPER_COLUMNS)}?, ?, ?)"
)
"""Insert of a paper under a key that is given: the fields, hash of the embedded text, id, key."""
_POINTERS = {
    "identifiers": ("paper",),
    "citations": ("citing", "cited"),
    "outside_references": ("citing",),
    "reference_checks": ("paper",),
    "cards": ("paper",),
    "abstract_stems": ("paper",),
    "links": ("paper",),
    "reports": ("paper",),
    "entity_papers": ("paper",),
}
"""Tables whose rows move to the other paper when one is merged into it."""


class PaperTitle(NamedTuple):
    """What a line about a paper says."""

    id: str
    title: str
    year: int | None
    appeared: str
    """Day, month or year, as far as it is known; else empty."""


class PaperStore(Store):
    """The records of papers."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._identifiers = IdentifierStore(database)
        self._vectors = VectorStore(database)
        self._words = WordStore(database)

    # -- writing ---------------------------------------------------------------------------

    def put(
        self, paper: Paper, hashed: str | None = None
    ) -> Literal["added", "updated", "unchanged"]:
        """Add `paper`, or bring the paper of the same id up to date.

        Parameters
        ----------
        paper : Paper
            The whole record: fields that it lacks are removed.
        hashed : str, optional
            Hash of a fuller text than this record has, from which its vector was computed.
        """
        cut, paper = cuts(paper), cleaned(paper)
        with self._db.writing():
            key = self._db.value("SELECT key FROM papers WHERE id = ?", (paper.id,))
            old = self.get([key])[0] if key is not None else None
            if old == paper and hashed is None:
                return "unchanged"
            if hashed is None:
                hashed = text_hash(paper.text)
                if old and not paper.abstract and not old.abstract and old.title == paper.title:
                    hashed = self._db.value("SELECT text_hash FROM papers WHERE key = ?", (key,))
            values = [getattr(paper, name) for name in PAPER_COLUMNS]
            stored = [one.isoformat() if isinstance(one, date) else one for one in values]
            row = (*stored, hashed, paper.id)
            if key is None:
                key = self._db.insert(f"INSERT INTO papers {_ROW} VALUES {_MARKS}", row)
            else:
                self._db.execute(f"UPDATE papers SET {_ROW} = {_MARKS} WHERE key = ?", (*row, key))
            self._put_parts(key, paper)
            self._words.update([key])
            if cut:
                Journal(self._db).log_change(paper.id, ChangeKind.REVISED, cut)
        return "updated" if old else "added"

    def _put_parts(self, key: int, paper: Paper) -> None:
        db = self._db
        for table in ("authorships", "categories"):
            db.execute(f"DELETE FROM {table} WHERE paper = ?", (key,))
        db.execute_many(
            "INSERT INTO authorships VALUES (?, ?, ?, ?)",
            (
                (key, position, name, normalised_title(name))
                for position, name in enumerate(paper.authors)
            ),
        )
        db.execute_many(
            "INSERT INTO categories VALUES (?, ?, ?)",
            ((key, position, category) for position, category in enumerate(paper.categories)),
        )
        for scheme, value in (
            ("arxiv", paper.arxiv_id),
            ("doi", paper.doi),
            ("title", normalised_title(paper.title)),
        ):
            if value:
                self._identifiers.add(key, scheme, value)

    def rename(self, old: str, new: str) -> None:
        """Give a paper another id; where another paper has it, the two are merged."""
        with self._db.writing():
            key = self._identifiers.key(old)
            target = self._db.value("SELECT key FROM papers WHERE id = ?", (new,))
            if target is None:
                self._db.execute("UPDATE papers SET id = ? WHERE key = ?", (new, key))
            elif target != key:
                self._merge(key, target)
            self._identifiers.add(key if target is None else target, "id", old)

    def _merge(self, key: int, target: int) -> None:
        """Merge paper `key` into paper `target`."""
        db = self._db
        self._note_references(key)
        ChangeStore(db).note([target])
        # Where both are on a list or under a topic, keep the star and the greater confidence.
        db.execute(
            "INSERT INTO list_entries SELECT list, ?, starred, gone FROM list_entries"
            " WHERE paper = ?"
            " ON CONFLICT DO UPDATE SET starred = max(starred, excluded.starred),"
            " gone = CASE WHEN gone IS NULL OR excluded.gone IS NULL THEN NULL ELSE gone END",
            (target, key),
        )
        db.execute(
            "INSERT INTO placements SELECT ?, topic, placed_by, source, confidence"
            " FROM placements WHERE paper = ?"
            " ON CONFLICT DO UPDATE SET confidence = max(confidence, excluded.confidence)",
            (target, key),
        )
        # A card that somebody wrote stays, first one from an abstract.
        worth = "(SELECT 2 * (summary IS NOT NULL) + (record ->> 'by' IS NOT 'model') FROM cards"
        db.execute(
            f"DELETE FROM cards WHERE paper = ? AND {worth} WHERE paper = ?) <"
            f" {worth} WHERE paper = ?)",
            (target, target, key),
        )
        for table, columns in _POINTERS.items():
            for column in columns:
                db.execute(
                    f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {column} = ?", (target, key)
                )
        self._vectors.remove(key)
        self._words.remove(key)
        db.execute("DELETE FROM papers WHERE key = ?", (key,))
        db.execute("DELETE FROM citations WHERE citing = cited")
        # What the two papers were read for may not be what their one card and text say.
        db.execute("DELETE FROM entity_reads WHERE paper = ?", (target,))
        self._words.update([target])

    def remove(self, paper_id: str) -> None:
        """Remove a paper with everything about it."""
        with self._db.writing():
            key = self._identifiers.key(paper_id)
            self._note_references(key)
            self._vectors.remove(key)
            self._words.remove(key)
            self._db.execute("DELETE FROM papers WHERE key = ?", (key,))

    def _note_references(self, key: int) -> None:
        """Record that the papers that cite a paper, which is to go, change."""
        citing = self._db.column("SELECT citing FROM citations WHERE cited = ?", (key,))
        ChangeStore(self._db).note(citing)

    # -- reading ---------------------------------------------------------------------------

    def get(self, keys: Sequence[int]) -> list[Paper]:
        """Return the papers of `keys`, in that order.

        Raises
        ------
        KeyError
            If a key does not exist.
        """
        found = self.found(keys)
        return [found[int(key)] for key in keys]

    def found(self, keys: Sequence[int]) -> dict[int, Paper]:
        """Return those of `keys` that exist, with their papers."""
        wanted = json_keys(keys)
        some = " WHERE paper IN (SELECT value FROM json_each(?)) ORDER BY paper, position"
        authors = self._db.groups("SELECT paper, name FROM authorships" + some, (wanted,))
        categories = self._db.groups("SELECT paper, category FROM categories" + some, (wanted,))
        names, found = (*PAPER_COLUMNS, "id"), dict[int, Paper]()
        with self._db.parsing():
            for row in self._db.rows(
                f"SELECT {_COLUMNS}, id, key FROM papers"
                " WHERE key IN (SELECT value FROM json_each(?))",
                (wanted,),
            ):
                record, key = dict(zip(names, row, strict=False)), row[-1]
                record["authors"] = authors.get(key, ())
                record["categories"] = categories.get(key, ())
                record["withdrawn"] = bool(record["withdrawn"])
                found[key] = paper_of(record)
        return found

    def titles(self, keys: Iterable[int]) -> dict[int, PaperTitle]:
        """Return id, title and date of papers by their keys, without withdrawn ones."""
        rows = self._db.rows(
            "SELECT key, id, title, year, coalesce(appeared, '') FROM papers"
            " WHERE key IN (SELECT value FROM json_each(?)) AND NOT withdrawn",
            (json_keys(keys),),
        )
        return {key: PaperTitle(*row) for key, *row in rows}

    def venues(self) -> dict[str, str]:
        """Return the venues of papers by their normalised names."""
        found = self._db.column("SELECT DISTINCT venue FROM papers WHERE venue IS NOT NULL")
        return {normalised_title(venue): venue for venue in found}

    def appeared(self, keys: Iterable[int]) -> dict[int, str]:
        """Return the day, month or year of each of some papers, as far as it is known."""
        return dict(
            self._db.rows(
                "SELECT key, appeared FROM papers"
                " WHERE key IN (SELECT value FROM json_each(?)) AND appeared IS NOT NULL",
                (json_keys(keys),),
            )
        )

    def by(self, scheme: str, value: str) -> Paper | None:
        """Return the paper that has an identifier, as of `IdentifierStore`, or None."""
        key = self._db.value(
            "SELECT paper FROM identifiers WHERE scheme = ? AND value = ?", (scheme, value)
        )
        return None if key is None else self.get([key])[0]

    def count(self) -> int:
        """Return the number of papers."""
        return int(self._db.value("SELECT count(*) FROM papers"))

    def last_key(self) -> int:
        """Return the greatest key of a paper, 0 where there is none."""
        return int(self._db.settled(LAST_KEY)[0])

    def count_after(self, key: int) -> int:
        """Return how many papers have a greater key: those that came since it was the last."""
        return int(self._db.value("SELECT count(*) FROM papers WHERE key > ?", (key,)))

    def keys(self) -> list[int]:
        """Return the keys of all papers, in order of their ids."""
        return self._db.column("SELECT key FROM papers ORDER BY id")

    def existing(self, keys: Sequence[int]) -> set[int]:
        """Return those of `keys` that a paper has."""
        sql = "SELECT key FROM papers WHERE key IN (SELECT value FROM json_each(?))"
        return set(self._db.column(sql, (json_keys(keys),)))

    def select(self, filters: Filters) -> list[int] | None:
        """Return the keys of the papers that pass `filters`, or None where all do."""
        where, parameters = condition(filters)
        withdrawn = "SELECT EXISTS (SELECT 1 FROM papers WHERE withdrawn)"
        if not where or (where == NOT_WITHDRAWN and not self._db.value(withdrawn)):
            return None
        return self._db.column(f"SELECT key FROM papers WHERE {where} ORDER BY key", parameters)

    def passing(self, keys: Iterable[int], filters: Filters) -> set[int]:
        """Return those of some papers that pass `filters`; each is looked up."""
        some = set(keys)
        if filters.among is not None:
            some &= set(filters.among)
        among = replace(filters, among=tuple(sorted(some)))
        where, parameters = condition(among, self.last_key())
        return set(self._db.column(f"SELECT key FROM papers WHERE {where}", parameters))

    @staticmethod
    def all_pass(filters: Filters) -> bool:
        """Return whether `filters` state no condition: any paper passes."""
        return not condition(filters)[0]

    def newest(self, filters: Filters, most: int) -> list[int]:
        """Return the papers that pass, last published first."""
        where, parameters = condition(filters)
        return self._db.column(
            f"SELECT key FROM papers WHERE {where or 1} ORDER BY appeared DESC, key DESC LIMIT ?",
            (*parameters, most),
        )

    def category_counts(self) -> list[tuple[str, int]]:
        """Return every category with the number of its papers, the most frequent first."""
        return self._db.rows(
            "SELECT category, count(*) FROM categories JOIN papers ON key = paper"
            " WHERE NOT withdrawn GROUP BY category ORDER BY 2 DESC, 1"
        )

    def arxiv_ids(self) -> list[str]:
        """Return the arXiv ids of all papers that have one, in order."""
        sql = "SELECT arxiv_id FROM papers WHERE arxiv_id IS NOT NULL ORDER BY arxiv_id"
        return self._db.column(sql)

    def without_arxiv_id(self) -> list[tuple[str, str]]:
        """Return (id, title) of all papers that have no arXiv id, in order of their ids."""
        return self._db.rows("SELECT id, title FROM papers WHERE arxiv_id IS NULL ORDER BY id")

    def withdrawn(self) -> list[int]:
        """Return the keys of the papers that are known to be withdrawn."""
        return self._db.column("SELECT key FROM papers WHERE withdrawn")

    def is_withdrawn(self, arxiv_id: str | None) -> bool:
        """Return whether the paper of this arXiv id is known to be withdrawn."""
        return bool(self._db.value("SELECT withdrawn FROM papers WHERE arxiv_id = ?", (arxiv_id,)))
