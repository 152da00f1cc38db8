"""Rows of a collection of vectors: papers with what they are found and filtered by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from kg.cards.card import record_of
from kg.ids import topic_ids
from kg.store.cards import filter_values
from kg.store.catalogue import Catalogue
from search.index.base import Vectors, vectors_of
from search.index.milvus.content import Header, Row
from search.index.milvus.expressions import UNKNOWN_FIRST, card_value, folded

if TYPE_CHECKING:
    from search.index.milvus.schema import CollectionSchema, IndexParams

FORMAT: Final = "lfm-milvus-1"


def facts(
    withdrawn: bool = False,
    topics: Iterable[str] = (),
    categories: Iterable[str] = (),
    card: Iterable[tuple[str, str]] = (),
    appeared: str | None = None,
) -> Row:
    """Return what a paper is filtered by; by default, of one of which nothing is known.

    Parameters
    ----------
    topics : iterable of str
        Under which it is placed.
    card : iterable of (str, str)
        Fields and values of its card.
    appeared : str, optional
        ``2024``, ``2024-05`` or ``2024-05-17``.
    """
    # A month is any of its days.
    digits = "" if appeared is None else appeared.replace("-", "")
    return {
        "withdrawn": withdrawn,
        "topics": sorted({above for one in topics for above in topic_ids.path(one)}),
        "categories": sorted({folded(one) for one in categories}),
        "card": sorted({card_value(field, value) for field, value in card}),
        "first_day": int(digits.ljust(8, "0")) if digits else UNKNOWN_FIRST,
        "last_day": int(digits.ljust(8, "9")) if digits else 0,
    }


def bare_row(key: int, vector: Vectors, embedded: bool = True) -> Row:
    """Return the row of a paper of which no more than its vector is known."""
    return {"key": key, "vector": vector, "embedded": embedded, **facts()}


@dataclass(frozen=True, slots=True)
class VectorContent:
    """Vectors of a model; see `search.index.milvus.content.Content`."""

    model: str
    dim: int
    field: ClassVar = "vector"
    whole_in_files: ClassVar = False

    def header(self, catalogue: str) -> Header:
        """Return the header of a new collection of a catalogue."""
        return Header(FORMAT, catalogue, self.model, self.dim)

    def add_fields(self, schema: "CollectionSchema") -> None:
        """Add the vector."""
        from search.index.milvus.schema import add_vector

        add_vector(schema, self.dim)

    def add_index(self, params: "IndexParams", is_file: bool) -> None:
        """Add the index of vectors."""
        from search.index.milvus.schema import add_vector_index

        add_vector_index(params, is_file)

    def rows(self, catalogue: Catalogue, keys: Sequence[int]) -> list[Row]:
        """Return the rows of those papers of `keys` that exist."""
        existing = catalogue.papers.existing(keys)
        found = [key for key in keys if key in existing]
        have, vectors = vectors_of(
            catalogue, self.model, self.dim, np.asarray(found, dtype=np.int64)
        )
        vector_of = dict(zip(have.tolist(), vectors, strict=True))
        nothing = np.zeros(self.dim, dtype=np.float32)
        placements = catalogue.placements.get(found)
        cards, appeared = catalogue.cards.get(found), catalogue.papers.appeared(found)
        return [
            bare_row(key, vector_of.get(key, nothing), key in vector_of)
            | facts(
                paper.withdrawn,
                [one.topic for one in placements.get(key, ())],
                paper.categories,
                filter_values(record_of(cards[key])) if key in cards else (),
                appeared.get(key),
            )
            for key, paper in zip(found, catalogue.papers.get(found), strict=True)
        ]

    def changed(self, catalogue: Catalogue, since: int) -> Iterable[int]:
        """Return the papers that changed, and those whose vector did or went."""
        return {
            *catalogue.changes.papers(since),
            *catalogue.vectors.changed(self.model, since),
            *catalogue.changes.removed_vectors(self.model, since),
        }
