"""Links of papers, and what their hosts answered.

A link that sources tell for many papers, such as a framework or a reading list, is *shared*: it is
kept, and is a link only of the papers whose titles name it or whose authors give it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from kg.links import Link, LinkKind, LinkState, canonical_link, names_paper
from kg.store.database import Store, json_keys
from kg.store.identifiers import IdentifierStore

MAX_PAPERS = 4
"""Papers of which one link may be; one that more have is shared."""


class LinkStore(Store):
    """The links of papers."""

    def add(self, paper_id: str, links: Iterable[Link]) -> int:
        """Add links of a paper, and return how many rows changed.

        A link that `canonical_link` refuses is left out.
        """
        with self._db.writing():
            key = IdentifierStore(self._db).key(paper_id)
            made = [(link, url) for link in links if (url := canonical_link(link.url))]
            changed = self._db.execute_many(
                "INSERT INTO links (paper, kind, url, source, official) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET official = excluded.official"
                " WHERE excluded.official IS NOT official AND excluded.official IS NOT NULL",
                [(key, link.kind, url, link.source, link.official) for link, url in made],
            )
            if changed:
                self._mark_shared({url for _, url in made})
            return changed

    def replace(self, source: str, told: Mapping[str, Iterable[Link]]) -> None:
        """Make these the links that a source tells of each paper named, by its id.

        What is no id of a paper any more is passed over.
        """
        with self._db.writing():
            kept: dict[int, set[tuple[str, str]]] = {}
            keys = IdentifierStore(self._db).keys(list(told))
            for paper_id, links in told.items():
                if paper_id not in keys:
                    continue
                of_paper = kept.setdefault(keys[paper_id], set())
                of_paper |= {(one.kind, (canonical_link(one.url) or "").lower()) for one in links}
                self.add(paper_id, links)
            had = self._db.rows(
                "SELECT paper, kind, url FROM links WHERE source = ?"
                " AND paper IN (SELECT value FROM json_each(?))",
                (source, json_keys(kept)),
            )
            lost = [row for row in had if (row[1], row[2].lower()) not in kept[row[0]]]
            self._db.execute_many(
                "DELETE FROM links WHERE paper = ? AND kind = ? AND url = ? AND source = ?",
                [(*row, source) for row in lost],
            )
            if lost:
                self._mark_shared({row[2] for row in lost})

    def _mark_shared(self, urls: Iterable[str]) -> None:
        """Mark which of the rows of some links belong to too many papers, and which no longer."""
        rows = self._db.rows(
            "SELECT links.url, paper, kind, source, shared, official, title"
            " FROM links JOIN papers ON key = paper"
            " WHERE links.url IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(urls)),),
        )
        papers: dict[str, set[int]] = {}
        for url, paper, *_ in rows:
            papers.setdefault(url.lower(), set()).add(paper)
        changed = []
        for url, paper, kind, source, was, official, title in rows:
            many = len(papers[url.lower()]) > MAX_PAPERS
            shared = many and not official and not names_paper(url, title)
            if shared != bool(was):
                changed.append((shared, paper, kind, url, source))
        self._db.execute_many(
            "UPDATE links SET shared = ? WHERE paper = ? AND kind = ? AND url = ? AND source = ?",
            changed,
        )

    def get(self, keys: Sequence[int]) -> dict[int, list[Link]]:
        """Return the links of each paper of `keys` that has any, each once, without shared ones.

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
                " WHERE NOT shared AND links.paper IN (SELECT value FROM json_each(?))"
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

    def all(self) -> list[tuple[str, str, str, str, int | None, int]]:
        """Return every row as (paper id, kind, url, source, official, shared), in order."""
        return self._db.rows(
            "SELECT id, kind, links.url, source, official, shared FROM links"
            " JOIN papers ON key = paper ORDER BY 1, 2, 3, 4"
        )

    def unchecked(self, kind: LinkKind, before: date) -> list[str]:
        """Return the links of a kind whose host was not asked since a day, the oldest first."""
        return self._db.column(
            "SELECT DISTINCT links.url FROM links LEFT JOIN link_checks USING (url)"
            " WHERE kind = ? AND NOT shared AND (checked IS NULL OR checked < ?)"
            " ORDER BY coalesce(checked, ''), links.url",
            (kind, before.isoformat()),
        )

    def put_check(
        self, url: str, state: LinkState | None, day: date, moved_to: str | None = None
    ) -> None:
        """Store what the host of a link answered on a day; None leaves what it said before.

        An address that `canonical_link` refuses is not one to which anything moved.
        """
        self._db.execute(
            "INSERT INTO link_checks VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " checked = excluded.checked, moved_to = CASE WHEN excluded.state IS NULL"
            " THEN moved_to ELSE excluded.moved_to END, state = coalesce(excluded.state, state)",
            (url, day.isoformat(), state, canonical_link(moved_to) if moved_to else None),
        )
