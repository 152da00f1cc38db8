"""Where Milvus is, connections to it, and its errors as ours."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Self

from kg.errors import AtlasError, BadRequest, IndexUnavailable
from kg.settings import Settings
from kg.values import dataclass

if TYPE_CHECKING:
    from pymilvus import MilvusClient

CONNECT_S = 3.0
"""Seconds that a connection may take; pymilvus itself takes another to be imported."""

_READ_S = 4.0
"""Seconds that a request that reads may take."""

WRITE_S = 60.0
"""Seconds that a request that writes may take."""

_AWAY = re.compile("^Fail connecting|Retry timeout|Deadline Exceeded", re.IGNORECASE)
"""In a message: that there was no answer."""

_SCHEMES = ("http://", "https://", "tcp://")
_LITE = ".db"
"""How the name of a file of Milvus Lite ends; pymilvus takes no other."""


@dataclass(frozen=True, slots=True)
class Server:
    """A Milvus server, or a file of Milvus Lite."""

    uri: str = field(repr=False)
    """``http://host:19530``, or a path that ends in ``.db``."""
    token: str = field(default="", repr=False)
    """``user:password`` or a key; empty where the server asks for none."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the one that the settings name; its address is empty where they name none."""
        return cls(settings.milvus_uri, settings.milvus_token)

    def or_file_in(self, folder: Path) -> Self:
        """Return the server, or a file of Milvus Lite in a folder where it has no address."""
        return self if self.uri else replace(self, uri=str(folder / f"milvus{_LITE}"))

    @property
    def is_file(self) -> bool:
        """Whether it is a file of Milvus Lite."""
        return not self.uri.startswith(_SCHEMES)

    @property
    def read_s(self) -> float:
        """Seconds that a request that reads may take; a file, which is never away, has time."""
        return WRITE_S if self.is_file else _READ_S

    @property
    def shown(self) -> str:
        """The address as messages may show it: without user and password."""
        return re.sub(r"(?<=://)[^/]*@", "", self.uri)


LOCAL = Server("")
"""No server: what asks for one is kept in a file."""


def connect(server: Server) -> "MilvusClient":
    """Return a client of a server that answers.

    Raises
    ------
    AtlasError
        If Milvus's packages are not installed.
    BadRequest
        If the address is none.
    IndexUnavailable
        If the server does not answer within `CONNECT_S`.
    """
    if server.is_file and not server.uri.endswith(_LITE):
        raise BadRequest(
            f"{server.uri!r} is no address of Milvus",
            f"set LFM_MILVUS_URI to http://HOST:19530 or to a file that ends in {_LITE}",
        )
    needed = ("pymilvus", "milvus_lite") if server.is_file else ("pymilvus",)
    if not all(find_spec(name) for name in needed):
        raise AtlasError(
            "the index milvus needs packages that are not installed",
            "pip install 'lfm-atlas[milvus]'",
        )
    import logging  # As pymilvus does; this module is imported for every question.

    from pymilvus import MilvusClient  # Takes a second: pandas, gRPC.

    # What they log is raised as well, and would be shown with a traceback.
    for name in ("pymilvus", "milvus_lite"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    if server.is_file:
        try:
            Path(server.uri).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexUnavailable(f"cannot write {server.uri}: {error.strerror}") from error
    with translating(server):
        return MilvusClient(server.uri, token=server.token, timeout=CONNECT_S)


@contextmanager
def translating(server: Server) -> Iterator[None]:
    """Raise `IndexUnavailable` where the block raises an error of pymilvus or gRPC."""
    import grpc
    from pymilvus.exceptions import ConnectionConfigException, MilvusException

    try:
        yield
    except ConnectionConfigException as error:
        if not server.is_file:
            raise BadRequest(
                f"{server.shown!r} is no address of Milvus",
                "set LFM_MILVUS_URI to http://HOST:19530",
            ) from error
        raise IndexUnavailable(
            f"cannot open {server.uri}: no file of Milvus Lite, or another process has it open"
        ) from error
    except MilvusException as error:
        raise IndexUnavailable(_reason(server, str(error.message))) from error
    except grpc.RpcError as error:
        raise IndexUnavailable(_reason(server, str(error.details()))) from error
    except ValueError as error:  # Of a channel that was closed.
        raise IndexUnavailable(_reason(server, str(error))) from error


def _reason(server: Server, message: str) -> str:
    if _AWAY.search(message):
        return f"Milvus at {server.shown} does not answer"
    if server.token:
        message = message.replace(server.token, "...")
    return f"Milvus at {server.shown}: {message[:200]}"
