"""Authors by their folded names: in lower case, without accents."""

import json
from collections.abc import Iterable, Sequence

from kg.records import Filters
from kg.store.database import Store
from kg.store.filter_sql import SURNAME, condition


class AuthorStore(Store):
    """The authors of papers; `PaperStore.put` writes them."""

    def surnames(self, words: Iterable[str]) -> set[str]:
        """Return those of some folded words that are the last word of an author's name."""
        return set(
            self._db.column(
                "SELECT value FROM json_each(?) AS word WHERE EXISTS"
                f" (SELECT 1 FROM authorships WHERE {SURNAME} = word.value)",
                (json.dumps(list(words)),),
            )
        )

    def ending_with(self, text: str) -> list[str]:
        """Return the folded names that end with some folded words, each once."""
        return self._db.column(
            f"SELECT DISTINCT folded FROM authorships WHERE {SURNAME} = ?"
            " AND substr(' ' || folded, -length(?)) = ? ORDER BY folded",
            (text.rpartition(" ")[2], f" {text}", f" {text}"),
        )

    def between(self, ends: Iterable[tuple[str, str]]) -> list[str]:
        """Return the folded names that start with a text and end with a word, each once.

        Parameters
        ----------
        ends : iterable of (str, str)
            The text, such as an initial, or a word and a space; and the last word.
        """
        return self._db.column(
            "SELECT DISTINCT folded FROM json_each(?) AS ends CROSS JOIN authorships"
            f" ON {SURNAME} = ends.value ->> 1 AND folded >= ends.value ->> 0"
            " AND folded < (ends.value ->> 0) || ? ORDER BY folded",
            (json.dumps(list(ends)), "\U0010ffff"),
        )

    def written(self, folded: Sequence[str]) -> list[str]:
        """Return the names that are some folded names, the most frequent first."""
        return self._db.column(
            "SELECT name FROM authorships WHERE folded IN (SELECT value FROM json_each(?))"
            " GROUP BY name ORDER BY count(*) DESC, name",
            (json.dumps(list(folded)),),
        )

    def papers(self, names: Sequence[str], filters: Filters) -> list[int]:
        """Return the papers by any of some folded names that pass, last published first."""
        where, parameters = condition(filters)
        return self._db.column(
            "SELECT key FROM papers WHERE key IN (SELECT paper FROM authorships"
            f" WHERE folded IN (SELECT value FROM json_each(?))) AND {where or 1}"
            f" ORDER BY coalesce(appeared, '') DESC, key DESC",
            (json.dumps(list(names)), *parameters),
        )
