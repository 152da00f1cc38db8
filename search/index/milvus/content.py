"""What a collection may hold: its header, and what is written of papers and searched."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kg.store.catalogue import Catalogue

if TYPE_CHECKING:
    from search.index.milvus.schema import CollectionSchema, IndexParams

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Header:
    """What a collection holds."""

    format: str
    catalogue: str
    """Identity of the catalogue."""
    model: str = ""
    """Whose vectors there are; empty where there are words."""
    dim: int = 0
    revision: int = 0
    """Revision of the catalogue; 0 before all rows were written once."""
    rows: int = 0
    """How many rows there are at that revision."""
    embedded: int = 0
    """How many of them have a vector."""

    @property
    def name(self) -> str:
        """Name of the collection."""
        if not self.model:
            return f"lfm_{self.catalogue}_words"
        model = hashlib.blake2b(self.model.encode(), digest_size=6).hexdigest()
        return f"lfm_{self.catalogue}_{model}"


class Content(Protocol):
    """What a collection holds of each paper, beside what it is filtered by."""

    @property
    def field(self) -> str:
        """Name of the field that is searched."""
        ...

    @property
    def whole_in_files(self) -> bool:
        """Whether a file of Milvus Lite gets all rows again where some changed."""
        ...

    def header(self, catalogue: str) -> Header:
        """Return the header of a new collection of a catalogue."""
        ...

    def add_fields(self, schema: "CollectionSchema") -> None:
        """Add the fields beside the key and what papers are filtered by."""
        ...

    def add_index(self, params: "IndexParams", is_file: bool) -> None:
        """Add the index of `field`, of a server or of a file of Milvus Lite."""
        ...

    def rows(self, catalogue: Catalogue, keys: Sequence[int]) -> list[Row]:
        """Return the rows of those papers of `keys` that exist."""
        ...

    def changed(self, catalogue: Catalogue, since: int) -> Iterable[int]:
        """Return the papers whose rows may differ from those of a revision, or went."""
        ...
