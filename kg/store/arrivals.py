"""Arrivals: when papers entered the atlas, and when the journal last recorded a change of them."""

import json
from collections.abc import Sequence
from datetime import datetime

from kg.records import Filters
from kg.store.database import Store
from kg.store.filter_sql import condition
from kg.values import dataclass


@dataclass(frozen=True, slots=True)
class Arrival:
    """When one paper entered the atlas."""

    key: int
    """The paper's key."""
    entered: datetime | None
    """When a refresh added it, UTC; None where it came with the snapshot or a file."""
    changed: datetime | None
    """Time of its last change in the journal, UTC; None where there is none."""


class ArrivalStore(Store):
    """The arrivals of papers, read from the journal."""

    def get(self, filters: Filters, most: int, among: Sequence[str] | None = None) -> list[Arrival]:
        """Return the papers that pass, only those `among` some ids where such are given.

        The last entered come first, then the last published.
        """
        where, parameters = condition(filters)
        if among is not None:
            where = f"{where or 1} AND id IN (SELECT value FROM json_each(?))"
            parameters.append(json.dumps(list(among)))
        rows = self._db.rows(
            "SELECT papers.key, entered, changed FROM papers LEFT JOIN (SELECT paper AS known,"
            " min(CASE WHEN kind = 'added' THEN at END) AS entered, max(at) AS changed"
            f" FROM changes GROUP BY paper) ON known = id WHERE {where or 1}"
            f" ORDER BY coalesce(entered, '') DESC, coalesce(appeared, '') DESC, id DESC LIMIT ?",
            (*parameters, most),
        )
        with self._db.parsing():
            return [
                Arrival(key, *(datetime.fromisoformat(time) if time else None for time in times))
                for key, *times in rows
            ]
