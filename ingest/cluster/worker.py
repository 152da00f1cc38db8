"""A worker of the cluster: one embedding model, and how to tell that it is the right one.

Runs on the cluster's machines, in an actor of Ray; knows nothing of Ray itself.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kg.errors import AtlasError
from search.embedding.base import Embedder, Floats
from search.embedding.bulk import embed_papers

Opener = Callable[[], Embedder]
"""Opens the embedding model; can be pickled, and is called on each worker's machine."""

Text = tuple[str, str | None]
"""Title and abstract of a paper."""

MIN_COSINE = 0.9995
"""Between the vectors of one text by the same weights: half precision on different devices
differs by up to 1e-4 (`benchmarks/embedding.md`), other weights by far more."""

_PROBES: list[Text] = [
    ("Averaging the weights of fine-tuned models", None),
    (
        "Editing facts in a language model",
        "We locate the layers that recall a fact and change their weights by a rank-one update, "
        "so that 2 + 3 prompts in 5 get the new answer; naïve fine-tuning forgets others.",
    ),
]


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells an embedding model from another."""

    model: str
    """Its name, which has a hash of the weights where it was opened from a folder."""
    vectors: Floats
    """(n, dim) unit rows: what it makes of some fixed papers."""

    @classmethod
    def of(cls, embedder: Embedder) -> "Identity":
        """Return a model's identity."""
        return cls(embedder.model, _embed(embedder, _PROBES))

    def difference(self, other: "Identity") -> str:
        """Return how another model differs from this one, in a few words; empty if it does not."""
        if other.model != self.model:
            return f"it has {other.model}, not {self.model}"
        if other.vectors.shape != self.vectors.shape:
            return f"its {other.model} has {other.vectors.shape[1]} dimensions"
        cosine = float((self.vectors * other.vectors).sum(axis=1).min())
        # Not `<`: a vector that is no number is wrong too.
        return "" if cosine >= MIN_COSINE else f"its {other.model} gives other vectors"


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of opening the model on a worker's machine."""

    host: str
    """Name of the machine."""
    identity: Identity | None = None
    """None if it could not be opened."""
    error: str = ""
    """Why it could not be opened."""


class Worker:
    """An embedding model on one CPU or GPU.

    Parameters
    ----------
    opener : callable
        Opens the model.
    """

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._embedder: Embedder | None = None

    def started(self) -> None:
        """Do nothing: that it answers says that the cluster has found it a place."""

    def open(self) -> Opened:
        """Open the model and return what it is."""
        host = socket.gethostname()
        try:
            self._embedder = self._opener()
        except AtlasError as error:
            return Opened(host, error=str(error))
        return Opened(host, Identity.of(self._embedder))

    def embed(self, papers: Sequence[Text]) -> Floats:
        """Embed papers as `search.embedding.bulk.embed_papers` does: (n, dim) float32."""
        assert self._embedder is not None, "opened first"
        return _embed(self._embedder, papers)


def _embed(embedder: Embedder, papers: Sequence[Text]) -> Floats:
    numbered = ((row, title, abstract) for row, (title, abstract) in enumerate(papers))
    ((_, vectors),) = embed_papers(embedder, numbered, size=len(papers))
    return np.asarray(vectors, np.float32)
