"""Embedding many texts, in pieces that stay done when the work stops."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from search.embedder import Embedder

Key = TypeVar("Key")

CHUNK = 1024
"""Texts in a piece: enough to sort by length, little enough to lose."""


class BulkEmbedder(Embedder, Protocol):
    """An embedder for thousands of texts; it batches them itself."""

    def encode_batches(
        self, items: Iterable[tuple[Key, str]], size: int = CHUNK
    ) -> Iterator[tuple[list[Key], npt.NDArray[np.float32]]]:
        """Embed a stream of texts, and hand back each piece as soon as it is done.

        Parameters
        ----------
        items : iterable of (key, str)
            Read no further than the piece at work.
        size : int
            Texts in a piece; the last may be shorter.

        Yields
        ------
        keys : list
            In the order of `items`.
        vectors : (len(keys), dim) float32, unit rows
        """
        stream = iter(items)
        while piece := list(islice(stream, size)):
            yield [key for key, _ in piece], self.encode([text for _, text in piece])
