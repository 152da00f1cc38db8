"""What changed since a revision: what is derived from papers is brought up to date by it."""

from collections.abc import Iterable
from typing import Final

from kg.store.database import Store, json_keys
from kg.store.journal import Journal

_SOURCE: Final = "changes-read"
"""Source of the cursors that say up to which revision somebody has read."""


class ChangeStore(Store):
    """Keys of papers by the revision that last changed them; triggers of the schema write it."""

    def papers(self, since: int) -> list[int]:
        """Return the papers that changed after a revision, or went, in order.

        A change is one of a paper's record, authors, categories, placements, card, links or
        references.
        """
        # Without the plus SQLite would go through all papers in their order, for these few.
        sql = "SELECT paper FROM paper_changes WHERE revision > ? ORDER BY +paper"
        return self._db.column(sql, (since,))

    def removed_vectors(self, model: str, since: int) -> list[int]:
        """Return the papers whose vector of `model` went, or was replaced, after a revision."""
        sql = "SELECT paper FROM removed_vectors WHERE model = ? AND revision > ? ORDER BY paper"
        return self._db.column(sql, (model, since))

    def mark(self, revision: int) -> str:
        """Return the random mark of a revision, empty where the catalogue knows none."""
        sql = "SELECT mark FROM revisions WHERE revision = ?"
        return self._db.value(sql, (revision,)) or ""

    def includes(self, revision: int, mark: str) -> bool:
        """Return whether the catalogue is, or once was, at the revision that has this mark.

        If not, what was made of that revision was made of another catalogue: of one of which an
        older copy was put back and went on from there, or of a state later than this thread reads.
        """
        sql = "SELECT 1 FROM revisions WHERE (revision, mark) = (?, ?)"
        return bool(self._db.value(sql, (revision, mark)))

    def note(self, keys: Iterable[int]) -> None:
        """Record that papers change in what no trigger sees, as part of a `writing` block."""
        self._db.execute(
            "INSERT INTO paper_changes SELECT value, (SELECT value + 1 FROM meta"
            " WHERE name = 'revision') FROM json_each(?) WHERE true"
            " ON CONFLICT DO UPDATE SET revision = excluded.revision"
            " WHERE revision != excluded.revision",
            (json_keys(keys),),
        )

    def read(self, reader: str) -> int | None:
        """Return the revision up to which `reader` has read, or None where it never did."""
        found = Journal(self._db).cursor(_SOURCE, reader)
        return None if found is None else int(found)

    def set_read(self, reader: str, revision: int | None) -> None:
        """Record that `reader` has read what changed up to a revision; None: nothing."""
        Journal(self._db).set_cursor(_SOURCE, reader, None if revision is None else str(revision))
