"""What an index of words holds of each paper: its texts, and what filters ask for."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from kg.store.database import Store, json_keys
from kg.store.words import TEXTS
from kg.values import dataclass

_PAGE: Final = 2_000


@dataclass(frozen=True, slots=True)
class WordDocument:
    """A paper as an index of words holds it."""

    key: int
    title: str
    """As titles are searched (`kg.store.clean_record.searched_title`)."""
    texts: tuple[str, ...]
    """Abstract, authors, card and stems, each perhaps empty."""
    appeared: str | None
    """``2024``, ``2024-05`` or ``2024-05-17``."""
    withdrawn: bool
    topics: tuple[str, ...]
    """Under which it is placed."""
    categories: tuple[str, ...]
    card: tuple[tuple[str, str], ...]
    """Field of `kg.cards.card.CHOICES`, and a value that the card gives it."""


class WordDocumentStore(Store):
    """Papers as an index of words holds them, a page at a time."""

    def all(self, after: int = -1) -> Iterator[list[WordDocument]]:
        """Yield all papers behind a key in pages, in order of their keys."""
        last = after
        while page := self._page(f"key > ? ORDER BY key LIMIT {_PAGE}", last):
            yield page
            last = page[-1].key

    def of(self, keys: Sequence[int]) -> Iterator[list[WordDocument]]:
        """Yield those of some papers that exist, in pages."""
        for start in range(0, len(keys), _PAGE):
            some = json_keys(keys[start : start + _PAGE])
            yield self._page("key IN (SELECT value FROM json_each(?)) ORDER BY key", some)

    def _page(self, where: str, parameter: object) -> list[WordDocument]:
        texts = self._db.rows(f"{TEXTS} WHERE {where}", (parameter,))
        keys = json.dumps([row[0] for row in texts])

        def values(columns: str, table: str) -> dict[int, list[Any]]:
            some = "WHERE paper IN (SELECT value FROM json_each(?))"
            found: dict[int, list[Any]] = {}
            for paper, *row in self._db.rows(
                f"SELECT paper, {columns} FROM {table} {some}", (keys,)
            ):
                found.setdefault(paper, []).append(row)
            return found

        topics, categories = values("topic", "placements"), values("category", "categories")
        cards = values("field, value", "card_values")
        facts = {
            key: row
            for key, *row in self._db.rows(
                "SELECT key, appeared, withdrawn FROM papers"
                " WHERE key IN (SELECT value FROM json_each(?))",
                (keys,),
            )
        }
        return [
            WordDocument(
                key,
                title,
                tuple(rest),
                facts[key][0],
                bool(facts[key][1]),
                tuple(topic for (topic,) in topics.get(key, ())),
                tuple(category for (category,) in categories.get(key, ())),
                tuple((field, value) for field, value in cards.get(key, ())),
            )
            for key, title, *rest in texts
        ]
