"""The catalogue: the one truth about papers, in SQLite. All SQL of the project is here.

Reads may run in any thread; each thread has its own connection. Writes happen inside
`writing`, which commits all or nothing and moves the revision on when anything changed.
"""

import difflib
import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from kg.entities import Paper, PlacedBy, Placement
from kg.errors import NotFound
from kg.graph.arrays import CitationArrays
from kg.graph.rows import Neighbourhood
from kg.ids.arxiv_id import parse_arxiv_id
from kg.ids.doi import parse_doi
from kg.ids.titles import normalised_title
from kg.store.arrivals import ArrivalLog
from kg.store.candidates import Candidates
from kg.store.citations import CitationStore
from kg.store.clean_record import cleaned, cuts, searched_title
from kg.store.journal import ChangeKind
from kg.store.positions import PositionStore
from kg.store.selection import Selection
from kg.store.vectors import VectorStore, text_hash

_POINTERS = {
    "identifiers": ("paper",),
    "citations": ("citing", "cited"),
    "outside_references": ("citing",),
    "reference_checks": ("paper",),
}
"""Tables whose rows follow a paper that becomes part of another."""


class Catalogue(
    Selection,
    VectorStore,
    PositionStore,
    CitationStore,
    CitationArrays,
    Neighbourhood,
    Candidates,
    ArrivalLog,
):
    """An open catalogue of papers.

    Parameters
    ----------
    path : Path
        The SQLite file; it is made, with its folder, where it does not exist.

    Raises
    ------
    CatalogueError
        If the file cannot be opened; its subclasses say why.
    """

    # -- the whole -------------------------------------------------------------------------

    def size(self) -> int:
        """Return the number of papers."""
        return int(self._one("SELECT count(*) FROM papers"))

    def counts(self) -> dict[str, int]:
        """Return the number of papers, authors, placements, citations and so on."""
        queries = {
            "papers": "SELECT count(*) FROM papers",
            "with_abstract": "SELECT count(*) FROM papers WHERE abstract IS NOT NULL",
            "with_arxiv_id": "SELECT count(*) FROM papers WHERE arxiv_id IS NOT NULL",
            "withdrawn": "SELECT count(*) FROM papers WHERE withdrawn",
            "authors": "SELECT count(DISTINCT name) FROM authorships",
            "placed": "SELECT count(DISTINCT paper) FROM placements",
            "citations": "SELECT count(*) FROM (SELECT DISTINCT citing, cited FROM citations)",
            "lists": "SELECT count(DISTINCT list) FROM list_entries",
            "conflicts": "SELECT count(*) FROM conflicts",
            "to_review": "SELECT count(*) FROM reviews",
        }
        return {name: int(self._one(sql)) for name, sql in queries.items()}

    # -- writing papers --------------------------------------------------------------------

    def put(
        self, paper: Paper, hashed: str | None = None
    ) -> Literal["added", "updated", "unchanged"]:
        """Add `paper`, or bring the paper of the same id up to date.

        Parameters
        ----------
        paper : Paper
            All that is known of it; what is absent here becomes absent there.
        hashed : str, optional
            Hash of a fuller text than this record has, known by whoever made its vector.

        Returns
        -------
        str
            ``"added"``, ``"updated"`` or ``"unchanged"``.
        """
        cut, paper = cuts(paper), cleaned(paper)
        with self.writing():
            key = self._one("SELECT key FROM papers WHERE id = ?", (paper.id,))
            old = self.papers([key])[0] if key is not None else None
            if old == paper and hashed is None:
                return "unchanged"
            if hashed is None:
                hashed = text_hash(paper.text)
                if old and not paper.abstract and not old.abstract and old.title == paper.title:
                    hashed = self._one("SELECT text_hash FROM papers WHERE key = ?", (key,))
            values = (
                paper.title,
                paper.abstract,
                paper.published and paper.published.isoformat(),
                paper.updated and paper.updated.isoformat(),
                paper.year,
                paper.venue,
                paper.arxiv_id,
                paper.doi,
                paper.url,
                paper.comment,
                paper.journal_ref,
                paper.withdrawn,
                paper.version,
                hashed,
                paper.id,
            )
            if key is None:
                key = self._db.execute(
                    "INSERT INTO papers (title, abstract, published, updated, year, venue,"
                    " arxiv_id, doi, url, comment, journal_ref, withdrawn, version, text_hash, id)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    values,
                ).lastrowid
                assert key is not None
            else:
                self._db.execute(
                    "UPDATE papers SET title = ?, abstract = ?, published = ?, updated = ?,"
                    " year = ?, venue = ?, arxiv_id = ?, doi = ?, url = ?, comment = ?,"
                    " journal_ref = ?, withdrawn = ?, version = ?, text_hash = ? WHERE id = ?",
                    values,
                )
            self._put_parts(key, paper)
            if cut:
                self.log_change(paper.id, ChangeKind.REVISED, cut)
        return "updated" if old else "added"

    def _put_parts(self, key: int, paper: Paper) -> None:
        db = self._db
        for table in ("authorships", "categories"):
            db.execute(f"DELETE FROM {table} WHERE paper = ?", (key,))
        db.executemany(
            "INSERT INTO authorships VALUES (?, ?, ?, ?)",
            (
                (key, position, name, normalised_title(name))
                for position, name in enumerate(paper.authors)
            ),
        )
        db.executemany(
            "INSERT INTO categories VALUES (?, ?, ?)",
            ((key, position, category) for position, category in enumerate(paper.categories)),
        )
        for scheme, value in (
            ("arxiv", paper.arxiv_id),
            ("doi", paper.doi),
            ("title", normalised_title(paper.title)),
        ):
            if value:
                self.name(key, scheme, value)
        db.execute("DELETE FROM words WHERE rowid = ?", (key,))
        db.execute(
            "INSERT INTO words (rowid, title, abstract, authors) VALUES (?, ?, ?, ?)",
            (
                key,
                searched_title(paper.title),
                paper.abstract or "",
                ", ".join(paper.authors),
            ),
        )

    def name(self, key: int, scheme: str, value: str) -> None:
        """Let the paper be found by `value` too, unless another paper is."""
        with self.writing():
            self._db.execute(
                "INSERT OR IGNORE INTO identifiers VALUES (?, ?, ?)", (scheme, value, key)
            )

    def forget_name(self, scheme: str, value: str) -> None:
        """Let no paper be found by `value` any more."""
        with self.writing():
            self._db.execute(
                "DELETE FROM identifiers WHERE scheme = ? AND value = ?", (scheme, value)
            )

    def rename(self, old: str, new: str) -> None:
        """Give a paper a better id; where another paper has it, the two become one."""
        with self.writing():
            key = self.key(old)
            target = self._one("SELECT key FROM papers WHERE id = ?", (new,))
            if target is None:
                self._db.execute("UPDATE papers SET id = ? WHERE key = ?", (new, key))
            elif target != key:
                self._join(key, target)
            self.name(key if target is None else target, "id", old)

    def _join(self, key: int, target: int) -> None:
        """Let paper `key` become part of paper `target`."""
        db = self._db
        # Where both are on a list or under a topic, the star and the greater confidence stay.
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
        for table, columns in _POINTERS.items():
            for column in columns:
                db.execute(
                    f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {column} = ?", (target, key)
                )
        self.drop_vectors(key)
        db.execute("DELETE FROM words WHERE rowid = ?", (key,))
        db.execute("DELETE FROM papers WHERE key = ?", (key,))
        db.execute("DELETE FROM citations WHERE citing = cited")

    def place(self, paper_id: str, placements: Iterable[Placement]) -> None:
        """Add placements; the same placement by the same source is renewed."""
        with self.writing():
            key = self.key(paper_id)
            self._db.executemany(
                "INSERT INTO placements VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET confidence = excluded.confidence"
                " WHERE confidence != excluded.confidence",
                ((key, p.topic, p.placed_by, p.source, p.confidence) for p in placements),
            )

    def unplace(self, paper_id: str, placed_by: PlacedBy) -> None:
        """Take back the placements of a paper by a list, a model or a person."""
        with self.writing():
            self._db.execute(
                "DELETE FROM placements WHERE paper = ? AND placed_by = ?",
                (self.key(paper_id), placed_by),
            )

    def remove(self, paper_id: str) -> None:
        """Forget a paper with all that is known of it."""
        with self.writing():
            key = self.key(paper_id)
            self.drop_vectors(key)
            self._db.execute("DELETE FROM words WHERE rowid = ?", (key,))
            self._db.execute("DELETE FROM papers WHERE key = ?", (key,))

    def list_entry(self, paper_id: str, list_name: str, starred: bool) -> None:
        """Record that a list names the paper."""
        with self.writing():
            self._db.execute(
                "INSERT INTO list_entries VALUES (?, ?, ?, NULL) ON CONFLICT DO UPDATE"
                " SET starred = max(starred, excluded.starred), gone = NULL"
                " WHERE starred < excluded.starred OR gone IS NOT NULL",
                (list_name, self.key(paper_id), starred),
            )

    def unlist(self, list_name: str, keys: Sequence[int], day: date) -> None:
        """Mark the papers of `keys` as gone from a list since `day`."""
        with self.writing():
            self._db.execute(
                "UPDATE list_entries SET gone = ? WHERE list = ? AND gone IS NULL"
                " AND paper IN (SELECT value FROM json_each(?))",
                (day.isoformat(), list_name, json.dumps([int(key) for key in keys])),
            )

    def conflict(self, scheme: str, value: str, title: str, source: str) -> None:
        """Record that `source` gives `value` to a paper with another title than its holder's."""
        with self.writing():
            self._db.execute(
                "INSERT OR IGNORE INTO conflicts VALUES (?, ?, ?, ?)",
                (scheme, value, title, source),
            )

    def has_conflict(self, scheme: str, value: str, title: str) -> bool:
        """Return whether it is on record that the title's paper does not have this identifier."""
        sql = "SELECT EXISTS (SELECT 1 FROM conflicts WHERE (scheme, value, title) = (?, ?, ?))"
        return bool(self._one(sql, (scheme, value, title)))

    # -- reading papers --------------------------------------------------------------------

    def find(self, scheme: str, value: str) -> str | None:
        """Return the id of the paper that has this identifier, or None."""
        found = self._one(
            "SELECT id FROM identifiers JOIN papers ON key = paper WHERE scheme = ? AND value = ?",
            (scheme, value),
        )
        return str(found) if found is not None else None

    def key(self, name: str) -> int:
        """Return the key of the paper that `name` means.

        Parameters
        ----------
        name : str
            The paper's id, an arXiv id or link, a DOI or DOI link, or the exact title.

        Raises
        ------
        NotFound
            If there is none; carries the nearest ids.
        """
        key = self._one("SELECT key FROM papers WHERE id = ?", (name,))
        if key is None:
            for scheme, value in (
                ("id", name),
                ("arxiv", parse_arxiv_id(name)),
                ("doi", parse_doi(name)),
                ("title", normalised_title(name)),
            ):
                if value and (found := self.find(scheme, value)):
                    return self.key(found)
            raise NotFound("paper", name, self._nearest(name))
        return int(key)

    def _nearest(self, name: str) -> list[str]:
        wanted = parse_arxiv_id(name) or name.strip()
        words = " OR ".join(f'"{word}"' for word in normalised_title(name).split())
        is_id = wanted.startswith(("doi:", "title:"))
        if any(c.isalpha() for c in wanted) and words and not is_id:
            rows = self._rows(
                "SELECT id FROM words JOIN papers ON key = words.rowid"
                " WHERE words MATCH ? ORDER BY rank LIMIT 3",
                ("title : (" + words + ")",),
            )
            if rows:
                return [row[0] for row in rows]
        ids = [row[0] for row in self._rows("SELECT id FROM papers ORDER BY id")]
        alike = [i for i in ids if i[:2] == wanted[:2]] or ids
        return difflib.get_close_matches(wanted, alike, n=3, cutoff=0.5)

    def arxiv_ids(self) -> list[str]:
        """Return the arXiv ids of all papers that have one, in order."""
        sql = "SELECT arxiv_id FROM papers WHERE arxiv_id IS NOT NULL ORDER BY arxiv_id"
        return [row[0] for row in self._rows(sql)]

    def without_arxiv_id(self) -> list[tuple[str, str]]:
        """Return (id, title) of all papers that have no arXiv id, in order of their ids."""
        return self._rows("SELECT id, title FROM papers WHERE arxiv_id IS NULL ORDER BY id")

    def is_withdrawn(self, arxiv_id: str | None) -> bool:
        """Return whether the paper of this arXiv id is known to be withdrawn."""
        return bool(self._one("SELECT withdrawn FROM papers WHERE arxiv_id = ?", (arxiv_id,)))

    def titles(self, paper_id: str) -> list[str]:
        """Return all titles (normalised) under which the paper is known, if it is."""
        sql = (
            "SELECT value FROM identifiers JOIN papers ON key = paper"
            " WHERE scheme = 'title' AND id = ?"
        )
        return [row[0] for row in self._rows(sql, (paper_id,))]

    def other_names(self) -> dict[int, list[tuple[str, str]]]:
        """Return, by key, the identifiers that a paper has beside those of its own record."""
        names: dict[int, list[tuple[str, str]]] = {}
        for key, scheme, value, title, arxiv, own_doi in self._rows(
            "SELECT key, scheme, value, title, arxiv_id, doi FROM identifiers"
            " JOIN papers ON key = paper ORDER BY key, scheme, value"
        ):
            own = {"arxiv": arxiv, "doi": own_doi, "title": normalised_title(title)}
            if value != own.get(scheme):
                names.setdefault(key, []).append((scheme, value))
        return names

    def papers(self, keys: Sequence[int]) -> list[Paper]:
        """Return the papers of `keys`, in that order.

        Raises
        ------
        KeyError
            If a key does not exist.
        """
        wanted = json.dumps([int(key) for key in keys])
        some = " WHERE paper IN (SELECT value FROM json_each(?)) ORDER BY paper, position"
        authors: dict[int, list[str]] = {}
        for key, name in self._rows("SELECT paper, name FROM authorships" + some, (wanted,)):
            authors.setdefault(key, []).append(name)
        categories: dict[int, list[str]] = {}
        for key, name in self._rows("SELECT paper, category FROM categories" + some, (wanted,)):
            categories.setdefault(key, []).append(name)
        with self._clear_values():
            found = {
                row[0]: Paper(
                    id=row[1],
                    title=row[2],
                    authors=tuple(authors.get(row[0], ())),
                    abstract=row[3],
                    published=date.fromisoformat(row[4]) if row[4] else None,
                    updated=date.fromisoformat(row[5]) if row[5] else None,
                    year=row[6],
                    venue=row[7],
                    arxiv_id=row[8],
                    doi=row[9],
                    url=row[10],
                    categories=tuple(categories.get(row[0], ())),
                    comment=row[11],
                    journal_ref=row[12],
                    withdrawn=bool(row[13]),
                    version=row[14],
                )
                for row in self._rows(
                    "SELECT key, id, title, abstract, published, updated, year, venue, arxiv_id,"
                    " doi, url, comment, journal_ref, withdrawn, version FROM papers"
                    " WHERE key IN (SELECT value FROM json_each(?))",
                    (wanted,),
                )
            }
        return [found[int(key)] for key in keys]

    def placements(self, keys: Sequence[int]) -> dict[int, list[Placement]]:
        """Return the placements of each paper of `keys` that has any, the surest first."""
        placed: dict[int, list[Placement]] = {}
        for key, topic, placed_by, source, confidence in self._rows(
            "SELECT paper, topic, placed_by, source, confidence FROM placements"
            " WHERE paper IN (SELECT value FROM json_each(?)) ORDER BY confidence DESC, topic",
            (json.dumps([int(key) for key in keys]),),
        ):
            placed.setdefault(key, []).append(
                Placement(topic, PlacedBy(placed_by), source, confidence)
            )
        return placed

    def topic_papers(self) -> list[tuple[str, int]]:
        """Return every (topic, key) pair of a placed paper that is not withdrawn, once."""
        return self._rows(
            "SELECT DISTINCT topic, paper FROM placements JOIN papers ON key = paper"
            " WHERE NOT withdrawn"
        )

    def lists_of(self, key: int) -> list[str]:
        """Return the names of the lists that name the paper."""
        sql = "SELECT list FROM list_entries WHERE paper = ? ORDER BY list"
        return [row[0] for row in self._rows(sql, (key,))]

    def listed(self, list_name: str, gone: bool = False) -> dict[int, str]:
        """Return, by key, the ids of the papers that a list names, or no longer names."""
        sql = (
            "SELECT key, id FROM list_entries JOIN papers ON key = paper"
            " WHERE list = ? AND (gone IS NOT NULL) = ? ORDER BY key"
        )
        return dict(self._rows(sql, (list_name, gone)))

    def all_list_entries(self) -> list[tuple[str, str, int]]:
        """Return every list entry as (list, paper id, starred)."""
        return self._rows(
            "SELECT list, id, starred FROM list_entries JOIN papers ON key = paper ORDER BY 1, 2"
        )

    def all_conflicts(self) -> list[tuple[str, str, str, str]]:
        """Return every conflict as (scheme, value, title, source)."""
        return self._rows("SELECT scheme, value, title, source FROM conflicts ORDER BY 1, 2, 3, 4")
