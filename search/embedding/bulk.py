"""Embedding many papers, in pieces that stay done when the work stops."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from kg.records import embedded_text
from search.embedding.base import Embedder

Key = TypeVar("Key")

CHUNK = 1024
"""Papers in a piece: enough to sort by length, little enough to lose."""


def embed_papers(
    embedder: Embedder, papers: Iterable[tuple[Key, str, str | None]], size: int = CHUNK
) -> Iterator[tuple[list[Key], npt.NDArray[np.float32]]]:
    """Embed a stream of papers, and hand back each piece as soon as it is done.

    A paper's vector is the mean of two: of its title, and of title and abstract together. A
    question is as short as a title, and an abstract says much beside the point: the mean finds
    more of what is asked (`benchmarks/retrieval.md`) and puts papers without an abstract on the
    same footing.

    Parameters
    ----------
    papers : iterable of (key, title, abstract or None)
        Read no further than the piece at work.
    size : int
        Papers in a piece; the last may be shorter.

    Yields
    ------
    keys : list
        In the order of `papers`.
    vectors : (len(keys), dim) float32, unit rows
    """
    stream = iter(papers)
    while piece := list(islice(stream, size)):
        full = [row for row, (_, _, abstract) in enumerate(piece) if abstract]
        texts = [title for _, title, _ in piece]
        texts += [embedded_text(piece[row][1], piece[row][2]) for row in full]
        encoded = embedder.encode(texts)
        vectors = encoded[: len(piece)].copy()
        vectors[full] += encoded[len(piece) :]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        yield [key for key, _, _ in piece], vectors
