"""A collection of an atlas: how it is opened and searched, and how it follows the catalogue.

The header is a property of the collection. Its revision is written when all rows of a catalogue's
revision are there: whatever was killed before is done again.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Final

from kg.errors import AtlasError, IndexUnavailable
from kg.store.catalogue import Catalogue
from search.index.base import Vectors
from search.index.fallback import OtherState
from search.index.milvus.content import Content, Header, Row
from search.index.milvus.server import WRITE_S, Server, connect, translating

if TYPE_CHECKING:
    from pymilvus import MilvusClient

_PROPERTY: Final = "lfm.header"

_BATCH_ROWS = 500
"""Rows written at a time: with vectors of 4,096 numbers, well below the 64 MB that are allowed."""

_BATCH_KEYS = 5_000


class Collection:
    """An open collection; any thread may use it.

    Parameters
    ----------
    server : Server
    client : MilvusClient
    header : Header
    content : Content
    """

    def __init__(
        self, server: Server, client: "MilvusClient", header: Header, content: Content
    ) -> None:
        self._server = server
        self._client = client
        self.header = header
        self._content = content

    def search(self, query: Vectors | str, limit: int, where: str) -> list[tuple[int, float]]:
        """Return the keys of the rows that are most like the query, and how much, best first.

        Parameters
        ----------
        query : (dim,) float32 or str
            What the field of the content is searched by.
        limit : int
            Up to `search.index.milvus.passing.MAX_DEPTH`.
        where : str
            An expression that rows must meet; empty for all.
        """
        with translating(self._server):
            (hits,) = self._client.search(
                self.header.name,
                data=[query],
                anns_field=self._content.field,
                limit=limit,
                filter=where,
                output_fields=["key"],
                timeout=self._server.read_s,
            )
        return [(int(hit["key"]), float(hit["distance"])) for hit in hits]

    def count(self, where: str = "", *, just_written: bool = True) -> int:
        """Return how many rows meet an expression.

        Parameters
        ----------
        just_written : bool
            Whether those count that were just written, for which a cluster takes longer.
        """
        level = {"consistency_level": "Strong"} if just_written else {}
        with translating(self._server):
            (found,) = self._client.query(
                self.header.name,
                filter=where,
                output_fields=["count(*)"],
                timeout=self._server.read_s,
                **level,
            )
        return int(found["count(*)"])

    def first(self, where: str, limit: int) -> list[int]:
        """Return the keys of some rows that meet an expression, up to `limit`."""
        with translating(self._server):
            found = self._client.query(
                self.header.name,
                filter=where,
                output_fields=["key"],
                limit=limit,
                timeout=self._server.read_s,
            )
        return [int(row["key"]) for row in found]

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
        OtherState
            If the thread reads an earlier state, or is in a block that writes, which may be undone.
        IndexUnavailable
            If it holds a later state than the catalogue: another copy of the atlas writes it.
        """
        revision, since = catalogue.revision, self.header.revision
        if revision < since <= catalogue.committed_revision():
            raise OtherState(f"the collection {self.header.name} holds a later state")
        if any(self._content.changed(catalogue, revision)):
            raise OtherState("what is being written is in no collection")
        if since > revision:
            raise IndexUnavailable(
                f"the collection {self.header.name} holds a later state of this atlas",
                "drop it, or set LFM_MILVUS_URI to another server or database",
            )
        if self.count() != self.header.rows:
            since = 0  # A run was killed, or somebody else removed rows.
        elif since == revision:
            return
        elif self._server.is_file and self._content.whole_in_files:
            since = 0
        changed = self._changed(catalogue, since)
        for start in range(0, len(changed), _BATCH_ROWS):
            some = changed[start : start + _BATCH_ROWS]
            made = self._content.rows(catalogue, some)
            self.write(made)
            existing = {row["key"] for row in made}
            self.remove([key for key in some if key not in existing])
        self._commit(revision)

    def _changed(self, catalogue: Catalogue, since: int) -> list[int]:
        """Return the papers whose rows differ, may differ or should not be there."""
        if not since:
            return sorted({*catalogue.papers.keys(), *self.keys()})
        return sorted(self._content.changed(catalogue, since))

    def _commit(self, revision: int) -> None:
        if self._server.is_file:  # Milvus Lite searches what is in its log row by row.
            with translating(self._server):
                self._client.flush(self.header.name, timeout=WRITE_S)
        self.header = replace(
            self.header,
            revision=revision,
            rows=self.count(),
            embedded=self.count("embedded == true") if self.header.model else 0,
        )
        with translating(self._server):
            self._client.alter_collection_properties(
                self.header.name, {_PROPERTY: json.dumps(asdict(self.header))}, timeout=WRITE_S
            )


def opened(server: Server, catalogue: str, content: Content) -> Collection:
    """Return the collection of an atlas and a content, made where there is none.

    Parameters
    ----------
    catalogue : str
        Identity of the catalogue.

    Raises
    ------
    AtlasError
        If the collection of that name is not of this catalogue, content and format.
    IndexUnavailable
        If the server does not answer.
    """
    client = connect(server)
    wanted = content.header(catalogue)
    with translating(server):
        if not client.has_collection(wanted.name, timeout=server.read_s):
            logging.getLogger(__name__).info("making %s at %s", wanted.name, server.shown)
            _make(client, wanted, content)
        properties = client.describe_collection(wanted.name, timeout=server.read_s)["properties"]
    header = _header(dict(properties).get(_PROPERTY, ""))
    if header is None or replace(header, revision=0, rows=0, embedded=0) != wanted:
        raise AtlasError(
            f"the collection {wanted.name} at {server.shown} is {_described(header, wanted)}",
            "set LFM_MILVUS_URI to another server or database, or drop that collection",
        )
    with translating(server):
        _index(server, client, wanted.name, content)
        client.load_collection(wanted.name, timeout=WRITE_S)
    return Collection(server, client, header, content)


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


def _make(client: "MilvusClient", header: Header, content: Content) -> None:
    from search.index.milvus.schema import with_facts

    schema = with_facts(client)
    content.add_fields(schema)
    client.create_collection(
        header.name,
        schema=schema,
        properties={_PROPERTY: json.dumps(asdict(header))},
        timeout=WRITE_S,
    )


def _index(server: Server, client: "MilvusClient", name: str, content: Content) -> None:
    """Give the collection its index, where a run that was killed did not."""
    if client.list_indexes(name, timeout=server.read_s):
        return
    params = client.prepare_index_params()
    content.add_index(params, server.is_file)
    # Not waiting until it is built: what is not yet indexed is searched as well.
    client.create_index(name, params, timeout=WRITE_S, sync=False)
