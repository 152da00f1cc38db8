"""Links of papers, and what their hosts answered."""

from collections.abc import Iterable, Sequence
from datetime import date

from kg.links import Link, LinkKind, LinkState, canonical_link
from kg.store.database import Store, json_keys
from kg.store.identifiers import IdentifierStore


class LinkStore(Store):
    """The links of papers."""

    def add(self, paper_id: str, links: Iterable[Link]) -> int:
        """Add links of a paper, and return how many rows changed.

        A link that `canonical_link` refuses is left out.
        """
        with self._db.writing():
            key = IdentifierStore(self._db).key(paper_id)
            made = ((link, canonical_link(link.url)) for link in links)
            return self._db.execute_many(
                "INSERT INTO links VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET official = excluded.official"
                " WHERE excluded.official IS NOT official AND excluded.official IS NOT NULL",
                [(key, link.kind, url, link.source, link.official) for link, url in made if url],
            )

    def remove(self, paper_id: str, source: str) -> None:
        """Remove the links of a paper that a source told."""
        with self._db.writing():
            self._db.execute(
                "DELETE FROM links WHERE paper = ? AND source = ?",
                (IdentifierStore(self._db).key(paper_id), source),
            )

    def get(self, keys: Sequence[int]) -> dict[int, list[Link]]:
        """Return the links of each paper of `keys` that has any, each once.

        By kind in the order of `LinkKind`; of a kind, those that a source calls official first,
        those called unofficial last, then those that most sources tell. A link that several sources
        tell has the first of them by name.
        """
        found: dict[int, list[Link]] = {}
        with self._db.parsing():
            for key, kind, url, source, official, state, moved_to, checked in self._db.rows(
                "SELECT links.paper, links.kind, min(links.url), min(links.source),"
                " max(links.official), state, moved_to, checked"
                " FROM links LEFT JOIN link_checks ON link_checks.url = links.url"
                " WHERE links.paper IN (SELECT value FROM json_each(?))"
                " GROUP BY links.paper, links.kind, links.url"
                " ORDER BY coalesce(max(links.official), 0.5) DESC, count(*) DESC, links.url",
                (json_keys(keys),),
            ):
                found.setdefault(key, []).append(
                    Link(
                        LinkKind(kind),
                        url,
                        source,
                        None if official is None else bool(official),
                        LinkState(state) if state else None,
                        moved_to,
                        date.fromisoformat(checked) if checked else None,
                    )
                )
        order = list(LinkKind)
        for links in found.values():
            links.sort(key=lambda link: order.index(link.kind))
        return found

    def all(self) -> list[tuple[str, str, str, str, int | None]]:
        """Return every row as (paper id, kind, url, source, official), in order."""
        return self._db.rows(
            "SELECT id, kind, url, source, official FROM links JOIN papers ON key = paper"
            " ORDER BY 1, 2, 3, 4"
        )

    def unchecked(self, kind: LinkKind, before: date) -> list[str]:
        """Return the links of a kind whose host was not asked since a day, the oldest first."""
        return self._db.column(
            "SELECT DISTINCT links.url FROM links LEFT JOIN link_checks USING (url)"
            " WHERE kind = ? AND (checked IS NULL OR checked < ?)"
            " ORDER BY coalesce(checked, ''), links.url",
            (kind, before.isoformat()),
        )

    def put_check(self, url: str, state: LinkState, day: date, moved_to: str | None = None) -> None:
        """Store what the host of a link answered on a day."""
        self._db.execute(
            "INSERT INTO link_checks VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " checked = excluded.checked, state = excluded.state, moved_to = excluded.moved_to",
            (url, day.isoformat(), state, moved_to),
        )
