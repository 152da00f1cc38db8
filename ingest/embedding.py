"""Embedding what is not embedded yet; what is done stays done, whenever the work stops."""

from tqdm import tqdm

from kg.store.catalogue import Catalogue
from search.embedding.base import Embedder
from search.embedding.bulk import CHUNK, embed_papers


def embed_missing(
    catalogue: Catalogue, embedder: Embedder, progress: bool = False, size: int = CHUNK
) -> int:
    """Embed the papers whose text the model has not seen and return how many.

    Parameters
    ----------
    catalogue : Catalogue
        Each piece is committed as it is done.
    embedder : Embedder
    progress : bool
        Show a progress bar on standard error.
    size : int
        Papers in a piece.
    """
    missing = [
        ((key, hashed), title, abstract)
        for key, hashed, title, abstract in catalogue.vectors.missing(embedder.model)
    ]
    done = 0
    with tqdm(
        total=len(missing), unit="paper", desc="embedding", disable=not (progress and missing)
    ) as bar:
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
