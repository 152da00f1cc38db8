"""What every embedding model offers."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into unit vectors whose dot product says how alike the texts are."""

    model: str
    """Name of the model, the same wherever its files lie; vectors are kept under it."""
    dim: int
    """Width of the vectors."""
    device: str
    """What it runs on: ``cpu (NumPy)``, ``cpu``, ``mps``, or such as ``cuda:0 NVIDIA H100``."""

    def encode_query(self, text: str) -> Floats:
        """Embed a question.

        Returns
        -------
        (dim,) float32, unit length
        """
        vector: Floats = self.encode_queries([text])[0]
        return vector

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Embed several questions in one pass.

        Returns
        -------
        (n, dim) float32, unit rows
        """
        return self.encode(texts)

    def knows(self, word: str) -> bool:  # noqa: ARG002  (some models do not say)
        """Return whether a word in lower case is a whole entry of the model's vocabulary.

        False where the model does not say.
        """
        return False

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> Floats:
        """Embed papers or sentences.

        Parameters
        ----------
        texts : sequence of str
            May be empty; what follows a model's longest input is not read.
        progress : callable, optional
            Called with the number of texts newly done.

        Returns
        -------
        (n, dim) float32, unit rows
        """
        ...


def unit_rows(vectors: npt.NDArray[Any]) -> Floats:
    """Scale rows to length 1; a zero row stays as it is.

    Parameters
    ----------
    vectors : (n, dim) float

    Returns
    -------
    (n, dim) float32

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """
    rows = np.asarray(vectors, np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = rows / np.maximum(norms, np.float32(1e-12))
    return unit
