"""Writing the papers that pass some filters in the form of another program."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.entities import Filters, Paper
from kg.export import formats
from kg.export.excerpt import Excerpt, gather
from kg.export.formats import GraphFormat
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
    found = gather(catalogue, library.taxonomy, keys)
    topic = filters.topic if filters else None
    return replace(found, topic=library.taxonomy[topic].id) if topic else found


def exported(library: Library, name: str, filters: Filters | None = None) -> str:
    """Return the papers that pass the filters in a format.

    Parameters
    ----------
    library : Library
    name : str
        One of `kg.export.formats.NAMES`.
    filters : Filters, optional

    Raises
    ------
    BadRequest
        If there is no such format.
    NotFound
        If there is no such topic.
    """
    form = formats.named(name)
    if isinstance(form, GraphFormat):
        return form.render(_graph(library, _chosen(library, filters)))
    return form.render(excerpt(library, filters))


def exported_papers(library: Library, name: str, papers: Sequence[str]) -> str:
    """Return papers in a format, in the order in which they are named.

    Parameters
    ----------
    library : Library
    name : str
        One of `kg.export.formats.NAMES`.
    papers : sequence of str
        Ids; a paper named twice is written once.

    Raises
    ------
    BadRequest
        If there is no such format.
    NotFound
        If there is no such paper.
    """
    form = formats.named(name)
    with library.catalogue.reading():
        keys = list(dict.fromkeys(library.catalogue.key(paper) for paper in papers))
        if isinstance(form, GraphFormat):
            return form.render(_graph(library, library.catalogue.papers(keys)))
        found = gather(library.catalogue, library.taxonomy, keys)
        ordered = tuple(library.catalogue.papers(keys))
    return form.render(replace(found, papers=ordered))


def _chosen(library: Library, filters: Filters | None) -> list[Paper] | None:
    """Return the papers that pass, or None where all do."""
    return library.select(filters) if filters and filters != Filters() else None


def _graph(library: Library, papers: Sequence[Paper] | None) -> "MultiDiGraph":
    from kg.export.graph_files import part
    from kg.graph import graph

    whole = graph.build(library.catalogue, library.taxonomy)
    return whole if papers is None else part(whole, [paper.id for paper in papers])
