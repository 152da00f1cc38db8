"""Identifiers: earlier ids, arXiv ids, DOIs and titles by which papers are looked up."""

import json
from collections.abc import Sequence

from kg.errors import NotFound
from kg.ids.arxiv_id import parse_arxiv_id
from kg.ids.doi import parse_doi
from kg.ids.titles import normalised_title
from kg.store.database import Store
from kg.store.words import WordStore


class IdentifierStore(Store):
    """The identifiers of papers, and the conflicts between those that sources give.

    The scheme of an identifier is ``id`` (an earlier id), ``arxiv``, ``doi`` or ``title``.
    """

    # -- writing ---------------------------------------------------------------------------

    def add(self, key: int, scheme: str, value: str) -> None:
        """Add an identifier of a paper unless it is taken."""
        self._db.execute("INSERT OR IGNORE INTO identifiers VALUES (?, ?, ?)", (scheme, value, key))

    def remove(self, scheme: str, value: str) -> None:
        """Remove an identifier."""
        self._db.execute("DELETE FROM identifiers WHERE scheme = ? AND value = ?", (scheme, value))

    def add_conflict(self, scheme: str, value: str, title: str, source: str) -> None:
        """Record that `source` gives `value` to a paper with another title than its holder's."""
        self._db.execute(
            "INSERT OR IGNORE INTO conflicts VALUES (?, ?, ?, ?)",
            (scheme, value, title, source),
        )

    # -- reading ---------------------------------------------------------------------------

    def find(self, scheme: str, value: str) -> str | None:
        """Return the id of the paper that has this identifier, or None."""
        found: str | None = self._db.value(
            "SELECT id FROM identifiers JOIN papers ON key = paper WHERE scheme = ? AND value = ?",
            (scheme, value),
        )
        return found

    def has_any(self, scheme: str, values: Sequence[str]) -> bool:
        """Return whether any of some identifiers is a paper's."""
        sql = (
            "SELECT EXISTS (SELECT 1 FROM json_each(?) AS one CROSS JOIN identifiers"
            " ON scheme = ? AND identifiers.value = one.value)"
        )
        return bool(self._db.value(sql, (json.dumps(values), scheme)))

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
        key = self.look_up(name)
        if key is None:
            raise NotFound("paper", name, self._nearest(name))
        return key

    def look_up(self, name: str) -> int | None:
        """Return the key of the paper that `name` means, as `key` does, or None."""
        key: int | None = self._db.value("SELECT key FROM papers WHERE id = ?", (name,))
        for scheme, value in (
            ("id", name),
            ("arxiv", parse_arxiv_id(name)),
            ("doi", parse_doi(name)),
            ("title", normalised_title(name)),
        ):
            if key is None and value:
                sql = "SELECT paper FROM identifiers WHERE scheme = ? AND value = ?"
                key = self._db.value(sql, (scheme, value))
        return key

    def _nearest(self, name: str) -> list[str]:
        import difflib  # Only errors suggest names.

        wanted = parse_arxiv_id(name) or name.strip()
        if any(c.isalpha() for c in wanted) and not wanted.startswith(("doi:", "title:")):
            found = WordStore(self._db).similar_titles(name, 3)
            if found:
                return found
        if any(map(str.isspace, wanted)):
            return []
        # Nobody knows the ids that are made of titles.
        named = "" if wanted.startswith("title:") else " WHERE id NOT LIKE 'title:%'"
        ids = self._db.column(f"SELECT id FROM papers{named} ORDER BY id")
        alike = [i for i in ids if i[:2] == wanted[:2]] or ids
        return difflib.get_close_matches(wanted, alike, n=3, cutoff=0.5)

    def keys(self, ids: Sequence[str]) -> dict[str, int]:
        """Return, by id, the keys of the papers that have these ids, or had them before.

        Ids that no paper ever had are left out.
        """
        wanted = json.dumps(list(ids))
        rows = self._db.rows(
            "SELECT value, paper FROM identifiers WHERE scheme IN ('id', 'arxiv')"
            " AND value IN (SELECT value FROM json_each(?))"
            " UNION ALL SELECT id, key FROM papers WHERE id IN (SELECT value FROM json_each(?))",
            (wanted, wanted),
        )
        return dict(rows)

    def is_id(self, text: str) -> bool:
        """Return whether a text is, or was, the id of a paper."""
        return bool(self.keys([text]))

    def titles(self, paper_id: str) -> list[str]:
        """Return all normalised titles of a paper; none where there is no such paper."""
        return self._db.column(
            "SELECT value FROM identifiers JOIN papers ON key = paper"
            " WHERE scheme = 'title' AND id = ?",
            (paper_id,),
        )

    def additional(self) -> dict[int, list[tuple[str, str]]]:
        """Return, by key, the (scheme, value) of identifiers that are not in the paper's record."""
        names: dict[int, list[tuple[str, str]]] = {}
        for key, scheme, value, title, arxiv, own_doi in self._db.rows(
            "SELECT key, scheme, value, title, arxiv_id, doi FROM identifiers"
            " JOIN papers ON key = paper ORDER BY key, scheme, value"
        ):
            own = {"arxiv": arxiv, "doi": own_doi, "title": normalised_title(title)}
            if value != own.get(scheme):
                names.setdefault(key, []).append((scheme, value))
        return names

    def has_conflict(self, scheme: str, value: str, title: str) -> bool:
        """Return whether a conflict of this identifier with this title is recorded."""
        sql = "SELECT EXISTS (SELECT 1 FROM conflicts WHERE (scheme, value, title) = (?, ?, ?))"
        return bool(self._db.value(sql, (scheme, value, title)))

    def conflicts(self) -> list[tuple[str, str, str, str]]:
        """Return every conflict as (scheme, value, title, source)."""
        sql = "SELECT scheme, value, title, source FROM conflicts ORDER BY 1, 2, 3, 4"
        return self._db.rows(sql)
