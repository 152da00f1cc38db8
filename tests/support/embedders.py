"""A tiny deterministic embedder, so that tests need no model."""

import re
import zlib
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from search.embedding.base import Embedder, unit_rows


class HashedWords(Embedder):
    """A bag of words, each at one of 64 places that its checksum chooses, at unit length.

    Texts that share words are alike; a text without words points along the first axis.
    """

    model = "hashed-words"
    dim = 64
    device = "cpu"

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> npt.NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()) or [""]:
                vectors[row, zlib.crc32(word.encode()) % self.dim] += 1
            if progress:
                progress(1)
        return unit_rows(vectors)
