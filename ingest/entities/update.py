"""Bringing the entities of an atlas, and all relations, up to date with its cards and texts."""

from collections.abc import Mapping
from dataclasses import replace

from ingest.entities.relate import relate
from ingest.entities.take import take_cards, take_list
from kg.cards.card import WrittenFrom
from kg.entities.entity import Relation, Source
from kg.entities.file import built_in, read_entities
from kg.store.catalogue import Catalogue


def update(catalogue: Catalogue, stated: Mapping[int, set[int]] | None = None) -> int:
    """Read what changed since the last time; return of how many papers the relations changed.

    An atlas that never had entities gets those of the package's list whose papers it has.

    Parameters
    ----------
    stated : mapping of int to set of int, optional
        Entity -> the papers that introduce it, as a list says that was just taken; by default
        those that are stored.
    """
    with catalogue.writing():
        if stated is None:
            stated = _stated(catalogue)
        cards = {
            key: card
            for key, card in catalogue.cards.all().items()
            if card.by is not WrittenFrom.MODEL
        }
        return relate(catalogue, take_cards(catalogue, cards, stated))


def _stated(catalogue: Catalogue) -> dict[int, set[int]]:
    if not catalogue.entities.count():
        path = built_in()
        known = [
            one
            for one in read_entities(path)
            if all(catalogue.identifiers.look_up(name) is not None for name in one.introduced_by)
        ]
        ids = {one.entity.id for one in known}
        parents = (tuple(filter(ids.__contains__, one.extends)) for one in known)
        known = [replace(one, extends=some) for one, some in zip(known, parents, strict=True)]
        return take_list(catalogue, path, known)
    found: dict[int, set[int]] = {}
    for one in catalogue.relations.all():
        if Source.LIST in one.sources and one.relation is Relation.INTRODUCES:
            found.setdefault(one.entity, set()).add(one.paper)
    return found
