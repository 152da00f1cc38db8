"""The export formats: one record each, from which commands, API, page and tests take them.

Importing this module imports no writer, so that it costs nothing to name the formats.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.errors import AtlasError, BadRequest

if TYPE_CHECKING:
    from networkx import MultiDiGraph

    from kg.export.excerpt import Excerpt


@dataclass(frozen=True, slots=True)
class PaperFormat:
    """A file format for papers."""

    name: str
    """What the command and the API call it."""
    render: "Callable[[Excerpt], str]"
    """Returns the whole file as text."""
    media_type: str
    """With its encoding, as the ``Content-Type`` of a download."""
    suffix: str
    """End of a file's name, without the dot."""
    label: str = ""
    """Name in the page's download menus, which offer only formats that have one."""
    table: bool = False
    """True where a file of a single paper is of little use."""


@dataclass(frozen=True, slots=True)
class GraphFormat:
    """A file format for the graph of papers, topics, authors, categories and lists."""

    name: str
    """What the command and the API call it."""
    render: "Callable[[MultiDiGraph], str]"
    """Returns the whole file as text."""


def _bibtex(excerpt: "Excerpt") -> str:
    from kg.export.bibtex import bibtex

    return bibtex(excerpt)


def _ris(excerpt: "Excerpt") -> str:
    from kg.export.ris import ris

    return ris(excerpt)


def _csl_json(excerpt: "Excerpt") -> str:
    from kg.export.csl import csl_json

    return csl_json(excerpt)


def _csv(excerpt: "Excerpt") -> str:
    from kg.export.table import table

    return table(excerpt)


def _jsonld(excerpt: "Excerpt") -> str:
    from kg.export.jsonld import jsonld

    return jsonld(excerpt)


def _list(excerpt: "Excerpt") -> str:
    from kg.export.awesome_list import awesome_list

    return awesome_list(excerpt)


def _graphml(graph: "MultiDiGraph") -> str:
    from kg.export.graph_files import graphml

    return graphml(graph)


def _gexf(graph: "MultiDiGraph") -> str:
    from kg.export.graph_files import gexf

    return gexf(graph)


FORMATS: Final[tuple[PaperFormat | GraphFormat, ...]] = (
    PaperFormat("bibtex", _bibtex, "application/x-bibtex; charset=utf-8", "bib", "BibTeX"),
    PaperFormat("ris", _ris, "application/x-research-info-systems; charset=utf-8", "ris", "RIS"),
    PaperFormat(
        name="csl-json",
        render=_csl_json,
        media_type="application/vnd.citationstyles.csl+json",
        suffix="json",
        label="CSL-JSON",
    ),
    PaperFormat("csv", _csv, "text/csv; charset=utf-8", "csv", "CSV", table=True),
    PaperFormat("jsonld", _jsonld, "application/ld+json", "jsonld"),
    GraphFormat("graphml", _graphml),
    GraphFormat("gexf", _gexf),
    PaperFormat("list", _list, "text/markdown; charset=utf-8", "md"),
)
"""All formats, in the order in which they are listed."""

NAMES: Final = tuple(one.name for one in FORMATS)

PAPER_FORMATS: Final[Mapping[str, PaperFormat]] = {
    one.name: one for one in FORMATS if isinstance(one, PaperFormat)
}
"""By name."""

GRAPH_FORMATS: Final[Mapping[str, GraphFormat]] = {
    one.name: one for one in FORMATS if isinstance(one, GraphFormat)
}
"""By name."""

MENU: Final[Mapping[str, str]] = {
    one.name: one.label for one in PAPER_FORMATS.values() if one.label
}
"""Name -> label of the formats that the page's menus offer."""


def named(name: str) -> PaperFormat | GraphFormat:
    """Return the format of that name.

    Raises
    ------
    BadRequest
        If there is none; lists those that there are.
    """
    known: dict[str, PaperFormat | GraphFormat] = {**PAPER_FORMATS, **GRAPH_FORMATS}
    if name not in known:
        raise BadRequest(f"unknown format {name!r}", f"use {', '.join(known)}")
    return known[name]


def write(path: Path, text: str) -> None:
    """Write `text` to `path` whole or not at all, in UTF-8 and with its own line ends.

    A device or pipe is written to as it is; of a link, the file it leads to is replaced.

    Raises
    ------
    AtlasError
        If the file cannot be written.
    """
    from kg.files.atomic import replace_file

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
