"""An embedding model that keeps what it computed in a file, so that the next build is quick."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from kg.store.vectors import text_hash
from search.embedding.base import Embedder, Floats


class CachedEmbedder(Embedder):
    """An embedding model with a cache by the hashes of texts.

    Parameters
    ----------
    embedder : Embedder
        Embeds what the cache lacks.
    folder : Path
        Where the cache is; it is made where it does not exist.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self.model, self.dim, self.device = embedder.model, embedder.dim, embedder.device
        self._embedder = embedder
        self._path = folder / f"{embedder.model.replace('/', '-')}.npz"
        self._rows: dict[str, Floats] = {}
        folder.mkdir(parents=True, exist_ok=True)
        if self._path.exists():
            with np.load(self._path, allow_pickle=False) as stored:
                self._rows = dict(zip(stored["hashes"].tolist(), stored["vectors"], strict=True))

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> Floats:
        """Embed texts; those that the cache lacks are added to it."""
        hashes = [text_hash(text) for text in texts]
        given = dict(zip(hashes, texts, strict=True))
        missing = {one: text for one, text in given.items() if one not in self._rows}
        if missing:
            made = self._embedder.encode(list(missing.values()), progress)
            self._rows.update(zip(missing, made, strict=True))
            draft = self._path.with_suffix(".draft.npz")
            np.savez(draft, hashes=list(self._rows), vectors=np.stack(list(self._rows.values())))
            draft.replace(self._path)
        if not hashes:
            return np.empty((0, self.dim), np.float32)
        return np.stack([self._rows[one] for one in hashes])
