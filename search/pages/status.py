"""The state of an atlas: at a glance, for programs, and with a check of the whole catalogue."""

from dataclasses import asdict, dataclass
from datetime import datetime

from kg.snapshot import following
from kg.snapshot.following import Following
from search.atlas import Atlas, of_one_state


@dataclass(frozen=True, slots=True)
class Health:
    """How much an atlas knows, and how fresh it is."""

    counts: dict[str, int]
    """Papers, authors, placements, citations, ..."""
    topics: int
    """Topics of the taxonomy."""
    model: str
    """Name of the embedding model."""
    revision: int
    """Number of the catalogue's last change."""
    last_refresh: datetime | None
    """When the last refresh ended, UTC."""


@dataclass(frozen=True, slots=True)
class Overview(Health):
    """The state of an atlas without the names of files: cheap enough for every look at a page."""

    dim: int
    """Length of the model's vectors."""
    device: str
    """What questions are embedded on."""
    index: str
    """Kind of the vector index."""
    vectors: int
    """How many it has."""
    stale: int
    """Papers whose text the model has not embedded."""


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the atlas; what has no line of its own here is as in `Overview`."""

    home: str
    """Folder of the catalogue and its caches."""
    counts: dict[str, int]
    model: str
    dim: int
    device: str
    bulk_device: str
    """What papers are embedded on."""
    index: str
    """Kind and size of the vector index."""
    words: str
    """Kind and size of the index of words."""
    revision: int
    last_refresh: str | None
    """When any source was last read, ISO 8601 in UTC."""
    stale: int
    following: Following | None
    """The snapshot that the atlas follows, if any."""


@of_one_state
def overview(atlas: Atlas) -> Overview:
    """Return the state of an atlas."""
    catalogue, embedder = atlas.catalogue, atlas.embedder
    return Overview(
        **asdict(health(atlas)),
        dim=embedder.dim,
        device=embedder.device,
        index=atlas.index_kind,
        vectors=len(atlas.index),
        stale=sum(1 for _ in catalogue.vectors.missing(embedder.model)),
    )


@of_one_state
def status(atlas: Atlas) -> Status:
    """Return the state of an atlas, after reading the whole catalogue for damage."""
    # PyTorch takes a second to import, and nothing else here needs it.
    from search.embedding.devices import best_device, device_name

    catalogue, embedder = atlas.catalogue, atlas.embedder
    catalogue.database.check()
    fetches = catalogue.journal.last_fetches()
    return Status(
        home=str(atlas.settings.home),
        counts=catalogue.counts(),
        model=embedder.model,
        dim=embedder.dim,
        device=embedder.device,
        bulk_device=device_name(best_device()),
        index=_index(atlas),
        words=_with_note(f"{atlas.words.kind}, {len(atlas.words):,} papers", atlas.words_note),
        revision=catalogue.revision,
        last_refresh=fetches[0][1] if fetches else None,
        stale=sum(1 for _ in catalogue.vectors.missing(embedder.model)),
        following=following.read(atlas.settings.home),
    )


def _index(atlas: Atlas) -> str:
    index = atlas.index
    counted = f"{atlas.index_kind}, {len(index):,} vectors"
    if lists := getattr(index, "lists", None):
        counted += f" in {lists}"
    return _with_note(counted, atlas.index_note)


def _with_note(text: str, note: str | None) -> str:
    return f"{text} ({note})" if note else text


@of_one_state
def health(atlas: Atlas) -> Health:
    """Return how much an atlas knows, and how fresh it is."""
    catalogue = atlas.catalogue
    return Health(
        counts=catalogue.counts(),
        topics=len(atlas.taxonomy),
        model=atlas.embedder.model,
        revision=catalogue.revision,
        last_refresh=catalogue.journal.last_refresh(),
    )
