"""What papers are filtered by, as caches read it: each value with the papers that have it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from kg.cards.card import CHOICES
from kg.store.database import Store, json_keys

_SOURCES: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "appeared": ("coalesce(appeared, '')", "papers.key", "papers", "1"),
    "withdrawn": ("''", "papers.key", "papers", "withdrawn"),
    "topic": ("topic", "paper", "placements", "1"),
    "category": ("category", "paper", "categories", "1"),
    "code": ("''", "paper", "links", "kind = 'code' AND NOT shared"),
    **{
        name: ("card_values.value", "paper", "card_values", f"field = '{name}'") for name in CHOICES
    },
}
"""Name -> SQL of the value, of the paper's key, the table, and which of its rows."""

FACETS: Final = tuple(_SOURCES)
"""The names: ``appeared``, ``withdrawn``, ``topic``, ``category``, ``code``, and the fields of
cards that are filtered by. Every paper has one value of ``appeared``, empty where that is unknown;
those of ``withdrawn`` and ``code`` are empty."""


class FacetStore(Store):
    """Values of papers, read in the order of the values."""

    def values(self, facet: str, among: Sequence[int] | None = None) -> Iterator[tuple[str, str]]:
        """Yield each value with the keys of the papers that have it, with commas between them.

        The keys are in no order, and may come several times. Of ``code`` all links count, whether
        they are gone or not: see `gone`.

        Parameters
        ----------
        facet : str
            One of `FACETS`.
        among : sequence of int, optional
            Keys of the only papers that are looked at.
        """
        value, key, table, where = _SOURCES[facet]
        parameters: tuple[str, ...] = ()
        if among is not None:
            # CROSS JOIN keeps the order of the loops: each of the papers is looked up.
            table = f"json_each(?) AS one CROSS JOIN {table} ON {key} = one.value"
            parameters = (json_keys(among),)
        # Joined by SQLite, which is several times faster than a row for each paper; one value at a
        # time, as all together may be large.
        with self._db.translating_errors(), self._db.parsing():
            yield from self._db.connection.execute(
                f"SELECT {value}, group_concat({key}) FROM {table} WHERE {where} GROUP BY 1",
                parameters,
            )

    def gone(self) -> list[int]:
        """Return the papers that have links to code, all of which are gone."""
        good = "kind = 'code' AND NOT shared"
        return self._db.column(
            # CROSS JOIN keeps the order of the loops: few links are gone.
            "SELECT DISTINCT paper FROM link_checks AS gone CROSS JOIN links AS one"
            f" ON one.url = gone.url WHERE state = 'gone' AND {good} AND NOT EXISTS"
            f" (SELECT 1 FROM links WHERE paper = one.paper AND {good}"
            " AND url NOT IN (SELECT url FROM link_checks WHERE state = 'gone'))"
        )
