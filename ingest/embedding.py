"""Embedding what is not embedded yet; what is done stays done, whenever the work stops."""

from search.bulk import BulkEmbedder
from tqdm import tqdm

from kg.catalogue import Catalogue


def embed_missing(catalogue: Catalogue, embedder: BulkEmbedder, progress: bool = False) -> int:
    """Embed the papers whose text the model has not seen and return how many.

    Parameters
    ----------
    catalogue : Catalogue
        Each batch is committed as it is done.
    embedder : BulkEmbedder
    progress : bool
        Show a progress bar on standard error.
    """
    missing = [
        ((key, hashed), text) for key, hashed, text in catalogue.without_vector(embedder.model)
    ]
    done = 0
    with tqdm(total=len(missing), unit="paper", desc="embedding", disable=not progress) as bar:
        for names, vectors in embedder.encode_batches(missing):
            catalogue.add_vectors(
                embedder.model,
                (
                    (key, hashed, vector.astype("<f4").tobytes())
                    for (key, hashed), vector in zip(names, vectors, strict=True)
                ),
            )
            done += len(names)
            bar.update(len(names))
    return done
