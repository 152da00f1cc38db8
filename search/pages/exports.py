"""Writing the papers that pass some filters in the form of another program."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.export import formats
from kg.export.excerpt import Excerpt, gather
from kg.export.formats import GraphFormat
from kg.records import Filters
from search.atlas import Atlas, of_one_state
from search.ranking.selection import checked_filters

if TYPE_CHECKING:
    from networkx import MultiDiGraph


@of_one_state
def excerpt(atlas: Atlas, filters: Filters | None = None) -> Excerpt:
    """Return the papers that pass the filters with all that is known between them."""
    found = gather(atlas.catalogue, atlas.taxonomy, _keys(atlas, filters))
    topic = filters.topic if filters else None
    return replace(found, topic=atlas.taxonomy[topic].id) if topic else found


@of_one_state
def export(atlas: Atlas, name: str, filters: Filters | None = None) -> str:
    """Return the papers that pass the filters in a format.

    Parameters
    ----------
    name : str
        One of `kg.export.formats.NAMES`.

    Raises
    ------
    BadRequest
        If there is no such format.
    NotFound
        If there is no such topic.
    """
    form = formats.named(name)
    if isinstance(form, GraphFormat):
        return form.render(_graph(atlas, _keys(atlas, filters)))
    return form.render(excerpt(atlas, filters))


@of_one_state
def export_papers(atlas: Atlas, name: str, papers: Sequence[str]) -> str:
    """Return papers in a format, in the order in which they are named.

    Parameters
    ----------
    name : str
        As for `export`.
    papers : sequence of str
        Ids; a paper named twice is written once.
    """
    form = formats.named(name)
    keys = list(dict.fromkeys(atlas.catalogue.identifiers.key(paper) for paper in papers))
    if isinstance(form, GraphFormat):
        return form.render(_graph(atlas, keys))
    found = gather(atlas.catalogue, atlas.taxonomy, keys)
    ordered = tuple(atlas.catalogue.papers.get(keys))
    return form.render(replace(found, papers=ordered))


def _keys(atlas: Atlas, filters: Filters | None) -> list[int] | None:
    """Return the keys of the papers that pass, or None where there is no filter or all do."""
    if filters is None or filters == Filters():
        return None
    return atlas.catalogue.papers.select(checked_filters(atlas, 1, filters))


def _graph(atlas: Atlas, keys: Sequence[int] | None) -> "MultiDiGraph":
    from kg.export.graph_files import part
    from kg.graph import graph

    whole = graph.build(atlas.catalogue, atlas.taxonomy)
    if keys is None:
        return whole
    return part(whole, sorted(paper.id for paper in atlas.catalogue.papers.get(keys)))
