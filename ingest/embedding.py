"""Embedding the papers that have no vector, chunk by chunk: finished chunks stay."""

from tqdm import tqdm

from kg.store.catalogue import Catalogue
from search.embedding.base import Embedder
from search.embedding.bulk import CHUNK, embed_papers


def embed_missing(
    catalogue: Catalogue, embedder: Embedder, progress: bool = False, size: int = CHUNK
) -> int:
    """Embed the papers without a vector of their present text and return how many.

    Parameters
    ----------
    catalogue : Catalogue
        Each chunk is committed.
    progress : bool
        Show a progress bar on standard error.
    size : int
        Papers in a chunk.
    """
    total = sum(1 for _ in catalogue.vectors.missing(embedder.model)) if progress else 0
    missing = (
        ((key, hashed), title, abstract)
        for key, hashed, title, abstract in catalogue.vectors.missing(embedder.model)
    )
    done = 0
    with tqdm(total=total, unit="paper", desc="embedding", disable=not total) as bar:
        for names, vectors in embed_papers(embedder, missing, size):
            catalogue.vectors.add(
                embedder.model,
                (
                    (key, hashed, vector.astype("<f4").tobytes())
                    for (key, hashed), vector in zip(names, vectors, strict=True)
                ),
            )
            done += len(names)
            bar.update(len(names))
    return done
