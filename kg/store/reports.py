"""Reports: what services say of papers over the whole literature, such as citation counts.

They are never mixed with the citations among the papers of the atlas.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from kg.store.database import Store, json_keys
from kg.values import dataclass


@dataclass(frozen=True, slots=True)
class Report:
    """What one service says of one paper."""

    source: str
    """Name of the service."""
    reported: date
    """When it said so, UTC."""
    citations: int | None = None
    """How often all papers that it knows cite this one."""
    open_access: str | None = None
    """Address of a free copy."""
    venue: str | None = None


class ReportStore(Store):
    """The reports about papers."""

    def put(self, key: int, report: Report) -> None:
        """Store a service's report about a paper in place of its earlier one.

        Nothing is stored of a paper that was removed or merged meanwhile.
        """
        self._db.execute(
            "INSERT INTO reports SELECT key, ?, ?, ?, ?, ? FROM papers WHERE key = ?"
            " ON CONFLICT DO UPDATE SET"
            " citations = excluded.citations, open_access = excluded.open_access,"
            " venue = excluded.venue, reported = excluded.reported",
            (
                report.source,
                report.citations,
                report.open_access,
                report.venue,
                report.reported.isoformat(),
                key,
            ),
        )

    def get(self, keys: Sequence[int]) -> dict[int, list[Report]]:
        """Return the reports about each paper of `keys` that has any, the most citations first."""
        found: dict[int, list[Report]] = {}
        with self._db.parsing():
            for key, source, citations, open_access, venue, reported in self._db.rows(
                "SELECT paper, source, citations, open_access, venue, reported FROM reports"
                " WHERE paper IN (SELECT value FROM json_each(?))"
                " ORDER BY coalesce(citations, -1) DESC, source",
                (json_keys(keys),),
            ):
                day = date.fromisoformat(reported)
                found.setdefault(key, []).append(Report(source, day, citations, open_access, venue))
        return found

    def citations(self, keys: Iterable[int]) -> dict[int, int]:
        """Return the most citations that a service counts of each of some papers, if one does."""
        return dict(
            self._db.rows(
                "SELECT paper, max(citations) AS most FROM reports"
                " WHERE paper IN (SELECT value FROM json_each(?)) GROUP BY paper"
                " HAVING most IS NOT NULL",
                (json_keys(keys),),
            )
        )
