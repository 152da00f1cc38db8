"""Authors by their folded names: in lower case, without accents."""

import json
from collections.abc import Sequence

from kg.records import Filters
from kg.store.database import Store
from kg.store.filter_sql import APPEARED, condition


class AuthorStore(Store):
    """The authors of papers; `PaperStore.put` writes them."""

    def ending_with(self, word: str) -> list[str]:
        """Return the folded names that end with a word, each once."""
        return self._db.column(
            "SELECT DISTINCT folded FROM authorships"
            " WHERE substr(' ' || folded, -length(?)) = ? ORDER BY folded",
            (f" {word}", f" {word}"),
        )

    def starting_with(self, text: str) -> list[str]:
        """Return the folded names that start with a text, each once."""
        sql = "SELECT DISTINCT folded FROM authorships WHERE folded >= ? AND folded < ?"
        return self._db.column(sql, (text, f"{text}\U0010ffff"))

    def papers(self, names: Sequence[str], filters: Filters) -> list[int]:
        """Return the papers by any of some folded names that pass, last published first."""
        where, parameters = condition(filters)
        return self._db.column(
            "SELECT key FROM papers WHERE key IN (SELECT paper FROM authorships"
            f" WHERE folded IN (SELECT value FROM json_each(?))) AND {where or 1}"
            f" ORDER BY coalesce({APPEARED}, '') DESC, key DESC",
            (json.dumps(list(names)), *parameters),
        )
