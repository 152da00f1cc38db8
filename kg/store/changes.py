"""What changed since a revision: caches of the catalogue are brought up to date by it."""

from kg.store.database import Store


class ChangeStore(Store):
    """Keys of papers by the revision that last changed them; triggers of the schema write it."""

    def papers(self, since: int) -> list[int]:
        """Return the papers that changed after a revision, or went, in order.

        A change is one of a paper's record, authors, categories, placements, card or links.
        """
        sql = "SELECT paper FROM paper_changes WHERE revision > ? ORDER BY paper"
        return self._db.column(sql, (since,))

    def removed_vectors(self, model: str, since: int) -> list[int]:
        """Return the papers whose vector of `model` went, or was replaced, after a revision."""
        sql = "SELECT paper FROM removed_vectors WHERE model = ? AND revision > ? ORDER BY paper"
        return self._db.column(sql, (model, since))
