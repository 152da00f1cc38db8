"""The words of a few papers in memory: the full-text table again, of these papers' texts alone.

In the table of the whole atlas, a word of a few papers is looked for among the papers that have it,
which takes the longer the larger the atlas is.
"""

from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Final

from kg.store.connection import Connection
from kg.store.stemming import TOKENIZER

MAX_HELD = 30
"""To so many papers those of another question are added: all that are held are searched."""

COLUMNS: Final = ("title", "abstract", "authors", "card")
"""Columns of the full-text table that somebody wrote: all but `stems`, which hardly any question
asks a few papers for."""
_LISTED: Final = ", ".join(COLUMNS)

Row = tuple[int, str, str, str, str]
"""Key, and the texts of `COLUMNS`."""


class FewWords:
    """The words of some papers of one state of a catalogue; of one thread."""

    def __init__(self) -> None:
        self._db = Connection(":memory:", isolation_level=None)
        self._db.execute(
            f"CREATE VIRTUAL TABLE words USING fts5 ({_LISTED}, tokenize = '{TOKENIZER}')"
        )
        self._db.execute("BEGIN")  # Nothing is ever committed: to start anew is to roll back.
        self._state: Hashable = None
        self._held: set[int] = set()

    def hold(
        self,
        state: Hashable,
        keys: Collection[int],
        read: Callable[[Collection[int]], Iterable[Row]],
    ) -> None:
        """Have the words of some papers.

        Parameters
        ----------
        state : hashable
            Of the catalogue: what is held of another one is dropped.
        read : callable
            Returns the rows of some papers.
        """
        missing = set(keys) - self._held
        if state != self._state or (missing and len(self._held) + len(missing) > MAX_HELD):
            self._db.execute("ROLLBACK")
            self._db.execute("BEGIN")
            self._state, self._held, missing = state, set(), set(keys)
        if missing:
            self._db.executemany(
                f"INSERT INTO words (rowid, {_LISTED}) VALUES (?, ?, ?, ?, ?)",
                read(missing),
            )
            self._held |= missing

    def matching(self, expression: str) -> set[int]:
        """Return the papers held that match an expression."""
        sql = "SELECT rowid FROM words WHERE words MATCH ?"
        return {key for (key,) in self._db.execute(sql, (expression,))}

    def marked_abstracts(self, expression: str, marks: tuple[str, str]) -> dict[int, str]:
        """Return the abstracts that match, with each matching word within `marks`."""
        sql = "SELECT rowid, highlight(words, 1, ?, ?) FROM words WHERE words MATCH ?"
        return dict(self._db.execute(sql, (*marks, expression)))
