"""Bring the graph's edges between similar papers up to date with the vectors."""

from collections.abc import Callable

import numpy as np

from kg.store.catalogue import Catalogue
from search.index.base import VectorIndex, stored_vectors, vectors_of
from search.similarity.mutual import SAMPLE_PAPERS, measured_threshold, mutual_neighbours
from search.similarity.nearby import compared

MIN_LARGE = 50_000
"""Papers from which on only those whose vectors changed are compared, by the index."""

MAX_READING = 200
"""In a large atlas, a page waits for the edges of so many changed papers, not for more."""

_AT_ONCE = 500
"""Papers whose edges are written together."""


def refresh(
    catalogue: Catalogue,
    model: str,
    dim: int,
    index: Callable[[], VectorIndex] | None = None,
    most: int | None = None,
) -> int | None:
    """Bring the catalogue's pairs of similar papers up to date with a model's vectors.

    Parameters
    ----------
    index : callable, optional
        Returns the index of the vectors, by which the papers of a large atlas are compared;
        without it all are compared with all.
    most : int, optional
        Of a large atlas, no edge is compared where the vectors of more papers have changed.

    Returns
    -------
    int or None
        How many rows changed; None where no vector had changed, and nothing was compared.
    """
    revision = str(catalogue.vectors.revision)
    known = catalogue.journal.cursors("likeness")
    if known == {model: revision}:
        return None
    if index is None or catalogue.vectors.count(model) < MIN_LARGE:
        with catalogue.reading():
            revision = str(catalogue.vectors.revision)
            keys, vectors = stored_vectors(catalogue, model, dim)
        pairs = mutual_neighbours(keys, vectors)
        with catalogue.database.writing_without_revision():
            changed = catalogue.similarities.replace(pairs, model)
            _note(catalogue, model, revision)
        return changed
    since = int(known.get(model) or 0) if len(known) == 1 else 0
    if since == 0:
        pending = np.asarray(catalogue.vectors.keys(model), dtype=np.int64)
    else:
        pending = np.asarray(catalogue.vectors.changed(model, since), dtype=np.int64)
    if most is not None and len(pending) > most:
        return None
    sample = np.asarray(catalogue.vectors.sample(model, SAMPLE_PAPERS), dtype=np.int64)
    threshold = measured_threshold(vectors_of(catalogue, model, dim, sample)[1])
    changed = 0
    for start in range(0, len(pending), _AT_ONCE):
        some = pending[start : start + _AT_ONCE]
        found = compared(
            index(), lambda keys: vectors_of(catalogue, model, dim, keys), some, threshold
        )
        changed += catalogue.similarities.update(some.tolist(), found.pairs, found.nearest, model)
    with catalogue.database.writing_without_revision():
        _note(catalogue, model, revision)
    return changed


def _note(catalogue: Catalogue, model: str, revision: str) -> None:
    for other in catalogue.journal.cursors("likeness"):
        if other != model:
            catalogue.journal.set_cursor("likeness", other, None)
    # Should a vector have changed meanwhile, the older number here says so.
    catalogue.journal.set_cursor("likeness", model, revision)
