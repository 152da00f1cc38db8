"""Every kind of vector index and of words, those on servers as far as one can be had here."""

import tempfile
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from search.index.base import VectorIndex
from search.index.milvus import collection
from search.index.milvus.papers import VectorContent
from search.index.milvus.server import Server
from search.index.milvus.vectors import MilvusIndex
from search.index.open import KINDS, kind_named
from search.index.words.open import KINDS as WORD_KINDS

needs_milvus = pytest.mark.skipif(
    not (find_spec("pymilvus") and find_spec("milvus_lite")),
    reason="Milvus is not installed: pip install 'lfm-atlas[milvus]'",
)


def _kinds(registry: Iterable[str]) -> list[Any]:
    return [pytest.param(kind, marks=needs_milvus if kind == "milvus" else ()) for kind in registry]


EVERY_KIND = _kinds(KINDS)
EVERY_WORD_KIND = _kinds(WORD_KINDS)

_numbers = count()


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(ignore_cleanup_errors=True)


def empty_index(kind: str, dim: int) -> VectorIndex:
    """Return an index of no vectors; that of Milvus is a collection of a file of Milvus Lite."""
    if kind != "milvus":
        return kind_named(kind).empty(dim)
    server = Server(str(Path(_folder().name, "milvus.db")))
    content = VectorContent("model", dim)
    return MilvusIndex(collection.opened(server, f"catalogue{next(_numbers)}", content))


class DyingClient:
    """A client whose process dies at some request."""

    def __init__(self, client: Any, requests: int) -> None:
        self._client, self.left = client, requests

    def __getattr__(self, name: str) -> Any:
        if name in ("upsert", "delete", "alter_collection_properties"):
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
        return getattr(self._client, name)


def stop_milvus_lite(path: Path) -> None:
    """Stop the server of a file of Milvus Lite, which runs in this process, if one does."""
    from milvus_lite.server_manager import server_manager_instance

    server_manager_instance.release_server(str(path))
