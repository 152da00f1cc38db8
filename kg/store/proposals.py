"""Proposed entities: names that several new papers use and nobody knows, for a reviewer."""

import json
from collections.abc import Iterable
from datetime import datetime

from kg.entities.entity import EntityType
from kg.entities.names import folded_name
from kg.errors import NotFound
from kg.store.database import Store
from kg.store.reviews import Decision
from kg.values import dataclass


@dataclass(frozen=True, slots=True)
class Proposal:
    """A name that may become an entity."""

    name: str
    type: EntityType
    """The likelier one."""
    papers: tuple[str, ...]
    """Ids of the papers that use it, in order."""
    queued: datetime
    """When it was first proposed, UTC."""


class ProposalQueue(Store):
    """Names that wait for a decision, and those decided; writing does not move the revision."""

    def add(self, name: str, kind: EntityType, papers: Iterable[str]) -> bool:
        """Propose a name, or bring its papers up to date; return whether it is new.

        One that a reviewer has decided on stays as it is.
        """
        ids = json.dumps(sorted(papers))
        with self._db.writing_without_revision():
            folded = folded_name(name)
            sql = "SELECT 1 FROM entity_proposals WHERE folded = ?"
            new = not self._db.value(sql, (folded,))
            self._db.execute(
                "INSERT INTO entity_proposals VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE"
                " SET papers = excluded.papers WHERE decision IS NULL"
                " AND papers != excluded.papers",
                (folded, name, kind, ids, self._db.timestamp()),
            )
        return new

    def remove(self, name: str) -> None:
        """Remove a name that waits."""
        with self._db.writing_without_revision():
            self._db.execute(
                "DELETE FROM entity_proposals WHERE folded = ? AND decision IS NULL",
                (folded_name(name),),
            )

    def waiting(self, most: int = -1) -> list[Proposal]:
        """Return `most` of the names that wait (-1: all), those of the most papers first."""
        rows = self._db.rows(
            "SELECT name, type, papers, queued FROM entity_proposals WHERE decision IS NULL"
            " ORDER BY json_array_length(papers) DESC, name LIMIT ?",
            (most,),
        )
        with self._db.parsing():
            return [
                Proposal(
                    name, EntityType(kind), tuple(json.loads(ids)), datetime.fromisoformat(queued)
                )
                for name, kind, ids, queued in rows
            ]

    def waits(self, name: str) -> bool:
        """Return whether a name waits for a decision."""
        sql = "SELECT EXISTS (SELECT 1 FROM entity_proposals WHERE folded = ? AND decision IS NULL)"
        return bool(self._db.value(sql, (folded_name(name),)))

    def get(self, name: str) -> Proposal:
        """Return the proposal of a name.

        Raises
        ------
        NotFound
            If it does not wait; carries names that do.
        """
        waiting = {folded_name(one.name): one for one in self.waiting()}
        if folded_name(name) not in waiting:
            raise NotFound("proposed name", name, [one.name for one in waiting.values()][:3])
        return waiting[folded_name(name)]

    def decide(self, name: str, decision: Decision) -> None:
        """Record a reviewer's decision."""
        with self._db.writing_without_revision():
            self._db.execute(
                "UPDATE entity_proposals SET decision = ? WHERE folded = ?",
                (decision, folded_name(name)),
            )
