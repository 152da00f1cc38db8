"""How many methods, benchmarks and models the atlas knows, and which most papers use."""

from collections.abc import Mapping
from dataclasses import dataclass

from kg.entities.entity import Entity, EntityType
from search.atlas import Atlas


@dataclass(frozen=True, slots=True)
class EntityIndex:
    """The entities of the atlas, by their types."""

    counts: Mapping[EntityType, int]
    most_used: Mapping[EntityType, tuple[tuple[Entity, int], ...]]
    """Each with how many papers use it, the most used first."""


def entity_index(atlas: Atlas, k: int) -> EntityIndex:
    """Return the `k` most used entities of each type."""
    key = ("entity index", k)
    return atlas.catalogue.cache.get(key, lambda: _entity_index(atlas, k))


def _entity_index(atlas: Atlas, k: int) -> EntityIndex:
    entities = atlas.catalogue.entities
    use = atlas.catalogue.relations.use()
    ids = entities.ids(list(use))
    most_used = {}
    for kind in EntityType:
        own = [one for one in use if ids[one].startswith(f"{kind}/")]
        keys = sorted(own, key=lambda one: (-use[one], ids[one]))[:k]
        most_used[kind] = tuple(zip(entities.get(keys), (use[one] for one in keys), strict=True))
    return EntityIndex(entities.type_counts(), most_used)
