"""Writing the papers that pass some filters in the form of another program."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.entities import Filters, Paper
from kg.export import formats
from kg.export.awesome_list import awesome_list
from kg.export.excerpt import Excerpt
from search.library import Library

if TYPE_CHECKING:
    from networkx import MultiDiGraph


def excerpt(library: Library, filters: Filters | None = None) -> Excerpt:
    """Return the papers that pass the filters with all that is known between them.

    Raises
    ------
    NotFound
        If there is no such topic.
    """
    papers, catalogue = _chosen(library, filters), library.catalogue
    keys = None if papers is None else [catalogue.key(paper.id) for paper in papers]
    return formats.gather(catalogue, library.taxonomy, keys)


def exported(library: Library, name: str, filters: Filters | None = None) -> str:
    """Return the papers that pass the filters in a format.

    Parameters
    ----------
    library : Library
    name : str
        One of `kg.export.formats.known`.
    filters : Filters, optional

    Raises
    ------
    BadRequest
        If there is no such format.
    NotFound
        If there is no such topic.
    """
    formats.check(name)
    if name in formats.GRAPH_FORMATS:
        return formats.GRAPH_FORMATS[name](_graph(library, _chosen(library, filters)))
    found = excerpt(library, filters)
    if name == "list" and filters and filters.topic:
        return awesome_list(found, topic=library.taxonomy[filters.topic].id)
    return formats.FORMATS[name](found)


def exported_papers(library: Library, name: str, papers: Sequence[str]) -> str:
    """Return papers in a format, in the order in which they are named.

    Parameters
    ----------
    library : Library
    name : str
        One of `kg.export.formats.known`.
    papers : sequence of str
        Ids; a paper named twice is written once.

    Raises
    ------
    BadRequest
        If there is no such format.
    NotFound
        If there is no such paper.
    """
    formats.check(name)
    with library.catalogue.reading():
        keys = list(dict.fromkeys(library.catalogue.key(paper) for paper in papers))
        if name in formats.GRAPH_FORMATS:
            return formats.GRAPH_FORMATS[name](_graph(library, library.catalogue.papers(keys)))
        found = formats.gather(library.catalogue, library.taxonomy, keys)
        ordered = tuple(library.catalogue.papers(keys))
    return formats.FORMATS[name](replace(found, papers=ordered))


def _chosen(library: Library, filters: Filters | None) -> list[Paper] | None:
    """Return the papers that pass, or None where all do."""
    return library.select(filters) if filters and filters != Filters() else None


def _graph(library: Library, papers: Sequence[Paper] | None) -> "MultiDiGraph":
    from kg.export.graph_files import part
    from kg.graph import graph

    whole = graph.build(library.catalogue, library.taxonomy)
    return whole if papers is None else part(whole, [paper.id for paper in papers])
