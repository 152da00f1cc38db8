"""Papers of what a question compares, or asks for the like of."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from itertools import zip_longest

from kg.records import Filters
from kg.store.catalogue import Catalogue
from kg.values import dataclass
from search.atlas import Atlas
from search.ranking.entities import NamedEntities, asked_for
from search.ranking.preferences import both


@dataclass(frozen=True, slots=True)
class NamedPapers:
    """Papers that a question asks for by the names of methods, benchmarks, models or topics."""

    entities: tuple[int, ...] = ()
    introducing: tuple[int, ...] = ()
    """Papers that introduced them and pass the filters: the first of each, then their others."""
    on_several: Mapping[int, int] = field(default_factory=dict)
    """Other papers on at least two of them -> how often each is used."""
    notes: tuple[str, ...] = ()


def compared(atlas: Atlas, ids: Sequence[str], filters: Filters) -> NamedPapers:
    """Return the papers on what a question compares.

    Parameters
    ----------
    ids : sequence of str
        Ids of entities and topics, in the order of the question.
    """
    catalogue = atlas.catalogue
    keys = _keys(catalogue, ids)
    # Beside a method, the name of a topic means the method that has this name.
    bearing = {one: of_topic(atlas, one) for one in ids if keys and one in atlas.taxonomy}
    methods = keys | {one: found.keys[0] for one, found in bearing.items() if found}
    asked = [methods[one] for one in dict.fromkeys(ids) if one in methods]
    introducing = _introducing(catalogue, asked, filters)
    counts = Counter[int]()
    for one in dict.fromkeys(ids):
        on_it = Filters(about=one) if one in keys else Filters(topic=one)
        counts.update(atlas.passing(both(filters, on_it)))
    several = [key for key, n in counts.items() if n > 1 and key not in introducing]
    return NamedPapers(tuple(keys.values()), introducing, catalogue.relations.uses(several), ())


def alike(catalogue: Catalogue, ids: Sequence[str], filters: Filters) -> NamedPapers:
    """Return the papers that introduced the entities of some ids, to find what is like them."""
    keys = _keys(catalogue, ids)
    introducing = _introducing(catalogue, list(keys.values()), filters)
    lacking = [] if introducing else list(keys)
    notes = [f"No paper of the atlas, or of these filters, introduced {one}" for one in lacking]
    return NamedPapers(tuple(keys.values()), introducing, notes=tuple(notes))


def of_topic(atlas: Atlas, topic: str) -> NamedEntities | None:
    """Return the method that has a name of a topic, or None."""
    node = atlas.taxonomy[topic]
    labels = (node.name, *node.aliases)
    return next(filter(None, (asked_for(atlas.catalogue, one) for one in labels)), None)


def _keys(catalogue: Catalogue, ids: Iterable[str]) -> dict[str, int]:
    found = {one: catalogue.entities.owners(one) for one in dict.fromkeys(ids)}
    return {one: keys[0] for one, keys in found.items() if keys}


def _introducing(catalogue: Catalogue, keys: Sequence[int], filters: Filters) -> tuple[int, ...]:
    of_each = catalogue.relations.introducing(keys)
    rows = zip_longest(*(of_each.get(key, ()) for key in keys))
    papers = dict.fromkeys(paper for row in rows for paper in row if paper is not None)
    allowed = catalogue.papers.passing(papers, filters)
    return tuple(paper for paper in papers if paper in allowed)
