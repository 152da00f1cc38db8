"""Cards of papers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from kg.cards.card import CHOICES, Card, record_of, stored_card
from kg.store.bulk import insert_rows
from kg.store.changes import ChangeStore
from kg.store.database import Store, json_keys
from kg.store.identifiers import IdentifierStore
from kg.store.journal import Journal
from kg.store.words import WordStore

NEEDS: Final = ("data", "access", "training")
"""The fields of a card that say what a method needs."""


WRITTEN: Final = "instr(record, '\"by\": \"model\"') = 0 AND record ->> 'by' IS NOT 'model'"
"""SQL: whether somebody wrote a card. The text is searched first, which is much quicker."""

_WRITTEN_KEPT: Final = ("cards", "written")
"""Name of the cursor with a revision, and the papers with such cards at it."""


class Need(NamedTuple):
    """What a card says in one of the fields of `NEEDS`."""

    value: str
    predicted: bool
    """Whether nobody read it."""


class CardStore(Store):
    """The cards of papers, at most one a paper."""

    def put(self, paper_id: str, card: Card, source: str) -> bool:
        """Store the card of a paper in place of the one that it had; return whether it changed.

        Parameters
        ----------
        source : str
            ``snapshot``, the name of a file, or of what predicted it.

        Raises
        ------
        NotFound
            If there is no such paper.
        """
        fields = record_of(card)
        record = json.dumps(fields, ensure_ascii=False)
        with self._db.writing():
            key = IdentifierStore(self._db).key(paper_id)
            if self._db.value(
                "SELECT 1 FROM cards WHERE paper = ? AND record = ? AND source = ?",
                (key, record, source),
            ):
                return False
            self._db.execute("DELETE FROM cards WHERE paper = ?", (key,))
            self._db.execute(
                "INSERT INTO cards VALUES (?, ?, ?, ?)", (key, card.summary, record, source)
            )
            self._db.execute_many(
                "INSERT INTO card_values VALUES (?, ?, ?)",
                ((key, *pair) for pair in filter_values(fields)),
            )
            WordStore(self._db).update([key])
        return True

    def fill(self, records: Mapping[str, Mapping[str, Any]], source: str) -> int:
        """Store records of cards, as of a file of cards, by the ids of their papers.

        No paper may have a card before, and of two for one paper the first with a summary is
        stored; words are not indexed (`WordStore.update`). Return how many are stored.
        """
        keys = IdentifierStore(self._db).keys(list(records))
        cards: dict[int, Mapping[str, Any]] = {}
        for name, record in records.items():
            if name not in keys:
                continue
            first = cards.setdefault(keys[name], record)
            if record.get("summary") and not first.get("summary"):
                cards[keys[name]] = record
        with self._db.writing():
            insert_rows(
                self._db,
                "cards",
                (
                    (key, record.get("summary"), json.dumps(record, ensure_ascii=False), source)
                    for key, record in cards.items()
                ),
            )
            insert_rows(
                self._db,
                "card_values",
                ((key, *pair) for key, record in cards.items() for pair in filter_values(record)),
            )
        return len(cards)

    def replace(self, cards: Mapping[int, tuple[Card, str] | None]) -> None:
        """Store cards with their sources by the keys of papers, in place of earlier ones.

        None removes the card that a paper has. Words are indexed once for all of them.
        """
        records = [
            (key, record_of(one[0]), one[0].summary, one[1]) for key, one in cards.items() if one
        ]
        with self._db.writing():
            self._db.execute(
                "DELETE FROM cards WHERE paper IN (SELECT value FROM json_each(?))",
                (json_keys(cards),),
            )
            insert_rows(
                self._db,
                "cards",
                (
                    (key, summary, json.dumps(record, ensure_ascii=False), source)
                    for key, record, summary, source in records
                ),
            )
            insert_rows(
                self._db,
                "card_values",
                ((key, *pair) for key, record, _, _ in records for pair in filter_values(record)),
            )
            WordStore(self._db).update(list(cards))

    def remove(self, paper_id: str) -> None:
        """Remove the card of a paper, if it has one."""
        with self._db.writing():
            key = IdentifierStore(self._db).key(paper_id)
            self._db.execute("DELETE FROM cards WHERE paper = ?", (key,))
            WordStore(self._db).update([key])

    def get(self, keys: Sequence[int]) -> dict[int, Card]:
        """Return the cards of those papers of `keys` that have one."""
        rows = self._db.rows(
            "SELECT paper, record FROM cards WHERE paper IN (SELECT value FROM json_each(?))",
            (json_keys(keys),),
        )
        with self._db.parsing():
            return {key: stored_card(json.loads(record)) for key, record in rows}

    def needs(self, keys: Sequence[int]) -> dict[int, dict[str, Need]]:
        """Return what papers need, by field of `NEEDS`, without reading the rest of their cards."""
        values = ", ".join(f"record ->> '{field}'" for field in NEEDS)
        rows = self._db.rows(
            f"SELECT paper, record ->> 'confidence', {values} FROM cards"
            " WHERE paper IN (SELECT value FROM json_each(?))",
            (json_keys(keys),),
        )
        with self._db.parsing():
            return {
                key: {
                    field: Need(value, field in predicted)
                    for field, value in zip(NEEDS, found, strict=True)
                    if value
                }
                for key, confidence, *found in rows
                for predicted in [json.loads(confidence or "{}")]
            }

    def sources(self, keys: Sequence[int]) -> dict[int, str]:
        """Return where the card of each paper of `keys` that has one comes from."""
        sql = "SELECT paper, source FROM cards WHERE paper IN (SELECT value FROM json_each(?))"
        return dict(self._db.rows(sql, (json_keys(keys),)))

    def all(self) -> dict[int, Card]:
        """Return all cards by the keys of their papers, in order of these."""
        with self._db.parsing():
            rows = self._db.rows("SELECT paper, record FROM cards ORDER BY paper")
            return {key: stored_card(json.loads(record)) for key, record in rows}

    def count(self) -> int:
        """Return the number of cards."""
        return int(self._db.value("SELECT count(*) FROM cards"))

    def value_counts(self) -> dict[str, dict[str, int]]:
        """Return field -> value -> number of papers that are not withdrawn, most frequent first."""
        counts: dict[str, dict[str, int]] = {field: {} for field in CHOICES}
        for field, value, papers in self._db.rows(
            "SELECT field, value, count(*) FROM card_values JOIN papers ON key = paper"
            " WHERE NOT withdrawn GROUP BY field, value ORDER BY 3 DESC, 2"
        ):
            counts[field][value] = papers
        return counts

    def read(self) -> list[int]:
        """Return the keys of the papers whose card somebody wrote from an abstract."""
        return self._db.column(
            "SELECT paper FROM cards WHERE paper IN (SELECT value FROM json_each(?))"
            " AND record ->> 'by' IS NOT 'title' ORDER BY paper",
            (json_keys(self.written()),),
        )

    def written(self) -> list[int]:
        """Return the keys of the papers whose card somebody wrote, from an abstract or a title.

        Of all cards these are few: they are known from `keep_written`, but for what changed since.
        """
        with self._db.reading():
            kept = Journal(self._db).cursor(*_WRITTEN_KEPT)
            if kept is None:
                return self._db.column(f"SELECT paper FROM cards WHERE {WRITTEN} ORDER BY paper")
            since, keys = json.loads(kept)
            changed = ChangeStore(self._db).papers(since)
            some = "SELECT paper FROM cards WHERE paper IN (SELECT value FROM json_each(?))"
            now = self._db.column(f"{some} AND {WRITTEN}", (json_keys(changed),))
        return sorted({*keys}.difference(changed).union(now))

    def keep_written(self) -> None:
        """Note which cards somebody wrote, so that `written` need not look at all."""
        with self._db.writing_without_revision():
            kept = json.dumps([self._db.revision, self.written()])
            Journal(self._db).set_cursor(*_WRITTEN_KEPT, kept)

    def unread(self, most: int = -1) -> list[int]:
        """Return the keys of the papers whose card nobody wrote from an abstract.

        Parameters
        ----------
        most : int
            Only the last so many; -1: all.
        """
        return self._db.column(
            "SELECT key FROM papers LEFT JOIN cards ON paper = key"
            " WHERE record IS NULL OR record ->> 'by' IN ('title', 'model')"
            " ORDER BY key DESC LIMIT ?",
            (most,),
        )[::-1]


def filter_values(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the (field, value) pairs by which the paper of a card's record is filtered."""
    for field in CHOICES:
        if field in record:
            value = record[field]
            yield from ((field, one) for one in ([value] if isinstance(value, str) else value))
