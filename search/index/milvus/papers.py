"""Rows of the collection: papers with what they are found and filtered by."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from kg.cards.card import record_of
from kg.ids import topic_ids
from kg.store.cards import filter_values
from kg.store.catalogue import Catalogue
from search.index.base import Vectors, vectors_of
from search.index.milvus.expressions import UNKNOWN_FIRST, card_value, folded

Row = dict[str, Any]

FACTS: Final[Row] = {
    "withdrawn": False,
    "topics": [],
    "categories": [],
    "card": [],
    "first_day": UNKNOWN_FIRST,
    "last_day": 0,
}
"""What is known of a paper of which nothing is known."""


def bare_row(key: int, vector: Vectors, embedded: bool = True) -> Row:
    """Return the row of a paper of which no more than its vector is known."""
    return {"key": key, "vector": vector, "embedded": embedded, **FACTS}


def rows(catalogue: Catalogue, model: str, dim: int, keys: Sequence[int]) -> list[Row]:
    """Return the rows of those papers of `keys` that exist."""
    existing = catalogue.papers.existing(keys)
    found = [key for key in keys if key in existing]
    have, vectors = vectors_of(catalogue, model, dim, np.asarray(found, dtype=np.int64))
    vector_of = dict(zip(have.tolist(), vectors, strict=True))
    nothing = np.zeros(dim, dtype=np.float32)
    placements = catalogue.placements.get(found)
    cards, appeared = catalogue.cards.get(found), catalogue.papers.appeared(found)
    made = []
    for key, paper in zip(found, catalogue.papers.get(found), strict=True):
        row = bare_row(key, vector_of.get(key, nothing), key in vector_of)
        placed = placements.get(key, ())
        row["topics"] = sorted({topic for one in placed for topic in topic_ids.path(one.topic)})
        row["categories"] = sorted({folded(one) for one in paper.categories})
        row["withdrawn"] = paper.withdrawn
        if key in cards:
            values = filter_values(record_of(cards[key]))
            row["card"] = sorted({card_value(field, value) for field, value in values})
        if key in appeared:
            # A month is any of its days.
            digits = appeared[key].replace("-", "")
            row["first_day"], row["last_day"] = int(digits.ljust(8, "0")), int(digits.ljust(8, "9"))
        made.append(row)
    return made
