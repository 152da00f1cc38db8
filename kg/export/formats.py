"""Doors out of the atlas: papers in the forms that other programs read."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.errors import AtlasError, BadRequest
from kg.export.awesome_list import awesome_list
from kg.export.bibtex import bibtex
from kg.export.csl import csl_json
from kg.export.excerpt import Excerpt, gather
from kg.export.graph_files import gexf, graphml
from kg.export.jsonld import jsonld
from kg.export.ris import ris
from kg.export.table import table
from kg.files.atomic import replace_file

if TYPE_CHECKING:
    from networkx import MultiDiGraph

__all__ = ["FORMATS", "GRAPH_FORMATS", "Excerpt", "check", "gather", "known", "write"]

FORMATS: Final[Mapping[str, Callable[[Excerpt], str]]] = {
    "bibtex": bibtex,
    "ris": ris,
    "csl-json": csl_json,
    "csv": table,
    "jsonld": jsonld,
    "list": awesome_list,
}
"""Format name -> writer of papers."""

GRAPH_FORMATS: Final[Mapping[str, Callable[["MultiDiGraph"], str]]] = {
    "graphml": graphml,
    "gexf": gexf,
}
"""Format name -> writer of the graph."""


def known() -> tuple[str, ...]:
    """Names of all formats."""
    return (*FORMATS, *GRAPH_FORMATS)


def check(name: str) -> str:
    """Return `name` if it is a format.

    Raises
    ------
    BadRequest
        If it is none; names those that are.
    """
    if name not in known():
        raise BadRequest(f"unknown format {name!r}", f"use {', '.join(known())}")
    return name


def write(path: Path, text: str) -> None:
    """Write `text` to `path` whole or not at all, in UTF-8 and with its own line ends.

    A device or pipe is written to as it is; of a link, the file it leads to is replaced.

    Raises
    ------
    AtlasError
        If the file cannot be written.
    """
    data = text.encode()
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        replace_file(path, data, mode=0o644)
    except OSError as error:
        raise AtlasError(
            f"cannot write {path}: {error.strerror}", "choose a folder that exists and has space"
        ) from error
