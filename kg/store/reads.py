"""What the relations of papers to entities were read from, so that only what changed is read."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.store.database import Store, json_keys
from kg.store.journal import Journal

FORM: Final = 5
"""To be raised with every change of what is read from the same texts, cards and names."""


@dataclass(frozen=True, slots=True)
class Unread:
    """What changed since relations were last read."""

    papers: Mapping[int, str]
    """Papers with another title, abstract, year, card or references -> a digest of these."""
    names: Mapping[str, str | None]
    """Folded names of other entities, or of entities that others introduce -> a digest of these;
    None where nobody has the name any more."""
    cards: str | None
    """Digest of all cards that were read, where any of them changed."""

    def __bool__(self) -> bool:
        return bool(self.papers or self.names or self.cards)


class ReadStore(Store):
    """Texts, cards and names as digests; writing does not move the revision."""

    def unread(self) -> Unread:
        """Return what changed since `mark`."""
        with self._db.reading():
            papers, names, cards = dict(self._papers()), dict(self._names()), self._cards()
            known = dict(self._db.rows("SELECT folded, state FROM entity_names_read"))
            marked = Journal(self._db).cursor("entities", "cards")
        gone = dict.fromkeys(known.keys() - names.keys())
        return Unread(
            papers,
            {name: state for name, state in names.items() if known.get(name) != state} | gone,
            cards if cards != marked else None,
        )

    def states(self, keys: Sequence[int]) -> dict[int, str]:
        """Return, by paper, the digest of what its relations were last read from."""
        sql = (
            "SELECT paper, state FROM entity_reads WHERE paper IN (SELECT value FROM json_each(?))"
        )
        return dict(self._db.rows(sql, (json_keys(keys),)))

    def mark(self, unread: Unread) -> None:
        """Record that everything was read as it is."""
        with self._db.writing_without_revision():
            self.mark_papers(unread.papers)
            self._db.execute_many(
                "DELETE FROM entity_names_read WHERE folded = ?",
                ((name,) for name, state in unread.names.items() if state is None),
            )
            self._db.execute_many(
                "REPLACE INTO entity_names_read VALUES (?, ?)",
                (pair for pair in unread.names.items() if pair[1] is not None),
            )
            if unread.cards is not None:
                Journal(self._db).set_cursor("entities", "cards", unread.cards)

    def mark_papers(self, states: Mapping[int, str]) -> None:
        """Record that papers were read as they are."""
        with self._db.writing_without_revision():
            self._db.execute_many("REPLACE INTO entity_reads VALUES (?, ?)", states.items())

    def forget(self) -> None:
        """Have everything read again."""
        with self._db.writing_without_revision():
            self._db.execute("DELETE FROM entity_reads")
            self._db.execute("DELETE FROM entity_names_read")
            Journal(self._db).set_cursor("entities", "cards", None)

    def _papers(self) -> Iterator[tuple[int, str]]:
        """Yield the papers that are not as they were read, with the digest of what they are."""
        # The hash of a text stays where its abstract is removed.
        for key, read, *facts in self._db.stream(
            "SELECT key, state, text_hash, abstract IS NULL, coalesce(published, year), record,"
            " cited FROM papers LEFT JOIN cards ON cards.paper = key"
            " LEFT JOIN entity_reads ON entity_reads.paper = key LEFT JOIN (SELECT citing,"
            " group_concat(DISTINCT cited) AS cited FROM citations GROUP BY citing) ON citing = key"
        ):
            if (state := _digest(FORM, *facts)) != read:
                yield key, state

    def _names(self) -> Iterator[tuple[str, str]]:
        """Yield each name with a digest of its entities, all their names and introducing papers."""
        facts: dict[int, list[object]] = {
            entity: row for entity, *row in self._db.rows("SELECT key, id, source FROM entities")
        }
        for entity, *row in self._db.rows(
            "SELECT entity, paper, source, coalesce(published, year) FROM entity_papers"
            " JOIN papers ON key = paper WHERE relation = 'introduces' ORDER BY 1, 2, 3"
        ):
            facts[entity] += row
        owners: dict[str, list[int]] = {}
        for entity, folded, *row in self._db.rows(
            "SELECT entity, folded, name, recognised FROM entity_names ORDER BY 1, 2"
        ):
            facts[entity] += row
            owners.setdefault(folded, []).append(entity)
        digests = {entity: _digest(*some) for entity, some in facts.items()}
        return ((folded, " ".join(digests[e] for e in some)) for folded, some in owners.items())

    def _cards(self) -> str:
        """Return a digest of the cards that somebody wrote."""
        return _digest(
            FORM,
            *self._db.rows(
                "SELECT id, record FROM cards JOIN papers ON key = paper"
                " WHERE record ->> 'by' IS NOT 'model' ORDER BY key"
            ),
        )


def _digest(*facts: object) -> str:
    return hashlib.blake2b(repr(facts).encode(), digest_size=8).hexdigest()
