"""Writing the papers that pass some filters in the form of another program."""

from typing import TYPE_CHECKING

from kg import export
from kg.entities import Filters
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
    papers = library.select(filters) if filters and filters != Filters() else None
    catalogue = library.catalogue
    keys = None if papers is None else [catalogue.key(paper.id) for paper in papers]
    return export.gather(catalogue, library.taxonomy, keys)


def exported(library: Library, name: str, filters: Filters | None = None) -> str:
    """Return the papers that pass the filters in a format.

    Parameters
    ----------
    library : Library
    name : str
        One of `kg.export.known`.
    filters : Filters, optional

    Raises
    ------
    BadRequest
        If there is no such format.
    NotFound
        If there is no such topic.
    """
    export.check(name)
    if name in export.GRAPH_FORMATS:
        return export.GRAPH_FORMATS[name](_graph(library, filters))
    found = excerpt(library, filters)
    if name == "list" and filters and filters.topic:
        return awesome_list(found, topic=library.taxonomy[filters.topic].id)
    return export.FORMATS[name](found)


def _graph(library: Library, filters: Filters | None) -> "MultiDiGraph":
    from kg import graph
    from kg.export.graph_files import part

    whole = graph.build(library.catalogue, library.taxonomy)
    if not filters or filters == Filters():
        return whole
    return part(whole, [paper.id for paper in library.select(filters)])
