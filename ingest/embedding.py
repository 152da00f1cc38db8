"""Embedding the papers that have no vector, chunk by chunk: finished chunks stay."""

from collections.abc import Iterator

from tqdm import tqdm

from kg.store.catalogue import Catalogue
from search.embedding.base import Embedder
from search.embedding.bulk import CHUNK, embed_papers


def embed_missing(
    catalogue: Catalogue, embedder: Embedder, progress: bool = False, size: int = CHUNK
) -> int:
    """Embed the papers without a vector of their present text and return how many.

    Only what changed since all had one is looked at.

    Parameters
    ----------
    catalogue : Catalogue
        Each chunk is committed.
    progress : bool
        Show a progress bar on standard error.
    size : int
        Papers in a chunk.
    """
    revision = catalogue.revision
    total = sum(1 for _ in missing(catalogue, embedder.model)) if progress else 0
    texts = (
        ((key, hashed), title, abstract)
        for key, hashed, title, abstract in missing(catalogue, embedder.model)
    )
    done = 0
    with tqdm(total=total, unit="paper", desc="embedding", disable=not total) as bar:
        for names, vectors in embed_papers(embedder, texts, size):
            catalogue.vectors.add(
                embedder.model,
                (
                    (key, hashed, vector.astype("<f4").tobytes())
                    for (key, hashed), vector in zip(names, vectors, strict=True)
                ),
            )
            done += len(names)
            bar.update(len(names))
    catalogue.changes.set_read(_reader(embedder.model), revision)
    return done


def missing(catalogue: Catalogue, model: str) -> Iterator[tuple[int, str, str, str | None]]:
    """Yield what `VectorStore.missing` does, of papers that changed since `embed_missing` ended."""
    since, among = catalogue.changes.read(_reader(model)), None
    if since is not None:
        gone = catalogue.changes.removed_vectors(model, since)
        among = sorted({*catalogue.changes.papers(since), *gone})
    return catalogue.vectors.missing(model, among)


def _reader(model: str) -> str:
    return f"embedding {model}"
