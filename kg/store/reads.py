"""What the relations of papers to entities were read from, so that only what changed is read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from kg.store.cards import WRITTEN
from kg.store.changes import ChangeStore
from kg.store.database import Store, json_keys
from kg.store.journal import Journal
from kg.values import dataclass

FORM: Final = 5
"""To be raised with every change of what is read from the same texts, cards and names."""

_READER: Final = f"relations {FORM}"


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
    revision: int
    """Revision of the catalogue that this is of."""

    def __bool__(self) -> bool:
        return bool(self.papers or self.names or self.cards)


class ReadStore(Store):
    """Texts, cards and names as digests; writing does not move the revision."""

    def unread(self) -> Unread:
        """Return what changed since `mark`; only papers that changed since are looked at."""
        changes = ChangeStore(self._db)
        with self._db.reading():
            revision, since = self._db.revision, changes.read(_READER)
            some = None if since is None else changes.papers(since)
            papers, names = dict(self._papers(some)), dict(self._names())
            cards = self._cards() if some is None or self._may_be_read(some) else None
            known = dict(self._db.rows("SELECT folded, state FROM entity_names_read"))
            marked = Journal(self._db).cursor("entities", "cards")
        gone = dict.fromkeys(known.keys() - names.keys())
        return Unread(
            papers,
            {name: state for name, state in names.items() if known.get(name) != state} | gone,
            cards if cards != marked else None,
            revision,
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
            ChangeStore(self._db).set_read(_READER, unread.revision)

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
            ChangeStore(self._db).set_read(_READER, None)

    def _papers(self, keys: Sequence[int] | None) -> Iterator[tuple[int, str]]:
        """Yield those of all papers, or of some, that are not as they were read.

        Each comes with the digest of what it is.
        """
        some = "" if keys is None else " WHERE key IN (SELECT value FROM json_each(?))"
        # The hash of a text stays where its abstract is removed.
        for key, read, *facts in self._db.stream(
            "SELECT key, state, text_hash, abstract IS NULL, coalesce(published, year), record,"
            " (SELECT group_concat(DISTINCT cited) FROM citations WHERE citing = key)"
            " FROM papers LEFT JOIN cards ON cards.paper = key"
            f" LEFT JOIN entity_reads ON entity_reads.paper = key{some}",
            () if keys is None else (json_keys(keys),),
        ):
            if (state := _digest(FORM, *facts)) != read:
                yield key, state

    def _may_be_read(self, changed: Sequence[int]) -> bool:
        """Return whether the cards that were read may be others now, after papers changed.

        They are not where all of these papers are new and nobody has read them.
        """
        sql = (
            "SELECT EXISTS (SELECT 1 FROM json_each(?) AS one"
            " LEFT JOIN papers ON papers.key = one.value LEFT JOIN cards ON cards.paper = one.value"
            f" WHERE papers.key IS NULL OR record IS NOT NULL AND {WRITTEN}"
            " OR EXISTS (SELECT 1 FROM entity_reads WHERE paper = one.value))"
        )
        return bool(self._db.value(sql, (json_keys(changed),)))

    def _names(self) -> Iterator[tuple[str, str]]:
        """Yield each name with a digest of its entities, all their names and introducing papers."""
        facts: dict[int, list[object]] = {
            entity: row for entity, *row in self._db.rows("SELECT key, id, source FROM entities")
        }
        for entity, *row in self._db.rows(
            # From the entities to their papers: of all relations, few are introductions.
            "SELECT entity, paper, entity_papers.source, coalesce(published, year) FROM entities"
            " CROSS JOIN entity_papers ON entity = entities.key AND relation = 'introduces'"
            " JOIN papers ON papers.key = paper ORDER BY 1, 2, 3"
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
                f" WHERE {WRITTEN} ORDER BY key"
            ),
        )


def _digest(*facts: object) -> str:
    import hashlib  # Loads OpenSSL, which a question can spare.

    return hashlib.blake2b(repr(facts).encode(), digest_size=8).hexdigest()
