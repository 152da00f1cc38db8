"""The collection of an atlas and a model: its schema, its header, and how it follows the catalogue.

The header is a property of the collection. Its revision is written when all rows of a catalogue's
revision are there: whatever was killed before is done again.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

from kg.errors import AtlasError, IndexUnavailable
from kg.store.catalogue import Catalogue
from search.index.base import Vectors
from search.index.milvus.papers import Row, rows
from search.index.milvus.server import WRITE_S, Server, connect, translating

if TYPE_CHECKING:
    from pymilvus import MilvusClient

FORMAT: Final = "lfm-milvus-1"
_PROPERTY: Final = "lfm.header"

MAX_DEPTH: Final = 16_384
"""Rows that Milvus returns at most."""

_BATCH_ROWS = 500
"""Rows written at a time: with vectors of 4,096 numbers, well below the 64 MB that are allowed."""

_BATCH_KEYS = 5_000

_MAX_VALUE_BYTES = 1_024
_MAX_VALUES = 1_024


@dataclass(frozen=True, slots=True)
class Header:
    """What a collection holds."""

    format: str
    catalogue: str
    """Identity of the catalogue."""
    model: str
    dim: int
    revision: int = 0
    """Revision of the catalogue; 0 before all rows were written once."""
    rows: int = 0
    """How many rows there are at that revision."""
    embedded: int = 0
    """How many of them have a vector."""

    @property
    def name(self) -> str:
        """Name of the collection."""
        model = hashlib.blake2b(self.model.encode(), digest_size=6).hexdigest()
        return f"lfm_{self.catalogue}_{model}"


class Collection:
    """An open collection; any thread may use it.

    Parameters
    ----------
    server : Server
    client : MilvusClient
    header : Header
    """

    def __init__(self, server: Server, client: "MilvusClient", header: Header) -> None:
        self._server = server
        self._client = client
        self.header = header

    def search(self, query: Vectors, limit: int, where: str) -> list[tuple[int, float]]:
        """Return the keys and inner products of the nearest rows, best first.

        Parameters
        ----------
        query : (dim,) float32
        limit : int
            Up to `MAX_DEPTH`.
        where : str
            An expression that rows must meet; empty for all.
        """
        with translating(self._server):
            (hits,) = self._client.search(
                self.header.name,
                data=[query],
                anns_field="vector",
                limit=limit,
                filter=where,
                output_fields=["key"],
                timeout=self._server.read_s,
            )
        return [(int(hit["key"]), float(hit["distance"])) for hit in hits]

    def count(self, where: str = "") -> int:
        """Return how many rows meet an expression, those included that were just written."""
        with translating(self._server):
            (found,) = self._client.query(
                self.header.name,
                filter=where,
                output_fields=["count(*)"],
                consistency_level="Strong",
                timeout=self._server.read_s,
            )
        return int(found["count(*)"])

    def keys(self, where: str = "key >= 0") -> Iterator[int]:
        """Yield the keys of the rows that meet an expression."""
        with translating(self._server):
            pages = self._client.query_iterator(
                self.header.name,
                batch_size=_BATCH_KEYS,
                filter=where,
                output_fields=["key"],
                consistency_level="Strong",
                timeout=self._server.read_s,
            )
            while page := pages.next():
                yield from (int(row["key"]) for row in page)
            pages.close()

    def write(self, some: Sequence[Row]) -> None:
        """Write rows in place of earlier ones of their keys."""
        for start in range(0, len(some), _BATCH_ROWS):
            with translating(self._server):
                self._client.upsert(
                    self.header.name, list(some[start : start + _BATCH_ROWS]), timeout=WRITE_S
                )

    def remove(self, keys: Sequence[int]) -> None:
        """Remove the rows of some keys; unknown ones are ignored."""
        for start in range(0, len(keys), _BATCH_KEYS):
            with translating(self._server):
                some = list(keys[start : start + _BATCH_KEYS])
                self._client.delete(self.header.name, ids=some, timeout=WRITE_S)

    def follow(self, catalogue: Catalogue) -> None:
        """Bring the rows up to date with the catalogue, and then the header.

        Raises
        ------
        IndexUnavailable
            If it holds a later state than the catalogue: another copy of the atlas writes it.
        """
        revision, since = catalogue.revision, self.header.revision
        if since > revision:
            raise IndexUnavailable(
                f"the collection {self.header.name} holds a later state of this atlas",
                "drop it, or set LFM_MILVUS_URI to another server or database",
            )
        if self.count() != self.header.rows:
            since = 0  # A run was killed, or somebody else removed rows.
        elif since == revision:
            return
        changed = self._changed(catalogue, since)
        for start in range(0, len(changed), _BATCH_ROWS):
            some = changed[start : start + _BATCH_ROWS]
            made = rows(catalogue, self.header.model, self.header.dim, some)
            self.write(made)
            existing = {row["key"] for row in made}
            self.remove([key for key in some if key not in existing])
        self._commit(revision)

    def _changed(self, catalogue: Catalogue, since: int) -> list[int]:
        """Return the papers whose rows differ, may differ or should not be there."""
        if not since:
            return sorted({*catalogue.papers.keys(), *self.keys()})
        changed = {*catalogue.changes.papers(since)}
        changed.update(catalogue.vectors.changed(self.header.model, since))
        changed.update(catalogue.changes.removed_vectors(self.header.model, since))
        return sorted(changed)

    def _commit(self, revision: int) -> None:
        if self._server.is_file:  # Milvus Lite searches what is in its log row by row.
            with translating(self._server):
                self._client.flush(self.header.name, timeout=WRITE_S)
        self.header = replace(
            self.header,
            revision=revision,
            rows=self.count(),
            embedded=self.count("embedded == true"),
        )
        with translating(self._server):
            self._client.alter_collection_properties(
                self.header.name, {_PROPERTY: json.dumps(asdict(self.header))}, timeout=WRITE_S
            )


def opened(server: Server, catalogue: str, model: str, dim: int) -> Collection:
    """Return the collection of an atlas and a model, made where there is none.

    Parameters
    ----------
    catalogue : str
        Identity of the catalogue.

    Raises
    ------
    AtlasError
        If the collection of that name is not of this catalogue, model, width and format.
    IndexUnavailable
        If the server does not answer.
    """
    client = connect(server)
    wanted = Header(FORMAT, catalogue, model, dim)
    with translating(server):
        if not client.has_collection(wanted.name, timeout=server.read_s):
            logging.getLogger(__name__).info("making %s at %s", wanted.name, server.shown)
            _make(client, wanted)
        properties = client.describe_collection(wanted.name, timeout=server.read_s)["properties"]
    header = _header(dict(properties).get(_PROPERTY, ""))
    if header is None or replace(header, revision=0, rows=0, embedded=0) != wanted:
        raise AtlasError(
            f"the collection {wanted.name} at {server.shown} is {_described(header, wanted)}",
            "set LFM_MILVUS_URI to another server or database, or drop that collection",
        )
    with translating(server):
        _index(server, client, wanted.name)
        client.load_collection(wanted.name, timeout=WRITE_S)
    return Collection(server, client, header)


def _header(text: str) -> Header | None:
    try:
        return Header(**json.loads(text))
    except (ValueError, TypeError):
        return None


def _described(found: Header | None, wanted: Header) -> str:
    if found is None or found.format != wanted.format:
        return "not of this version of LFM Atlas"
    if found.catalogue != wanted.catalogue:
        return "of another atlas"
    return f"of {found.model} with vectors of length {found.dim}, not {wanted.model}, {wanted.dim}"


def _make(client: "MilvusClient", header: Header) -> None:
    from pymilvus import DataType

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=header.dim)
    for name in ("embedded", "withdrawn"):
        schema.add_field(name, DataType.BOOL)
    for name in ("first_day", "last_day"):
        schema.add_field(name, DataType.INT64)
    for name in ("topics", "categories", "card"):
        schema.add_field(
            name,
            DataType.ARRAY,
            element_type=DataType.VARCHAR,
            max_capacity=_MAX_VALUES,
            max_length=_MAX_VALUE_BYTES,
        )
    client.create_collection(
        header.name,
        schema=schema,
        properties={_PROPERTY: json.dumps(asdict(header))},
        timeout=WRITE_S,
    )


def _index(server: Server, client: "MilvusClient", name: str) -> None:
    """Give the collection its index, where a run that was killed did not."""
    if client.list_indexes(name, timeout=server.read_s):
        return
    params = client.prepare_index_params()
    # Milvus Lite builds a graph whenever it is opened: 15 s of 20,000 vectors.
    kind = "FLAT" if server.is_file else "AUTOINDEX"
    params.add_index("vector", index_name="vector", index_type=kind, metric_type="IP")
    # Not waiting until it is built: what is not yet indexed is searched as well.
    client.create_index(name, params, timeout=WRITE_S, sync=False)
