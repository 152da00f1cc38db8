"""`lfm embed`: embed what is missing, here or on a cluster, and bring the index up to date."""

from dataclasses import dataclass
from functools import partial

from ingest.cluster.writer import embed_on_cluster
from ingest.embedding import embed_missing
from ingest.lock import refresh_lock
from kg.errors import BadRequest
from search.embedding.open import open_embedder
from search.library import Library


@dataclass(frozen=True, slots=True)
class Embedded:
    """What one run of `lfm embed` did."""

    model: str
    """The embedding model's name."""
    embedded: int
    """Papers that had no vector of their present text."""
    papers: int
    """Papers of the atlas."""
    indexed: int
    """Vectors in the index."""
    workers: int = 0
    """Workers on the cluster at the beginning; 0 where this process embedded."""
    lost: int = 0
    """Workers that died, and whose papers went to others."""


def embed(
    library: Library, ray: str | None = None, workers: int | None = None, progress: bool = False
) -> Embedded:
    """Embed the papers that have no vector of their present text.

    Parameters
    ----------
    ray : str, optional
        ``"HOST:PORT"`` of a Ray cluster, or ``"local"`` for one on this machine that lasts as
        long as the call. Without it, this process embeds.
    workers : int, optional
        Workers on the cluster at most; by default one for each GPU, or else each CPU.
    progress : bool
        Show a progress bar on standard error.

    Raises
    ------
    BadRequest
        If `workers` or the address cannot mean anything.
    ClusterError
        If Ray is not installed, the cluster cannot be used, or no worker is left.
    Busy
        If another process is refreshing this atlas.
    """
    if workers is not None and ray is None:
        raise BadRequest("--workers is of use with --ray only", "add --ray local, or leave it out")
    if workers is not None and workers < 1:
        raise BadRequest(f"{workers} workers cannot embed", "give 1 or more")
    catalogue, settings = library.catalogue, library.settings
    with refresh_lock(settings.home):
        catalogue.vectors.remove_damaged(library.embedder.model)
        if ray is not None:
            # The nodes check the weights anew: what is remembered here is of this machine's.
            opener = partial(open_embedder, settings.model, bulk=True)
            run = embed_on_cluster(catalogue, library.embedder, opener, ray, workers, progress)
            embedded, started, lost = run.embedded, run.workers, run.lost
        else:
            started = lost = embedded = 0
            if next(catalogue.vectors.missing(library.embedder.model), None) is not None:
                embedder = open_embedder(settings.model, state=settings.cache, bulk=True)
                embedded = embed_missing(catalogue, embedder, progress)
        library.update_indexes()
        library.update_similar_edges()
        return Embedded(
            model=library.embedder.model,
            embedded=embedded,
            papers=catalogue.size(),
            indexed=len(library.index),
            workers=started,
            lost=lost,
        )
